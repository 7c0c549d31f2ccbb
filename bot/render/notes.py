"""Notes on what was posted: alerts, corrections, and what became of cited paragraphs. Pure.

    as cited, as told last, as it stands ─▶ note_on ─▶ CorrectionNote | None ─▶ Slack message
    Alert: which watch, who reports it when, the sentence that matched ─────▶ Slack message

A paragraph that moved, was broken otherwise or spelled with other quotation marks is unchanged.
What is worth a note is that its wording differs from what the readers were told last; what the
note shows is what it reads now against what was cited.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.render.blocks import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    escape,
    in_messages,
    link,
    paragraphs,
    say,
    show_paragraphs,
    words,
)
from bot.render.formats import line_elements
from bot.render.page import Line, change_line
from bot.render.report_wording import published_words
from bot.render.wording import carried_words, counted, excerpt, long_date, publisher
from corpus.articles import Article, Withdrawal
from corpus.text.differences import paragraph_changes, same_words
from retrieval.outcomes import Citation


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """A mark of something posted: the paragraph, and the sentences that rest on it, from 1.

    No sentences where they are not counted, as in a digest.
    """

    mark: int
    number: int
    quote: str
    sentences: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PostedTurn:
    """Something posted with citations, as far as it rests on one version of one article."""

    id: str
    kind: str
    title: str
    reader: str
    channel: str
    thread: str
    at: datetime
    article_id: str
    version: int
    places: tuple[CitedPlace, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a cited paragraph reads in another version: where it stands there, and its text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class CitationChange:
    """A cited paragraph that reads otherwise now; `now` is None where it stands no more.

    `marks` cite it; `sentences` rest on it. `quote_stands` tells whether the words that were
    quoted are still there.
    """

    marks: tuple[int, ...]
    sentences: tuple[int, ...]
    number: int
    before: str
    now: Wording | None
    quote_stands: bool


@dataclass(frozen=True, slots=True)
class CorrectionNote:
    """What the readers of something posted are told of one article that it cites.

    Without changes it reads again as cited (`restored`), after a note had said otherwise.
    """

    turn: PostedTurn
    cited: Article = field(repr=False)
    current: Article = field(repr=False)
    changes: tuple[CitationChange, ...]

    @property
    def restored(self) -> bool:
        return not self.changes

    @property
    def retracted(self) -> bool:
        return is_retracted(self.current)

    @property
    def changed_at(self) -> datetime:
        """When the change was read."""
        return self.current.withdrawn_at or self.current.read_at


@dataclass(frozen=True, slots=True)
class Superseded:
    """What a digest announced and an article published since gives up, in the words of both."""

    turn: PostedTurn
    cited: Article = field(repr=False)
    announced: str
    by: Article = field(repr=False)
    now: str


def note_on(
    turn: PostedTurn, cited: Article, told: Article, current: Article
) -> CorrectionNote | None:
    """What the readers of a turn must be told, or None.

    `cited` is the version that the turn cites, `told` the one of the last note (the cited one
    before any), `current` what stands now. An article that was taken out here, since its source
    was removed or it grew old, was not corrected by anybody.
    """
    if current.withdrawal in (Withdrawal.REMOVED, Withdrawal.EXPIRED):
        return None
    numbers = sorted({place.number for place in turn.places})
    then, now = wordings(cited, numbers, told), wordings(cited, numbers, current)
    if all(_alike(then.get(number), now.get(number)) for number in numbers):
        return None
    return CorrectionNote(turn, cited, current, _changes(turn.places, cited, now))


def wordings(cited: Article, numbers: Iterable[int], other: Article) -> dict[int, Wording]:
    """What the paragraphs of `cited` read in another version; those that are gone left out."""
    if is_retracted(other):
        return {}
    wanted = set(numbers)
    old = [paragraph.text for paragraph in cited.paragraphs]
    new = [paragraph.text for paragraph in other.paragraphs]
    found: dict[int, Wording] = {}
    for change in paragraph_changes(old, new):
        if change.old in wanted and change.new is not None and change.old not in found:
            # Where only the breaks between paragraphs are others, the words are the cited ones.
            text = old[change.old - 1] if change.kind == "same" else new[change.new - 1]
            found[change.old] = Wording(change.new, text)
    return found


def is_retracted(article: Article) -> bool:
    return article.withdrawal is Withdrawal.RETRACTED


def _changes(
    places: Sequence[CitedPlace], cited: Article, now: Mapping[int, Wording]
) -> tuple[CitationChange, ...]:
    changes = []
    for number in sorted({place.number for place in places}):
        if not 1 <= number <= len(cited.paragraphs):
            continue
        before, after = cited.paragraphs[number - 1].text, now.get(number)
        if after is not None and same_words(before, after.text):
            continue
        resting = [place for place in places if place.number == number]
        changes.append(
            CitationChange(
                marks=tuple(place.mark for place in resting),
                sentences=tuple(sorted({one for place in resting for one in place.sentences})),
                number=number,
                before=before,
                now=after,
                quote_stands=after is not None
                and all(_stands(place.quote, after.text) for place in resting),
            )
        )
    return tuple(changes)


def _alike(first: Wording | None, second: Wording | None) -> bool:
    if first is None or second is None:
        return first is second
    return same_words(first.text, second.text)


def _stands(quote: str, text: str) -> bool:
    return " ".join(quote.split()) in " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Standing:
    """In words, with the changed wording where there is one to show."""

    words: str
    change: Line = ()


def standing_of(cited: Article, number: int, current: Article | None) -> Standing | None:
    """What a reader of paragraph `number` of `cited` must know; None for the current version."""
    if current is None:
        return Standing("The article is no longer kept here.")
    if current.withdrawn_at is not None:
        when = long_date(current.withdrawn_at)
        if current.withdrawal is Withdrawal.RETRACTED:
            return Standing(f"The article was withdrawn on {when}. It is cited no more.")
        return Standing(f"The article was taken out here on {when}; its source did not change it.")
    if current.version == cited.version:
        return None
    newer = f"version {current.version}, read {long_date(current.read_at)}"
    now = wordings(cited, [number], current).get(number)
    if now is None:
        return Standing(f"This paragraph stands no more in {newer}.")
    moved = "" if now.number == number else f" as ¶{now.number}"
    before = cited.paragraph(number).text
    if same_words(before, now.text):
        return Standing(f"This paragraph stands unchanged{moved} in {newer}.")
    return Standing(
        f"Changed since: {newer}, has this paragraph{moved}:", change_line(before, now.text)
    )


MUTE_STORY = "mute_story"
EDIT_WATCH = "watch:edit"
LONGEST_NAME = 80
LONGEST_SENTENCE = 600
LONGEST_NOTICE = 200


@dataclass(frozen=True, slots=True)
class Alert:
    """An article that a watch matched, with the sentence that did; times are shown in `zone`.

    `watches` are the ids of those that it matched.
    """

    watch_name: str
    reader: str
    story_id: str
    sentence: str
    citation: Citation = field(repr=False)
    zone: tzinfo = UTC
    watches: tuple[str, ...] = ()

    @property
    def article(self) -> Article:
        return self.citation.article


def alert_messages(alert: Alert, turn_id: str) -> list[Message]:
    """The first alert on a story."""
    name = excerpt(alert.watch_name, LONGEST_NAME)
    lines = [
        [words("🔔 "), words(f"Watch “{name}”", bold=True), words(f" · {_source(alert)}")],
        _headline(alert),
        _said(alert),
    ]
    notice = f"{name}: {excerpt(alert.article.title or alert.sentence, LONGEST_NOTICE)}"
    buttons = [
        show_paragraphs(turn_id),
        mute_button(alert.reader, alert.story_id),
        _edit_button(alert),
    ]
    return _messages(notice, lines, buttons)


def further_messages(alert: Alert, turn_id: str) -> list[Message]:
    """A further article on the story, for the thread of its first alert."""
    lines = [
        [words("Also on this story", bold=True), words(f" · {_source(alert)}")],
        _headline(alert),
        _said(alert),
    ]
    notice = f"Also: {excerpt(alert.article.title or alert.sentence, LONGEST_NOTICE)}"
    return _messages(notice, lines, [show_paragraphs(turn_id)])


def mute_button(reader: str, story_id: str) -> Element:
    """The button that ends a reader's alerts on a story; `muted_of` reads its value."""
    value = json.dumps({"reader": reader, "story": story_id})
    return button("Mute this story", MUTE_STORY, value)


def _edit_button(alert: Alert) -> Element:
    """What opens the watch; of several, the list of all names which."""
    if len(alert.watches) == 1:
        return button("Edit watch", EDIT_WATCH, alert.watches[0])
    return say("My watches", "my watches")


def muted_of(value: str) -> tuple[str, str] | None:
    """Reader and story id of a pressed button, or None for a value that we did not write."""
    try:
        held = json.loads(value)
        return str(held["reader"]), str(held["story"])
    except (ValueError, KeyError, TypeError):
        return None


def _headline(alert: Alert) -> list[Element]:
    title = excerpt(alert.article.title, LONGEST_NOTICE)
    return [words(title, bold=True)] if title else []


def _said(alert: Alert) -> list[Element]:
    citation = alert.citation
    sentence = excerpt(alert.sentence, LONGEST_SENTENCE)
    return [words(f"{sentence} "), link(citation.link, f"[{citation.mark}]")]


def _source(alert: Alert) -> str:
    """ "Regional Desk · independent · 4 Apr 2019, 09:12 · ¶2 of 5"."""
    article = alert.article
    return (
        f"{publisher(article)} · {article.kind.value} · {published_words(article, alert.zone)} · "
        f"¶{alert.citation.paragraph.number} of {len(article.paragraphs)}"
        f"{carried_words(alert.citation.carried_by)}"
    )


def _messages(
    notice: str, lines: Sequence[Sequence[Element]], buttons: Sequence[Element]
) -> list[Message]:
    blocks = [*paragraphs(lines), actions(buttons)]
    return [Message(escape(notice), tuple(held)) for held in in_messages(blocks)]


LONGEST_QUOTE = 300
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NOUNS = {
    "answer": "answer",
    "summary": "summary",
    "digest": "digest",
    "alert": "alert",
    "quotes": "list of quotations",
    "timeline": "timeline",
}


def correction_messages(
    notes: Sequence[CorrectionNote | Superseded], zone: tzinfo = UTC
) -> list[Message]:
    """One message: what changed when, each cited paragraph with both wordings, what rests on it.

    Times are those of `zone`, named where it is not the readers' own. Where the notes are on
    several messages, each is named.
    """
    several = len({note.turn.id for note in notes}) > 1
    lines: list[list[Element]] = []
    notices = []
    for note in notes:
        if isinstance(note, Superseded):
            notice, of_note = _superseded(note, several, zone)
        else:
            notice, of_note = _corrected(note, several, zone)
        notices.append(notice)
        lines += of_note
    notice = notices[0]
    if more := len(notices) - 1:
        notice = f"{excerpt(notice, LONGEST_QUOTE)} · and {counted(more, 'more change')}"
    return [Message(escape(notice), tuple(part)) for part in in_messages(paragraphs(lines))]


def _superseded(note: Superseded, several: bool, zone: tzinfo) -> tuple[str, list[list[Element]]]:
    when = published_words(note.by, zone)
    opening = f"{when}: gives up what {_called(note.turn, several)} announced."
    lines = [
        [words("✏️ "), link(note.by.url, publisher(note.by)), words(f", {opening}")],
        [words(f"Announced: “{excerpt(note.announced, LONGEST_QUOTE)}”")],
        [words(f"Now: “{excerpt(note.now, LONGEST_QUOTE)}”")],
    ]
    return f"{publisher(note.by)}, {opening}", lines


def _corrected(
    note: CorrectionNote, several: bool, zone: tzinfo
) -> tuple[str, list[list[Element]]]:
    noun = _NOUNS.get(note.turn.kind, "message")
    opening = _opening(note, _called(note.turn, several), zone)
    lines: list[list[Element]] = [
        [words("✏️ "), link(note.current.url, publisher(note.current)), words(f": {opening}")]
    ]
    for change in note.changes:
        lines.append(_wordings(note, change))
        if resting := _resting(change, noun):
            lines.append([words(resting, italic=True)])
    return excerpt(f"{publisher(note.current)}: {opening}", LONGEST_QUOTE), lines


def corrected_mark(*, below: bool = True) -> Block:
    """What stands above something posted once its thread, or that of a later one, has a
    correction."""
    where = "the thread below" if below else "a note under a later message"
    shown = context(f"✏️ A source of this has changed since; {where} tells what.")
    return {**shown, "block_id": "corrected"}


def _called(turn: PostedTurn, several: bool) -> str:
    """ "this answer", or of several messages "the answer on “Who signed it?”"."""
    noun = _NOUNS.get(turn.kind, "message")
    if not several or not turn.title:
        return f"this {noun}"
    return f"the {noun} “{excerpt(turn.title, LONGEST_NAME)}”"


def _opening(note: CorrectionNote, called: str, zone: tzinfo) -> str:
    when = f"{note.changed_at.astimezone(zone):%-d %b, %H:%M}"
    if zone is UTC:
        when += " UTC"
    title = f"“{excerpt(note.cited.title, 120)}”, which {called} cites,"
    if note.retracted:
        return f"{title} was withdrawn on {when}."
    if note.restored:
        return f"{title} reads again as it was cited, since {when}."
    return f"{title} was changed on {when} (version {note.current.version})."


def _wordings(note: CorrectionNote, change: CitationChange) -> list[Element]:
    where = f"¶{change.number}"
    if change.now is None:
        gone = "read" if note.retracted else "was taken out; it read"
        return [words(f"{where} {gone}: “{excerpt(change.before, LONGEST_QUOTE)}”")]
    if change.now.number != change.number:
        where += f", now ¶{change.now.number},"
    return [
        words(f"{where} now reads: "),
        *line_elements(change_line(change.before, change.now.text), {}),
    ]


def _resting(change: CitationChange, noun: str) -> str:
    standing = " The words quoted there still stand." if change.quote_stands else ""
    if not change.sentences:
        marks = " ".join(f"[{mark}]" for mark in change.marks)
        return f"The {noun} cites it as {marks}.{standing}"
    named = [_ordinal(number) for number in change.sentences]
    verb = "rests" if len(named) == 1 else "rest"
    sentences = counted(len(named), "sentence").partition(" ")[2]
    return f"The {noun}’s {_listed(named)} {sentences} {verb} on it.{standing}"


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else f"{number}th"


def _listed(named: Sequence[str]) -> str:
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"

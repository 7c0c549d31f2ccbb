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
from bot.render.catalogues import ENGLISH, N_, comma, framed, gettext, ngettext, reader_language
from bot.render.formats import line_elements
from bot.render.page import Line, change_line
from bot.render.report_wording import day_and_time, published_words
from bot.render.wording import (
    carried_words,
    excerpt,
    isolated,
    kind_name,
    listed_words,
    long_date,
    place_in,
    publisher,
)
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
        return Standing(gettext("The article is no longer kept here."))
    if current.withdrawn_at is not None:
        when = long_date(current.withdrawn_at)
        if current.withdrawal is Withdrawal.RETRACTED:
            said = gettext("The article was withdrawn on {date}. It is cited no more.", date=when)
            return Standing(said)
        said = gettext("The article was taken out here on {date}; its source did not change it.")
        return Standing(said.format(date=when))
    if current.version == cited.version:
        return None
    newer = gettext(
        "version {number}, read {date}", number=current.version, date=long_date(current.read_at)
    )
    now = wordings(cited, [number], current).get(number)
    if now is None:
        return Standing(gettext("This paragraph stands no more in {version}.", version=newer))
    moved, place = now.number != number, isolated(f"¶{now.number}")
    before = cited.paragraph(number).text
    if same_words(before, now.text):
        said = gettext("This paragraph stands unchanged in {version}.")
        if moved:
            said = gettext("This paragraph stands unchanged as {place} in {version}.")
        return Standing(said.format(version=newer, place=place))
    said = gettext("Changed since: {version}, has this paragraph:")
    if moved:
        said = gettext("Changed since: {version}, has this paragraph as {place}:")
    return Standing(said.format(version=newer, place=place), change_line(before, now.text))


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
    name = isolated(excerpt(alert.watch_name, LONGEST_NAME))
    watch = gettext("Watch “{name}”", name=name)
    title = [words(framed("🔔 ")), words(watch, bold=True), words(f" · {_source(alert)}")]
    lines = [title, _headline(alert), _said(alert)]
    notice = f"{name}: {excerpt(alert.article.title or alert.sentence, LONGEST_NOTICE)}"
    mute = mute_button(alert.reader, alert.story_id)
    buttons = [show_paragraphs(turn_id), mute, _edit_button(alert)]
    return _messages(notice, lines, buttons)


def further_messages(alert: Alert, turn_id: str) -> list[Message]:
    """A further article on the story, for the thread of its first alert."""
    also = words(framed(gettext("Also on this story")), bold=True)
    lines = [[also, words(f" · {_source(alert)}")], _headline(alert), _said(alert)]
    title = excerpt(alert.article.title or alert.sentence, LONGEST_NOTICE)
    notice = gettext("Also: {title}", title=isolated(title))
    return _messages(notice, lines, [show_paragraphs(turn_id)])


def mute_button(reader: str, story_id: str) -> Element:
    """The button that ends a reader's alerts on a story; `muted_of` reads its value."""
    value = json.dumps({"reader": reader, "story": story_id})
    return button(gettext("Mute this story"), MUTE_STORY, value)


def _edit_button(alert: Alert) -> Element:
    """What opens the watch; of several, the list of all names which."""
    if len(alert.watches) == 1:
        return button(gettext("Edit watch"), EDIT_WATCH, alert.watches[0])
    return say(gettext("My watches"), "my watches")


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
    place = place_in(article, [alert.citation.paragraph.number])
    published = isolated(published_words(article, alert.zone))
    parts = (publisher(article), kind_name(article.kind), published, place)
    return f"{' · '.join(parts)}{carried_words(alert.citation.carried_by)}"


def _messages(
    notice: str, lines: Sequence[Sequence[Element]], buttons: Sequence[Element]
) -> list[Message]:
    blocks = [*paragraphs(lines), actions(buttons)]
    return [Message(escape(notice), tuple(held)) for held in in_messages(blocks)]


LONGEST_QUOTE = 300
_ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NOUNS = {
    "answer": (N_("this answer"), N_("The answer")),
    "summary": (N_("this summary"), N_("The summary")),
    "digest": (N_("this digest"), N_("The digest")),
    "alert": (N_("this alert"), N_("The alert")),
    "quotes": (N_("this list of quotations"), N_("The list of quotations")),
    "timeline": (N_("this timeline"), N_("The timeline")),
}
_MESSAGE = (N_("this message"), N_("The message"))


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
        others = ngettext("and {count} more change", "and {count} more changes", more)
        notice = f"{excerpt(notice, LONGEST_QUOTE)} · {others}"
    return [Message(escape(notice), tuple(part)) for part in in_messages(paragraphs(lines))]


def _superseded(note: Superseded, several: bool, zone: tzinfo) -> tuple[str, list[list[Element]]]:
    when, this = isolated(published_words(note.by, zone)), _called(note.turn, several)
    opening = gettext("{when}: gives up what {this} announced.", when=when, this=this)
    announced = gettext("Announced: “{text}”", text=excerpt(note.announced, LONGEST_QUOTE))
    now = gettext("Now: “{text}”", text=excerpt(note.now, LONGEST_QUOTE))
    source = publisher(note.by)
    head = [words(framed("✏️ ")), link(note.by.url, source), words(f"{comma()} {opening}")]
    lines = [head, [words(framed(announced))], [words(framed(now))]]
    return f"{source}{comma()} {opening}", lines


def _corrected(
    note: CorrectionNote, several: bool, zone: tzinfo
) -> tuple[str, list[list[Element]]]:
    _, noun = map(gettext, _NOUNS.get(note.turn.kind, _MESSAGE))
    opening = _opening(note, _called(note.turn, several), zone)
    source = publisher(note.current)
    lines: list[list[Element]] = [
        [words(framed("✏️ ")), link(note.current.url, source), words(f": {opening}")]
    ]
    for change in note.changes:
        lines.append(_wordings(note, change))
        if resting := _resting(change, noun):
            lines.append([words(resting, italic=True)])
    return excerpt(f"{source}: {opening}", LONGEST_QUOTE), lines


def corrected_mark(*, below: bool = True) -> Block:
    """What stands above something posted once its thread, or that of a later one, has a
    correction."""
    told = gettext("A source of this has changed since; a note under a later message tells what.")
    if below:
        told = gettext("A source of this has changed since; the thread below tells what.")
    return {**context(framed(f"✏️ {told}")), "block_id": "corrected"}


def _called(turn: PostedTurn, several: bool) -> str:
    """ "this answer", or of several messages "this answer (“Who signed it?”)"."""
    this, _ = map(gettext, _NOUNS.get(turn.kind, _MESSAGE))
    if not several or not turn.title:
        return this
    return f"{this} ({isolated(f'“{excerpt(turn.title, LONGEST_NAME)}”')})"


def _opening(note: CorrectionNote, this: str, zone: tzinfo) -> str:
    when = day_and_time(note.changed_at.astimezone(zone), "%-d %b")
    if zone is UTC:
        when += " UTC"
    if note.retracted:
        said = gettext("“{title}”, which {this} cites, was withdrawn on {when}.")
    elif note.restored:
        said = gettext("“{title}”, which {this} cites, reads again as it was cited, since {when}.")
    else:
        said = gettext("“{title}”, which {this} cites, was changed on {when} (version {number}).")
    title = isolated(excerpt(note.cited.title, 120))
    return said.format(title=title, this=this, when=isolated(when), number=note.current.version)


def _wordings(note: CorrectionNote, change: CitationChange) -> list[Element]:
    where = isolated(f"¶{change.number}")
    if change.now is None:
        said = gettext("{where} was taken out; it read: “{words}”")
        if note.retracted:
            said = gettext("{where} read: “{words}”")
        before = isolated(excerpt(change.before, LONGEST_QUOTE))
        return [words(framed(said.format(where=where, words=before)))]
    said = gettext("{where} now reads:", where=where)
    if change.now.number != change.number:
        place = isolated(f"¶{change.now.number}")
        said = gettext("{where}, now {place}, now reads:", where=where, place=place)
    return [
        words(framed(f"{said} ")),
        *line_elements(change_line(change.before, change.now.text), {}),
    ]


def _resting(change: CitationChange, noun: str) -> str:
    if not change.sentences:
        marks = isolated(" ".join(f"[{mark}]" for mark in change.marks))
        said = gettext("{noun} cites it as {marks}.", noun=noun, marks=marks)
    else:
        said = ngettext(
            "{noun}’s {which} sentence rests on it.",
            "{noun}’s {which} sentences rest on it.",
            len(change.sentences),
            noun=noun,
            which=listed_words([_ordinal(number) for number in change.sentences]),
        )
    if change.quote_stands:
        said += f" {gettext('The words quoted there still stand.')}"
    return framed(said)


def _ordinal(number: int) -> str:
    """ "third"; a numeral in other languages, whose words for it follow what they stand with."""
    if reader_language() != ENGLISH:
        return str(number)
    return _ORDINALS[number] if number < len(_ORDINALS) else f"{number}th"

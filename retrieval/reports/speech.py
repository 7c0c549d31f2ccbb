"""Who said what in a story: a few verbatim quotations of different speakers.

    quotations of articles ────────────────────────────────┐
    transcripts, speeches ─ told_of_speeches ─ near the ───┼─▶ the worthiest, one a speaker ─▶ Words
                            matter, standing alone         │
    official statements ─ what their authors say as "we" ──┘

Where a story is nothing but one speaker's words, several of them are told. What a quotation tells
counts: a deed before a sentiment (`retrieval.reports.ranking.Deeds`).

Words in quotation marks come before reported ones, persons before institutions, officials and wires
before others, near the matter before far, new before old. Single words, distance, courtesies and
what the reader has just read in another sentence are left out; a quotation never loses its speaker.

Of a long speech those sentences are worth a quotation that stand alone, are no courtesy, and take a
position or state a fact. Where in a transcript one stands says nothing, the first minutes are
greetings; what counts is that it is about what the story is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from corpus.articles import Article, SourceKind
from corpus.quotations.extraction import Quotation
from corpus.quotations.speakers import describes, is_personal, is_vague, shown_role
from corpus.text.dates import date_mentions
from corpus.text.names import INSTITUTIONS, is_whole_title, read_run
from corpus.text.sentences import split_sentences
from corpus.text.tables import either, sentences
from corpus.text.words import content_words, counts, fold, names, numbers
from retrieval.passages import Passage
from retrieval.reports.announcements import Outdated
from retrieval.reports.lines import (
    byline_of,
    first_prose,
    is_opinion,
    is_prose,
    is_speech,
    is_unlabelled_speech,
    says_we,
    stands_in_speech,
)
from retrieval.reports.ranking import Deeds
from retrieval.similarity import Sameness, stems
from retrieval.stories.story import moment_of

MOST_WORDS = 60
MOST_SENTENCES = 3
FEWEST_WORDS_SPOKEN = 7
READ_CLOSELY = 40
"""Sentences of a story's speeches that are compared in meaning."""
RELATED = 0.3
"""Cosine to the matter from which a sentence is about it: greetings and small talk of the
captured transcripts stay below, and so do most remarks on another subject."""

_any = partial(either, __package__, "speech")
_COURTESY = re.compile(
    r"\b"
    + _any("courtesies")
    + r"\b|\((?:laughter|inaudible|applause)[^)]*\)|\[(?:laughter|inaudible)\]",
    re.IGNORECASE,
)
# Talk about the talk: who met, how long and how good it was, what comes next in the room.
_OF_THE_TALK = re.compile(rf"\b{_any('of the talk')}\b|[?]", re.IGNORECASE)
_DANGLING = re.compile(rf"^{_any('dangling')}\b")
MOST = 3
FEWEST_WORDS = 5
FEWEST_REPORTED_WORDS = 7
NEAR = 1.0
"""Worth of a speech's sentence for each unit of its cosine to the matter."""
ROUTINE = -0.03
"""What is nearer to routine than this is not quoted: "We wish the people a happy holiday"."""
COUNTED = 0.25
"""Worth of a number: a sum, the dead, a share."""
OF_TODAY = 0.5
"""Worth of what speaks of the day: "Today, I can announce …"."""
OPENS = 0.8
"""Worth of what opens a statement, as the first sentence of a report has the news."""
DEED = 2.5
"""Worth of a quotation for each unit by which it is nearer to deeds than to routine."""
_KINDS = {
    SourceKind.OFFICIAL: 0.2,
    SourceKind.WIRE: 0.2,
    SourceKind.INDEPENDENT: 0.15,
    SourceKind.UNKNOWN: 0.1,
    SourceKind.STATE_MEDIA: 0.05,
    SourceKind.OPINION: -1.0,
}
_TITLES = (
    r"(?:(?:[A-Z][\w-]+ )?(?:Under |Deputy |Assistant )?(?:Secretary|Minister|President|Ambassador"
    r"|Commissioner|Envoy|Representative|Director|Chief|Head|Speaker|Spokesperson))"
)
_PROPER = r"[A-ZÀ-Þ][\w’'-]+"
_LEANING = re.compile(
    r"^(?:that\s+)?(?:he|she|it|they|this|that|these|those|his|her|their|its)\b", re.IGNORECASE
)
_REPORTING = frozenset(("according to", "reported", "reports", "reporting", "showed", "shows"))
_EMPTY = re.compile(
    r"^(?:thank you|thanks|yes|no|good (?:morning|afternoon|evening)|i (?:don['’]t|do not) know"
    r"|of course|absolutely|well)\b[^.]{0,40}\.?$|\bnext question\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A quotation and the paragraph it stands in; `quote` is the part of it that is told.

    `nearness` to the matter is a cosine; None where a writer chose the words, who did so because
    they are about it.
    """

    quotation: Quotation
    passage: Passage
    quote: str
    nearness: float | None = None


def spoken_in(
    passages: Sequence[Passage],
    quotations: Mapping[str, Sequence[Quotation]],
    told: Iterable[str],
    sameness: Sameness,
    matter: Sequence[str] = (),
    of_one: int = 1,
    outdated: Outdated | None = None,
) -> list[Words]:
    """The quotations of a story worth telling, best first, at most `of_one` of a speaker.

    `quotations` are those of each article by its id; `told` are sentences that the reader has
    read already; `matter` is what the story is about, its headline and what opens its reports;
    what tells a plan that is `outdated` is not told.
    """
    read = list(told)
    candidates = [
        *_candidates(passages, quotations),
        *_of_statements(passages),
        *_of_speeches(passages, quotations, matter, sameness),
    ]
    if outdated is not None:
        candidates = [
            one for one in candidates if not outdated(_sentences_of(one), one.passage.article)
        ]
    candidates = sorted(candidates, key=_worth, reverse=True)[:READ_CLOSELY]
    # What follows the first sentence of a quotation carries it on.
    firsts = [split_sentences(words.quote)[0].text for words in candidates]
    deeds = Deeds(sameness).of(firsts)
    near = _nearest(firsts, matter, sameness)
    weighed = [
        (_worth(words) + DEED * deed + NEAR * close, moment_of(words.passage.article), words)
        for words, deed, close in zip(candidates, deeds, near, strict=True)
        if deed >= ROUTINE or not words.quotation.direct or _opens_article(words)
    ]
    chosen: list[Words] = []
    for _, _, words in sorted(weighed, key=lambda one: one[:2], reverse=True):
        if sum(_same_speaker(words, other) for other in chosen) >= of_one:
            continue
        words = _without_told(words, read)
        if not words.quote:
            continue
        if any(_overlap(words, other) for other in chosen):
            continue
        # What somebody else said in the same words is a position of its own; a report of what
        # the reader has read is not.
        own = [other.quote for other in chosen if _same_speaker(words, other)]
        others = [*own, *(read if not words.quotation.direct else ())]
        if sameness.repeats(words.quote, others):
            continue
        chosen.append(words)
        if len(chosen) == MOST:
            break
    return chosen


def full_speaker(
    quotation: Quotation, article: Article, beside: Sequence[Article] = ()
) -> tuple[str, str | None]:
    """Speaker and role as the article gives them anywhere, else the others of its story: for a
    bare surname the one fuller name that it has, for a person without a whole role the words
    before or after the name. A role that says next to nothing ("Secretary") is none."""
    name, role = quotation.speaker, quotation.role
    for text in map(_all_text, (article, *beside)):
        name, found = _named_in(text, name)
        if role is None or not is_whole_title(role) or is_vague(role):
            role = _office_in(text, name) or found or _described(name, text) or role
    return name, role if role and is_whole_title(role) and not is_vague(role) else None


def _all_text(article: Article) -> str:
    return "\n".join([article.title, *(paragraph.text for paragraph in article.paragraphs)])


def _named_in(text: str, name: str) -> tuple[str, str | None]:
    """The one fuller form of a name in a text, and the title before it there."""
    surname = re.escape(name.split()[-1])
    runs = [
        named
        for match in re.finditer(rf"(?:[A-ZÀ-Þ][\w.’'-]+ ){{1,5}}{surname}\b", text)
        if (named := read_run(match.group())) and " " in named.name
    ]
    full = {named.name for named in runs if named.name.endswith(name)}
    if " " not in name and not name.isupper() and len(full) == 1:
        name = full.pop()
    return name, next((one.role for one in runs if one.name == name and one.role), None)


def _office_in(text: str, name: str) -> str | None:
    """An office with what it is of, before or after a name: "Secretary of State"."""
    office = rf"(?P<role>{_TITLES} (?:of|for) (?:the )?{_PROPER}(?: (?:and )?{_PROPER}){{0,2}}?)"
    found = re.search(rf"\b{office} {re.escape(name)}", text) or re.search(
        rf"{re.escape(name)}, {office}(?=[,.;)]|\n|$)", text
    )
    return found["role"] if found else None


def _described(name: str, text: str) -> str | None:
    """The role between commas after a name: "Christoph Heusgen, Germany’s ambassador …,"."""
    found = re.search(rf"{re.escape(name)}, (?P<described>[^,.;“”\n]{{4,90}})(?:,|\n)", text)
    if found is None or not (describes(found["described"]) or is_personal(found["described"])):
        return None
    return shown_role(found["described"])


def _candidates(
    passages: Sequence[Passage], quotations: Mapping[str, Sequence[Quotation]]
) -> Iterable[Words]:
    by_key = {passage.key: passage for passage in passages}
    for identity, found in quotations.items():
        for quotation in found:
            passage = by_key.get((identity, quotation.paragraph))
            if passage is None or is_opinion(passage.article) or is_speech(passage):
                continue
            quote = _part_to_tell(quotation)
            if quote and _says_something(quotation, quote):
                yield Words(quotation, passage, quote)


def _nearest(texts: Sequence[str], matter: Sequence[str], sameness: Sameness) -> list[float]:
    """The cosine of each text to what is nearest to it of the matter; 0 where there is none."""
    if not texts or not matter:
        return [0.0] * len(texts)
    near = (sameness.vectors(texts) @ sameness.vectors(matter).T).max(axis=1)
    return [float(one) for one in near]


def _of_statements(passages: Iterable[Passage]) -> Iterator[Words]:
    """What an office says of itself in its statements: theirs whom the byline names, or its own."""
    for passage in passages:
        article = passage.article
        if article.kind is not SourceKind.OFFICIAL or is_speech(passage):
            continue
        by = byline_of(article)
        speaker, role = (by.name, by.role) if by else (article.source, None)
        for start, end in _quotable(passage.text, is_prose) if speaker else ():
            quote, number = passage.text[start:end], passage.paragraph.number
            if says_we(split_sentences(quote)[0].text):
                said = Quotation(speaker or "", role, "said", quote, number, start, end, True)
                yield Words(said, passage, quote)


def _of_speeches(
    passages: Sequence[Passage],
    quotations: Mapping[str, Sequence[Quotation]],
    matter: Sequence[str],
    sameness: Sameness,
) -> list[Words]:
    """What is worth quoting of transcripts and speeches."""
    by_key = {passage.key: passage for passage in passages if is_speech(passage)}
    turns = [
        (quotation, passage)
        for identity, found in quotations.items()
        for quotation in found
        if (passage := by_key.get((identity, quotation.paragraph))) and quotation.direct
    ]
    turns += speeches_without_labels(by_key.values())
    return told_of_speeches(turns, matter, sameness)


def _part_to_tell(quotation: Quotation) -> str:
    """The quotation, or the whole sentences at its beginning that can be read aloud."""
    text = quotation.quote.strip()
    if len(text.split()) <= MOST_WORDS:
        return text
    if not quotation.direct:
        return ""
    fitting = [s for s in split_sentences(text) if len(text[: s.end].split()) <= MOST_WORDS]
    return text[: fitting[-1].end] if fitting else ""


def _says_something(quotation: Quotation, quote: str) -> bool:
    count = len(quote.split())
    fewest = FEWEST_WORDS if quotation.direct else FEWEST_REPORTED_WORDS
    if count < fewest or _EMPTY.search(quote) or quote.rstrip().endswith(("?", "…", "...")):
        return False
    if "“" in quote or "”" in quote or '"' in quote or is_courtesy(quote):
        return False
    if not quotation.direct and (_LEANING.match(quote) or not is_statement(quotation)):
        return False
    # "Said that X, and that Y": without its "that" such a clause cannot be read.
    if not quotation.direct and re.search(r"\b(?:and|but) that\b", quote):
        return False
    return len(content_words(quote)) >= 2


def _worth(words: Words) -> float:
    quotation, article = words.quotation, words.passage.article
    count = len(words.quote.split())
    complete = words.quote[:1].isupper() and words.quote.rstrip()[-1:] in ".!"
    return (
        1.0 * quotation.direct
        + 0.5 * is_person(quotation.speaker, quotation.role)
        + 0.25 * (quotation.role is not None)
        + 0.3 * (complete and quotation.direct)
        + 0.2 * (10 <= count <= 40)
        + _KINDS[article.kind]
        + 0.1 * len(words.passage.carried_by[:3])
        - (0.02 * min(quotation.paragraph, 12) if words.nearness is None else 0.24)
        - 0.3 * bool(quotation.direct and _LEANING.match(words.quote))
        + COUNTED * bool(counts(words.quote))
        + OPENS * _opens_article(words)
        + OF_TODAY * _is_of_today(words)
    )


def _is_of_today(words: Words) -> bool:
    """Whether words speak of the day on which they were published, or of the day before."""
    published = words.passage.article.published_at
    if published is None:
        return False
    day = published.date()
    mentioned = date_mentions(words.quote, day)
    return any(timedelta(0) <= day - one.first <= timedelta(1) for one in mentioned)


def _sentences_of(words: Words) -> str:
    """The sentences of the paragraph in which words stand."""
    text = words.passage.text
    start = text.find(words.quote)
    end = start + len(words.quote)
    held = [one.text for one in split_sentences(text) if one.start < end and start < one.end]
    return " ".join(held)


def _opens_article(words: Words) -> bool:
    """Whether words open what an article tells, which is no transcript."""
    passage = words.passage
    opens = passage.paragraph.number == first_prose(passage.article)
    return opens and passage.text.lstrip().startswith(words.quote)


def is_person(speaker: str, role: str | None) -> bool:
    """Whether a speaker is a person: has a role, or two names none of which is an institution's."""
    tokens = [fold(token) for token in speaker.split()]
    if any(token in INSTITUTIONS for token in tokens) or (len(tokens) == 1 and speaker.isupper()):
        return False
    return role is not None or len(tokens) >= 2


def is_statement(quotation: Quotation) -> bool:
    """Whether reported words are somebody's position, not a newspaper's report of events."""
    return quotation.verb not in _REPORTING and is_person(quotation.speaker, quotation.role)


def _same_speaker(one: Words, other: Words) -> bool:
    first, second = (
        [fold(token) for token in words.quotation.speaker.split()] for words in (one, other)
    )
    return first[-1] == second[-1] or set(first) <= set(second) or set(second) <= set(first)


def _without_told(words: Words, read: Sequence[str]) -> Words:
    """The words up to the first sentence that the reader has read; none where they were told."""
    if any(_stands_in(words.quote, text) for text in read):
        return replace(words, quote="")
    for sentence in split_sentences(words.quote):
        if any(_stands_in(sentence.text, text) for text in read):
            return replace(words, quote=words.quote[: sentence.start].rstrip())
    return words


def _overlap(one: Words, other: Words) -> bool:
    """Whether two quotations share a sentence of a paragraph."""
    if one.passage.key != other.passage.key:
        return False
    first, second = (one.passage.text.find(words.quote) for words in (one, other))
    return first < second + len(other.quote) and second < first + len(one.quote)


def _stands_in(quote: str, text: str) -> bool:
    def plain(words: str) -> str:
        return re.sub(r"\W+", " ", words).casefold().strip()

    return plain(quote) in plain(text)


def is_courtesy(text: str) -> bool:
    """Whether words are thanks, a greeting or a remark on the occasion."""
    return bool(_COURTESY.search(text))


def told_of_speeches(
    turns: Iterable[tuple[Quotation, Passage]], matter: Sequence[str], sameness: Sameness
) -> list[Words]:
    """The sentences of speeches that say something on the matter, the nearest first.

    `matter` is what the story is about: its headline and what opens its reports. Where it is
    empty, as of a briefing that speaks of many things, deeds are: the speeches' own news.
    """
    found = [
        (quotation, passage, quotation.quote[start:end])
        for quotation, passage in turns
        for start, end in _quotable(quotation.quote)
    ]
    if not found:
        return []
    matter = matter or sentences("retrieval.reports", "deeds", "deeds")
    about = set().union(*map(stems, matter))
    found.sort(key=lambda one: -_promise(one[2], about))
    found = found[:READ_CLOSELY]
    near = _nearest([quote for _, _, quote in found], matter, sameness)
    told = [
        Words(quotation, passage, quote, nearness)
        for (quotation, passage, quote), nearness in zip(found, near, strict=True)
        if nearness >= RELATED
    ]
    return sorted(told, key=lambda one: -(one.nearness or 0.0))


def speeches_without_labels(passages: Iterable[Passage]) -> Iterator[tuple[Quotation, Passage]]:
    """The paragraphs of speeches that are printed under a byline, as words of whom it names."""
    for passage in passages:
        if not is_unlabelled_speech(passage.article):
            continue
        by = byline_of(passage.article)
        if by is not None:
            text, number = passage.text, passage.paragraph.number
            said = Quotation(by.name, by.role, "said", text, number, 0, len(text), True)
            yield said, passage


def _quotable(
    text: str, may: Callable[[str], bool] = lambda text: True
) -> Iterator[tuple[int, int]]:
    """Where what can be read aloud begins and ends: a sentence that stands, and those that carry
    its thought on, as far as they `may`."""
    found = split_sentences(text)
    for at, first in enumerate(found):
        if not _opens(first.text) or not may(first.text):
            continue
        end = first.end
        for after in found[at + 1 : at + MOST_SENTENCES]:
            fits = len(text[first.start : after.end].split()) <= MOST_WORDS
            if not fits or not _is_said_to_all(after.text) or not may(after.text):
                break
            end = after.end
        if _says_enough(text[first.start : end]):
            yield first.start, end


def _opens(text: str) -> bool:
    """Whether a sentence of a speech can be heard without those before it."""
    return (
        len(text.split()) <= MOST_WORDS
        and _is_said_to_all(text)
        and not _DANGLING.match(text)
        and stands_in_speech(text)
    )


def _is_said_to_all(text: str) -> bool:
    """Whether a sentence is whole, and neither asked, nor courtesy, nor talk about the talk."""
    whole = text.rstrip()[-1:] in ".!”"
    return whole and not (_COURTESY.search(text) or _OF_THE_TALK.search(text))


def _says_enough(text: str) -> bool:
    return len(text.split()) >= FEWEST_WORDS_SPOKEN and bool(names(text) or numbers(text))


def _promise(quote: str, about: set[str]) -> float:
    """A first guess without a look at the meaning: words of the matter, names and numbers."""
    own = stems(quote)
    shared = len(own & about) / max(4, len(own))
    return shared + 0.05 * min(4, len(names(quote)) + len(numbers(quote)))

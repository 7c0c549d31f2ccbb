"""What is asked: the question's intent, kind, words, time, places and sources.

    understand(text, asked_at, …) -> Question        pure; nothing is looked up

    text ─ courtesies off ─ frames, the first that fits ─▶ Intent, subjects, aspect, stance
         ─ find_window ─▶ narrow (a filter) or around (a preference)

The frames are whole forms of asking ("X’s position on Y", "compare X and Y on Z"), so that an
intent comes with who and what it is about; they stand in `data/frames.txt`. Every surface
understands through here.

A time that belongs to the asking ("since March", "last week") narrows the search like
`--since` does. A date that belongs to the matter ("on 4 April 2019") only prefers what was
published around it: an encyclopaedia or a later report may be the one that tells.

`subquestions` of a question of several parts are answered one by one: a part that leans on another
("and when did he leave?") stays with it, and so does a relative clause. `parts_of` are only
searched for: a paragraph that answers one part shares few words with the others.

Follow-ups: what was said before completes a question that leans on it; one with names of its own
stands alone. Where a language model rewrites, its reading is taken if every name, number and time
in it stands in the talk, else that of the rules. Whatever leans on what was said counts a second
time in the search itself (`retrieval.search.candidates`).
"""

from __future__ import annotations

import re
import string
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from corpus.text import tables
from corpus.text.calendar import DAYS_AND_MONTHS
from corpus.text.places import place_code
from corpus.text.sentences import split_sentences
from corpus.text.tables import either
from corpus.text.words import (
    FUNCTION_WORDS,
    content_words,
    fold,
    foreign_language,
    names,
    numbers,
    opening_words,
    stem,
    words,
)
from retrieval.passages import Filter
from retrieval.questions.time import TimeWindow, find_window, wants_latest


class Asked(StrEnum):
    """The kind of thing that would answer."""

    PERSON = "person"
    TIME = "time"
    PLACE = "place"
    NUMBER = "number"
    REASON = "reason"
    SAYING = "saying"
    YES_NO = "yes or no"
    THING = "thing"


class Intent(StrEnum):
    """The form of answer that is asked for."""

    FACT = "fact"
    SAYING = "saying"
    SITUATION = "situation"
    LATEST = "latest"
    POSITION = "position"
    SUPPORT = "support"
    COMPARISON = "comparison"
    LIST = "list"
    HAPPENED = "what happened"
    SUMMARY = "summary"
    YES_NO = "yes or no"
    KEY_WORDS = "key words"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a text asks for: `subjects` are whose words, position or accounts (two for a
    comparison), `aspect` is on what; `against` tells who opposes from who supports."""

    intent: Intent
    subjects: tuple[str, ...] = ()
    aspect: str = ""
    against: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of the same conversation, and the text it was answered with."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    `search_text` is what is searched for: the text without the words that only narrow the
    time. `narrow` is the hard filter; `around` the time that is preferred, not required.
    `speaker` is set for "what did X say …". `looked_for` is what a reader is told was searched for,
    where that differs from the text.
    """

    text: str
    asked_at: datetime
    search_text: str
    asked: Asked
    narrow: Filter = field(default_factory=Filter)
    around: TimeWindow | None = None
    latest: bool = False
    as_of: datetime | None = None
    speaker: str | None = None
    earlier: tuple[Turn, ...] = ()
    looked_for: str | None = None
    wanted: Wanted = Wanted(Intent.FACT)

    @property
    def intent(self) -> Intent:
        return self.wanted.intent

    @property
    def demands_a_form(self) -> bool:
        """Whether something is asked for whose form shows in a sentence: somebody's words or
        position, a reason, who supports and who opposes."""
        return (
            self.speaker is not None
            or self.asked in (Asked.SAYING, Asked.REASON)
            or self.intent is Intent.SUPPORT
        )


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What was asked for beside the text: options of a command, filters of a form."""

    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


# Words. In a longer question, "yesterday" mostly belongs to what is told before the question
# itself: of such times in the briefings, half did not hold the article that answers.
SHORT_QUESTION = 20
# Characters of a question that are searched for; nobody asks one thing at greater length.
LONGEST_SEARCH = 2_000
# Characters that are looked at at all: a question with its story.
LONGEST_QUESTION = 10_000
# Words. A longer question names the times of several matters; none of them is its own.
DATED_QUESTION = 30

_any = partial(either, __package__, "asking")


def _in_languages(section: str) -> re.Pattern[str]:
    """What a section lists for languages that part words, and for Chinese, which does not."""
    words, chinese = _any(f"{section} in words"), _any(f"{section} in Chinese")
    return re.compile(rf"(?<!\w){words}(?!\w)|{chinese}", re.IGNORECASE)


_TOLD_BY_WORDS = [one for one in Asked if one not in (Asked.YES_NO, Asked.THING)]
_IN_ENGLISH = tuple(
    (re.compile(rf"\b{_any(f'{asked.value} in English')}\b", re.IGNORECASE), asked)
    for asked in _TOLD_BY_WORDS
)
_KINDS = (*_IN_ENGLISH, *((_in_languages(asked.value), asked) for asked in _TOLD_BY_WORDS))
_YES_NO_ABROAD = _in_languages("yes or no")

_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|ok|okay|so)\b"
    r"(?:[\s,]+(?:there|chancery|bot|team|all))?[\s,!.:–—-]+",
    re.IGNORECASE,
)
_BEFORE = re.compile(rf"{_any('before a request')}\s*", re.IGNORECASE)
_AFTER = re.compile(rf"[\s,;]{{0,9}}\b{_any('after a request')}[\s.!?]{{0,99}}\Z", re.IGNORECASE)
_ENDING = string.whitespace + ".!;,"
_NEWS = re.compile(rf"\b{_any('news')}\b", re.IGNORECASE)
_ASKS = re.compile(rf"\b{_any('asks')}\b", re.IGNORECASE)
_FRAMES = tuple(
    (Intent(name), re.compile(pattern, re.IGNORECASE))
    for name, pattern in tables.frames(__package__, "frames")
)
_NEWEST = frozenset((Intent.LATEST, Intent.SITUATION, Intent.HAPPENED))
NEWS = frozenset((Intent.LATEST, Intent.SITUATION))
ABOUT = NEWS | {Intent.SUMMARY}
# Words. A longer text tells a story before it asks.
LONGEST_FRAMED = 30
LONGEST_KEY_WORDS = 8

_YES_NO = re.compile(rf"^{_any('yes or no')}\b", re.IGNORECASE)
_TODAY_AT_END = re.compile(r"\btoday\W*\Z", re.IGNORECASE)
# What happens on a day is told in the past, or as news, or is still to come that day.
_OF_THE_DAY = re.compile(rf"\b{_any('of the day')}\b", re.IGNORECASE)
_SPEAKER = re.compile(
    r"\bwhat (?:did|does|do|has|have|had) (?P<speaker>.{2,60}?) (?:\w+ly )?"
    + _any("saying")
    + r"\b",
    re.IGNORECASE,
)
_SPEAKERS_ABROAD = (
    re.compile(
        rf"(?<!\w){_any('saying in words')}\s+(?P<speaker>[^?؟,]{{2,60}}?)"
        rf"(?=\s+{_any('about')}(?!\w)|\s*[?؟,]|\s*\Z)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<speaker>[^\s，。？]{{2,12}}?)(?:对[^\s，。？]{{1,20}})?{_any('saying in Chinese')}"
    ),
)


def understand(
    text: str, asked_at: datetime, given: Narrowing | None = None, earlier: tuple[Turn, ...] = ()
) -> Question:
    """The question that a text asks at a moment, narrowed by what was given beside it.

    What was given wins over what the text says. `as_of` closes the window: nothing that was
    published later is seen, and relative times are counted from it.
    """
    given = given or Narrowing()
    cleaned = " ".join(text.split())[:LONGEST_QUESTION]
    plain, _ = without_courtesies(cleaned)
    window = find_window(plain, given.as_of or asked_at)
    length = len(plain.split())
    tells = window and length <= SHORT_QUESTION and _of_publication(plain, window, asked_at)
    hard = window if tells else None
    wanted = wanted_of(_without(plain, hard))
    ends = (given.until or (hard.until if hard else None), given.as_of)
    narrow = Filter(
        since=given.since or (hard.since if hard else None),
        until=min((moment for moment in ends if moment), default=None),
        sources=given.sources,
        places=given.places,
    )
    return Question(
        text=cleaned,
        asked_at=asked_at,
        search_text=_searched(wanted, _without(plain, hard))[:LONGEST_SEARCH],
        asked=_kind(wanted, plain),
        narrow=narrow,
        around=window if hard is None and length <= DATED_QUESTION else None,
        latest=wants_latest(plain) or (wanted.intent in _NEWEST and window is None),
        as_of=given.as_of,
        speaker=speaker_of(plain) or _holder(wanted),
        earlier=earlier,
        wanted=wanted,
    )


def _searched(wanted: Wanted, text: str) -> str:
    """What is searched for: of the newest and of a summary what they are about, nothing else.

    A position is what its holder says. A reader was taught whole questions: asked so, it finds the
    right sentence first for 19 of 28 of the desk's, and for 16 as they were typed.
    """
    if wanted.intent is Intent.POSITION and wanted.subjects and wanted.aspect:
        return f"What did {wanted.subjects[0]} say about {wanted.aspect}?"
    return wanted.aspect if wanted.aspect and wanted.intent in ABOUT else text


def _kind(wanted: Wanted, text: str) -> Asked:
    """The kind of thing that would answer; "where does X stand" asks for no place."""
    stands = wanted.intent in (Intent.POSITION, Intent.SITUATION)
    return Asked.THING if stands else kind_of_question(text)


def without_courtesies(text: str) -> tuple[str, bool]:
    """A text without its courtesies, and whether it was put as a request ("can you …")."""
    asked_politely = False
    while True:
        shorter = _GREETING.sub("", text, count=1) if _GREETING.match(text) else text
        if match := _BEFORE.match(shorter):
            shorter = shorter[match.end() :]
            asked_politely = True
        if shorter == text or not shorter.strip():
            break
        text = shorter
    shorter = _AFTER.sub("", text)
    text = shorter if shorter.strip() else text
    return text.rstrip(_ENDING), asked_politely


def wanted_of(text: str) -> Wanted:
    """What a question without courtesies asks for; a fact where no frame fits."""
    plain = text.strip(" ?.!…")
    for intent, frame in _FRAMES if len(plain.split()) <= LONGEST_FRAMED else ():
        if match := frame.fullmatch(plain):
            found = match.groupdict()
            subjects = (found.get("subject"), found.get("first"), found.get("second"))
            named_ones = tuple(_bare_subject(one) for one in subjects if one)
            aspect = _bare_subject(found.get("aspect") or found.get("topic") or "")
            return Wanted(intent, named_ones, aspect, bool(found.get("against")))
    if _asks_yes_or_no(plain):
        return Wanted(Intent.YES_NO)
    asks = text.rstrip().endswith(("?", "؟", "？")) or _ASKS.search(plain)
    short = len(plain.split()) <= LONGEST_KEY_WORDS
    return Wanted(Intent.FACT if asks or not short else Intent.KEY_WORDS)


def _bare_subject(text: str) -> str:
    return re.sub(r"(?i)\A(?:what|how)\s+(?=\S)|['’]s?\Z", "", text.strip(" ,:;")).strip()


def speaker_of(text: str) -> str | None:
    """Whose words are asked for, as the question names them; None where nobody's are."""
    patterns = (_SPEAKER, *(_SPEAKERS_ABROAD if foreign_language(text) else ()))
    found = (pattern.search(text) for pattern in patterns)
    return next((match["speaker"].strip() for match in found if match), None)


def _holder(wanted: Wanted) -> str | None:
    """Whose position is asked for: what is said of it is mostly in that one's words."""
    return wanted.subjects[0] if wanted.intent is Intent.POSITION and wanted.subjects else None


def kind_of_question(text: str) -> Asked:
    """What kind of thing would answer a question."""
    earliest: tuple[int, Asked] | None = None
    # Words of other languages are looked for in these: "wo", "mi" and "com" are typed in English.
    for pattern, asked in _KINDS if foreign_language(text) else _IN_ENGLISH:
        match = pattern.search(text)
        if match and (earliest is None or match.start() < earliest[0]):
            earliest = (match.start(), asked)
    if earliest is not None:
        return earliest[1]
    return Asked.YES_NO if _asks_yes_or_no(text) else Asked.THING


def _asks_yes_or_no(text: str) -> bool:
    pattern = _YES_NO if foreign_language(text) is None else _YES_NO_ABROAD
    return bool(pattern.search(text))


def _of_publication(text: str, window: TimeWindow, asked_at: datetime) -> bool:
    """Whether a time plainly says when what is wanted was published: "this week's news", "what is
    new today", "since March", "recently".

    Any other that moves with the asking ("on Thursday", "last weekend's summit", "next month") is
    preferred and filters nothing: the corpus may be older than the asking.
    """
    if not window.relative or (window.since is not None and window.since > asked_at):
        return False
    opens = window.since is not None and window.until is None
    if wanted_of(text).intent in (Intent.LATEST, Intent.SITUATION):
        return not _means_nowadays(text)
    near = f"{text[: window.start]} | {text[window.end :]}"
    return (opens and not _means_nowadays(text)) or bool(_NEWS.search(near))


def _means_nowadays(text: str) -> bool:
    """Whether "today" stands for these times: "Which language do they speak today?"."""
    return bool(_TODAY_AT_END.search(text)) and not _OF_THE_DAY.search(text)


def _without(text: str, window: TimeWindow | None) -> str:
    if window is None:
        return text
    after = re.sub(r"\A['’]s\b", "", text[window.end :])
    rest = f"{text[: window.start]} {after}"
    rest = re.sub(r"\s+([?.!,])", r"\1", " ".join(rest.split())).strip(" ,")
    return rest if re.search(r"\w", rest) else text


Item = TypeVar("Item", bound=Hashable)
# Content words. A shorter piece is an apposition or the item of a list; it stays with its
# neighbour.
SHORTEST_PART = 4
MOST_PARTS = 5
_JOINT = re.compile(
    r"\s*(?:[,;]\s*(?:while|whereas|and|but|or|despite|as well as|compared (?:to|with))?\b"
    r"|\b(?:while|whereas|as well as|compared (?:to|with)|and)\b)\s*",
    re.IGNORECASE,
)
MOST_SUBQUESTIONS = 4
FEWEST_WORDS = 2
"""Content words that a part has of its own; less cannot be looked up by itself."""
_ASKING = r"(?:who|whom|whose|what|when|where|why|how|which)"
_NEXT = re.compile(
    rf"(?:[?;]\s*(?:and\s+|but\s+)?|,?(?<!\s)\s++(?:and|but)\s+)(?={_ASKING}\b)", re.IGNORECASE
)
_RELATIVE = re.compile(r"\s(?:who|whom|whose|which|where|what|how)\b", re.IGNORECASE)
_LEANS = re.compile(rf"\b{_any('leaning parts')}\b", re.IGNORECASE)


def subquestions(question: Question) -> tuple[Question, ...]:
    """The parts of a question in their order; the question itself where it has only one."""
    if question.looked_for is not None:
        # What the talk before completes is one matter.
        return (question,)
    if sides := _compared(question):
        return sides
    texts = _asked(question.text)
    if not 2 <= len(texts) <= MOST_SUBQUESTIONS:
        return (question,)
    return tuple(_part(question, text) for text in texts)


def _asked(text: str) -> list[str]:
    """The clauses of a text that each ask something."""
    pieces: list[str] = []
    start = 0
    for match in _NEXT.finditer(text):
        piece = text[start : match.start()]
        asks_anew = "?" in match.group() or not _RELATIVE.search(f"{piece.strip()} "[1:])
        if asks_anew and _stands_alone(piece) and _stands_alone(text[match.end() :]):
            pieces.append(piece)
            start = match.end()
    return [_as_question(piece) for piece in (*pieces, text[start:])] if pieces else []


def _stands_alone(piece: str) -> bool:
    """Whether a clause asks something that can be looked up by itself."""
    begins = re.match(rf"\s*{_ASKING}\b", piece, re.IGNORECASE)
    leans = _LEANS.search(piece) and not names(piece)
    enough = len(set(content_words(piece))) >= FEWEST_WORDS or bool(names(piece))
    return bool(begins) and enough and not leans


def _compared(question: Question) -> tuple[Question, ...]:
    """The sides of a comparison as questions of their own."""
    wanted = question.wanted
    if wanted.intent is not Intent.COMPARISON or not (wanted.aspect and wanted.subjects[1:]):
        return ()
    sides, aspect = wanted.subjects, wanted.aspect
    if all(word in DAYS_AND_MONTHS or word.isdigit() for word in words(" ".join(sides))):
        # Of days and months what was then, each in the year that is named last.
        year = [word for word in words(sides[-1])[-1:] if word.isdigit() and len(word) > 2]
        dated = [" ".join((one, *(set(year) - set(words(one))))) for one in sides]
        return tuple(_part(question, f"{aspect}, {one}") for one in dated)
    return tuple(
        replace(
            _part(question, f"What did {one} say about {aspect}?"),
            speaker=one,
            wanted=Wanted(Intent.COMPARISON, (one,), aspect),
        )
        for one in sides
    )


def _as_question(piece: str) -> str:
    bare = piece.strip(" ,;?.!")
    return f"{bare[:1].upper()}{bare[1:]}?"


def _part(question: Question, text: str) -> Question:
    """A part as a question of its own, narrowed as the whole is."""
    narrow = question.narrow
    given = Narrowing(narrow.since, narrow.until, question.as_of, narrow.places, narrow.sources)
    part = understand(text, question.asked_at, given)
    return replace(part, latest=question.latest or part.latest, earlier=question.earlier)


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a question that is one sentence; empty where it is not taken apart.

    Of a text in several sentences only one asks: the others tell what it is about, and are not
    parts of it.
    """
    if not is_one_sentence(text):
        return ()
    parts: list[str] = []
    for piece in filter(None, (found.strip(" ,;") for found in _JOINT.split(text))):
        if parts and (_is_short(piece) or _is_short(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return tuple(parts) if 2 <= len(parts) <= MOST_PARTS else ()


def is_one_sentence(text: str) -> bool:
    """Whether a text does nothing but ask, without telling what it is about beforehand."""
    return len(split_sentences(text)) == 1


def in_turns(orders: Sequence[Sequence[Item]], k: int) -> list[Item]:
    """The first `k` distinct items of several orders: in turn each gives its best that is left."""
    taken: dict[Item, None] = {}
    left = [iter(order) for order in orders]
    while len(taken) < k and left:
        for order in list(left):
            item = next((one for one in order if one not in taken), None)
            if item is None:
                left.remove(order)
            else:
                taken[item] = None
    return list(taken)[:k]


def _is_short(piece: str) -> bool:
    return len(content_words(piece)) < SHORTEST_PART


_PERSON = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)

_DOUBTS = re.compile(rf"\W*{_any('doubts')}\W*", re.IGNORECASE)
_WHAT_DOES = re.compile(
    r"(?:and |but |so )?what (?:do|does|did) (?:the )?[\w.’'-]+(?: [\w.’'-]+)? \w+", re.IGNORECASE
)
_DEFINES = re.compile(r"\W*(?:what|who) (?:is|are|was|were)\b", re.IGNORECASE)
_DEFINITE = re.compile(r"\bthe (?!same\b)[a-z]", re.IGNORECASE)
LONGEST_DEFINITE = 7
"""Words of a question in which "the council" is the one that was spoken of."""

_LEANS_ON_TALK = re.compile(rf"\b{_any('leaning questions')}\b", re.IGNORECASE)
_ASKS_WHO = re.compile(r"\W*(?:who|which|whose)\b", re.IGNORECASE)
_POSSESSIVES = ("his", "her", "their", "its")
_AFTERTHOUGHT = re.compile(rf"\W*{_any('afterthoughts')}\b", re.IGNORECASE)
_WHAT_ABOUT = re.compile(
    r"\W*(?:(?:and|but|or|so|ok(?:ay)?)[\s,]+)?"
    r"(?:(?:what|how) about|same for|and|or|anything from)?\s*(?P<rest>.+?)[\s?!.]*\Z",
    re.IGNORECASE | re.DOTALL,
)
_NAME_IN_TALK = re.compile(
    r"\b[A-ZÀ-Þ][\w’'-]*(?:\s+(?:al-|el-|de |of |the |bin )?[A-ZÀ-Þ][\w’'-]*)*"
    r"|\b(?:al|el)-[A-ZÀ-Þ]\w+"
)
_NO_NAMES = FUNCTION_WORDS | DAYS_AND_MONTHS | tables.words(__package__, "asking", "no names")
# Content words. A shorter question that begins like an afterthought is one; with fewer than
# `BARE` it says nothing by itself, and takes words where there are no names.
FEWEST_WORDS_ALONE = 4
BARE = 3
# On mtrag_un (`python -m tests.evaluation --sets mtrag_un`) recall@5 falls from .90 to .89 with six
# words, and where words are added to questions that have their own.
MOST_NAMES, MOST_WORDS = 3, 4
LONGEST_REWRITE = 400


@dataclass(frozen=True, slots=True)
class Completed:
    """What is searched for; `looked_for` tells it where something was added, else None."""

    search_text: str
    looked_for: str | None = None


def understand_in_talk(
    text: str,
    asked_at: datetime,
    earlier: tuple[Turn, ...] = (),
    context: Sequence[str] = (),
    answerer: object = None,
) -> Question:
    """A question of a talk: what the reader wrote, and what is searched for instead of it.

    Where the answerer is a `Rewriter`, it is asked what is meant.
    """
    completed = _rewritten(text, asked_at, earlier, context, answerer)
    completed = completed or complete(text, earlier, context)
    question = understand(completed.search_text, asked_at, earlier=earlier)
    return replace(question, text=" ".join(text.split()), looked_for=completed.looked_for)


@runtime_checkable
class Rewriter(Protocol):
    """Writes a message of a talk as a question that stands alone; None where it cannot."""

    def rewrite(self, text: str, earlier: Sequence[Turn], context: Sequence[str]) -> str | None: ...


def _rewritten(
    text: str, asked_at: datetime, earlier: Sequence[Turn], context: Sequence[str], answerer: object
) -> Completed | None:
    """The message as a model reads it; None where the rules are to read it: nothing was said
    before, it only doubts, or the model brings in what nobody said."""
    plain = " ".join(text.split())
    goes_on = (earlier or (context and leans(plain))) and not _DOUBTS.fullmatch(plain)
    if not goes_on or not isinstance(answerer, Rewriter):
        return None
    written = " ".join((answerer.rewrite(plain, earlier, context) or "").split())
    said = [plain, *context, *(part for one in earlier for part in (one.question, one.answer))]
    if not re.search(r"\w", written) or len(written) > max(LONGEST_REWRITE, len(plain)):
        return None
    if brought_in(written, " \n".join(said), asked_at):
        return None
    same = written.casefold().rstrip(" ?.!") == plain.casefold().rstrip(" ?.!")
    return Completed(plain) if same else Completed(written, written)


def brought_in(written: str, said: str, asked_at: datetime) -> str:
    """A name, number or time of a text that does not stand in what was said; "" for none."""
    known = set(words(said))
    stems = {stem(word, peoples=True) for word in known}
    window = find_window(written, asked_at)
    dates = [word for word in words(written) if word in DAYS_AND_MONTHS]
    dates += words(written[window.start : window.end]) if window else []
    brought = [one for one in dates if one not in known] + sorted(numbers(written) - numbers(said))
    for name in (*names(written), *opening_words(written)):
        if not all(part in known or stem(part, peoples=True) in stems for part in words(name)):
            brought.append(name)
    return next(iter(brought), "")


def asks_back(text: str, earlier: Sequence[Turn] = (), context: Sequence[str] = ()) -> str | None:
    """What to ask back, in one line, where a question leans on a talk that was not held; None for
    all others."""
    plain, _ = without_courtesies(" ".join(text.split()))
    if earlier or context or any(_names(plain)):
        return None
    # "Who announced his resignation" asks for the very person that "his" is.
    # So may "of her staff" of somebody who is named later, in small letters.
    whole = _ASKS_WHO.match(plain) or len(content_words(plain)) >= FEWEST_WORDS_ALONE
    if (person := _unnamed_person(plain)) and not (whole and person[0].casefold() in _POSSESSIVES):
        return f"Whom do you mean by “{person[0].casefold()}”? Ask again with the name."
    going_on = _AFTERTHOUGHT.match(plain) and len(content_words(plain)) < BARE
    if going_on or _DOUBTS.fullmatch(plain):
        return "What does this go on from? Nothing was asked here before."
    return None


def complete(text: str, earlier: Sequence[Turn] = (), context: Sequence[str] = ()) -> Completed:
    """A question with what it leans on, from the latest that names something.

    `earlier` are the turns of the same talk, each question as it was understood, and `context` what
    people wrote around it, both oldest first.
    """
    plain = " ".join(text.split())
    last = earlier[-1] if earlier else None
    if last and _DOUBTS.fullmatch(plain):
        return Completed(last.question, last.question)
    if not leans(plain) or not (last or context):
        return Completed(plain)
    completed = last and _with_other_speaker(plain, last)
    if not completed:
        named = (last and _with_person_named(plain, last)) or plain
        completed = _with_subjects(named, last, context) or (named if named != plain else None)
    return Completed(completed, completed) if completed else Completed(plain)


def leans(text: str) -> bool:
    """Whether a question cannot be understood by itself.

    It goes on ("and …"), points at somebody who is not named before that, asks what somebody says
    without on what, or names nothing and speaks of "the council".
    """
    asked = len(content_words(text))
    if asked < FEWEST_WORDS_ALONE and _AFTERTHOUGHT.match(text):
        return True
    if _unnamed_person(text) or _WHAT_DOES.fullmatch(text.strip(" ?.!")):
        return True
    if any(_names(text)):
        return False
    short = len(text.split()) <= LONGEST_DEFINITE and _DEFINITE.search(text)
    few = asked < BARE and not _DEFINES.match(text)
    return bool(_LEANS_ON_TALK.search(text) or short or few)


def _unnamed_person(text: str) -> re.Match[str] | None:
    """The first "he", "she" or "his" before which the text names nobody who could be meant."""
    found = _PERSON.search(text)
    if found is None or any(_persons(text[: found.start()])):
        return None
    return found


def _persons(text: str) -> Iterator[str]:
    """Names that could be somebody's: neither places nor acronyms."""
    found = (re.split(r"['’]s\s+", one)[-1] for one in _names(text))
    return (one for one in found if not (place_code(one) or one.isupper()))


def _with_other_speaker(text: str, last: Turn) -> str | None:
    """ "And Serraj?" after a question of what somebody said or holds: the same of the other."""
    wanted = wanted_of(last.question)
    speaker = speaker_of(last.question) or next(iter(wanted.subjects), None)
    named = _WHAT_ABOUT.match(text)
    if speaker is None or named is None or not any(_names(named["rest"])):
        return None
    rest = named["rest"]
    if len(words(rest)) > len(words(" ".join(_names(rest)))) + 1:
        # More than a name: it asks something of its own.
        return None
    return last.question.replace(speaker, rest, 1)


def _with_person_named(text: str, last: Turn) -> str | None:
    """The question with its first "he" or "she" named: who was asked for and is told in the
    answer, else of whom the last question was."""
    pronoun = _unnamed_person(text)
    if pronoun is None:
        return None
    asked, told = (list(_persons(one)) for one in (last.question, last.answer))
    new = [one for one in told if one not in asked]
    who = kind_of_question(last.question) is Asked.PERSON
    speaker = speaker_of(last.question)
    candidates = new if who and new else [*([speaker] if speaker else []), *asked, *new]
    if not candidates:
        return None
    possessive = pronoun[0].casefold() in ("his", "hers") or (
        pronoun[0].casefold() == "her" and re.match(r"\s+\w", text[pronoun.end() :])
    )
    name = f"{candidates[0]}’s" if possessive else candidates[0]
    return f"{text[: pronoun.start()]}{name}{text[pronoun.end() :]}"


def _with_subjects(text: str, last: Turn | None, context: Sequence[str]) -> str | None:
    """The question and what the latest text before it names; failing names, its words.

    What says nothing by itself ("why?", "and when?") takes both.
    """
    said = [*((last.question, last.answer) if last else ()), *reversed(context)]
    known = set(words(text))
    bare = len(content_words(text)) < BARE
    if any(_names(text)) and not _AFTERTHOUGHT.match(text) and content_words(text)[3:]:
        # With a person named and a matter of its own it is whole.
        return None
    for one in said:
        found = [name for name in _names(one) if not {fold(w) for w in name.split()} <= known]
        plain = [word for word in content_words(one) if word not in known] if bare else []
        if found and not (bare and len(plain) > len(found)):
            return _added(text, list(dict.fromkeys(found))[:MOST_NAMES])
        if plain:
            named = {fold(word) for name in found for word in name.split()}
            rest = [word for word in plain if word not in named][:MOST_WORDS]
            return _added(text, list(dict.fromkeys([*found[:MOST_NAMES], *rest])))
        if not bare and last:
            # What the question before does not name, its answer names by the way.
            return None
    return None


def _added(text: str, subjects: Sequence[str]) -> str:
    return f"{text.rstrip(' ?!.')} ({', '.join(subjects)})?"


def _names(text: str) -> Iterable[str]:
    for match in _NAME_IN_TALK.finditer(text):
        found = match[0].split()
        while found and fold(found[0]) in _NO_NAMES:
            found = found[1:]
        if found:
            yield " ".join(found).removesuffix("’s").removesuffix("'s")

"""Where a paragraph tells what a claim tells, but otherwise: the difference in words. Pure.

    claim + clause of the same matter ─▶ another number | date | sense | opposite | name | subject
                                      ─▶ "61 stands there, not 108"

The checks of `retrieval.grounding.check` ask whether the particulars of a sentence stand in a
paragraph; here a sentence of the paragraph is found that speaks of the same matter and has others
in their place, says the opposite ("rejected" for "approved") or denies it ("did not join" for
"joined"). Accepted gaps: who did something to whom, and what was planned against what happened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from corpus.text import tables
from corpus.text.calendar import Precision
from corpus.text.dates import DateMention, date_mentions, without_dates
from corpus.text.names import RUN, read_run
from corpus.text.sentences import split_sentences
from corpus.text.words import (
    acronyms,
    content_words,
    digits,
    fold,
    names,
    numbers,
    opening_words,
    stem,
    words,
)
from retrieval.grounding.alignment import OTHER_PARTICULAR, OTHER_WORDS
from retrieval.grounding.check import Source
from retrieval.outcomes import Said

_SIDES = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, (other,) in tables.entries(__package__, "words", "opposites")
)
_NEGATIONS = frozenset("not no never neither nor cannot without".split())
MARKS = ".,;:!?()“”\"'"
REACH = 3
"""Words after a negation among which the first content word is the one that is denied."""
# Share of a claim's words, particulars left out, from which a sentence tells the same matter.
# `python -m tests.evaluation.claim_sample --same-matter .7` prints what becomes of the labelled
# claims: at .6 no contradicted one is called supported, at .7 one is and at .8 four; at .5 one more
# supported claim than at .6 is called contradicted.
SAME_MATTER = 0.6
FEWEST_WORDS = 2
"""Words besides particulars that two sentences must share to tell the same matter."""
_BETWEEN_CLAUSES = re.compile(
    r";\s++|,?(?<!\s)\s++(?:while|whereas|but|although|though|because)\s++|,\s++(?:and|or)\s++"
    r"|,\s++(?=the\s++[A-Z])"
)
HEAD_WORDS = 2
_ANY_DAY = date(2000, 6, 1)
_NUMBER_NAMES = tables.words(__package__, "words", "numbers")
_TRIFLES = frozenset(("1", "0.5"))
_SAYS_THAT = ("says", "that")
FURTHEST_VERB = 5
"""Words between "said" and its "that", such as a date."""
_SAYING = frozenset("said says announced declared stated claimed added told warned".split())
# Share of a claim's words besides names that must stand in a sentence with another subject.
ALL_BUT_NAMES = 0.8


def difference(claim: str, sources: Sequence[Source]) -> str:
    """What the sources have in the place of what a claim has; "" where nothing shows.

    The matter may be told by a sentence together with its neighbours, the difference stands in the
    sentence itself.
    """
    for source in sources:
        found = [sentence.text for sentence in split_sentences(source.text)]
        for position, sentence in enumerate(found):
            around = " ".join(found[max(0, position - 1) : position + 2])
            if not _same_matter(claim, f"{around} {source.publisher}"):
                continue
            for clause in clauses_of(sentence):
                if _shares(claim, clause) and (
                    reason := _clause_difference(claim, clause, sentence, around, source)
                ):
                    return reason
    return ""


def _clause_difference(claim: str, clause: str, sentence: str, around: str, source: Source) -> str:
    # A clause that tells the whole matter, or of whom the claim tells, is not put right by its
    # neighbours: "the ministry gave 61; the doctors gave 108".
    own = clause != sentence and _heads(claim) <= stems_of(clause)
    beside = clause if own or _same_matter(claim, clause) else f"{source.text} {source.known}"
    return (
        _other_number(claim, clause, source, beside)
        or _other_date(claim, sentence, source, f"{source.text} {source.known}")
        or other_sense(claim, clause, around)
        or opposite(claim, clause)
        or _other_name(claim, clause, own=own)
        or _other_subject(claim, clause)
    )


def clauses_of(sentence: str) -> list[str]:
    """The clauses of a sentence, as far as marks and conjunctions part them."""
    parts = _BETWEEN_CLAUSES.split(sentence)
    return [part.strip() for part in parts if part.strip()]


def _heads(claim: str) -> set[str]:
    """Stems of the first content words of a claim, which mostly say of whom it tells."""
    return {stem(word) for word in content_words(claim)[:HEAD_WORDS]}


def missing_words(claim: str, sources: Sequence[Source], fewest: int = 2) -> str:
    """The longest run of a claim's words of which no content word stands in the sources.

    "" for runs of less than `fewest` content words: a paraphrase may well have one.
    """
    there = {stem(word) for one in sources for word in content_words(f"{one.text} {one.known}")}
    best: list[str] = []
    run: list[str] = []
    lone = 0
    longest = 0
    for word in claim.split():
        content = content_words(word)
        if content and any(stem(one) in there for one in content):
            run, lone = [], 0
            continue
        if content or run:
            run.append(word)
            lone += bool(content)
        if content and lone > longest:
            best, longest = list(run), lone
    return " ".join(best).strip(' .,;:!?“”"') if longest >= fewest else ""


def matter_in_common(claim: str, text: str) -> float:
    """Share of a claim's content words that stand in a text, by their stems."""
    wanted = stems_of(claim)
    return len(wanted & stems_of(text)) / len(wanted) if wanted else 0.0


def _shares(claim: str, sentence: str) -> bool:
    return len(_matter(claim) & stems_of(sentence)) >= FEWEST_WORDS


def _same_matter(claim: str, around: str) -> bool:
    wanted = _matter(claim)
    return len(wanted & stems_of(around)) >= SAME_MATTER * len(wanted)


def _matter(text: str) -> set[str]:
    """Stems of a text's content words that are no number, date or opposite's side."""
    dated = {fold(word) for one in date_mentions(text, _ANY_DAY) for word in one.text.split()}
    particular = dated | numbers(text) | _NUMBER_NAMES
    return {
        stem(word)
        for word in content_words(text)
        if word not in particular and not word[:1].isdigit() and not has_opposite(word)
    }


def _other_number(claim: str, sentence: str, source: Source, stated: str) -> str:
    told = numbers(without_dates(claim, source.published or _ANY_DAY))
    missing = [one for one in told if one not in numbers(stated) and one not in _TRIFLES]
    if not missing:
        return ""
    there = numbers(without_dates(sentence, source.published or _ANY_DAY)) - told - _TRIFLES
    if not there:
        return ""
    shown, told_as = _as_written(sentence, there), _as_written(claim, set(missing))
    return Said(OTHER_PARTICULAR, there=shown, told=told_as)


def _as_written(text: str, wanted: set[str]) -> str:
    """The first of some numbers as a text writes it: "1,500", "five"."""
    for word in text.split():
        bare = word.strip(".,;:!?()“”\"'’")
        if numbers(bare) & wanted or digits(bare) & wanted:
            return bare
    return min(wanted)


def _other_date(claim: str, sentence: str, source: Source, stated: str) -> str:
    """Another day, month or year where a claim has one that no source states."""
    known = [
        mention
        for text in (stated, f"{source.published:%-d %B %Y}" if source.published else "")
        for mention in date_mentions(text, source.published)
    ]
    there = date_mentions(sentence, source.published)
    for told in date_mentions(claim, source.published):
        if told.relative or any(_meet(told, one) for one in known):
            continue
        other = next((one for one in there if _comparable(told, one)), None)
        if other is not None:
            return Said(OTHER_PARTICULAR, there=other.text, told=told.text)
    return ""


def _meet(one: DateMention, other: DateMention) -> bool:
    return one.first <= other.last and other.first <= one.last


def _comparable(told: DateMention, there: DateMention) -> bool:
    return there.precision is not Precision.RANGE or told.precision is Precision.RANGE


def _other_name(claim: str, clause: str, *, own: bool = False) -> str:
    """Another name in the same place of a clause: "registered in Paris" for "in Brussels".

    A clause of the claim's own subject may leave the verb out: "the Front Altair by a Norwegian".
    """
    there = set(words(clause)) | acronyms(clause).keys()
    told, other = _slots(claim), _slots(clause)
    if own:
        told = {("", slot[1]): name for slot, name in told.items()}
        other = {("", slot[1]): name for slot, name in other.items()}
    for slot, name in told.items():
        instead = other.get(slot)
        if instead is None or fold(instead) == fold(name):
            continue
        if fold(instead) in acronyms(claim) or fold(name) in acronyms(clause):
            continue
        if slot == _SAYS_THAT or (fold(name) not in there and fold(instead) not in words(claim)):
            return Said(OTHER_PARTICULAR, there=instead, told=name)
    return ""


def _slots(text: str) -> dict[tuple[str, str], str]:
    """Names by the two words before them, of which the first says what is told: ("sign", "by")."""
    tokens = [token for token in text.split() if fold(token) not in ("the", "a", "an")]
    named = set(names(text))
    found: dict[tuple[str, str], str] = {}
    for at, (first, second, word) in enumerate(zip(tokens, tokens[1:], tokens[2:], strict=False)):
        bare = word.strip(MARKS).removesuffix("’s").removesuffix("'s")
        if bare not in named or not second.islower():
            continue
        before = {fold(token) for token in tokens[max(0, at - FURTHEST_VERB) : at + 1]}
        if second == "that" and before & _SAYING:
            found.setdefault(_SAYS_THAT, bare)
        elif content_words(first):
            found.setdefault((stem(fold(first)), fold(second)), bare)
    return found


def _other_subject(claim: str, sentence: str) -> str:
    """Another subject of a sentence that has all else of a claim: "Zelensky won" for "Poroshenko
    won"."""
    told, there = _subject(claim), _subject(sentence)
    if not told or not there:
        return ""
    spelled = acronyms(f"{claim} \n{sentence}")
    known = set(words(sentence)) | {
        part for one in words(sentence) for part in spelled.get(one, ())
    }
    if set(words(told)) & known or fold(told) in spelled:
        return ""
    named = {fold(name) for name in (*names(claim), *opening_words(claim))}
    rest = {stem(word) for word in content_words(claim) if word not in named}
    if len(rest) < FEWEST_WORDS or len(rest & stems_of(sentence)) < (ALL_BUT_NAMES * len(rest)):
        return ""
    return Said(OTHER_PARTICULAR, there=there, told=told)


def _subject(text: str) -> str:
    """The name with which a sentence begins, without what the person is; "" for none."""
    run = RUN.match(text.removeprefix("The "))
    named = read_run(run.group().removesuffix("’s")) if run else None
    return named.name if named else ""


def has_opposite(word: str) -> bool:
    """Whether a word is one side of two."""
    return any(word in side for sides in _SIDES for side in sides)


def opposite(claim: str, clause: str) -> str:
    """A word of a claim whose opposite stands in a clause that has not the word's own side."""
    told, there = set(words(claim)), set(words(clause))
    for sides in _SIDES:
        for side, other in (sides, sides[::-1]):
            has = told & side - other
            if has and not told & other and there & other and not there & side:
                return Said(OTHER_WORDS, there=min(there & other), words=min(has))
    return ""


def other_sense(claim: str, clause: str, around: str) -> str:
    """A word that is denied on one side only: "did not join" for "joined"."""
    denied_there, denied = _denied(clause), _denied(claim)
    told = stems_of(claim)
    plainly = stems_of(around) - denied_there.keys()
    for word, shown in denied_there.items():
        if word in told and word not in denied and word not in plainly:
            return Said("“{words}” stands there", words=shown)
    for word, shown in denied.items():
        if word in plainly:
            return Said("that stands there without “{word}”", word=shown.split()[0])
    return ""


def stems_of(text: str) -> set[str]:
    """The stems of a text's content words."""
    return {stem(word) for word in content_words(text)}


def _denied(text: str) -> dict[str, str]:
    """Stems of the words that a negation goes before, each with the negation and the word."""
    found: dict[str, str] = {}
    tokens = text.split()
    for position, token in enumerate(tokens):
        plain = fold(token)
        if plain not in _NEGATIONS and not plain.endswith("n't"):
            continue
        for word in tokens[position + 1 : position + 1 + REACH]:
            if fold(word) == "longer":
                continue
            for content in content_words(word):
                found.setdefault(stem(content), f"{plain} {word.strip(MARKS)}")
            if content_words(word) or word.rstrip(MARKS) != word:
                break
    return found

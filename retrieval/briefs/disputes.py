"""Accounts of one thing that differ, found in a story's lines and laid side by side.

Three ways in which accounts differ, each with a plain sign in the text:

* a writer says that they do, or sets two of them against each other ("accounts differed",
  "X said that …; Y said that …", "Iran rejected the charge");
* two speakers claim the same place ("taken full control of Gharyan", "its forces held Gharyan");
* reports of about the same hour count the same harm differently ("21 killed", "14 killed").

Precision first: a dispute that is none misleads more than a missing one. A toll that rises from
one day to the next is no dispute, nor is what was disputed on an earlier occasion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from corpus.dates.mentions import date_mentions
from corpus.sentences import split_sentences
from retrieval.briefs import dispute_signs as signs
from retrieval.briefs.lines import Line, is_opinion, is_speech, is_tellable
from retrieval.briefs.standing import leans, opens_with_pronoun, recalls
from retrieval.passages import Passage
from retrieval.sameness import Sameness
from retrieval.terms import fold, names, numbers

MOST_ACCOUNTS = 3
SHORTEST, LONGEST_ACCOUNT = 18, 520
"""Characters of a sentence, and of all sentences of an account."""
# Tolls that are further apart in time grow; they do not differ.
SAME_HOURS = timedelta(hours=12)
ALIKE = 0.5
"""Cosine of two sentences that count the same harm."""

Run = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Disputed:
    """What accounts differ about, in a few words, and each of them.

    The lines of an account stand next to one another in one paragraph.
    """

    about: str
    lines: tuple[Run, ...]

    @property
    def places(self) -> set[tuple[str, int, int]]:
        return {line.place for account in self.lines for line in account}


def disputes(passages: Iterable[Passage], sameness: Sameness) -> list[Disputed]:
    """What a story's accounts differ about, those with most accounts first."""
    read = [line for line in _lines(passages) if not is_opinion(line.article)]
    found = [*_told_to_differ(read), *_claimed_places(read), *_tolls(read, sameness)]
    merged: list[Disputed] = []
    for one in found:
        _merge(merged, one)
    merged.sort(key=lambda one: -len(one.lines))
    return [Disputed(one.about, one.lines[:MOST_ACCOUNTS]) for one in merged if _has_two_sides(one)]


def _has_two_sides(one: Disputed) -> bool:
    """Whether two sources tell, or two parties are named or said to speak."""
    lines = [line for account in one.lines for line in account]
    if any(line.independent_of(lines[0]) for line in lines):
        return True
    text = " ".join(line.text for line in lines)
    return len(signs.ATTRIBUTED.findall(text)) >= 2 or len({fold(n) for n in names(text)}) >= 2


def _lines(passages: Iterable[Passage]) -> list[Line]:
    """Sentences that can be told, short ones ("Iran rejected the charge.") among them."""
    return [
        Line(passage, sentence, position)
        for passage in passages
        if not is_speech(passage)
        for position, sentence in enumerate(split_sentences(passage.text))
        if is_tellable(sentence.text)
        or (SHORTEST <= len(sentence.text) < 60 and sentence.text.endswith("."))
    ]


# -- told to differ ------------------------------------------------------------------------------


def _told_to_differ(lines: Sequence[Line]) -> list[Disputed]:
    """What a writer lays side by side, found by the sentence that says so."""
    found: list[Disputed] = []
    for line in lines:
        if recalls(line.text):
            continue
        if signs.announces_difference(line.text) and not signs.holds_two(line.text):
            accounts = _announced_by(line)
        elif signs.holds_two(line.text) or signs.denies(line.text):
            accounts = _set_against(line)
        else:
            accounts = _counted_twice(line)
        about = _about(line, accounts) if accounts else ""
        if about and all(_is_short(account) for account in accounts):
            found.append(Disputed(about, tuple(accounts)))
    return found


def _about(line: Line, accounts: Sequence[Run]) -> str:
    text = " ".join(one.text for account in accounts for one in account)
    denied = signs.denies(line.text) and not signs.holds_two(text)
    found = signs.about(text, denied=denied) or signs.about(line.text, denied=denied)
    return found or ("what happened" if signs.announces_difference(line.text) else "")


def _announced_by(line: Line) -> list[Run]:
    """The accounts after a sentence that says that they differ."""
    following = _following(line)
    if following and signs.ATTRIBUTED.search(following[0].text):
        accounts: list[Run] = [(line, *following[:1])]
        if signs.gives_another(line.text) and (earlier := _paragraph(line, -1)):
            said = [
                one for one in earlier if signs.ATTRIBUTED.search(one.text) and not leans(one.text)
            ]
            accounts = [*([(said[-1],)] if said else []), *accounts]
        return accounts
    after = [one for one in _paragraph(line, 1) if signs.ATTRIBUTED.search(one.text)]
    if len(after) >= 2 and after[1].position == after[0].position + 1:
        return [(after[0], after[1])]
    beyond = [one for one in _paragraph(line, 2) if signs.ATTRIBUTED.search(one.text)]
    if after and beyond:
        return [(one[0],) for one in (after, beyond) if not leans(one[0].text)]
    return (
        []
        if line.is_lead or leans(line.text) or not signs.ATTRIBUTED.search(line.text)
        else [(line,)]
    )


def _set_against(line: Line) -> list[Run]:
    """The sentence that denies or holds both accounts, with the one before where it refers to
    that; nothing where that does not stand alone either."""
    before = line.before
    if not (leans(line.text) or signs.refers_back(line.text)):
        # A denial alone is one side of it.
        both = signs.holds_two(line.text) or signs.tells_claim(line.text)
        return [(line,)] if both else []
    if before is None:
        return []
    pronoun = opens_with_pronoun(before.text) and not signs.announces_difference(before.text)
    return [] if pronoun or recalls(before.text) else [(before, line)]


def _counted_twice(line: Line) -> list[Run]:
    """Two neighbouring sentences that put one number at different values."""
    following = _following(line)[:1]
    both = " ".join([line.text, *(one.text for one in following)])
    return [(line, *following)] if following and signs.holds_two(both) and "put" in both else []


def _following(line: Line) -> list[Line]:
    """The sentences after a line in its paragraph."""
    found = split_sentences(line.passage.text)
    return [
        Line(line.passage, sentence, position)
        for position, sentence in enumerate(found)
        if position > line.position
    ]


def _paragraph(line: Line, offset: int) -> list[Line]:
    """The sentences of the paragraph so many after that of a line."""
    number = line.passage.paragraph.number + offset
    if not 1 <= number <= len(line.article.paragraphs):
        return []
    passage = Passage(line.article, line.article.paragraph(number), line.passage.score)
    return [Line(passage, one, at) for at, one in enumerate(split_sentences(passage.text))]


def _is_short(account: Run) -> bool:
    return sum(len(line.text) for line in account) <= LONGEST_ACCOUNT


# -- two speakers, one place ---------------------------------------------------------------------


def _claimed_places(lines: Sequence[Line]) -> list[Disputed]:
    """Claims by different speakers to have or hold the same place."""
    claims = [
        (" ".join(claim["what"].split()), signs.speaker_names(line.text), line)
        for line in lines
        if (claim := signs.CLAIMS_PLACE.search(line.text)) and not leans(line.text)
    ]
    found = []
    for at, (place, speaker, line) in enumerate(claims):
        rivals = [
            other
            for other_place, other_speaker, other in claims[at + 1 :]
            if _same_place(place, other_place)
            and speaker
            and other_speaker
            and not (speaker & other_speaker)
            and abs(other.moment - line.moment) <= SAME_HOURS
        ]
        if rivals:
            about = signs.about(line.text) or f"control of {place}"
            found.append(Disputed(about, ((line,), *((other,) for other in rivals))))
    return found


def _same_place(one: str, other: str) -> bool:
    left, right = set(map(fold, one.split())), set(map(fold, other.split()))
    return bool(left & right - {"the", "of", "full", "town", "city", "control"}) or left == right


# -- tolls ---------------------------------------------------------------------------------------


def _tolls(lines: Sequence[Line], sameness: Sameness) -> list[Disputed]:
    """Counts of the same harm, by different origins at about the same time, that differ."""
    counted = [
        (signs.HARMED[toll["harm"]], numbers(toll["count"]), line)
        for line in lines
        if not leans(line.text)
        for toll in signs.TOLL.finditer(line.text)
    ]
    found = []
    for at, (harm, count, line) in enumerate(counted):
        differing = [
            other
            for other_harm, other_count, other in counted[at + 1 :]
            if other_harm == harm
            and other.independent_of(line)
            and count
            and other_count
            and not (count & other_count)
            and abs(other.moment - line.moment) <= SAME_HOURS
            and _same_day(line, other)
            and _shares_name(line, other)
            and sameness.cosine(line.text, other.text) >= ALIKE
        ]
        if differing:
            found.append(Disputed(harm, ((line,), *((other,) for other in differing[:2]))))
    return found


def _same_day(one: Line, other: Line) -> bool:
    """Whether two lines name no different days."""
    first = {(m.first, m.last) for m in date_mentions(one.text, one.published)}
    second = {(m.first, m.last) for m in date_mentions(other.text, other.published)}
    return not first or not second or bool(first & second)


def _shares_name(one: Line, other: Line) -> bool:
    shared = {fold(n) for n in names(one.text)} & {fold(n) for n in names(other.text)}
    return bool(shared - signs.COMMON_NAMES)


# -- together ------------------------------------------------------------------------------------


def _merge(merged: list[Disputed], one: Disputed) -> None:
    """Add a dispute to the one of the same matter, or by itself."""
    for at, other in enumerate(merged):
        if _same_matter(one.about, other.about) or one.places & other.places:
            known = other.places
            new = [run for run in one.lines if not any(line.place in known for line in run)]
            merged[at] = Disputed(other.about, (*other.lines, *new))
            return
    merged.append(one)


def _same_matter(one: str, other: str) -> bool:
    if one == other:
        return True
    common = set("control of the how many were are what denies deny closed where who is".split())
    left, right = (set(map(fold, text.split())) - common for text in (one, other))
    return bool(left and right and left & right)

"""Accounts of one thing that differ, laid side by side: in a story, or on what is asked.

    passages ─ lines ─▶ told to differ | two claims to one place | two tolls ─ merged ─▶ Disputed
    Question + Evidence ─ disputes among its passages ─ those that touch the question ─▶ Differing

Three ways in which accounts differ, each with a plain sign in the text:

* a writer says that they do, or sets two of them against each other ("accounts differed",
  "X said that …; Y said that …", "Iran rejected the charge");
* two speakers claim the same place ("taken full control of Gharyan", "its forces held Gharyan");
* reports of about the same hour count the same harm differently ("21 killed", "14 killed").

Precision first: a dispute that is none misleads more than a missing one. A toll that rises from one
day to the next is no dispute, nor is what was disputed on an earlier occasion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from corpus.text.dates import date_mentions
from corpus.text.sentences import split_sentences
from corpus.text.words import content_words, fold, names, numbers, stem
from retrieval.evidence import Account, Differing, Evidence
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import Question
from retrieval.reports.lines import (
    Line,
    is_opinion,
    is_speech,
    is_tellable,
    leans,
    opens_with_pronoun,
    recalls,
)
from retrieval.similarity import Encode, Sameness

# A writer says that accounts differ; what they are comes next.
_ANNOUNCES = re.compile(
    r"\b(?:accounts? (?:of [^.;]{2,60} )?(?:differ(?:ed|s)?|conflict(?:ed)?|diverge[ds]?)"
    r"|(?:conflicting|opposing|contradictory|differing) (?:accounts|reports|claims|statements"
    r"|figures|versions)"
    r"|(?:gave|gives|offered|published) (?:another|an opposing|a different|a conflicting"
    r"|separate|different)"
    r" (?:\w+ )?(?:accounts?|versions?|figures?)"
    r"|(?:figures|numbers|sides|witnesses|reports|accounts|countries|governments) "
    r"(?:differ|differed|disagree|disagreed)"
    r"|disagreed? (?:about|on|over) (?:the|where|what|who|how|whether|when)"
    r"|(?:is|are|was|were|remains?) disputed"
    r"|(?:sides|parties|countries) (?:\w+ ){0,6}?(?:claim(?:ed|s)?|blamed each other"
    r"|accused each other|traded accusations))\b",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:gave|gives|offered) (?:another|an opposing|a different)\b", re.IGNORECASE
)
# Somebody denies or rejects what another says.
_DENIES = re.compile(
    r"\b(?:denie[sd] (?:that|having|it\b|any (?:involvement|role|responsibility|link|part)"
    r"|involvement"
    r"|responsibility|(?:the|this|these|those) (?:\w+ ){0,2}?(?:account|claim|charge|accusation"
    r"|allegation"
    r"|report|statement)s?)"
    r"|(?:disputed|disputes|contradict(?:ed|s)|rejected|rejects|challenged) (?:the|that|this"
    r"|these|those|his|her"
    r"|its|their) (?:\w+ ){0,2}?(?:accounts?|claims?|versions?|figures?|reports?|statements?"
    r"|accusations?"
    r"|allegations?|charges?|of)\b)",
    re.IGNORECASE,
)
_SAY = r"(?:said|says|claimed|claims|reported|insisted|stated|announced|declared|told|maintained)"
_TWO_SAID = re.compile(
    rf"\b{_SAY}\b[^;]{{15,}};\s*[^;]{{3,120}}?\b(?:{_SAY}|denied|blamed|called)\b"
)
_TWO_COUNTS = re.compile(
    r"\b(?:put|gave|estimated)\b[^.;]{0,60}?\b(?:at|as)\b[^.;]*?\d[^;]*?[.;]\s*[^.;]{2,80}?"
    r"\b(?:put|gave|estimated)\b[^.;]{0,40}?\b(?:at|as)\b[^.;]*?\d"
)
_CLAIM = re.compile(
    r"\b(?:blamed|blames|accused|accuses|accusing|blaming|(?:charge|accusation|allegation|claim|report)s?"
    r" (?:that|by|of|from)|[A-Z]\w+(?:['’]s)? (?:charge|accusation|allegation|claim)s? that)\b"
)
ATTRIBUTED = re.compile(
    rf"\b(?:{_SAY}|denie[sd]|conceded|called|blamed|accused|rejected|put|gave the figure"
    rf"|according to)\b"
)
CLAIMS_PLACE = re.compile(
    rf"\b(?:{_SAY}|conceded|according to)\b[^.;]{{0,80}}?"
    r"\b(?:(?:taken|seized|captured|retaken|recaptured|entered|controls?|controlled|held|holds?"
    r"|took|regained|liberated)(?: full| complete| partial| total)?(?: control)?(?: of)?)\s+"
    r"(?:the\s+"
    r"|parts of\s+(?:the\s+)?)?(?P<what>(?:[a-z-]+\s+){0,3}?"
    r"(?:[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){0,2}"
    r"|airport|capital|city|town|port|base))"
)
HARMED = {
    "killed": "how many were killed",
    "dead": "how many were killed",
    "died": "how many were killed",
    "injured": "how many were injured",
    "wounded": "how many were injured",
    "arrested": "how many were arrested",
    "detained": "how many were arrested",
    "displaced": "how many were displaced",
    "missing": "how many are missing",
}
TOLL = re.compile(
    r"\b(?P<count>\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens)\b"
    rf"(?:\s+[\w’'-]+){{0,6}}?\s+(?P<harm>{'|'.join(HARMED)})\b"
)
_SUBJECT = re.compile(rf"^(?P<subject>.{{3,140}}?)\s+{_SAY}\b")
_DENIER = re.compile(
    r"(?:^|[.;,]\s+(?:and\s+)?|\band\s+|which\s+)(?P<who>(?:[Tt]he\s+)?[A-Za-z][\w’'-]*(?:\s+[\w’'-]+){0,4}?)\s+"
    r"(?:denie[sd]|rejected|rejects|disputed|disputes|challenged)\b"
)
# Names that so many texts share that they tell no two matters alike.
COMMON_NAMES = frozenset(
    "un eu us uk united nations states kingdom government council security".split()
)
_OPENS_BARE = re.compile(r"^(?:Some|Other|Both|They|It|He|She)\b")
_REFERS = re.compile(r"\b(?:it|them|they|he|she|its|their)\b")
MOST_ACCOUNTS = 3
SHORTEST, LONGEST_ACCOUNT = 18, 520
"""Characters of a sentence, and of all sentences of an account."""
# Tolls that are further apart in time grow; they do not differ.
SAME_HOURS = timedelta(hours=12)
ALIKE = 0.5
"""Cosine of two sentences that count the same harm."""
Run = tuple[Line, ...]
READ = 5
"""Best sentences whose part in a difference makes it one of the question's."""
SAME_EVENT = timedelta(days=14)
"""Accounts of one event are told within this time; a toll of another year is another event's."""
NAMED = 0.5
"""Share of the words of what is differed about that the question has, where no sentence tells."""


def differing(question: Question, evidence: Evidence, *, encode: Encode) -> list[Differing]:
    """The differences that matter to a question, each with its accounts and their marks: those
    about one event, which every account tells of under the names that were asked about.

    Accounts that lean on paragraphs outside of the evidence are left out: they could not be cited.
    """
    marks = {passage.key: mark for mark, passage in enumerate(evidence.passages, start=1)}
    best = {
        (one.passage.article.id, one.passage.paragraph.number, one.position)
        for one in evidence.sentences[:READ]
    }
    found = []
    asked_of = [passage for passage in evidence.passages if _names_it(question, passage)]
    for one in disputes(asked_of, Sameness(encode)):
        if not (one.places & best or _asked_about(question, one)):
            continue
        if one.lasted > SAME_EVENT:
            continue
        accounts = [account for run in one.lines if (account := _account(run, marks))]
        if len(accounts) == len(one.lines):
            found.append(Differing(one.about, tuple(accounts)))
    return found


def _names_it(question: Question, passage: Passage) -> bool:
    """Whether a paragraph, its title or its article's lead has every name of a question: what
    lacks one tells of another event, however alike its words."""
    article = passage.article
    lead = article.paragraphs[0].text if article.paragraphs else ""
    there = {stem(fold(name)) for name in names(f"{article.title}\n{lead}\n{passage.text}")}
    return all(stem(fold(name)) in there for name in names(question.search_text))


def _asked_about(question: Question, one: Disputed) -> bool:
    about = {stem(word) for word in content_words(one.about)}
    asked = {stem(word) for word in content_words(question.text)}
    return bool(about) and len(about & asked) >= NAMED * len(about)


def _account(run: Run, marks: dict[ParagraphKey, int]) -> Account | None:
    if any(line.passage.key not in marks for line in run):
        return None
    return Account(tuple((marks[line.passage.key], line.text) for line in run))


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

    @property
    def lasted(self) -> timedelta:
        """Between the first and the last of the articles; of undated ones nothing is known."""
        lines = (line for account in self.lines for line in account)
        days = [line.article.published_at for line in lines if line.article.published_at]
        return max(days) - min(days) if days else timedelta()


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
    return len(ATTRIBUTED.findall(text)) >= 2 or len({fold(n) for n in names(text)}) >= 2


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
        if announces_difference(line.text) and not holds_two(line.text):
            accounts = _announced_by(line)
        elif holds_two(line.text) or denies(line.text):
            accounts = _set_against(line)
        else:
            accounts = _counted_twice(line)
        about = _about(line, accounts) if accounts else ""
        if about and all(_is_short(account) for account in accounts):
            found.append(Disputed(about, tuple(accounts)))
    return found


def _about(line: Line, accounts: Sequence[Run]) -> str:
    text = " ".join(one.text for account in accounts for one in account)
    denied = denies(line.text) and not holds_two(text)
    found = matter_of(text, denied=denied) or matter_of(line.text, denied=denied)
    return found or ("what happened" if announces_difference(line.text) else "")


def _announced_by(line: Line) -> list[Run]:
    """The accounts after a sentence that says that they differ."""
    following = _following(line)
    if following and ATTRIBUTED.search(following[0].text):
        accounts: list[Run] = [(line, *following[:1])]
        if gives_another(line.text) and (earlier := _paragraph(line, -1)):
            said = [one for one in earlier if ATTRIBUTED.search(one.text) and not leans(one.text)]
            accounts = [*([(said[-1],)] if said else []), *accounts]
        return accounts
    after = [one for one in _paragraph(line, 1) if ATTRIBUTED.search(one.text)]
    if len(after) >= 2 and after[1].position == after[0].position + 1:
        return [(after[0], after[1])]
    beyond = [one for one in _paragraph(line, 2) if ATTRIBUTED.search(one.text)]
    if after and beyond:
        return [(one[0],) for one in (after, beyond) if not leans(one[0].text)]
    return [] if line.is_lead or leans(line.text) or not ATTRIBUTED.search(line.text) else [(line,)]


def _set_against(line: Line) -> list[Run]:
    """The sentence that denies or holds both accounts, with the one before where it refers to
    that; nothing where that does not stand alone either."""
    before = line.before
    if not (leans(line.text) or refers_back(line.text)):
        # A denial alone is one side of it.
        both = holds_two(line.text) or tells_claim(line.text)
        return [(line,)] if both else []
    if before is None:
        return []
    pronoun = opens_with_pronoun(before.text) and not announces_difference(before.text)
    return [] if pronoun or recalls(before.text) else [(before, line)]


def _counted_twice(line: Line) -> list[Run]:
    """Two neighbouring sentences that put one number at different values."""
    following = _following(line)[:1]
    both = " ".join([line.text, *(one.text for one in following)])
    return [(line, *following)] if following and holds_two(both) and "put" in both else []


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
        (" ".join(claim["what"].split()), speaker_names(line.text), line)
        for line in lines
        if (claim := CLAIMS_PLACE.search(line.text)) and not leans(line.text)
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
            about = matter_of(line.text) or f"control of {place}"
            found.append(Disputed(about, ((line,), *((other,) for other in rivals))))
    return found


def _same_place(one: str, other: str) -> bool:
    left, right = set(map(fold, one.split())), set(map(fold, other.split()))
    return bool(left & right - {"the", "of", "full", "town", "city", "control"}) or left == right


# -- tolls ---------------------------------------------------------------------------------------
def _tolls(lines: Sequence[Line], sameness: Sameness) -> list[Disputed]:
    """Counts of the same harm, by different origins at about the same time, that differ."""
    counted = [
        (HARMED[toll["harm"]], numbers(toll["count"]), line)
        for line in lines
        if not leans(line.text)
        for toll in TOLL.finditer(line.text)
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
    return bool(one.names & other.names - COMMON_NAMES)


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


def announces_difference(text: str) -> bool:
    """Whether a sentence says that accounts differ."""
    return bool(_ANNOUNCES.search(text))


def gives_another(text: str) -> bool:
    """Whether a sentence says that what comes next is told against what came before."""
    return bool(_ANOTHER.search(text))


def denies(text: str) -> bool:
    """Whether a sentence says that somebody denies or rejects what another claims."""
    return bool(_DENIES.search(text))


def tells_claim(text: str) -> bool:
    """Whether a sentence that denies also tells who claims what is denied."""
    return bool(_CLAIM.search(text))


def holds_two(text: str) -> bool:
    """Whether a sentence, or several, set two accounts against each other."""
    return bool(_TWO_SAID.search(text) or _TWO_COUNTS.search(text))


def refers_back(text: str) -> bool:
    """Whether it speaks of what it disputes only by "it", "the account" or "the charge"."""
    claim = CLAIMS_PLACE.search(text)
    return bool(
        _OPENS_BARE.match(text)
        or re.search(
            r"\b(?:the|this|that|these|those) (?:\w+ )?(?:accounts?|claims?|versions?|reports?"
            r"|charges?"
            r"|accusations?|allegations?|statements?|withdrawal|figures?)\b(?! (?:that|of|by"
            r"|made)\b)",
            text,
        )
        or re.search(r"\bdenie[sd] it\b", text)
        or (claim is not None and claim["what"].islower())
        or (holds_two(text) and _REFERS.search(text.split(";")[0]))
    )


_LONGEST_TELLING = 2_000


def matter_of(text: str, *, denied: bool = False) -> str:
    """A few words for what accounts differ about; "" where the text does not tell.

    `denied`: somebody denies a claim, so that a number in it is not what is disputed.
    """
    text = text[:_LONGEST_TELLING]
    if not denied and re.search(r"\bcasualt", text):
        return "the casualty figures"
    if of := re.search(r"\b[Aa]ccounts of (?P<what>[^.,;]{3,40}?)(?: differ|[.,;])", text):
        return of["what"]
    if on := re.search(r"\bdisagreed? (?:on|about|over) (?P<what>[^.;,]{4,60})", text):
        return on["what"]
    if not denied and (
        number := re.search(
            r"\b[Tt]he (?P<what>number of [^.;,]{3,50}?)(?: is| was| at| since|[.;,])", text
        )
    ):
        return f"the {number['what']}"
    if place := CLAIMS_PLACE.search(text):
        words = " ".join(place["what"].split())
        return f"control of the {words}" if words.islower() else f"control of {words}"
    if not denied and (toll := TOLL.search(text)):
        return HARMED[toll["harm"]]
    if re.search(r"\b(?:blamed|blames|responsible|responsibility|accused)\b", text):
        return "who is responsible"
    if who := _DENIER.search(text):
        subject = who["who"].strip()
        subject = subject[:1].lower() + subject[1:] if subject.startswith("The ") else subject
        return (
            f"what {subject} denies"
            if not subject.split()[-1].endswith("s")
            else f"what {subject} deny"
        )
    return ""


def speaker_names(text: str) -> frozenset[str]:
    """Names of who is plainly said to speak, folded."""
    subject = _SUBJECT.match(text)
    found = {fold(name) for name in names(f"by {subject['subject']}")} if subject else set()
    return frozenset(found - COMMON_NAMES)

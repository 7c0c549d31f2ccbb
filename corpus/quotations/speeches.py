"""Verbs of speech in a sentence, each with its subject.

Works on text whose quotations are masked (`quotation_marks.masked`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.names import Names
from corpus.quotations.marks import MASK
from corpus.quotations.speakers import (
    Subject,
    subject_after,
    subject_before,
    subject_of_sentence,
)
from corpus.quotations.verbs import (
    CALLING,
    FINITE,
    NAMED_AS_NOUNS,
    PARTICIPLES,
    SAYING,
    VERBS,
    WITH_OUT,
)

ACCORDING = "according to"
MOST_VERBS = 40
"""A sentence with more verbs of speech is no prose, and not worth the time."""
_WORD = re.compile(r"\b[A-Za-z][a-z]{3,12}\b")
_MARKING = VERBS | {*WITH_OUT, "according", "According"}
_BOUNDARY = re.compile(r"[.!?…”][)\]]*\s+(?=[“(\[#A-ZÀ-Þ0-9])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Sgt|Capt|Maj|Sen|Rep|Gov|Prof|Adm|Amb|St|No|vs|Oct|Nov|Dec"
    r"|Jan|Feb|Aug|Sept|Sep)|\b[A-Z])\.\s*$"
)
_ATTRIBUTION = re.compile(
    r"(?P<speaker>[A-Z](?:[^.:;“”]|\.(?=\w)){0,160}?)\s(?P<verb>said|says|told|added|wrote|noted|explained"
    r"|continued|posted|tweeted|read|asked|asks|replied|answered|warned|insisted|argued|joked|quipped"
    r"|recalled|remarked|concluded|commented|stated)\b(?P<rest>[^.:;“”]{0,60})"
)
_CLAUSE_FOLLOWS = re.compile(r"\s*(?:that\b|$)|\s+(?:the|he|she|it|they|there|his|her|we|a|an)\b")
_WRITTEN = re.compile(
    r"\b(?:statement|letter|post|tweet|note|message|email|interview|speech|video)$"
)


@dataclass(frozen=True, slots=True)
class Speech:
    """A verb of speech. `start` to `end` is the phrase with its subject where that adjoins.

    `subject` is None where nobody is named; `inverted`: it comes after the verb ("said Mismari").
    """

    verb: str
    start: int
    end: int
    verb_end: int
    subject: Subject | None
    inverted: bool = False
    participle: bool = False


def sentences(mask: str, text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of a masked paragraph; a quotation stays with its attribution."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(mask):
        at = match.start() + len(match.group().rstrip())
        if mask[at - 1] == "”":
            if text[at - 2 : at - 1] not in ".!?…" or _attribution_follows(mask, match.end()):
                continue
        elif _ABBREVIATED.search(mask, max(start, at - 8), at):
            continue
        found.append((start, at))
        start = match.end()
    if mask[start:].strip():
        found.append((start, len(mask)))
    return found


def speeches_of(mask: str, start: int, end: int, names: Names) -> list[Speech]:
    """The verbs of speech of one sentence in order."""
    found: list[Speech] = []
    marking = [word for word in _WORD.findall(mask, start, end) if word in _MARKING]
    if not marking or len(marking) > MOST_VERBS:
        return found
    for match in _WORD.finditer(mask, start, end):
        word = match.group()
        if word in VERBS or (word in WITH_OUT and mask.startswith(" out", match.end())):
            speech = _speech(mask, match, (start, end), names, found)
        elif word in ("According", "according") and mask.startswith(" to ", match.end()):
            speech = _according(mask, match, end, names)
        else:
            continue
        if speech is not None:
            found.append(speech)
    return found


def _speech(
    mask: str,
    match: re.Match[str],
    sentence: tuple[int, int],
    names: Names,
    earlier: list[Speech],
) -> Speech | None:
    word, at, verb_end = match.group(), match.start(), match.end()
    if word in WITH_OUT:
        word, verb_end = WITH_OUT[word], verb_end + len(" out")
    before = mask[max(sentence[0], at - 60) : at].rstrip()
    if word in PARTICIPLES or word == "pointing out":
        subject = _subject_of_participle(mask, before, at, sentence, names, earlier)
        if subject is None and word not in ("saying", "adding", "tweeting"):
            return None
        return Speech(word, at, verb_end, verb_end, subject, participle=True)
    subject = subject_before(mask, sentence[0], at, names)
    if subject is not None:
        return Speech(word, subject.start, verb_end, verb_end, subject)
    # Who is told something is no speaker: "the envoy, an old hand, told Weber".
    if word not in CALLING | {"told", "tells"} and before.endswith(("”", "”,", ",")):
        limit = sentence[1]
        inverted = subject_after(mask, verb_end, limit, names)
        if before.endswith("”") or before.endswith("”,") or (inverted and word in SAYING):
            end = inverted.end if inverted else verb_end
            return Speech(word, at, end, verb_end, inverted, inverted=True)
    if re.search(r"(?:\band|\bbut|\bthen|,)(?: also| then)?$", before) and earlier:
        last = earlier[-1]
        if last.subject and not last.inverted and "”" not in mask[last.end : at].rstrip()[-2:]:
            return Speech(word, at, verb_end, verb_end, last.subject)
    if word in NAMED_AS_NOUNS or word not in FINITE:
        return None
    return Speech(word, at, verb_end, verb_end, None)


def _subject_of_participle(
    mask: str,
    before: str,
    at: int,
    sentence: tuple[int, int],
    names: Names,
    earlier: list[Speech],
) -> Subject | None:
    if not (before.endswith((",", "”", "—")) or _WRITTEN.search(before)):
        return None
    if earlier:
        # After a reported clause other participles may belong to somebody inside it.
        adds = mask[at : at + 6] in ("adding", "saying", "noting")
        adds = adds or earlier[-1].verb in CALLING or mask[earlier[-1].end : at].strip() == ","
        return earlier[-1].subject if adds else None
    return subject_of_sentence(mask, sentence[0], at, names)


def _according(mask: str, match: re.Match[str], end: int, names: Names) -> Speech | None:
    after = match.end() + len(" to")
    subject = subject_after(mask, after, end, names)
    stop = subject.end if subject else after
    return Speech(ACCORDING, match.start(), stop, after, subject, inverted=True)


def _attribution_follows(mask: str, at: int) -> bool:
    """Whether what follows a full stop inside quotation marks still says who spoke."""
    match = _ATTRIBUTION.match(mask, at)
    if match is None:
        return False
    rest = match["rest"]
    if match["verb"] == "told":
        reports = re.search(r"\b(?:that|he|she|it|they)\b", rest)
        return not reports and mask[match.end() :][:1] in "."
    if mask[match.end() : match.end() + 1] in ":“":
        return False
    return not rest.strip(" ,") or not _CLAUSE_FOLLOWS.match(rest)


def is_all_quoted(mask: str, start: int, end: int) -> bool:
    """Whether a stretch is nothing but quotations."""
    return not mask[start:end].translate(_NOTHING).strip(" \u00a0,.;")


_NOTHING = {ord(character): None for character in f"“”{MASK}"}

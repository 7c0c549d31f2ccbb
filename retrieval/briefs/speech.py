"""What of a long speech is worth a quotation: sentences that carry something on the matter.

    turns of a transcript, or a speech under its byline -> sentences -> those that stand alone,
        are no courtesy and take a position or state a fact -> the nearest to the matter

Where in a transcript it stands says nothing: the first minutes are greetings. What counts is that
the sentence is about what the story is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.quotations.extracting import Quotation
from corpus.sentences import split_sentences
from retrieval.briefs.forms import byline_of, is_unlabelled_speech
from retrieval.briefs.standing import leans, points_at_unnamed
from retrieval.passages import Passage
from retrieval.sameness import Sameness, stems
from retrieval.terms import names, numbers

MOST_WORDS = 60
FEWEST_WORDS = 7
READ_CLOSELY = 24
"""Sentences of a story's speeches that are compared in meaning."""
RELATED = 0.3
"""Cosine to the matter from which a sentence is about it: greetings and small talk of the
captured transcripts stay below, and so do most remarks on another subject."""

_COURTESY = re.compile(
    r"\b(?:thank(?:s|ful|ing)?|good (?:morning|afternoon|evening|day|night)|welcome (?:to|back|you)"
    r"|(?:great|good|nice|wonderful|glad|happy|delighted|pleased|privileged|honou?red) to (?:be|see"
    r"|have|meet|host|join|welcome)|pleasure|an hono(?:u)?r to|so much for"
    r"|appreciate (?:it|that|your"
    r"|the (?:question|opportunity|chance))|hospitality|warm (?:welcome|reception)|congratulat\w+"
    r"|happy to (?:take|answer)|look(?:ing)? forward to (?:our|the|your|this|speaking|discuss\w*"
    r"|talking|hearing|seeing|working|continuing)|stewardship|happy (?:monday|tuesday|wednesday"
    r"|thursday|friday)|slow night|sorry|apologi[sz]e|joke)\b|\((?:laughter|inaudible"
    r"|applause)[^)]*\)"
    r"|\[(?:laughter|inaudible)\]",
    re.IGNORECASE,
)
# Talk about the talk: who met, how long and how good it was, what comes next in the room.
_OF_THE_TALK = re.compile(
    r"\b(?:we (?:just |also )?(?:had|have had|discussed|talked|spoke|spent|covered|met)\b"
    r"|(?:our|these|those) (?:time|conversations?|discussions?|meetings?|talks?)\b"
    r"|had an opportunity to|my name|questions?|let me|let['’]s|i (?:mean|think i|would say"
    r"|just want|want to"
    r"|wanted to|would (?:just )?like to|said|don['’]t (?:know|want)|can['’]t speak|won['’]t)"
    r"|as i (?:said|mentioned|noted)|you (?:know|asked|mentioned|said|saw|heard)"
    r"|this call|on background"
    r"|off the record|(?:by|over|back|turn) to (?:you|the operator)|guys|everyone"
    r"|everybody|look,|well,"
    r"|speak to that|refer you to|read(?:ing)? ?out|short notice|brief(?:ing|ed)?)\b|[?]|\s[–—-]\s",
    re.IGNORECASE,
)
_POSITION = re.compile(
    r"\b(?:will|must|should|shall|need(?:s|ed)? to|ha(?:ve|s) to|commit(?:s|ted"
    r"|ment)?|call(?:s|ed|ing)? "
    r"(?:on|for|upon)|urg(?:e|es|ed|ing)|demand\w*|condemn\w*|reject\w*|support\w*"
    r"|oppos\w+|stands? (?:with"
    r"|by|ready|against)|believ\w+|concern\w*|continu\w+|agreed?|refus\w+|cannot"
    r"|can['’]t|won['’]t|never"
    r"|no (?:one|military|alternative|place|excuse|other|country)|responsib\w+"
    r"|threat\w*|critical|vital"
    r"|essential|important|unacceptable|outrageous|right to|fail\w*|violat\w+"
    r"|attack\w*|kill\w*|destroy\w*"
    r"|provid\w+|announc\w+|sanction\w*|million|billion|percent|ensur\w+|prevent\w*"
    r"|deter\w*|protect\w*"
    r"|release\w*|end(?:s|ed|ing)? the|withdraw\w*|defend\w*|ceasefire|peace"
    r"|agreement|expects?|want(?:s)? to"
    r"|determined|ready to|prepared to|seek(?:s|ing)?|work(?:s|ing)? (?:to|with))\b|\d",
    re.IGNORECASE,
)
_TO_THE_HOSTS = re.compile(r"\b(?:you|your|yours)\b", re.IGNORECASE)
"""What is said to the people in the room is seldom said to the reader."""
_DANGLING = re.compile(
    r"^(?:But|And|So|Well|Now|Okay|OK|Look|Yes|Yeah|No|He|She|It|They|This|That|These"
    r"|Those|There|Here"
    r"|Or|Because|Which|Again|Also|Sure|Right|Actually|Frankly|What|One of|The answer|The point)\b"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Words of a speech and how near they are to the matter, between 0 and 1."""

    quotation: Quotation
    passage: Passage
    quote: str
    nearness: float


def is_courtesy(text: str) -> bool:
    """Whether words are thanks, a greeting or a remark on the occasion."""
    return bool(_COURTESY.search(text))


def told_of_speeches(
    turns: Iterable[tuple[Quotation, Passage]], matter: Sequence[str], sameness: Sameness
) -> list[Told]:
    """The sentences of speeches that say something on the matter, the nearest first.

    `matter` is what the story is about: its headline and what opens its reports. Where it is
    empty, the matter is what the speeches themselves speak of most.
    """
    found = [
        (quotation, passage, quote)
        for quotation, passage in turns
        for quote in _quotable(quotation.quote)
    ]
    if not found:
        return []
    about = set().union(*(stems(text) for text in matter)) if matter else set()
    common = about or _most_said(quote for _, _, quote in found)
    found.sort(key=lambda one: -_promise(one[2], common))
    found = found[:READ_CLOSELY]
    quotes = [quote for _, _, quote in found]
    vectors = sameness.vectors(quotes)
    if matter:
        near = (vectors @ sameness.vectors(matter).T).max(axis=1)
    else:
        centre = vectors.mean(axis=0)
        near = vectors @ (centre / max(1e-9, float((centre @ centre) ** 0.5)))
    told = [
        Told(quotation, passage, quote, float(nearness))
        for (quotation, passage, quote), nearness in zip(found, near, strict=True)
        if nearness >= RELATED
    ]
    return sorted(told, key=lambda one: -one.nearness)


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


def _quotable(text: str) -> Iterator[str]:
    """Sentences, with the next where that carries the thought on and both can be read aloud."""
    found = split_sentences(text)
    for at, sentence in enumerate(found):
        if not _carries(sentence.text):
            continue
        after = found[at + 1] if at + 1 < len(found) else None
        both = text[sentence.start : after.end] if after else sentence.text
        if after and _goes_on(after.text) and len(both.split()) <= MOST_WORDS:
            yield both
        elif len(sentence.text.split()) <= MOST_WORDS:
            yield sentence.text


def _carries(text: str) -> bool:
    """Whether a sentence stands alone and takes a position or states a fact of something named."""
    if len(text.split()) < FEWEST_WORDS or text.rstrip()[-1:] not in ".!”":
        return False
    if _DANGLING.match(text) or _COURTESY.search(text) or _OF_THE_TALK.search(text):
        return False
    if _TO_THE_HOSTS.search(text) or not _POSITION.search(text):
        return False
    if not (names(text) or numbers(text)):
        return False
    return not (leans(text) or points_at_unnamed(text))


def _goes_on(text: str) -> bool:
    """Whether a sentence can be read aloud right after the one before it."""
    return (
        len(text.split()) >= FEWEST_WORDS
        and text.rstrip()[-1:] in ".!"
        and bool(_POSITION.search(text))
        and not _COURTESY.search(text)
        and not _OF_THE_TALK.search(text)
        and not _TO_THE_HOSTS.search(text)
    )


def _promise(quote: str, about: set[str]) -> float:
    """A first guess without a look at the meaning: words of the matter, names and numbers."""
    own = stems(quote)
    shared = len(own & about) / max(4, len(own))
    return shared + 0.05 * min(4, len(names(quote)) + len(numbers(quote)))


def _most_said(quotes: Iterable[str]) -> set[str]:
    counts: dict[str, int] = {}
    for quote in quotes:
        for word in stems(quote):
            counts[word] = counts.get(word, 0) + 1
    return set(sorted(counts, key=lambda word: (-counts[word], word))[:12])

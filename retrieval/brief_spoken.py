"""Who said what in a story: a few verbatim quotations of different speakers.

Words in quotation marks come before reported ones, persons before institutions, officials and
wires before others, new before old. Single words, distance and what the reader has just read in
another sentence are left out; a quotation never loses its speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.articles import Article, SourceKind
from corpus.name_words import INSTITUTIONS
from corpus.names import read_run
from corpus.quotations import Quotation
from corpus.roles import describes, is_personal, shown_role
from corpus.sentences import split_sentences
from retrieval.brief_lines import is_opinion
from retrieval.passages import Passage
from retrieval.sameness import Sameness
from retrieval.stories import moment_of
from retrieval.terms import content_words, fold, names

MOST = 3
FEWEST_WORDS = 5
MOST_WORDS = 60
FEWEST_REPORTED_WORDS = 7

_KINDS = {
    SourceKind.OFFICIAL: 0.2,
    SourceKind.WIRE: 0.2,
    SourceKind.INDEPENDENT: 0.15,
    SourceKind.UNKNOWN: 0.1,
    SourceKind.STATE_MEDIA: 0.05,
    SourceKind.OPINION: -1.0,
}
_LEANING = re.compile(
    r"^(?:that\s+)?(?:he|she|it|they|this|that|these|those|his|her|their|its)\b", re.IGNORECASE
)
_REPORTING = frozenset(("according to", "reported", "reports", "reporting", "showed", "shows"))
_CHATTER = re.compile(
    r"\b(?:thank|thanks|good (?:morning|afternoon|evening)|welcome|I mean|you know|let me"
    r"|wonderful|pleasure"
    r"|delighted|so much for|great to|good to|as I said|I think|question|guys|everyone"
    r"|everybody)\b|[?]|–\s"
    r"|^(?:But|And|So|Well|Now|Okay|OK|Look|Yes|No|He|She|It|They|This|That|These|Those)\b",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"^(?:thank you|thanks|yes|no|good (?:morning|afternoon|evening)|i (?:don['’]t|do not) know"
    r"|of course|absolutely|well)\b[^.]{0,40}\.?$|\bnext question\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """A quotation and the paragraph it stands in; `quote` is the part of it that is told."""

    quotation: Quotation
    passage: Passage
    quote: str


def spoken_in(
    passages: Sequence[Passage],
    quotations: Mapping[str, Sequence[Quotation]],
    told: Iterable[str],
    sameness: Sameness,
    most: int = MOST,
) -> list[Words]:
    """The quotations of a story worth telling, best first, one a speaker.

    `quotations` are those of each article by its id; `told` are sentences that the reader has
    read already.
    """
    read = list(told)
    candidates = sorted(
        _candidates(passages, quotations),
        key=lambda words: (_worth(words), moment_of(words.passage.article)),
        reverse=True,
    )
    chosen: list[Words] = []
    for words in candidates:
        if any(_same_speaker(words, other) for other in chosen):
            continue
        if any(_stands_in(words.quote, text) for text in read):
            continue
        # What somebody else said in the same words is a position of its own; a report of what
        # the reader has read is not.
        others = [*read, *(other.quote for other in chosen)]
        if not words.quotation.direct and sameness.repeats(words.quote, others):
            continue
        chosen.append(words)
        if len(chosen) == most:
            break
    return chosen


def full_speaker(quotation: Quotation, article: Article) -> tuple[str, str | None]:
    """Speaker and role as the article gives them anywhere: for a bare surname the one fuller
    name that it has, for a person without a role the words before or after the name."""
    name = quotation.speaker
    text = "\n".join(paragraph.text for paragraph in article.paragraphs)
    surname = re.escape(name.split()[-1])
    runs = [
        named
        for match in re.finditer(rf"(?:[A-ZÀ-Þ][\w’'-]+ ){{1,5}}{surname}\b", text)
        if (named := read_run(match.group())) and " " in named.name
    ]
    full = {named.name for named in runs if named.name.endswith(name)}
    if " " not in name and not name.isupper() and len(full) == 1:
        name = full.pop()
    role = quotation.role or next((one.role for one in runs if one.name == name and one.role), None)
    return name, role or _described(name, text)


def _described(name: str, text: str) -> str | None:
    """The role between commas after a name: "Christoph Heusgen, Germany’s ambassador …,"."""
    found = re.search(rf"{re.escape(name)}, (?P<described>[^,.;“”]{{4,90}}),", text)
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
            if passage is None or is_opinion(passage.article):
                continue
            quote = _part_to_tell(quotation)
            if quote and _says_something(quotation, quote):
                yield Words(quotation, passage, quote)


def _part_to_tell(quotation: Quotation) -> str:
    """The quotation, or the whole sentences at its beginning that can be read aloud."""
    text = quotation.quote.strip()
    if len(text.split()) <= MOST_WORDS:
        return text
    if not quotation.direct:
        return ""
    return _weighty(text)


def _weighty(text: str) -> str:
    """One or two sentences of a long speech that name something and are no courtesy."""
    found = split_sentences(text)
    for at, sentence in enumerate(found):
        if _CHATTER.search(sentence.text) or not names(sentence.text):
            continue
        following = found[at + 1] if at + 1 < len(found) else None
        both = text[sentence.start : following.end] if following else sentence.text
        fits = following is not None and not _CHATTER.search(following.text)
        if fits and len(both.split()) <= MOST_WORDS:
            return both
        if len(sentence.text.split()) <= MOST_WORDS:
            return sentence.text
    return ""


def _says_something(quotation: Quotation, quote: str) -> bool:
    count = len(quote.split())
    fewest = FEWEST_WORDS if quotation.direct else FEWEST_REPORTED_WORDS
    if count < fewest or _EMPTY.search(quote) or quote.rstrip().endswith(("?", "…", "...")):
        return False
    if "“" in quote or "”" in quote or '"' in quote:
        return False
    if not quotation.direct and (_LEANING.match(quote) or not is_statement(quotation)):
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
        - 0.02 * quotation.paragraph
        - 0.3 * bool(quotation.direct and _LEANING.match(words.quote))
    )


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


def _stands_in(quote: str, text: str) -> bool:
    def plain(words: str) -> str:
        return re.sub(r"\W+", " ", words).casefold().strip()

    return plain(quote) in plain(text)

"""Who said what in a story: a few verbatim quotations of different speakers.

Words in quotation marks come before reported ones, persons before institutions, officials and
wires before others, near the matter before far, new before old. Single words, distance, courtesies
and what the reader has just read in another sentence are left out; a quotation never loses its
speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpus.articles import Article, SourceKind
from corpus.name_words import INSTITUTIONS
from corpus.names import read_run
from corpus.quotations.extracting import Quotation
from corpus.quotations.roles import describes, is_personal, is_vague, is_whole, shown_role
from corpus.sentences import split_sentences
from retrieval.briefs.lines import is_opinion, is_speech
from retrieval.briefs.speech import is_courtesy, speeches_without_labels, told_of_speeches
from retrieval.passages import Passage
from retrieval.sameness import Sameness
from retrieval.stories.nouns import moment_of
from retrieval.terms import content_words, fold

MOST = 3
FEWEST_WORDS = 5
MOST_WORDS = 60
FEWEST_REPORTED_WORDS = 7
NEAR = 1.0
"""Worth of a speech's sentence for each unit of its cosine to the matter."""

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
    most: int = MOST,
) -> list[Words]:
    """The quotations of a story worth telling, best first, one a speaker.

    `quotations` are those of each article by its id; `told` are sentences that the reader has
    read already; `matter` is what the story is about, its headline and what opens its reports.
    """
    read = list(told)
    candidates = sorted(
        [
            *_candidates(passages, quotations),
            *_of_speeches(passages, quotations, matter, sameness),
        ],
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


def full_speaker(
    quotation: Quotation, article: Article, beside: Sequence[Article] = ()
) -> tuple[str, str | None]:
    """Speaker and role as the article gives them anywhere, else the others of its story: for a
    bare surname the one fuller name that it has, for a person without a whole role the words
    before or after the name. A role that says next to nothing ("Secretary") is none."""
    name, role = quotation.speaker, quotation.role
    for text in map(_all_text, (article, *beside)):
        name, found = _named_in(text, name)
        if role is None or not is_whole(role) or is_vague(role):
            role = _office_in(text, name) or found or _described(name, text) or role
    return name, role if role and is_whole(role) and not is_vague(role) else None


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
    told = told_of_speeches(turns, matter, sameness)
    return [Words(one.quotation, one.passage, one.quote, one.nearness) for one in told]


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
        - (0.02 * quotation.paragraph if words.nearness is None else 0.24)
        + NEAR * (words.nearness or 0.0)
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

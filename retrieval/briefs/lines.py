"""The sentences of a story that may be told: each with where it stands and what it leans on.

    Story -> passages, copies of one text collapsed -> Lines

A line is a verbatim sentence. What is no prose of the matter (a call to subscribe, a question,
a comment in the first person) gives no line, nor does speech, which is quoted with its speaker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from corpus.articles import Article, SourceKind
from corpus.sentences import Sentence, split_sentences
from retrieval.briefs.forms import spoken_paragraphs
from retrieval.evidence import collapse_copies
from retrieval.passages import Passage
from retrieval.stories.nouns import Story, moment_of

# A story that runs for weeks is told from its newest articles, and an article from its
# beginning: news puts what matters first, and what follows is background.
ARTICLES_READ = 24
PARAGRAPHS_READ = 12
TURNS_READ = 60
"""Paragraphs of a transcript: what matters is said anywhere in it."""
SHORTEST = 35
LONGEST = 420
"""Characters of a sentence that can be read aloud."""

_BOILERPLATE = re.compile(
    r"\b(?:subscribe|newsletter|sign up|click here|read more|follow us|all rights reserved"
    r"|cookies?|this (?:article|story|post|page) (?:was|is|has been)|photo(?:graph)?s? by|getty"
    r"|copyright|pic\.twitter|https?://|www\.|affiliate|editor['’]s note|listen to|watch live"
    r"|this is (?:a comment|an opinion)|missions? (?:are|is) (?:asked|reminded|requested)"
    r"|(?:media|press) inquiries|please contact|for (?:more|further) information"
    r"|text of the following (?:\w+ )?statement|table of contents"
    r"|image (?:source|caption|credit))\b|©",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[“\"][^“”\"]*[”\"]")
_FIRST_OR_SECOND_PERSON = re.compile(
    r"\b(?:I|[Ww]e|[Oo]urs?|us|[Yy]ou|[Yy]ours?|[Mm]y|[Ll]et['’]s)\b(?!\.)"
)
_LABELLED = re.compile(r"^[A-Z][\w ’'-]{2,40}:\s(?![“\"])")
# "To demonstrate the commitment of …." has no main clause: no comma with a subject after it.
_INFINITIVE = re.compile(
    r"^(?:(?:First|Second|Third|Fourth|Finally|Lastly|And|Or|But),?\s+)?[Tt]o\s+[a-z]+\b"
    r"(?![^.]*,\s+(?:the\s+|an?\s+)?(?:[\w.’'-]+\s+){1,8}?"
    r"(?:is|are|was|were|has|have|had|will|would|must|can|[a-z]{3,}(?:ed|s))\b)"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did"
    r"|said|says|told|met|held|took|went|came|put|set|won|lost|left|led|made|gave|began|fell|rose"
    r"|\w{3,}(?:ed|es|s))\b"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a paragraph; `position` counts the paragraph's sentences from 0."""

    passage: Passage
    sentence: Sentence
    position: int

    @property
    def text(self) -> str:
        return self.sentence.text

    @property
    def article(self) -> Article:
        return self.passage.article

    @property
    def moment(self) -> datetime:
        return moment_of(self.passage.article)

    @property
    def published(self) -> date | None:
        published = self.article.published_at
        return published.date() if published else None

    @property
    def place(self) -> tuple[str, int, int]:
        """Article, paragraph and position: where it stands, the same for the same sentence."""
        return (self.article.id, self.passage.paragraph.number, self.position)

    @property
    def is_lead(self) -> bool:
        """Whether it opens its article."""
        return self.depth == 0 and self.position == 0

    @property
    def depth(self) -> int:
        """Paragraphs between the first that tells something and its own; bylines do not count."""
        return max(0, self.passage.paragraph.number - (first_prose(self.article) or 1))

    @property
    def origin(self) -> str:
        """The article whose text it is: copies are of one origin."""
        return self.article.duplicate_of or self.article.id

    @property
    def teller(self) -> str:
        """The source that tells it; its origin where the source is not known."""
        return self.article.source.casefold() if self.article.source else self.origin

    def independent_of(self, other: Line) -> bool:
        """Whether two lines are told by two sources, neither copying the other."""
        return self.teller != other.teller and self.origin != other.origin

    @property
    def before(self) -> Line | None:
        """The sentence before it in its paragraph."""
        if self.position == 0:
            return None
        sentence = split_sentences(self.passage.text)[self.position - 1]
        return Line(self.passage, sentence, self.position - 1)


def passages_of(story: Story) -> list[Passage]:
    """The paragraphs of a story's newest articles, each text once, newest article first."""
    newest = sorted(story.articles, key=lambda article: (moment_of(article), article.id))
    newest = newest[-ARTICLES_READ:][::-1]
    found = [
        Passage(article, paragraph, 1.0)
        for article in newest
        for paragraph in article.paragraphs[: _read_of(article)]
        if paragraph.text.strip()
    ]
    return collapse_copies(found)


def _read_of(article: Article) -> int:
    return TURNS_READ if spoken_paragraphs(article) else PARAGRAPHS_READ


def lines_of(passages: Iterable[Passage]) -> list[Line]:
    """The sentences of passages that can be told, in their order; no speech is among them."""
    return [
        Line(passage, sentence, position)
        for passage in passages
        if not is_speech(passage)
        for position, sentence in enumerate(split_sentences(passage.text))
        if is_tellable(sentence.text)
    ]


def is_tellable(text: str) -> bool:
    """Whether a sentence is whole prose that a reader of news expects, not a scrap of a page."""
    if not SHORTEST <= len(text) <= LONGEST or "\n" in text:
        return False
    if text.rstrip("”\"’') ")[-1:] not in (".", "!") or text.rstrip().endswith("..."):
        return False
    if not (text[0].isupper() or text[0].isdigit() or text[0] in "“\"‘'"):
        return False
    if text.count("“") != text.count("”") or text.count('"') % 2:
        return False
    outside = _QUOTED.sub(" ", text)
    if _BOILERPLATE.search(outside) or _FIRST_OR_SECOND_PERSON.search(outside):
        return False
    if _LABELLED.match(text) or _INFINITIVE.match(text):
        return False
    return bool(_VERB.search(outside)) and len(text.split()) >= 6


def is_speech(passage: Passage) -> bool:
    """Whether a paragraph is somebody's speech as it was spoken."""
    return passage.paragraph.number in spoken_paragraphs(passage.article)


@lru_cache(maxsize=1024)
def first_prose(article: Article) -> int | None:
    """The number of the first paragraph that ends like a sentence, speech left out: bylines,
    places and "the following is attributable to …:" do not."""
    spoken = spoken_paragraphs(article)
    for paragraph in article.paragraphs:
        ends = paragraph.text.rstrip("”\"’') ")[-1:]
        if paragraph.number not in spoken and ends and ends in ".!?":
            return paragraph.number
    return None


def is_opinion(article: Article) -> bool:
    """Whether an article argues instead of reporting: by its kind, or by its own first words."""
    return article.kind is SourceKind.OPINION or bool(
        re.match(
            r"(?:comment|opinion|analysis|editorial|op-ed|letter)s?\s*[:|–—-]", article.title, re.I
        )
    )

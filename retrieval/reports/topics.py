"""Whether a story, an article or a paragraph is about a topic or a place.

    story, topic or place ─ TopicMatch ─▶ 0..1   by titles, leads and paragraphs; by meaning
    paragraph, Topic ─ plainness ─▶ 0..1         by places and words, in it and its title; by cosine

What an article is about stands in its title and its first paragraph, or in several of its
paragraphs: a briefing has a dozen matters, and none of them in its title. What is named once in
passing is none. A topic fits by its words or by its meaning; one that is the name of a place fits
only what is about that place, since neighbours are alike in meaning.

Of what is about a topic only those paragraphs are told that speak of it (`TopicMatch.speaking`):
one that does not belong is worse than one that is missing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from corpus.articles import Article
from corpus.text.places import place_code, places_of
from corpus.text.sentences import rough_sentences
from corpus.text.words import content_words, fold, stem, words
from retrieval.passages import ParagraphKey, Passage
from retrieval.reports.report import clean_title
from retrieval.search.retriever import HybridSearch
from retrieval.similarity import Sameness
from retrieval.stories.story import Story

# Cosine of a topic to title and lead: below the first it says nothing, from the second on as
# much as the words themselves. Read on the sample with the topics of its own stories, of its
# neighbours and of none: unrelated stories stay below .30, those asked for begin at .42.
UNLIKE, ALIKE = 0.30, 0.55
# What the words of a topic are worth in the title, in the lead, and in meaning alone.
IN_TITLE, IN_LEAD, IN_MEANING, IN_BODY = 1.0, 0.85, 0.9, 0.6
FIRST_PLACES = 3
"""Of the places that title and lead name so many are what an article is about."""
SEVERAL, OF_BODY, AT_LENGTH = 2, 0.2, 8
"""Sentences that speak of a topic, the share of them that makes an article one on it, and how many
make a transcript one on it as much as a title would: it goes from matter to matter."""
ABOUT = 0.45
"""From here on a story is about a topic."""
LEAD_CHARACTERS = 400
ARTICLES_READ = 12
# Cosines of a paragraph to a topic of one to four words, by the packaged model; read off the
# sample with a dozen topics. From the first on, paragraphs that do not use the words speak of the
# matter all the same; from the second on, those of an article that elsewhere plainly does; under
# the third, one whose article's title has the words speaks of something else.
SPEAKS_OF_IT = 0.45
BELONGS_TO_IT = 0.25
SPEAKS_OF_ANOTHER = 0.12
_LONGEST_PLACE = 4
"""Words of a place's name: "United States of America"."""
_LISTED = re.compile(r"[,;] | and ")


class TopicMatch:
    """Matches stories, articles and paragraphs with topics and places."""

    def __init__(self, sameness: Sameness, relevance: TopicRelevance | None = None) -> None:
        """With `relevance` paragraphs go by their vectors in the index, too."""
        self._sameness = sameness
        self._relevance = relevance
        self._known: dict[tuple[str, int, str], float] = {}

    def learn(self, stories: Sequence[Story], topics: Sequence[str]) -> None:
        """Encode at once what `topic` would encode story by story."""
        # The name of a place fits by places alone.
        if any(Topic.of(topic).words for topic in topics):
            self._sameness.learn(_about(a) for story in stories for a in _read(story))
            self._sameness.learn(topics)

    def topic(self, story: Story, topic: str) -> float:
        """How far a story is about a topic."""
        return _of_most(self._article(article, topic) for article in _read(story))

    def is_about(self, article: Article, topic: str) -> bool:
        """Whether one article is about a topic."""
        return self._article(article, topic) >= ABOUT

    def place(self, story: Story, place: str) -> float:
        """How far a story is about a place, given by its ISO 3166 code or its name."""
        code = place_code(place) or (place if len(place) == 2 else None)
        asked = Topic(place, frozenset((code,)), ()) if code else Topic.of(place)
        return _of_most(self._by_words(article, asked) for article in _read(story))

    def places(self, articles: Sequence[Article]) -> dict[str, int]:
        """In how many articles each place is spoken of in title or lead, most first."""
        counts: dict[str, int] = {}
        for article in articles:
            for code in places_of(_about(article)):
                counts[code] = counts.get(code, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def speaking(self, passages: Sequence[Passage], topics: Sequence[str]) -> list[Passage]:
        """The passages that speak of one of the topics; all where none is asked for."""
        if not topics:
            return list(passages)
        return [one for one in passages if any(self._speaks(one, topic) for topic in topics)]

    def _speaks(self, passage: Passage, topic: str) -> bool:
        asked, article = Topic.of(topic), passage.article
        # A transcript goes from matter to matter; an article that is about a topic goes on with it.
        does = not passage.paragraph.speaker and self._article(article, topic) >= IN_LEAD
        number, cosine = passage.paragraph.number, 0.0
        if self._relevance is not None and asked.share_in(passage.text) < 1:
            cosine = self._relevance.cosines(asked, [(article, number)]).get(passage.key, 0.0)
        elif does and asked.words:
            cosine = BELONGS_TO_IT
        if plainness(asked, article, number, cosine, article_does=does) > 0:
            return True
        # What other states say of a place is said of it, where the article is about that place.
        return does and not asked.words and cosine >= BELONGS_TO_IT

    def _article(self, article: Article, topic: str) -> float:
        key = (article.id, article.version, topic)
        if key not in self._known:
            self._known[key] = self._weighed(article, topic)
        return self._known[key]

    def _weighed(self, article: Article, topic: str) -> float:
        asked = Topic.of(topic)
        worded = self._by_words(article, asked)
        if worded >= IN_LEAD or not asked.words or not asked.places <= _places(_about(article)):
            return worded
        cosine = self._sameness.cosine(topic, _about(article))
        meant = IN_MEANING * min(1.0, max(0.0, (cosine - UNLIKE) / (ALIKE - UNLIKE)))
        return max(worded, meant)

    def _by_words(self, article: Article, asked: Topic) -> float:
        """By what title and lead name, else by how many sentences do."""
        if asked.share_in(clean_title(article)) == 1:
            return IN_TITLE
        about = _about(article)
        if asked.share_in(about) == 1:
            first = list(places_of(about))[:FIRST_PLACES]
            if asked.words or not asked.places or asked.places & set(first):
                return IN_LEAD
        every = count = 0
        for paragraph in article.paragraphs:
            own = rough_sentences(paragraph.text) if paragraph.answers else []
            every += len(own)
            if asked.share_in(paragraph.text) == 1:
                count += sum(asked.share_in(one) > 0 for one in own)
        transcript = any(one.speaker for one in article.paragraphs)
        if transcript and count >= AT_LENGTH:
            return IN_LEAD
        enough = count >= SEVERAL and (transcript or count >= OF_BODY * every)
        return IN_BODY if enough else 0.0


def _about(article: Article) -> str:
    return f"{clean_title(article)}. {article.lead[:LEAD_CHARACTERS]}"


def _read(story: Story) -> Sequence[Article]:
    """The newest articles of a story, copies left out where their origin is there."""
    ids = {article.id for article in story.articles}
    own = [article for article in story.articles if article.duplicate_of not in ids]
    return (own or list(story.articles))[-ARTICLES_READ:]


def _of_most(found: Iterable[float]) -> float:
    """Mean of the better half: most of a story's articles must fit, not one of them."""
    values = sorted(found, reverse=True)
    half = values[: math.ceil(len(values) / 2)]
    return float(sum(half) / len(half)) if half else 0.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as typed, and what must be found: countries (ISO codes) and other words."""

    text: str
    places: frozenset[str]
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Topic:
        text = " ".join(text.split())
        found = places_of(_capitalised(text)) or places_of(text)
        if not found and (whole := place_code(text)):
            # Within a text "Soudan" or "Libye" may be a person's name; alone it is the country's.
            return cls(text, frozenset((whole,)), ())
        named = {fold(part) for name in _place_words(text) for part in name.split()}
        rest = tuple(word for word in content_words(text) if word not in named)
        return cls(text, frozenset(found), rest)

    def share_in(self, text: str) -> float:
        """Share of the topic's places and words that a text has, from 0 to 1."""
        wanted = len(self.places) + len(self.words)
        if not wanted:
            return 0.0
        found = sum(1 for code in self.places if code in _places(text))
        present = _words(text) if self.words else {}
        found += sum(1 for word in self.words if _has(word, present))
        return found / wanted

    def allows(self, sentence: str, paragraph: str) -> bool:
        """Whether a sentence of a paragraph on the topic does not speak of other places only."""
        spoken_of = _places(sentence)
        if not self.places or self.places & spoken_of or not spoken_of:
            return True
        return bool(self.places & _places(paragraph))


class TopicRelevance:
    """Tells which paragraphs of articles speak of a topic."""

    def __init__(self, search: HybridSearch) -> None:
        self._search = search

    def cosines(
        self, topic: Topic, paragraphs: Sequence[tuple[Article, int]]
    ) -> dict[ParagraphKey, float]:
        """The cosines of paragraphs to a topic, as far as their vectors are kept."""
        keys = [(article.id, number) for article, number in paragraphs]
        return self._search.cosines(topic.text, keys)

    def relevant(
        self, topic: Topic, paragraphs: Sequence[tuple[Article, int]]
    ) -> dict[ParagraphKey, float]:
        """The paragraphs that speak of it, each with how plainly, from 0 to 1.

        `paragraphs` are articles with a paragraph number. A paragraph of an older version, whose
        vector is no longer kept, goes by its words.
        """
        cosines = self.cosines(topic, paragraphs)
        found: dict[ParagraphKey, float] = {}
        for article, number in paragraphs:
            cosine = cosines.get((article.id, number), 0.0)
            score = plainness(topic, article, number, cosine)
            if score > 0:
                found[(article.id, number)] = score
        return found


def plainness(
    topic: Topic, article: Article, number: int, cosine: float, *, article_does: bool = False
) -> float:
    """How plainly a paragraph speaks of a topic; 0 where it does not.

    `article_does`: another paragraph of its article plainly speaks of it. Meaning alone never
    makes up for a place: neighbours are alike in meaning.
    """
    text = article.paragraph(number).text
    if topic.share_in(text) == 1:
        return 1.0
    titled = f"{article.title}\n{text}"
    if not topic.places <= _places(titled):
        return 0.0
    if not topic.words:
        return 0.0 if _places(text) else 0.4
    if cosine >= SPEAKS_OF_IT:
        return max(cosine, 0.5)
    if topic.share_in(titled) == 1:
        enough = BELONGS_TO_IT + SPEAKS_OF_ANOTHER if _lists(article.title) else SPEAKS_OF_ANOTHER
        return 0.4 if cosine >= enough else 0.0
    return 0.3 if article_does and cosine >= BELONGS_TO_IT else 0.0


def _lists(title: str) -> bool:
    """Whether a title names several matters: "Iran’s 60 days, the INF Treaty and Brexit"."""
    return len(_LISTED.split(title)) > 2


def _has(word: str, present: Mapping[str, str]) -> bool:
    return (
        word in present
        or stem(word, peoples=True) in present.values()
        or is_named(word, present.keys())
    )


@lru_cache(maxsize=8_192)
def _places(text: str) -> frozenset[str]:
    return frozenset(places_of(text))


@lru_cache(maxsize=8_192)
def _words(text: str) -> dict[str, str]:
    """Folded words of a text with their stems."""
    return {word: stem(word, peoples=True) for word in words(text)}


def _capitalised(text: str) -> str:
    """A topic as a headline would have it: people type "north korea"."""
    return text.title() if text == text.lower() else text


def _place_words(text: str) -> list[str]:
    """The longest runs of words of a topic that name a place."""
    given = _capitalised(text).split()
    found: list[str] = []
    first = 0
    while first < len(given):
        last = next(
            (
                last
                for last in range(min(len(given), first + _LONGEST_PLACE), first, -1)
                if _names_place(" ".join(given[first:last]))
            ),
            None,
        )
        if last is not None:
            found.append(" ".join(given[first:last]))
        first = last or first + 1
    return found


def _names_place(words_: str) -> bool:
    return place_code(words_) is not None or (" " not in words_ and bool(places_of(words_)))


def is_named(name: str, present: Set[str]) -> bool:
    """Whether a folded name stands among folded words, also as "Ukraine" for "Ukrainian"."""
    if name in present:
        return True
    return len(name) >= 4 and any(_same_stem(name, word) for word in present if len(word) >= 4)


def _same_stem(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    common = next(
        (at for at, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short)
    )
    return common == len(short) or (common >= 5 and len(long) - common <= 3)

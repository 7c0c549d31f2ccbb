"""Putting the application together from settings; tests call the same functions.

    open_corpus(settings)            the article store; no model, no index
    open_library(settings, corpus)   indexes, search and the answer chain; owns the index

What is opened last is closed first, also when opening fails half-way. The clock and the
answerer can be passed in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.settings import Settings
from corpus.store.articles import ArticleStore, open_store

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

    from corpus.fetch.client import Fetcher
    from retrieval.answers.chain import Events
    from retrieval.answers.extractive import Answerer
    from retrieval.encoders.cross_encoder import Reader
    from retrieval.encoders.packaged import Announce
    from retrieval.grounding.support import Verifier
    from retrieval.index.embedding import SentenceEmbeddings
    from retrieval.index.indexer import Indexer
    from retrieval.index.integrity import Part
    from retrieval.index.lexical import LexicalIndex
    from retrieval.index.vectors import VectorIndex
    from retrieval.outcomes import Usage
    from retrieval.questions.understand import Question
    from retrieval.reports.brief import BriefWriter, Quoted
    from retrieval.reports.digest import DigestMaker
    from retrieval.reports.quotes import PositionFinder
    from retrieval.reports.summary import SummaryMaker
    from retrieval.reports.timeline import TimelineMaker
    from retrieval.search.retriever import HybridSearch
    from retrieval.similarity import RememberedVectors
    from retrieval.stories.follower import StoryFollower
    from retrieval.stories.story import Stories, Story

log = logging.getLogger("chancery.library")


def open_corpus(settings: Settings) -> ArticleStore:
    """The article store that the settings name; StoreError where it cannot be opened."""
    _make_private(settings.home)
    return open_store(settings.store_url)


def _make_private(home: Path) -> None:
    """Nobody else on the machine looks into the home: it holds what people asked."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home.stat().st_mode & 0o077:
        home.chmod(0o700)


def make_fetcher(settings: Settings) -> Fetcher:
    """A fetcher with the limits of the settings."""
    from corpus.fetch.client import Fetcher

    return Fetcher(
        allowed_hosts=frozenset(settings.fetch_allowed_hosts),
        timeout_seconds=settings.fetch_timeout_seconds,
        max_bytes=int(settings.fetch_max_megabytes * 1_000_000),
    )


@dataclass(slots=True)
class Library:
    """Everything that answers: closes what it opened.

    `remembered` encodes for all reports, so that none encodes what another has.
    """

    corpus: ArticleStore
    embeddings: SentenceEmbeddings
    indexer: Indexer
    search: HybridSearch
    chain: Runnable[Question, Events]
    vectors: VectorIndex
    lexical: LexicalIndex
    remembered: RememberedVectors
    answerer: Answerer
    verifier: Verifier | None
    writer: BriefWriter | None
    _resources: ExitStack = field(repr=False)

    def usage(self) -> Usage | None:
        """What the language model was asked since this was opened; None without one."""
        from retrieval.answers.model import ModelAnswerer

        return self.answerer.meter.usage if isinstance(self.answerer, ModelAnswerer) else None

    def close(self) -> None:
        self._resources.close()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


def make_answerer(settings: Settings) -> Answerer:
    """The answerer that LLM_MODEL names, or the extractive one."""
    from retrieval.answers.extractive import ExtractiveAnswerer

    if settings.llm_model is None:
        return ExtractiveAnswerer()
    from retrieval.answers.model import make_model_answerer

    options: dict[str, Any] = {}
    if settings.llm_price_in is not None and settings.llm_price_out is not None:
        options["prices"] = (settings.llm_price_in, settings.llm_price_out)
    if settings.llm_api_key is not None:
        options["api_key"] = settings.llm_api_key.get_secret_value()
    return make_model_answerer(
        settings.llm_model,
        timeout_seconds=settings.llm_timeout_seconds,
        base_url=settings.llm_base_url,
        **options,
    )


def make_verifier(settings: Settings, answerer: Answerer) -> Verifier | None:
    """What checks the drafts of a language model by their meaning: the model itself, or the one
    that CHECKER_MODEL names; None for an extractive answerer, and for "rules"."""
    from retrieval.answers.extractive import writes_over_time

    if not writes_over_time(answerer) or settings.checker_model == "rules":
        return None
    if settings.checker_model is not None:
        from retrieval.grounding.support import CrossEncoderVerifier

        return CrossEncoderVerifier(settings.checker_model)
    from retrieval.answers.model import ModelAnswerer, ModelVerifier

    return ModelVerifier(answerer) if isinstance(answerer, ModelAnswerer) else None


def make_reader(settings: Settings) -> Reader | None:
    """The cross-encoder that RERANKER_MODEL names; it is loaded when it is first needed."""
    from retrieval.encoders import cross_encoder

    return cross_encoder.make_reader(settings.reranker_model)


def make_embeddings(settings: Settings, announce: Announce | None = None) -> SentenceEmbeddings:
    """The models that the settings name, which are loaded when they are first needed.

    `announce` is told before a packaged one is made ready, which takes seconds.
    """
    from retrieval.index import embedding

    return embedding.make_embeddings(
        settings.embedding_model, settings.multilingual_model, settings.models_home, announce
    )


def open_library(
    settings: Settings,
    corpus: ArticleStore,
    purpose: str,
    *,
    answerer: Answerer | None = None,
    embeddings: SentenceEmbeddings | None = None,
    announce: Announce | None = None,
) -> Library:
    """Open the indexes and build the chain.

    `purpose` is what a second process is told that this one does. Raises IndexOwned where another
    process owns an embedded index, other RetrievalErrors where something cannot be opened. Nothing
    is indexed yet: call `library.indexer.catch_up()`.
    """
    from retrieval.answers.chain import make_chain
    from retrieval.answers.extractive import SentenceScorer
    from retrieval.index.indexer import Indexer, finish_taking_over
    from retrieval.index.lexical import LexicalIndex
    from retrieval.index.vectors import IndexOwnership, VectorIndex
    from retrieval.reports.brief import BriefAuthor, BriefWriter
    from retrieval.reports.disputes import differing
    from retrieval.search.retriever import HybridSearch
    from retrieval.similarity import RememberedVectors

    answerer = answerer or make_answerer(settings)
    embeddings = embeddings or make_embeddings(settings, announce)
    with ExitStack() as opened:
        # The lexical index is a folder of this process even where Chroma is a server.
        opened.enter_context(IndexOwnership(settings.home, purpose))
        finish_taking_over(settings.home)
        indexers: list[Indexer] = []
        opened.callback(_remember_whole, settings.home, indexers)
        discard_damaged(settings, corpus, announce)
        lexical = LexicalIndex(settings.home, corpus.identity)
        opened.callback(lexical.close)
        vectors = VectorIndex(_chroma_client(settings), embeddings, corpus.identity)
        reader = make_reader(settings)
        search = HybridSearch(corpus, vectors, lexical, embeddings, reader=reader)
        remembered = RememberedVectors(embeddings.encode)
        differ = partial(differing, encode=remembered)
        scorer = SentenceScorer(lexical, reader, embeddings)
        verifier = make_verifier(settings, answerer)
        chain = make_chain(search, scorer, answerer, differ, verifier)
        indexer = Indexer(corpus, vectors, lexical, embeddings, settings.home)
        indexers.append(indexer)
        return Library(
            corpus,
            embeddings,
            indexer,
            search,
            chain,
            vectors,
            lexical,
            remembered,
            answerer,
            verifier,
            BriefWriter(answerer, verifier) if isinstance(answerer, BriefAuthor) else None,
            opened.pop_all(),
        )
    raise AssertionError("unreachable")


def explained(library: Library, text: str, asked_at: datetime) -> list[str]:
    """How a question that was asked then is answered now, a line a step."""
    from retrieval.answers.trace import lines, trace
    from retrieval.questions.understand import understand

    return list(lines(trace(library.chain.invoke(understand(text, asked_at)).outcome)))


def rebuild_indexes(
    settings: Settings,
    corpus: ArticleStore,
    catch_up: Callable[[Indexer], int],
    *,
    embeddings: SentenceEmbeddings | None = None,
    announce: Announce | None = None,
    replace: bool = False,
) -> int:
    """Build both indexes anew, by another model too; the number of paragraphs that were embedded.

    On a Chroma server the index of another store is replaced only where `replace` says so.

    They are built beside those that are there, which stay whole until the new ones are complete.
    What an interruption left is gone on with. `catch_up` brings the indexer up to the store.
    """
    from retrieval.index.indexer import Indexer, beside, finish_taking_over, take_over
    from retrieval.index.lexical import LexicalIndex
    from retrieval.index.vectors import IndexOwnership, VectorIndex

    embeddings = embeddings or make_embeddings(settings, announce)
    with IndexOwnership(settings.home, "reindex"):
        finish_taking_over(settings.home)
        discard_damaged(settings, corpus, announce, thorough=True)
        lexical = LexicalIndex(beside(settings.home), corpus.identity, anew=True)
        try:
            if not replace:
                require_own_server(settings, corpus)
            client = _chroma_client(settings)
            vectors = VectorIndex(client, embeddings, corpus.identity, beside=True)
            count = catch_up(Indexer(corpus, vectors, lexical, embeddings, settings.home))
        finally:
            lexical.close()
        take_over(settings.home)
        vectors.complete()
    return count


def require_own_server(settings: Settings, corpus: ArticleStore) -> None:
    """OtherStore where CHROMA_URL names a server that holds another store's index."""
    from retrieval.errors import ANOTHER_STORE, OtherStore
    from retrieval.index.vectors import store_of

    if settings.chroma_url and store_of(_chroma_client(settings)) not in (None, corpus.identity):
        raise OtherStore(ANOTHER_STORE)


def damages(settings: Settings, corpus: ArticleStore) -> list[str]:
    """What is wrong with the indexes in the home, a sentence each; this process must own them."""
    from retrieval.index.integrity import damage

    return [
        f"{wrong}; run: chancery reindex"
        for part in _own_parts(settings)
        if (wrong := damage(settings.home, part, corpus)) is not None
    ]


def discard_damaged(
    settings: Settings, corpus: ArticleStore, announce: Announce | None, *, thorough: bool = False
) -> None:
    """Remove what of the indexes cannot be read, so that it is built anew; this process must own
    them. Only `thorough` looks at what is as the last process left it."""
    from retrieval.index.integrity import damage, discard, left_as_it_was

    for part in _own_parts(settings):
        if not thorough and left_as_it_was(settings.home, part):
            continue
        if (wrong := damage(settings.home, part, corpus)) is not None:
            sentence = f"{wrong}; it is built anew from what was read."
            (announce or log.warning)(sentence)
            discard(settings.home, part)


def _remember_whole(home: Path, indexers: Sequence[Indexer]) -> None:
    """Note the files of closed indexes, unless writing them was broken off."""
    from retrieval.index.integrity import remember

    if indexers and all(indexer.whole for indexer in indexers):
        remember(home)


def _own_parts(settings: Settings) -> tuple[Part, ...]:
    """The indexes that are files of the home."""
    return ("words",) if settings.chroma_url else ("vectors", "words")


def _chroma_client(settings: Settings) -> Any:
    from retrieval.index.vectors import embedded_client, server_client

    if not settings.chroma_url:
        return embedded_client(settings.home)
    token = settings.chroma_token.get_secret_value() if settings.chroma_token else None
    return server_client(settings.chroma_url, token)


def make_position_finder(
    corpus: ArticleStore, search: HybridSearch | None = None
) -> PositionFinder:
    """Who said what; without a search, topics are known by their words alone."""
    from corpus.quotations.store import QuotationRegister
    from retrieval.reports.quotes import PositionFinder
    from retrieval.reports.topics import TopicRelevance

    relevance = TopicRelevance(search) if search is not None else None
    return PositionFinder(corpus, QuotationRegister(corpus), relevance)


def make_timeline_maker(library: Library) -> TimelineMaker:
    """What happened when, from the library's index."""
    from retrieval.reports.timeline import TimelineMaker
    from retrieval.stories.registry import StoryRegister

    story_of = StoryRegister(library.corpus).of_article
    return TimelineMaker(library.search, library.remembered, story_of)


def make_digest_maker(library: Library, as_of: datetime | None = None) -> DigestMaker:
    """Digests of the stories in the library; `story_follower` keeps those up.

    With `as_of` of what was known then.
    """
    from retrieval.reports.digest import DigestMaker
    from retrieval.reports.topics import TopicRelevance

    stories, quoted = _stories_and_quotations(library.corpus, as_of)
    search = library.search if as_of is None else library.search.then(as_of)
    version = library.corpus.version
    return DigestMaker(
        stories, library.remembered, quoted, version, TopicRelevance(search), library.writer
    )


def make_summary_maker(library: Library, as_of: datetime | None = None) -> SummaryMaker:
    """Summaries of the stories in the library; with `as_of` of what was known then."""
    from retrieval.reports.summary import SummaryMaker

    stories, quoted = _stories_and_quotations(library.corpus, as_of)
    search = library.search if as_of is None else library.search.then(as_of)
    of_articles = (library.corpus.version, library.corpus.newest)
    return SummaryMaker(stories, search, library.remembered, quoted, *of_articles, library.writer)


def make_story_summary_maker(library: Library, story: Story) -> SummaryMaker:
    """Summaries that know of one story only."""
    from corpus.quotations.store import QuotationRegister
    from retrieval.reports.summary import SummaryMaker
    from retrieval.stories.story import OneStory

    quoted, version = QuotationRegister(library.corpus).of, library.corpus.version
    made_of = (OneStory(story), library.search, library.remembered, quoted, version)
    return SummaryMaker(*made_of, writer=library.writer)


def make_stories(corpus: ArticleStore, as_of: datetime | None = None) -> Stories:
    """The stories of the store; with `as_of` as they were known then."""
    return _stories_and_quotations(corpus, as_of)[0]


def _stories_and_quotations(corpus: ArticleStore, as_of: datetime | None) -> tuple[Stories, Quoted]:
    from corpus.quotations.store import QuotationRegister
    from retrieval.stories.registry import StoriesAsOf, StoryRegister

    if as_of is None:
        return StoryRegister(corpus), QuotationRegister(corpus).of
    then = StoriesAsOf(StoryRegister(corpus), corpus, as_of)
    return then, then.quoted


def make_library_follower(library: Library) -> StoryFollower:
    """Groups what was read into stories, with the vectors that the library's index has."""
    from retrieval.stories.follower import StoryFollower

    return StoryFollower(library.corpus, library.embeddings, index=library.vectors)


def make_story_follower(settings: Settings, corpus: ArticleStore) -> StoryFollower:
    """Groups what was read into stories without an index; the model is loaded when something is
    to be grouped."""
    from retrieval.stories.follower import StoryFollower

    return StoryFollower(corpus, make_embeddings(settings))

"""Checking that everything Chancery needs is there: settings, store, model, index, Slack.

Each check is a finding in words, with what to do where it fails; no secret is ever shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.failures import BotError
from bot.settings import Settings, load_settings
from corpus.errors import CorpusError
from retrieval.errors import IndexOwned, RetrievalError

MOST_SET_ASIDE = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    name: str
    ok: bool
    detail: str


def diagnose() -> list[Finding]:
    """Check everything in turn; a failed check does not keep the next from being made."""
    try:
        settings = load_settings()
    except BotError as error:
        return [Finding("settings", False, str(error))]
    checks: tuple[tuple[str, Callable[[Settings], str]], ...] = (
        ("article store", _store),
        ("sources", _sources),
        ("embedding model", _model),
        ("reranker", _reranker),
        ("indexes", _indexes),
        ("answerer", _answerer),
        ("checker", _checker),
        ("slack", _slack),
    )
    return [Finding("settings", True, "read"), *_run(checks, settings)]


def _run(
    checks: tuple[tuple[str, Callable[[Settings], str]], ...], settings: Settings
) -> Iterator[Finding]:
    for name, check in checks:
        try:
            yield Finding(name, True, check(settings))
        except (BotError, CorpusError, RetrievalError) as error:
            yield Finding(name, False, str(error))


def _store(settings: Settings) -> str:
    from bot.library import open_corpus
    from corpus.store.database import public_name

    corpus = open_corpus(settings)
    try:
        counts = corpus.counts()
        where = public_name(corpus.engine.url)
    finally:
        corpus.close()
    return f"{counts.articles:,} articles, {counts.paragraphs:,} paragraphs in {where}"


def _sources(settings: Settings) -> str:
    from bot.library import open_corpus
    from corpus.feeds.registry import SourceRegister

    corpus = open_corpus(settings)
    try:
        sources = SourceRegister(corpus).sources()
    finally:
        corpus.close()
    told = [f"{one.name}: {one.set_aside}" for one in sources if one.set_aside]
    more = f"; {len(told) - MOST_SET_ASIDE} more in `chancery sources list`"
    named = "; ".join(told[:MOST_SET_ASIDE]) + (more if len(told) > MOST_SET_ASIDE else "")
    return f"{len(sources)} polled" + (f"; {named}" if named else "")


def _model(settings: Settings) -> str:
    from bot.library import make_embeddings

    told = []
    for encoder in make_embeddings(settings).encoders:
        encoder.load()
        told.append(
            f"{encoder.name}, {encoder.dimension} components, reads {encoder.window} tokens at once"
        )
    return "; other languages: ".join(told)


def _reranker(settings: Settings) -> str:
    from bot.library import make_reader

    reader = make_reader(settings)
    if reader is None:
        return "none; RERANKER_MODEL names one"
    reader.load()
    return reader.name


def _indexes(settings: Settings) -> str:
    from bot.library import open_corpus, open_library
    from retrieval.answers.extractive import ExtractiveAnswerer

    corpus = open_corpus(settings)
    try:
        with open_library(settings, corpus, "doctor", answerer=ExtractiveAnswerer()) as library:
            articles, paragraphs = library.indexer.pending()
    except IndexOwned as error:
        return str(error)
    finally:
        corpus.close()
    if articles:
        return f"{articles:,} articles with {paragraphs:,} paragraphs wait to be indexed"
    return "up to date"


def _answerer(settings: Settings) -> str:
    """The answerer's name; a language model is asked for one word."""
    from bot.library import make_answerer
    from retrieval.answers.model import ModelAnswerer

    answerer = make_answerer(settings)
    if not isinstance(answerer, ModelAnswerer):
        return answerer.name
    answerer.ask_for_a_word()
    return f"{answerer.name} answers"


def _checker(settings: Settings) -> str:
    from bot.library import make_answerer, make_verifier
    from retrieval.grounding.verifier import CrossEncoderVerifier

    verifier = make_verifier(settings, make_answerer(settings))
    if verifier is None:
        return "rules alone"
    if isinstance(verifier, CrossEncoderVerifier):
        verifier.load()
    return verifier.name


def _slack(settings: Settings) -> str:
    if not settings.has_slack:
        return "no tokens in .env; the terminal works without"
    from bot.slack.client import SlackGateway, make_client

    assert settings.slack_bot_token is not None
    client = make_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    return f"connected as {SlackGateway(client).identity().user}, {settings.slack_mode} mode"

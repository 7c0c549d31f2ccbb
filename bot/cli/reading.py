"""Commands that read articles and look after what was read: ingest, reindex, doctor.

`doctor` checks that everything is there: settings, store, model, index, Slack. Each check is a
finding in words, with what to do where it fails; no secret is ever shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import (
    DONE,
    IN_PART,
    Json,
    WrongUse,
    catch_up,
    opened_store,
    progress,
    record,
    say,
    show,
    show_json,
)
from bot.clock import utc_now
from bot.failures import BotError
from corpus.errors import CorpusError
from retrieval.errors import IndexOwned, IndexUnavailable, RetrievalError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.client import SlackGateway
    from corpus.articles import ReadArticle
    from corpus.fetch.client import Fetcher
    from corpus.ingest import Receipt
    from corpus.readers.folders import Refused
    from corpus.store.articles import ArticleStore

MOST_SET_ASIDE = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    name: str
    ok: bool
    detail: str


def diagnose() -> list[Finding]:
    """Check everything in turn; a failed check does not keep the next from being made."""
    from bot.settings import load_settings

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
    from corpus.store.database import public_name

    with opened_store(settings) as corpus:
        counts = corpus.counts()
        where = public_name(corpus.engine.url)
    return f"{counts.articles:,} articles, {counts.paragraphs:,} paragraphs in {where}"


def _sources(settings: Settings) -> str:
    from corpus.feeds.registry import SourceRegister

    with opened_store(settings) as corpus:
        sources = SourceRegister(corpus).sources()
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
    """How far the indexes are, once a process of its own has read and searched them."""
    from bot.library import damages, open_library
    from retrieval.answers.extractive import ExtractiveAnswerer
    from retrieval.index.vectors import IndexOwnership

    try:
        with opened_store(settings) as corpus:
            with IndexOwnership(settings.home, "doctor"):
                wrong = damages(settings, corpus)
            if wrong:
                raise IndexUnavailable(" ".join(wrong))
            with open_library(settings, corpus, "doctor", answerer=ExtractiveAnswerer()) as library:
                articles, paragraphs = library.indexer.pending()
    except IndexOwned as error:
        return str(error)
    if articles:
        waiting = f"{number(articles, 'article')} with {number(paragraphs, 'paragraph')}"
        return f"{waiting} to be indexed"
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
    from retrieval.grounding.support import CrossEncoderVerifier

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
    slack = SlackGateway(client)
    connected = f"connected as {slack.identity().user}, {settings.slack_mode} mode"
    return f"{connected}; {blocks_taken(slack)}"


def blocks_taken(slack: SlackGateway) -> str:
    """Whether Slack takes what we post: a reply, the Home page and a form are shown to it, and the
    newest blocks, which not every workspace has."""
    from bot.commands.replies import Reply, reply_messages
    from bot.commands.service import HELP
    from bot.failures import SlackError, SlackRefused
    from bot.home.views import digest_form, waiting_view
    from bot.records import SubscriptionDraft
    from bot.render.blocks import container, data_table, paragraph, words
    from bot.render.charts import coverage_by_place_block
    from retrieval.reports.report import Coverage

    form = digest_form(SubscriptionDraft(at="07:30", zone="UTC"), "", new=True)
    (reply, *_) = reply_messages(Reply(HELP))
    shown = (("blocks", list(reply.blocks)), ("view", waiting_view()), ("view", form))
    for what, payload in shown:
        try:
            slack.validate(what, payload)
        except SlackRefused as refused:
            if refused.reason.startswith("invalid_") and refused.reason != "invalid_arguments":
                raise
            return f"its blocks were not checked ({refused.reason})"
        except SlackError:
            return "its blocks were not checked"
    said, drawn = words("said"), Coverage(1, articles=2, by_place=(("LY", 2), ("SD", 1)))
    newest = (
        container("A story", "", [paragraph([said])]),
        data_table("Accounts", ["What is said"], [[[said]]]),
        coverage_by_place_block(drawn),
    )
    try:
        slack.validate("blocks", newest)
    except SlackError:
        return f"{len(shown)} kinds of blocks checked; no containers, tables and charts of its own"
    return f"{len(shown) + len(newest)} kinds of blocks checked"


LONGEST_SUBJECT = 200


def ingest(
    items: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL …", help="Files, folders, addresses.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="The bundled sample dispatches.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read articles from files, folders and web addresses."""
    from bot.render.wording import excerpt
    from bot.settings import load_settings

    if not items and not sample:
        raise WrongUse("Name a file, a folder or an address to read; or --sample for the sample.")
    settings = load_settings()
    started = time.perf_counter()
    with opened_store(settings) as corpus:
        receipt = read_into(corpus, settings, items or [], sample=sample)
        if receipt.new or receipt.updated:
            what = ", ".join([*(["the sample"] if sample else []), *(items or [])])
            done = f"{receipt.new} new, {receipt.updated} updated"
            record(corpus.engine, "articles read", excerpt(what, LONGEST_SUBJECT), done)
        waiting = index_pending(settings, corpus, "ingest") if receipt.read else None
    seconds = time.perf_counter() - started
    if as_json:
        show_json(receipt_document(receipt, seconds))
    else:
        show(receipt_text(receipt, seconds))
    if waiting:
        say(waiting)
    raise typer.Exit(IN_PART if receipt.failed or not receipt.read else DONE)


def read_into(
    corpus: ArticleStore, settings: Settings, items: list[str], *, sample: bool = False
) -> Receipt:
    """Read items (and the sample) into the article store; what fails is in the receipt."""
    from bot.library import make_fetcher
    from corpus.ingest import ingest as ingest_documents
    from corpus.samples import sample_articles, sample_sources

    if sample:
        corpus.put_sources(sample_sources())
    done = 0
    with make_fetcher(settings) as fetcher, progress("Reading articles") as advance:

        def advanced(count: int) -> None:
            nonlocal done
            advance(count - done)
            done = count

        def documents() -> Iterator[ReadArticle | Refused]:
            if sample:
                yield from sample_articles()
            for item in items:
                yield from read_item(item, fetcher)

        return ingest_documents(corpus, documents(), utc_now, advanced)


def read_item(item: str, fetcher: Fetcher) -> Iterator[ReadArticle | Refused]:
    """Articles of a path or an address."""
    from corpus.readers.folders import read_address, read_path

    if item.startswith(("http://", "https://")):
        return read_address(item, fetcher)
    return read_path(Path(item))


def index_pending(settings: Settings, corpus: ArticleStore, purpose: str) -> str | None:
    """Bring the indexes up to the store; a sentence instead where another process will."""
    from bot.library import open_library
    from retrieval.errors import DiskFull

    position = -1
    # What another process stores while this one closes was told that this one indexes it.
    while position < corpus.last_change():
        try:
            library = open_library(settings, corpus, purpose, announce=say)
        except IndexOwned as error:
            return f"Stored; the process that owns the index will index it. {error}"
        with library:
            try:
                catch_up(library.indexer)
            except DiskFull as error:
                return str(error)
            position = library.indexer.position
    return None


def receipt_document(receipt: Receipt, seconds: float) -> dict[str, object]:
    """The JSON form of a receipt."""
    return {
        "new": receipt.new,
        "updated": receipt.updated,
        "unchanged": receipt.unchanged,
        "duplicates": receipt.duplicates,
        "paragraphs": receipt.paragraphs,
        "failed": [{"item": refused.item, "reason": refused.reason} for refused in receipt.failed],
        "seconds": round(seconds, 3),
    }


def receipt_text(receipt: Receipt, seconds: float) -> str:
    """The receipt in words: each refusal on a line, then what became of the rest."""
    lines = [f"{refused.item}: {refused.reason}." for refused in receipt.failed]
    counted = [
        f"{count} {word}"
        for count, word in (
            (receipt.new, "new"),
            (receipt.updated, "updated"),
            (receipt.unchanged, "unchanged"),
        )
        if count
    ]
    detail = f" ({', '.join(counted)})" if counted else ""
    parts = [f"{number(receipt.read, 'article')} read{detail}"]
    if receipt.paragraphs:
        parts.append(number(receipt.paragraphs, "paragraph"))
    if receipt.duplicates:
        parts.append(f"{receipt.duplicates} of them {plural(receipt.duplicates, 'copy', 'copies')}")
    if receipt.failed:
        parts.append(f"{len(receipt.failed)} refused")
    lines.append(f"{', '.join(parts)}. {seconds:.1f} s")
    return "\n".join(lines)


def number(count: int, noun: str, many: str | None = None) -> str:
    """A count with its noun: "1 article", "2,000 articles"."""
    return f"{count:,} {plural(count, noun, many)}"


def plural(count: int, noun: str, many: str | None = None) -> str:
    return noun if count == 1 else many or f"{noun}s"


def reindex(
    replace: Annotated[
        bool, typer.Option("--replace", help="Also in the place of another store's index.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Build both indexes anew from the article store; the old ones stay until it is done.

    After an interruption it goes on where it was.
    """
    from bot.library import rebuild_indexes
    from bot.settings import load_settings

    settings = load_settings()
    started = time.perf_counter()
    with opened_store(settings) as corpus:
        paragraphs = rebuild_indexes(settings, corpus, catch_up, announce=say, replace=replace)
    seconds = time.perf_counter() - started
    if as_json:
        show_json({"paragraphs": paragraphs, "seconds": round(seconds, 3)})
    else:
        show(f"{number(paragraphs, 'paragraph')} indexed. {seconds:.1f} s")


def doctor(as_json: Json = False) -> None:
    """Check settings, store, model, indexes and Slack tokens; say what to do about each."""
    findings = diagnose()
    if as_json:
        show_json({"checks": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            show(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.detail}")
    raise typer.Exit(DONE if all(finding.ok for finding in findings) else IN_PART)

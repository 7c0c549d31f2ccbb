"""Commands that read articles and look after what was read: ingest, reindex, doctor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import DONE, IN_PART, Json, WrongUse, catch_up, progress, say, show, show_json

if TYPE_CHECKING:
    from bot.settings import Settings
    from corpus.articles import ReadArticle
    from corpus.fetch.client import Fetcher
    from corpus.ingest import Receipt
    from corpus.readers.folders import Refused
    from corpus.store.articles import ArticleStore

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
    from bot.library import open_corpus
    from bot.settings import load_settings

    if not items and not sample:
        raise WrongUse("Name a file, a folder or an address to read; or --sample for the sample.")
    settings = load_settings()
    started = time.perf_counter()
    corpus = open_corpus(settings)
    try:
        receipt = read_into(corpus, settings, items or [], sample=sample)
        if receipt.new or receipt.updated:
            what = ", ".join([*(["the sample"] if sample else []), *(items or [])])
            _record(corpus, what, f"{receipt.new} new, {receipt.updated} updated")
        waiting = index_pending(settings, corpus, "ingest") if receipt.read else None
    finally:
        corpus.close()
    seconds = time.perf_counter() - started
    if as_json:
        show_json(receipt_document(receipt, seconds))
    else:
        show(receipt_text(receipt, seconds))
    if waiting:
        say(waiting)
    raise typer.Exit(IN_PART if receipt.failed or not receipt.read else DONE)


def _record(corpus: ArticleStore, what: str, detail: str) -> None:
    from bot.clock import utc_now
    from bot.db.audit import Audit, terminal_user
    from bot.render.wording import excerpt

    subject = excerpt(what, LONGEST_SUBJECT)
    Audit(corpus.engine).record(terminal_user(), "articles read", subject, detail, utc_now())


def read_into(
    corpus: ArticleStore, settings: Settings, items: list[str], *, sample: bool = False
) -> Receipt:
    """Read items (and the sample) into the article store; what fails is in the receipt."""
    from bot.clock import utc_now
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
    from retrieval.errors import IndexOwned

    try:
        library = open_library(settings, corpus, purpose, announce=say)
    except IndexOwned as error:
        return f"Stored; the process that owns the index will index it. {error}"
    with library:
        catch_up(library.indexer)
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


def reindex(as_json: Json = False) -> None:
    """Build both indexes anew from the article store; the old ones stay until it is done.

    After an interruption it goes on where it was.
    """
    from bot.library import open_corpus, rebuild_indexes
    from bot.settings import load_settings

    settings = load_settings()
    started = time.perf_counter()
    corpus = open_corpus(settings)
    try:
        paragraphs = rebuild_indexes(settings, corpus, catch_up, announce=say)
    finally:
        corpus.close()
    seconds = time.perf_counter() - started
    if as_json:
        show_json({"paragraphs": paragraphs, "seconds": round(seconds, 3)})
    else:
        show(f"{number(paragraphs, 'paragraph')} indexed. {seconds:.1f} s")


def doctor(as_json: Json = False) -> None:
    """Check settings, store, model, indexes and Slack tokens; say what to do about each."""
    from bot.cli.doctor import diagnose

    findings = diagnose()
    if as_json:
        show_json({"checks": [{"name": f.name, "ok": f.ok, "detail": f.detail} for f in findings]})
    else:
        for finding in findings:
            show(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.name}: {finding.detail}")
    raise typer.Exit(DONE if all(finding.ok for finding in findings) else IN_PART)

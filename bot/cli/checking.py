"""`chancery check`: which claims of a text the corpus supports, and where."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, progress, say, show, show_json
from bot.cli.narrowing import AsOf, Place, Since, SourceName, Until, narrowed, note_unknown_sources
from bot.cli.opening import opened_library
from bot.cli.reading import Json
from bot.clock import utc_now

if TYPE_CHECKING:
    from corpus.articles import ReadArticle

STDIN = "-"
LARGEST_TEXT = 5_000_000
"""Bytes of a text whose claims are looked up."""
# Lines and lists say what one claim is; reading these as articles would lose them.
_PLAIN = (".txt", ".text", ".md", ".markdown")


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A text (.txt, .md, .html, .pdf), or - for stdin.")
    ],
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    as_json: Json = False,
) -> None:
    """Look up the claims of a text, and tell of each how far the sources carry it."""
    from bot.documents.answers import current_of
    from bot.documents.claims import claims_document
    from bot.rendering.claims_text import claims_text
    from retrieval.claim_splitting import claims_of
    from retrieval.claims import check_claims
    from retrieval.support import Support

    narrowing = narrowed(since, until, as_of, place, source)
    text = read_text(file)
    started = time.perf_counter()
    found = claims_of(text)
    if not found.claims:
        if as_json:
            show_json(claims_document((), found.passed_over, time.perf_counter() - started))
        say(f"{_named(file)}: no sentence of it claims anything.")
        raise typer.Exit(IN_PART)
    with opened_library("check") as library:
        note_unknown_sources(library.corpus, narrowing.sources)
        started = time.perf_counter()
        with progress("Checking claims", len(found.claims)) as advance:
            claims = check_claims(text, library.search, utc_now(), narrowing, advance=advance)
        seconds = time.perf_counter() - started
        cited = [one for claim in claims for one in (*claim.citations, *claim.nearest)]
        current = current_of(cited, library.corpus) if narrowing.as_of else None
    if as_json:
        show_json(claims_document(claims, found.passed_over, seconds, current))
    else:
        show(claims_text(claims, found.passed_over, seconds))
    supported = all(claim.support is Support.SUPPORTED for claim in claims)
    raise typer.Exit(DONE if supported else IN_PART)


def read_text(file: str) -> str:
    """The text of a file or of stdin; ends the command where there is none to be read."""
    from corpus.errors import ReadError
    from corpus.plain import decode

    if file == STDIN:
        try:
            text = decode(sys.stdin.buffer.read(LARGEST_TEXT + 1), "stdin")
        except ReadError as error:
            raise WrongUse(f"stdin {error.reason}.") from None
    else:
        text = _text_of_file(Path(file))
    if not text.strip():
        raise WrongUse(f"{_named(file)}: empty, nothing to check.")
    return text


def _text_of_file(path: Path) -> str:
    from corpus.errors import ReadError
    from corpus.files import Refused, read_path
    from corpus.plain import decode

    if path.is_dir():
        raise WrongUse(f"{path}: a folder; name one text.")
    if path.suffix.lower() in _PLAIN:
        try:
            with path.open("rb") as stream:
                body = stream.read(LARGEST_TEXT + 1)
            if len(body) > LARGEST_TEXT:
                raise WrongUse(f"{path}: larger than {LARGEST_TEXT // 1_000_000} MB.")
            return decode(body, str(path))
        except OSError as error:
            raise WrongUse(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from None
        except ReadError as error:
            raise WrongUse(f"{path}: {error.reason}.") from None
    texts: list[str] = []
    for outcome in read_path(path):
        if isinstance(outcome, Refused):
            raise WrongUse(f"{outcome.item}: {outcome.reason}.")
        texts.append(_text_of_article(outcome))
    return "\n\n".join(texts)


def _text_of_article(article: ReadArticle) -> str:
    return "\n\n".join([f"# {article.title}", *article.paragraphs])


def _named(file: str) -> str:
    return "stdin" if file == STDIN else file

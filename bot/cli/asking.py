"""Commands that ask: search and ask, one at a time or a file of questions at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import DONE, IN_PART, WrongUse, say, show, show_json
from bot.cli.narrowing import AsOf, Place, Since, SourceName, Until, narrowed, note_unknown_sources
from bot.cli.opening import opened_library
from bot.cli.reading import Json
from bot.clock import utc_now

if TYPE_CHECKING:
    from retrieval.answers import Answer

Queries = Annotated[
    Path | None, typer.Option("--queries", help="JSON lines with id and question; answers alike.")
]
AsCable = Annotated[bool, typer.Option("--cable", help="As a cable, to be pasted elsewhere.")]
Count = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many results.")]


@dataclass(frozen=True, slots=True)
class Query:
    """A line of a queries file."""

    id: str
    question: str


def search(
    query: Annotated[str | None, typer.Argument(metavar="QUERY")] = None,
    k: Count = 10,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    queries: Queries = None,
    as_json: Json = False,
) -> None:
    """Find the paragraphs that fit a query best."""
    from bot.documents.answers import search_document
    from bot.rendering.answer_text import search_text
    from retrieval.questions import understand

    narrowing = narrowed(since, until, as_of, place, source)
    asked = _asked(query, queries)
    found_all = True
    with opened_library("search") as library:
        note_unknown_sources(library.corpus, narrowing.sources)
        for line in asked:
            started = time.perf_counter()
            question = understand(line.question, utc_now(), narrowing)
            found = library.search.find(question, k)
            document = search_document(line.question, found, time.perf_counter() - started)
            found_all = found_all and bool(found)
            if queries is not None:
                show_json({"id": line.id, **document})
            elif as_json:
                show_json(document)
            elif found:
                show(search_text(found))
            else:
                say(f"Nothing found on “{line.question}”.")
    raise typer.Exit(DONE if found_all else IN_PART)


def ask(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION")] = None,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    place: Place = None,
    source: SourceName = None,
    queries: Queries = None,
    as_cable: AsCable = False,
    as_json: Json = False,
) -> None:
    """Answer a question, every sentence with its source."""
    from bot.documents.answers import answer_document, current_of
    from bot.rendering.answer_text import answer_text
    from retrieval.answers import Answer
    from retrieval.questions import understand

    narrowing = narrowed(since, until, as_of, place, source)
    asked = _asked(question, queries)
    answered_all = True
    with opened_library("ask") as library:
        note_unknown_sources(library.corpus, narrowing.sources)
        for line in asked:
            started = time.perf_counter()
            outcome = library.chain.invoke(understand(line.question, utc_now(), narrowing)).outcome
            seconds = time.perf_counter() - started
            answered_all = answered_all and isinstance(outcome, Answer)
            cited = outcome.citations if isinstance(outcome, Answer) else ()
            # Only what was known at another time may have changed since.
            current = current_of(cited, library.corpus) if narrowing.as_of else None
            if queries is not None:
                show_json({"id": line.id, **answer_document(outcome, seconds, current)})
            elif as_json:
                show_json(answer_document(outcome, seconds, current))
            elif as_cable and isinstance(outcome, Answer):
                show(_cable(line.question, outcome))
            else:
                show(answer_text(outcome, seconds))
    raise typer.Exit(DONE if answered_all or queries is not None else IN_PART)


def _cable(question: str, answer: Answer) -> str:
    from bot.rendering.cable import Cabled, cable_text
    from bot.rendering.sections import content_of_outcome

    content = content_of_outcome(answer)
    return cable_text(Cabled("answer", question, utc_now(), content, answer.citations)).rstrip()


def _asked(text: str | None, queries: Path | None) -> list[Query]:
    if (text is None) == (queries is None):
        raise WrongUse("Ask one question, or name a file of them with --queries.")
    if queries is not None:
        return list(_read_queries(queries))
    assert text is not None
    if not text.strip():
        raise WrongUse("The question is empty.")
    return [Query("", text)]


def _read_queries(path: Path) -> Iterator[Query]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise WrongUse(f"{path}: {reason}.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            yield Query(str(value["id"]), str(value["question"]))
        except (ValueError, KeyError, TypeError):
            raise WrongUse(f"{path}, line {number}: needs id and question as JSON.") from None

"""Commands that ask: search and ask, one at a time or a file of questions at once; check, which
looks up the claims of a text; and those that keep talking: chat in the terminal, serve in Slack,
run for whichever fits.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from bot.cli.console import (
    DONE,
    IN_PART,
    AsOf,
    InLanguage,
    Json,
    Place,
    Since,
    SourceName,
    Until,
    WrongUse,
    narrowed,
    note_unknown_sources,
    opened_library,
    opened_store,
    progress,
    say,
    show,
    show_json,
    spoken_language,
)
from bot.clock import utc_now

if TYPE_CHECKING:
    from bot.commands.reports import Report
    from bot.library import Library
    from bot.settings import Settings
    from retrieval.outcomes import Answer
    from retrieval.questions.understand import Narrowing

Queries = Annotated[
    Path | None, typer.Option("--queries", help="JSON lines with id and question; answers alike.")
]
Explain = Annotated[bool, typer.Option("--explain", help="Also how the answer came about.")]
AsCable = Annotated[bool, typer.Option("--cable", help="As a cable, to be pasted elsewhere.")]
Count = Annotated[int, typer.Option("-k", min=1, max=1000, help="How many results.")]


@dataclass(frozen=True, slots=True)
class Query:
    """A line of a queries file."""

    id: str | None
    question: str

    def identified(self, document: dict[str, Any]) -> dict[str, Any]:
        """What answers it, with its id; as it is where nobody gave one."""
        return document if self.id is None else {"id": self.id, **document}


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
    from bot.render.answers import search_text
    from bot.render.documents import search_document
    from retrieval.questions.understand import understand

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
            if queries is not None or as_json:
                show_json(line.identified(document))
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
    explain: Explain = False,
    as_json: Json = False,
    language: InLanguage = None,
) -> None:
    """Answer a question, every sentence with its source."""
    from bot.render.answers import answer_text
    from bot.render.documents import answer_document, current_of, page_document
    from bot.render.wording import printed
    from retrieval.answers.trace import lines, trace
    from retrieval.outcomes import Answer
    from retrieval.questions.understand import asks_back, understand

    narrowing = narrowed(since, until, as_of, place, source)
    asked, in_json = _asked(question, queries), queries is not None or as_json
    answered_all = True
    with spoken_language(language), opened_library("ask") as library:
        note_unknown_sources(library.corpus, narrowing.sources)
        for line in asked:
            started = time.perf_counter()
            if not in_json and (back := asks_back(line.question)):
                say(back)
                answered_all = False
                continue
            if report := _reported(line.question, narrowing, library):
                seconds = time.perf_counter() - started
                document = page_document(report.page, line.question, report.kind, seconds)
                answered_all = answered_all and report.found
                if in_json:
                    show_json(line.identified(document))
                else:
                    show(report.text.rstrip())
                continue
            outcome = library.chain.invoke(understand(line.question, utc_now(), narrowing)).outcome
            seconds = time.perf_counter() - started
            answered_all = answered_all and isinstance(outcome, Answer)
            cited = outcome.citations if isinstance(outcome, Answer) else ()
            # Only what was known at another time may have changed since.
            current = current_of(cited, library.corpus) if narrowing.as_of else None
            if in_json:
                document = answer_document(outcome, seconds, current, explain=explain)
                show_json(line.identified(document))
            elif as_cable and isinstance(outcome, Answer):
                show(_cable(line.question, outcome))
            else:
                show(answer_text(outcome, seconds))
                if explain:
                    show("\n" + printed("\n".join(lines(trace(outcome)))))
    raise typer.Exit(DONE if answered_all or queries is not None else IN_PART)


def _reported(text: str, narrowing: Narrowing, library: Library) -> Report | None:
    """The report that plain words ask for, as in chat and in Slack; None where they ask a
    question. What options narrow beside the time is looked up by the question's way."""
    from bot.commands.grammar import read_request
    from bot.commands.intents import AskQuotes, AskSummary, AskTimeline
    from bot.commands.reports import Reports
    from bot.library import make_library_follower

    request = read_request(text, utc_now())
    others = narrowing.as_of or narrowing.places or narrowing.sources
    if others or not isinstance(request, AskSummary | AskQuotes | AskTimeline):
        return None
    since, until = narrowing.since or request.since, narrowing.until or request.until
    reports = Reports(library, make_library_follower(library).catch_up)
    return reports.report(replace(request, since=since, until=until), utc_now(), ZoneInfo("UTC"))


def _cable(question: str, answer: Answer) -> str:
    from bot.render.cable import Cabled, cable_text
    from bot.render.page import content_of_outcome

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
    return [Query(None, text)]


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
    language: InLanguage = None,
    as_json: Json = False,
) -> None:
    """Look up the claims of a text, and tell of each how far the sources carry it."""
    from bot.render.claims import claims_text
    from bot.render.documents import claims_document, current_of
    from retrieval.grounding.claims import check_claims, claims_of
    from retrieval.grounding.support import Support

    narrowing, spoken = narrowed(since, until, as_of, place, source), spoken_language(language)
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
            of = (text, library.search, utc_now(), narrowing)
            claims = check_claims(*of, advance=advance, verifier=library.verifier)
        seconds = time.perf_counter() - started
        cited = [one for claim in claims for one in (*claim.citations, *claim.nearest)]
        current = current_of(cited, library.corpus) if narrowing.as_of else None
    if as_json:
        show_json(claims_document(claims, found.passed_over, seconds, current))
    else:
        with spoken:
            show(claims_text(claims, found.passed_over, seconds))
    supported = all(claim.support is Support.SUPPORTED for claim in claims)
    raise typer.Exit(DONE if supported else IN_PART)


def read_text(file: str) -> str:
    """The text of a file or of stdin; ends the command where there is none to be read."""
    from corpus.errors import ReadError
    from corpus.readers.markdown import decode

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
    from corpus.readers.folders import Refused, read_path
    from corpus.readers.markdown import decode

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
        texts += [f"# {outcome.title}", *outcome.paragraphs]
    return "\n\n".join(texts)


def _named(file: str) -> str:
    return "stdin" if file == STDIN else file


def chat(language: InLanguage = None) -> None:
    """Talk in the terminal."""
    from bot.chat.terminal import converse

    with spoken_language(language), opened_library("chat") as library:
        converse(library, utc_now, sys.stdin, sys.stdout)


def serve() -> None:
    """Run the Slack bot."""
    from bot.settings import load_settings

    settings = load_settings()
    if not settings.has_slack:
        raise WrongUse(_what_slack_needs(settings))
    from bot.service import run_service

    run_service(settings)


def run() -> None:
    """Read the sample if nothing was read; then Slack, or the terminal without its tokens."""
    from bot.settings import load_settings

    settings = load_settings()
    _read_sample_once(settings)
    if settings.has_slack:
        serve()
        return
    if sys.stdin.isatty():
        say("No Slack tokens in .env, so this is the terminal chat (README: Connect Slack).")
        chat()
        return
    from bot.chat.terminal import demonstrate

    say("No Slack tokens in .env and no terminal: here are five questions to the sample.")
    with opened_library("run") as library:
        demonstrate(library, utc_now, sys.stdout)


def _read_sample_once(settings: Settings) -> None:
    from bot.cli.reading import index_pending, read_into

    with opened_store(settings) as corpus:
        if corpus.last_change() == 0:
            receipt = read_into(corpus, settings, [], sample=True)
            say(f"Read the bundled sample: {receipt.new} dispatches of January to June 2019.")
            if waiting := index_pending(settings, corpus, "run"):
                say(waiting)


def _what_slack_needs(settings: Settings) -> str:
    needed = (
        "SLACK_BOT_TOKEN and SLACK_APP_TOKEN"
        if settings.slack_mode == "socket"
        else "SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET"
    )
    return f"Slack needs {needed} in .env (README: Connect Slack); chancery chat works without."

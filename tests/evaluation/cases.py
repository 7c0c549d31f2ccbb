"""Small inputs that went wrong in feed readers, extractors and PDF tools: how many are read right.

    python -m tests.evaluation.cases             which hold, and of the others what was seen
    python -m tests.evaluation.cases 03 27       only these

The data are the folders of `../shared/data/cases`, each with a README that says what happens and
what should. Feeds are polled from a local web, files are read as `chancery ingest` reads them and
questions are asked on the command line: a case holds where all that its README asks for is seen.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from corpus.articles import Article, Source, SourceKind
from corpus.feeds.poll import Poller, SourceReport
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.fetch.client import Fetcher
from corpus.ingest import ingest
from corpus.readers.folders import read_address, read_path
from corpus.store.articles import ArticleStore, open_store
from corpus.text.dates import date_mentions
from tests.evaluation.sets import DataAbsent, data_folder
from tests.evaluation.table import Measurement
from tests.fakes.web import Asked, LocalWeb, Reply

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
_CAPTURED_HOSTS = (b"127.0.0.1:8931", b"localhost:8931")
# Words of the paragraphs of which the inputs are made.
RECEIVED, OPENED, ROUND = "received the delegation", "first of May", "second round of talks"

Seen = Iterator[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Case:
    """What was seen of one case: what its README asks for, and whether it is so."""

    name: str
    seen: tuple[tuple[str, bool], ...]

    @property
    def holds(self) -> bool:
        return bool(self.seen) and all(is_so for _, is_so in self.seen)


class Town:
    """A store that is read into, a local web, and a clock that polls move on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()
        self.now = NOW

    def __enter__(self) -> Self:
        home = self._open.enter_context(tempfile.TemporaryDirectory())
        self.home = Path(home)
        self.web = self._open.enter_context(LocalWeb())
        self.store: ArticleStore = open_store(f"sqlite:///{self.home / 'case.db'}")
        self._open.callback(self.store.close)
        self.fetcher = self._open.enter_context(Fetcher(frozenset({self.web.host})))
        self.register = SourceRegister(self.store)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def body(self, file: str) -> bytes:
        content = (self.folder / file).read_bytes()
        for host in _CAPTURED_HOSTS:
            content = content.replace(host, self.web.host.encode())
        return content

    def serves(self, path: str, file: str) -> None:
        kind = "application/pdf" if file.endswith(".pdf") else "text/html; charset=utf-8"
        kind = "application/rss+xml" if file.endswith(".xml") else kind
        self.web.page(path, self.body(file), content_type=kind)

    def source(self, name: str, path: str, kind: SourceKind, home: str | None = None) -> None:
        source = Source(name, home or self.web.url(), kind)
        self.register.put(PolledSource(source, self.web.url(path)))

    def poll(self, hours: float = 2) -> list[SourceReport]:
        self.now += timedelta(hours=hours)
        poller = Poller(
            self.store, self.fetcher, lambda: self.now, chance=lambda: 0.5, pause_seconds=0
        )
        return list(poller.poll().sources)

    def polled(self, file: str = "feed.xml") -> list[Article]:
        """What stands in the store after a feed was polled once."""
        self.serves("/feed", file)
        self.source("Harbour Ministry", "/feed", SourceKind.OFFICIAL)
        self.poll()
        return self.articles()

    def read(self, *files: str) -> list[Article]:
        for file in files:
            ingest(self.store, read_path(self.folder / file), lambda: self.now)
        return self.articles()

    def articles(self) -> list[Article]:
        return sorted((one.article for one in self.store.changes_since(0)), key=lambda a: a.title)

    def chancery(self, *arguments: str) -> list[dict[str, Any]]:
        """JSON lines that the command line answers, from a home of its own."""
        environment = {**os.environ, "CHANCERY_HOME": str(self.home), "LLM_MODEL": ""}
        ran = subprocess.run(
            [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]

    def answers(self, questions: Sequence[str], *files: Path) -> dict[str, dict[str, Any]]:
        self.chancery("ingest", "--json", *map(str, files))
        asked = self.home / "questions.jsonl"
        lines = (json.dumps({"id": one, "question": one}) for one in questions)
        asked.write_text("\n".join(lines), encoding="utf-8")
        return {one["id"]: one for one in self.chancery("ask", "--queries", str(asked))}


def _text(article: Article) -> str:
    return "\n".join(one.text for one in article.paragraphs)


def _dates(articles: Sequence[Article]) -> list[str]:
    return [f"{one.published_at:%Y-%m-%dT%H:%M}" if one.published_at else "" for one in articles]


def _is(what: str, seen: object, wanted: object) -> tuple[str, bool]:
    return f"{what}: {str(seen)[:300]}", seen == wanted


def case_01(town: Town) -> Seen:
    wanted = ["2026-03-09T10:00", "2026-03-09T10:00", "2026-03-09T00:00"]
    yield _is("dates", _dates(town.polled()), wanted)


def case_02(town: Town) -> Seen:
    seen = _dates(town.polled())
    yield _is("dates", seen, ["2020-04-10T15:00", "2020-04-20T15:00"])


def case_03(town: Town) -> Seen:
    yield _is("feed", _dates(town.polled()), [
        "2023-10-28T20:28", "2024-12-15T16:15", "2020-04-10T17:15"
    ])  # fmt: skip
    page = [one for one in town.read("page.html") if one.url.startswith("file:")]
    yield _is("page", _dates(page), ["2026-11-20T22:30"])


def case_05(town: Town) -> Seen:
    town.polled("feed1.xml")
    town.serves("/feed", "feed2.xml")
    town.poll()
    seen = [(one.title, one.version) for one in town.articles()]
    yield _is("articles", seen, [("Lock opened", 1), ("Talks resume", 1)])


def case_07(town: Town) -> Seen:
    def answer(asked: Asked) -> Reply:
        if "if-modified-since" in asked.headers or "if-none-match" in asked.headers:
            return Reply(304)
        stamp = {"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}
        return Reply(200, stamp, [body])

    body = town.body("feed.xml")
    town.web.answer("/feed", answer)
    town.source("Harbour Ministry", "/feed", SourceKind.OFFICIAL)
    town.poll()
    body = body.replace(b"/a/1", b"/a/2").replace(b"Lock opened", b"Lock closed")
    for _ in range(30):
        town.poll(1)
    yield _is("articles after a day", len(town.articles()), 2)


def case_08(town: Town) -> Seen:
    there = os.getcwd()
    try:
        os.chdir(town.home)
        runpy.run_path(str(town.folder / "make.py"))
    finally:
        os.chdir(there)
    body = (town.home / "feed.xml").read_bytes()
    town.web.page("/feed", body, content_type="application/rss+xml")
    town.source("Harbour Ministry", "/feed", SourceKind.OFFICIAL)
    source = town.register.source("Harbour Ministry")
    assert source is not None
    town.register.change(
        "Harbour Ministry", source.source, interval=source.interval, full_text=False
    )
    town.poll()
    titles = {one.article.title for one in town.store.changes_since(0, limit=10_000)}
    yield "the newest is read", "Notice 5099" in titles


def case_09(town: Town) -> Seen:
    for name, parts in (("a", (RECEIVED, OPENED, ROUND)), ("b", (RECEIVED, OPENED, ROUND)),
                        ("c", (RECEIVED, OPENED))):  # fmt: skip
        town.serves(f"/{name}", f"feed-{name}.xml")
        town.source(f"Ministry {name}", f"/{name}", SourceKind.OFFICIAL)
        town.poll()
        found = [one for one in town.articles() if one.source == f"Ministry {name}"]
        text = "\n".join(map(_text, found))
        yield f"feed-{name}: {text[:200]}", all(part in text for part in parts)
        yield "no CDATA", "CDATA" not in text + "".join(one.title for one in found)


def case_10(town: Town) -> Seen:
    (article,) = town.polled()
    text = article.title + _text(article)
    yield f"no tags: {text[:200]}", "<p>" not in text and "&quot;" not in text
    yield _is("paragraphs", len(article.paragraphs), 2)


def case_11(town: Town) -> Seen:
    town.serves("/pdf/s.pdf", "s.pdf")
    articles = town.polled()
    yield _is("articles", len(articles), 2)
    document = town.web.url("/pdf/s.pdf")
    for one in articles:
        yield _is(f"address of {one.title}", one.url, document)
        yield f"text of {one.title}: {_text(one)[:120]}", len(_text(one)) > 250


def case_12(town: Town) -> Seen:
    for page in ("login.html", "geo.html", "js2.html", "cookie2.html", "related.html"):
        town.serves(f"/w/{page}", page)
    for one in town.polled():
        text = _text(one)
        foreign = re.search(r"Log in|website is|JavaScript|consent|ad-free|fishing|office", text)
        yield f"{one.url.rpartition('/')[2]}: {text[:160]}", foreign is None


def case_13(town: Town) -> Seen:
    (article,) = town.read("notice.pdf")
    yield _is("title", article.title, "Notice")
    text = " ".join(one.text for one in article.paragraphs)
    sentences = re.findall(r"[^.]+\.", text)
    yield f"nothing twice: {text[:200]}", len(sentences) == len(set(sentences))


def case_14(town: Town) -> Seen:
    for name in ("turned.pdf", "turned_by_page.pdf"):
        found = [one for one in town.read(name) if one.url.endswith(name)]
        words = [len(p.text.split()) for one in found for p in one.paragraphs]
        yield f"{name}: {len(words)} paragraphs", not words or sum(words) / len(words) > 5


def case_15(town: Town) -> Seen:
    text = " ".join(map(_text, town.read("hyphens.pdf")))
    for word in ("two-hour", "UN-led", "non-aligned"):
        yield f"{word}: {text[:120]}", word in text


def case_17(town: Town) -> Seen:
    for name in ("catch.md", "table.pdf"):
        with Town(town.folder) as other:
            text = [one.text for article in other.read(name) for one in article.paragraphs]
            row = [one for one in text if "Ndolo" in one and "980" in one]
            yield f"a row of {name}: {row}", bool(row) and "2,005" not in row[0]
        with Town(town.folder) as other:
            questions = ("How many tonnes did Ndolo land in 2026?",
                         "What was the catch of Kibira in 2025?")  # fmt: skip
            answers = other.answers(questions, town.folder / name)
            for question, number in zip(questions, ("980", "310"), strict=True):
                told = " ".join(one["text"] for one in answers[question]["statements"])
                yield f"{name}: {question} {told}", number in told and "2,005" not in told


def case_18(town: Town) -> Seen:
    articles = town.read("aside.html")
    text = " ".join(map(_text, articles))
    whole = all(part in text for part in (RECEIVED, OPENED, ROUND)) and "cookies" not in text
    yield f"the aside or nothing: {text[:160]}", whole or not articles


def case_19(town: Town) -> Seen:
    for name in ("60e", "62a", "62c", "62d", "62e"):
        found = [one for one in town.read(f"{name}.html") if f"{name}.html" in one.url]
        yield _is(name, [date[:10] for date in _dates(found)], ["2026-11-20"])


def case_21(town: Town) -> Seen:
    for article in town.read("buddhist.txt", "jalali.html"):
        date = _dates([article])[0][:10]
        yield f"{article.url.rpartition('/')[2]}: {date}", date in ("", "2019-04-04")


def case_22(town: Town) -> Seen:
    body = town.body("canonical.html")
    body = body.replace(b"https://www.ministry.org", town.web.url("").encode())
    town.web.page("/en/press/lock", body)
    town.web.page("/en/press/ferry", body.replace(b"Minister", b"Envoy"))
    for path in ("/en/press/lock", "/en/press/ferry"):
        ingest(town.store, read_address(town.web.url(path), town.fetcher), lambda: town.now)
    seen = sorted((one.url.rpartition("/")[2], one.version) for one in town.articles())
    yield _is("articles", seen, [("ferry", 1), ("lock", 1)])


def case_23(town: Town) -> Seen:
    lines = (town.folder / "q.jsonl").read_text("utf-8").splitlines()
    questions = {one["id"]: one["question"] for one in map(json.loads, lines)}
    answers = town.answers(list(questions.values()), *sorted(town.folder.glob("*.txt")))
    # The corpus tells when the lock opens; all else it lacks.
    for number, question in questions.items():
        status = answers[question]["status"]
        if number != "17":
            yield f"{question} {status}", status == "unanswered"


def case_24(town: Town) -> Seen:
    wanted = {
        "How many were killed when the ferry struck the pier at Kibira?": "No one was killed",
        "Who signed the Kibira accord?": "Suderia signed",
    }
    answers = town.answers(list(wanted), *sorted(town.folder.glob("*.txt")))
    for question, words in wanted.items():
        told = " ".join(one["text"] for one in answers[question]["statements"])
        yield f"{question} {told[:120]}", words in told


def case_26(town: Town) -> Seen:
    dates = {
        part: _dates([one])[0]
        for one in town.read("live.html")
        for part in (RECEIVED, OPENED, ROUND)
        if part in _text(one)
    }
    wanted = ("2026-11-24T14:05", "2026-11-25T15:05", "2026-11-26T16:05")
    yield _is(
        "dates of the posts", dates, dict(zip((RECEIVED, OPENED, ROUND), wanted, strict=True))
    )


def case_27(town: Town) -> Seen:
    for second in ("feed-b-comment.xml", "feed-b-teaser.xml"):
        with Town(town.folder) as other:
            statement = other.polled("feed-a.xml")[0]
            other.serves("/blog", second)
            other.source("Quay Blog", "/blog", SourceKind.OPINION, "http://localhost:8931/")
            other.poll()
            kept = other.store.article(statement.id)
            assert kept is not None
            seen = (kept.source, kept.kind.value, kept.version, OPENED in _text(kept))
            yield _is(second, seen, ("Harbour Ministry", "official", 1, True))
            rest = {(one.source, one.kind.value) for one in other.articles()} - {seen[:2]}
            wanted = {("Quay Blog", "opinion")} if "comment" in second else set()
            yield _is(f"{second}, the other", rest, wanted)


def case_28(town: Town) -> Seen:
    published = NOW.date() - timedelta(days=1)
    cases = {
        "would be discussed on the first Friday of next month.": ("2026-12-04", "2026-12-04"),
        "The council meets on Friday week.": ("2026-12-04", "2026-12-04"),
        "filled sandbags between 1400 and 1600 hours": None,
        "after last year's 4 July parade": ("2025-07-04", "2025-07-04"),
        "The commission was set up in May by the envoy.": ("2026-05-01", "2026-05-31"),
        "It has met since May.": ("2026-05-01", "2026-05-31"),
        "the flood commission said in March": ("2026-03-01", "2026-03-31"),
    }
    for text, wanted in cases.items():
        found = [(str(one.first), str(one.last)) for one in date_mentions(text, published)]
        yield f"{text} {found}", found == ([wanted] if wanted else []) or not found


CASES: dict[str, Callable[[Town], Seen]] = {
    name.removeprefix("case_"): check
    for name, check in sorted(globals().items())
    if name.startswith("case_")
}


def look_at(folder: Path, numbers: Sequence[str] = ()) -> Iterator[Case]:
    """Each case of a folder of cases, or those of these numbers; DataAbsent where it is not."""
    if not folder.is_dir():
        raise DataAbsent(f"{folder} is not here")
    for case in sorted(one for one in folder.iterdir() if one.is_dir()):
        check = CASES.get(case.name[:2])
        if check is None or (numbers and case.name[:2] not in numbers):
            continue
        with Town(case) as town:
            try:
                seen = tuple(check(town))
            except (ValueError, LookupError) as error:
                seen = ((f"{type(error).__name__}: {error}", False),)
        yield Case(case.name, seen)


def measurements(data: Path) -> list[Measurement]:
    found = list(look_at(data / "cases"))
    return [Measurement("cases", "read right", sum(one.holds for one in found), of=len(found))]


def main(numbers: Sequence[str]) -> int:
    try:
        found = list(look_at(data_folder() / "cases", numbers))
    except DataAbsent as absent:
        print(f"skipped: {absent}")
        return 0
    for case in found:
        print(f"{'holds' if case.holds else 'FAILS':<6} {case.name}")
        for what, is_so in case.seen:
            if not is_so:
                print(f"         {what}")
    print(f"{sum(one.holds for one in found)} of {len(found)} hold")
    return 0 if all(one.holds for one in found) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Limits on what comes from outside: size, time, memory, and a child that breaks down."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from corpus.articles import ReadArticle
from corpus.errors import Overstepped, ReadError
from corpus.readers.html import read_page
from corpus.readers.limits import ReadingEnded, ReadingProcess, overstep
from tests.corpus.test_pages import FIRST, URL, page


@pytest.fixture
def reading() -> Iterator[ReadingProcess]:
    process = ReadingProcess(cpu_seconds=4, memory_bytes=1_000_000_000)
    yield process
    process.interrupt()


def work_for_ever(name: str) -> None:
    while True:
        pass


def take_memory(name: str) -> int:
    return len("x" * 2_000_000_000)


def break_down(name: str) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def own_process(name: str) -> str:
    return str(os.getpid())


def passed_on(name: str) -> str:
    return os.environ.get("SLACK_BOT_TOKEN", "nothing")


def something_else(name: str) -> object:
    return threading.Event


class TestReadingApart:
    def test_what_it_reads_and_refuses_is_what_the_reader_does(
        self, reading: ReadingProcess
    ) -> None:
        assert reading.call(read_page, page(), URL) == read_page(page(), URL)
        with pytest.raises(ReadError, match="holds no article text"):
            reading.call(read_page, b"<p></p>", URL)

    def test_one_process_reads_document_after_document(self, reading: ReadingProcess) -> None:
        assert reading.call(own_process, "a") == reading.call(own_process, "b") != str(os.getpid())

    def test_it_is_given_no_secrets(
        self, reading: ReadingProcess, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
        assert reading.call(passed_on, "a") == "nothing"

    @pytest.mark.parametrize(
        ("reader", "reason"),
        [
            (work_for_ever, "takes longer than 4 s to read"),
            (take_memory, "takes more than 1 GB of memory to read"),
            (break_down, "broke its reader down"),
            (something_else, "broke its reader down"),
        ],
    )
    @pytest.mark.slow
    def test_what_oversteps_is_named_and_the_next_is_read(
        self, reading: ReadingProcess, reader: object, reason: str
    ) -> None:
        with pytest.raises(Overstepped, match=reason) as raised:
            reading.call(reader, "a.html")  # type: ignore[arg-type]
        assert raised.value.resource == "a.html"
        assert reading.call(read_page, page(), URL).paragraphs[0] == FIRST

    def test_a_child_that_only_waits_is_given_up(self) -> None:
        reading = ReadingProcess(wall_seconds=0.5)
        with pytest.raises(Overstepped):
            reading.call(time.sleep, 60)

    def test_who_stops_need_not_wait_for_it(self) -> None:
        reading = ReadingProcess()
        ended: list[str] = []

        def read() -> None:
            try:
                reading.call(work_for_ever, "a.html")
            except ReadingEnded as error:
                ended.append(error.resource)

        reader = threading.Thread(target=read)
        reader.start()
        while not reading.is_busy:
            time.sleep(0.01)
        reading.interrupt()
        reader.join(30)
        assert ended == ["a.html"]


class TestSizes:
    @pytest.mark.parametrize(
        ("article", "reason"),
        [
            (ReadArticle(URL, "T" * 2_001, ("They met.",)), "title is longer"),
            (ReadArticle(URL, "T", ("They met.",) * 10_001), "more than 10,000 paragraphs"),
            (ReadArticle(URL, "T", ("They met. " * 6_000,)), "paragraph is longer"),
            (ReadArticle(URL, "T", ("They met.", "a" * 2_001)), "word is longer"),
        ],
    )
    def test_what_is_too_large_is_set_aside(self, article: ReadArticle, reason: str) -> None:
        assert reason in (overstep(article) or "")

    @pytest.mark.parametrize(
        "text",
        ["They met. " * 4_000, "双方在会谈中同意停火。" * 400, f"https://example.org/{'a' * 900}"],
    )
    def test_long_texts_that_people_write_are_not(self, text: str) -> None:
        assert overstep(ReadArticle(URL, "T", (text,))) is None

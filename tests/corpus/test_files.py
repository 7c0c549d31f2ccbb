"""Files, folders and addresses: everything is an article or a refusal with one reason."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles import ReadArticle
from corpus.fetch.client import Fetcher
from corpus.readers.folders import LARGEST_FILE, Outcome, Refused, read_address, read_path
from tests.conftest import examples
from tests.corpus.test_pages import FIRST, page
from tests.fakes.pdf import paragraph, pdf
from tests.fakes.web import LocalWeb

TEXT = b"Talks begin\n\nThey met.\n\nThey left.\n"
LINE = json.dumps({"url": "https://example.org/a", "title": "T", "text": "They met."}).encode()
PDF = pdf([paragraph(["The leaders of the country met in the town of Ghadamis."], 700)])


def read(path: Path) -> list[Outcome]:
    return list(read_path(path))


def article(path: Path) -> ReadArticle:
    (outcome,) = read(path)
    assert isinstance(outcome, ReadArticle), outcome
    return outcome


def reason(path: Path) -> str:
    (outcome,) = read(path)
    assert isinstance(outcome, Refused), outcome
    assert outcome.item == str(path)
    return outcome.reason


def written(folder: Path, name: str, body: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "body", "paragraph"),
        [
            ("a.txt", TEXT, "They met."),
            ("a.TXT", TEXT, "They met."),
            ("a.md", b"# Talks\n\nThey **met**.", "They met."),
            ("a.html", page(), FIRST),
            ("a.pdf", PDF, "The leaders of the country met in the town of Ghadamis."),
            ("a.jsonl", LINE, "They met."),
            ("a.jsonl.gz", gzip.compress(LINE, mtime=0), "They met."),
        ],
    )
    def test_each_kind(self, tmp_path: Path, name: str, body: bytes, paragraph: str) -> None:
        assert article(written(tmp_path, name, body)).paragraphs[0] == paragraph

    def test_a_file_stands_for_its_own_address(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a b.txt", TEXT)
        assert article(path).url == f"file://{tmp_path}/a%20b.txt"

    @pytest.mark.parametrize(
        ("name", "body", "paragraph"),
        [
            ("a.html", PDF, "The leaders of the country met in the town of Ghadamis."),
            ("a.pdf", page(), FIRST),
            ("a.txt", page(), FIRST),
            ("a.html", TEXT, "They met."),
            ("a.jsonl", gzip.compress(LINE, mtime=0), "They met."),
            ("a.jsonl.gz", LINE, "They met."),
        ],
    )
    def test_where_the_name_lies_the_bytes_decide(
        self, tmp_path: Path, name: str, body: bytes, paragraph: str
    ) -> None:
        assert article(written(tmp_path, name, body)).paragraphs[0] == paragraph

    @pytest.mark.parametrize(
        ("name", "body", "expected"),
        [
            ("a.txt", b"", "empty, nothing to read"),
            ("a.txt", b" \n\n", "empty, nothing to read"),
            ("a.html", b"\n", "empty, nothing to read"),
            ("a.jsonl", b"\n\n", "holds no article lines"),
            ("a.txt", b"\x7fELF\x00\x01\x02" * 9, "is not text"),
            ("a.md", b"\x89PNG\r\n\x1a\n\x00\x00", "is not text"),
            ("a.pdf", b"\x89PNG\r\n\x1a\n\x00\x00", "is not a PDF"),
            ("a.html", b"<html><body></body></html>", "holds no article text"),
            (
                "a.docx",
                TEXT,
                "of unknown kind; .txt, .md, .html, .pdf, .jsonl and .jsonl.gz can be read",
            ),
        ],
    )
    def test_refusals(self, tmp_path: Path, name: str, body: bytes, expected: str) -> None:
        assert reason(written(tmp_path, name, body)) == expected

    def test_a_missing_path(self, tmp_path: Path) -> None:
        assert reason(tmp_path / "none.txt") == "there is no such file or folder"
        assert reason(tmp_path / ("x" * 300)) == "cannot be read: file name too long"
        assert reason(Path("a\0b")) == "is not a path"

    def test_a_file_that_may_not_be_read(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.txt", TEXT)
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
        assert reason(path) == "may not be read: permission denied"

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.txt")
        assert reason(tmp_path / "a.txt") == "neither a file nor a folder"

    def test_a_file_that_is_too_large(self, tmp_path: Path) -> None:
        path = written(tmp_path, "a.txt", TEXT)
        os.truncate(path, LARGEST_FILE + 1)
        assert reason(path) == "larger than 50 MB; only .jsonl may be"

    def test_a_bad_line_is_named_with_its_file(self, tmp_path: Path) -> None:
        path = written(tmp_path, "articles.jsonl", LINE + b"\n{\n" + LINE)
        first, second, third = read(path)
        assert second == Refused(f"{path}, line 2", "not valid JSON")
        assert isinstance(first, ReadArticle)
        assert isinstance(third, ReadArticle)


class TestFolders:
    def test_recursively_in_sorted_order(self, tmp_path: Path) -> None:
        for name in ("b.txt", "a/z.txt", "a/b/c.txt", "c.txt"):
            written(tmp_path, name, name.encode() + b"\n\nText.")
        titles = [one.title for one in read(tmp_path) if isinstance(one, ReadArticle)]
        assert titles == ["a/b/c.txt", "a/z.txt", "b.txt", "c.txt"]

    def test_hidden_and_unknown_files_are_passed_over(self, tmp_path: Path) -> None:
        for name in (".a.txt", ".git/a.txt", "a.docx", "README", "a.txt.swp"):
            written(tmp_path, name, TEXT)
        assert read(tmp_path) == []

    def test_one_bad_file_does_not_stop_the_rest(self, tmp_path: Path) -> None:
        written(tmp_path, "a.txt", b"")
        written(tmp_path, "b.txt", TEXT)
        first, second = read(tmp_path)
        assert first == Refused(str(tmp_path / "a.txt"), "empty, nothing to read")
        assert isinstance(second, ReadArticle)

    def test_a_loop_of_links_ends(self, tmp_path: Path) -> None:
        written(tmp_path, "a/a.txt", TEXT)
        (tmp_path / "a" / "loop").symlink_to(tmp_path)
        (tmp_path / "self").symlink_to(tmp_path / "self")
        assert len(read(tmp_path)) == 1

    def test_a_folder_that_many_links_lead_to_is_read_once(self, tmp_path: Path) -> None:
        folders = [tmp_path / name for name in "abcdefghij"]
        for folder in folders:
            written(folder, "a.txt", TEXT)
        for folder in folders:
            for other in folders:
                (folder / f"to-{other.name}").symlink_to(other)
        assert len(read(tmp_path)) == len(folders)

    def test_a_broken_link_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").symlink_to(tmp_path / "gone.txt")
        assert read(tmp_path) == [
            Refused(str(tmp_path / "a.txt"), "there is no such file or folder")
        ]


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with LocalWeb() as running:
        yield running


class TestAddresses:
    def outcomes(self, web: LocalWeb, path: str) -> list[Outcome]:
        with Fetcher(frozenset({web.host}), timeout_seconds=5) as fetcher:
            return list(read_address(web.url(path), fetcher))

    @pytest.mark.parametrize(
        ("content_type", "body", "paragraph"),
        [
            ("text/html; charset=utf-8", page(), FIRST),
            ("text/plain", TEXT, "They met."),
            ("text/plain; charset=koi8-r", "Тревога\n\nОни ушли.".encode("koi8-r"), "Они ушли."),
            ("application/pdf", PDF, "The leaders of the country met in the town of Ghadamis."),
            ("application/x-ndjson", LINE, "They met."),
            (
                "application/octet-stream",
                PDF,
                "The leaders of the country met in the town of Ghadamis.",
            ),
            ("", page(), FIRST),
        ],
    )
    def test_the_content_type_decides(
        self, web: LocalWeb, content_type: str, body: bytes, paragraph: str
    ) -> None:
        web.page("/a", body, content_type=content_type)
        (outcome,) = self.outcomes(web, "/a")
        assert isinstance(outcome, ReadArticle), outcome
        assert outcome.paragraphs[0] == paragraph
        assert outcome.url in (web.url("/a"), "https://example.org/a")

    def test_the_name_decides_where_the_type_is_vague(self, web: LocalWeb) -> None:
        web.page("/a.jsonl", LINE + b"\n" + LINE, content_type="text/plain")
        assert len(self.outcomes(web, "/a.jsonl")) == 2

    def test_a_redirected_page_has_its_final_address(self, web: LocalWeb) -> None:
        web.redirect("/short", "/long")
        web.page("/long", page())
        (outcome,) = self.outcomes(web, "/short")
        assert isinstance(outcome, ReadArticle)
        assert outcome.url == web.url("/long")

    @pytest.mark.parametrize(
        ("content_type", "body", "expected"),
        [
            ("image/png", b"\x89PNG", "of a kind that cannot be read: image/png"),
            ("application/rss+xml", b"<rss/>", "a feed; add it with `chancery sources add`"),
            (
                "text/xml",
                b"<?xml version='1.0'?><feed>",
                "a feed; add it with `chancery sources add`",
            ),
            ("text/html", b"", "empty, nothing to read"),
        ],
    )
    def test_refusals(self, web: LocalWeb, content_type: str, body: bytes, expected: str) -> None:
        web.page("/a", body, content_type=content_type)
        assert self.outcomes(web, "/a") == [Refused(web.url("/a"), expected)]

    def test_what_cannot_be_fetched(self, web: LocalWeb) -> None:
        web.page("/a", "", status=503)
        assert self.outcomes(web, "/a") == [
            Refused(web.url("/a"), "the server answered 503 Service Unavailable", retry=True)
        ]
        (inside,) = read_address("http://169.254.169.254/", Fetcher())
        assert isinstance(inside, Refused)
        assert "inside a network" in inside.reason


NAMES = ["a.txt", "a.md", "a.html", "a.pdf", "a.jsonl", "a.jsonl.gz"]
BODIES = [TEXT, b"# T\n\n- a", page(), PDF, LINE, gzip.compress(LINE), b""]


@settings(deadline=None, max_examples=examples(200))
@given(
    st.sampled_from(NAMES),
    st.sampled_from(BODIES),
    st.binary(max_size=40),
    st.floats(0, 1),
    st.integers(0, 40),
)
def test_no_foreign_error_escapes(
    name: str, body: bytes, noise: bytes, place: float, gap: int
) -> None:
    at = int(place * len(body))
    with TemporaryDirectory() as folder:
        for outcome in read(written(Path(folder), name, body[:at] + noise + body[at + gap :])):
            assert isinstance(outcome, ReadArticle | Refused)
            if isinstance(outcome, Refused):
                assert outcome.reason
                assert "\n" not in outcome.reason
                assert len(outcome.reason) < 200

"""Addresses: one spelling for each, and links that open at a paragraph."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url, file_url, host_of, without_credentials
from retrieval.outcomes import text_fragment

DATA = Path(__file__).parents[3] / "shared" / "data"
PAGE = "https://example.org/a"


class TestCanonicalUrl:
    @pytest.mark.parametrize(
        ("given", "canonical"),
        [
            ("HTTP://Example.ORG/Path", "http://example.org/Path"),
            ("https://example.org", "https://example.org/"),
            ("https://example.org:443/a", "https://example.org/a"),
            ("http://example.org:80/a", "http://example.org/a"),
            ("https://example.org:8443/a", "https://example.org:8443/a"),
            ("https://example.org./a", "https://example.org/a"),
            ("https://example.org/a#part", "https://example.org/a"),
            ("https://example.org/a#why?not", "https://example.org/a"),
            ("https://example.org/a/./b/../c", "https://example.org/a/c"),
            ("https://example.org/../../a", "https://example.org/a"),
            ("https://user:secret@example.org/a", "https://example.org/a"),
            ("https://пример.рф/путь", "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C"),
            ("https://example.org/%7euser/%c3%a9", "https://example.org/~user/%C3%A9"),
            ("https://example.org/100%", "https://example.org/100%25"),
            ("https://example.org/a b", "https://example.org/a%20b"),
            (" https://example.org/a\n", "https://example.org/a"),
            ("https://[2606:4700::1111]:443/", "https://[2606:4700::1111]/"),
            ("https:\\\\example.org\\a", "https://example.org/a"),
            ("file:///tmp/a%20b.txt", "file:///tmp/a%20b.txt"),
            ("file://localhost/tmp/a.txt", "file:///tmp/a.txt"),
        ],
    )
    def test_one_spelling(self, given: str, canonical: str) -> None:
        assert canonical_url(given) == canonical

    def test_a_trailing_slash_is_left_as_it_stands(self) -> None:
        assert canonical_url("https://example.org/a/") != canonical_url("https://example.org/a")

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("utm_source=x&utm_medium=y", ""),
            ("b=2&fbclid=abc&a=1", "?b=2&a=1"),
            ("UTM_Campaign=x&id=7&gclid=1", "?id=7"),
            ("id=7&id=8", "?id=7&id=8"),
            ("source=feed&page=2", "?source=feed&page=2"),
            ("q=a+b%20c", "?q=a+b%20c"),
            ("", ""),
        ],
    )
    def test_what_follows_readers_is_dropped_and_the_order_kept(
        self, query: str, kept: str
    ) -> None:
        assert canonical_url(f"{PAGE}?{query}") == PAGE + kept

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "example.org/a",
            "mailto:a@example.org",
            "javascript:alert(1)",
            "https://",
            "https:a",
            "https://exa mple.org/",
            "https://example.org:99999/",
            "https://.org/",
            "http://a..b/",
            "https://<script>/",
            "ftp://example.org/",
        ],
    )
    def test_what_is_no_web_address(self, text: str) -> None:
        with pytest.raises(ReadError):
            canonical_url(text)

    @given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(["https", "http", "file"]))
    def test_idempotent(self, path: str, query: str, scheme: str) -> None:
        once = canonical_url(f"{scheme}://example.org/{path}?{query}")
        assert canonical_url(once) == once
        assert once.isascii()
        assert " " not in once

    @given(st.text(max_size=80))
    def test_any_text_is_an_address_or_refused(self, text: str) -> None:
        try:
            once = canonical_url(text)
        except ReadError:
            return
        assert canonical_url(once) == once

    def test_addresses_of_real_articles_are_not_changed(self) -> None:
        files = [DATA / folder / "articles.jsonl.gz" for folder in ("briefings", "squad2")]
        if not all(file.exists() for file in files):
            pytest.skip("shared data are absent")
        for file in files:
            for line in gzip.decompress(file.read_bytes()).splitlines():
                url = json.loads(line)["url"]
                assert canonical_url(url).lower() == url.lower()


class TestFileUrl:
    def test_absolute_and_escaped(self) -> None:
        assert file_url("/tmp/a b#c?é.txt") == "file:///tmp/a%20b%23c%3F%C3%A9.txt"
        assert file_url("a.txt") == f"file://{Path.cwd()}/a.txt"
        assert file_url(Path("/tmp/x/../a.txt")) == "file:///tmp/a.txt"

    @given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
    def test_a_canonical_address(self, name: str) -> None:
        url = file_url(f"/tmp/{name}")
        assert canonical_url(url) == url


class TestTextFragment:
    def test_a_paragraph_by_its_first_and_last_words(self) -> None:
        text = (
            "“Right now [there] are clashes south of Tripoli … in Gharyan,” LNA spokesman Ahmed "
            "Mismari told the UAE-based al-Arabiya channel."
        )
        start, end = "Right%20now%20%5Bthere%5D%20are", "the%20UAE%2Dbased%20al%2DArabiya%20channel"
        assert text_fragment(PAGE, text) == f"{PAGE}#:~:text={start},{end}"

    def test_a_short_quote_whole(self) -> None:
        text = "Guterres said: “There is no military solution.” He left."
        link = text_fragment(PAGE, text, "There is no military solution.")
        assert link == f"{PAGE}#:~:text=There%20is%20no%20military%20solution"

    def test_a_very_short_quote_with_the_words_before_it(self) -> None:
        link = text_fragment(PAGE, "He spoke of war. She said war crimes happened.", "war crimes")
        assert link == f"{PAGE}#:~:text=war.%20She%20said-,war%20crimes"

    def test_characters_with_a_meaning_in_fragments(self) -> None:
        assert text_fragment(PAGE, "a-b, c & d#e").endswith("=a%2Db%2C%20c%20%26%20d%23e")

    def test_a_long_text_without_spaces(self) -> None:
        text = "联合国秘书长古特雷斯" * 40
        start, end = unquote(text_fragment(PAGE, text).partition("=")[2]).split(",")
        assert text.startswith(start)
        assert text.endswith(end)
        assert len(start) < 30

    def test_an_existing_fragment_is_replaced(self) -> None:
        assert text_fragment(f"{PAGE}#top", "Some words") == f"{PAGE}#:~:text=Some%20words"

    def test_files_and_wordless_texts_get_none(self) -> None:
        assert text_fragment("file:///tmp/a.txt", "Some words") == "file:///tmp/a.txt"
        assert text_fragment(PAGE, " … ") == PAGE

    @given(st.text(), st.none() | st.text())
    def test_always_one_short_directive(self, text: str, quote: str | None) -> None:
        link = text_fragment(PAGE, text, quote)
        base, mark, directive = link.partition("#:~:text=")
        assert base == PAGE
        assert link.isascii()
        assume(mark)
        assert directive.count(",") <= 2
        assert not set(directive) & set("&# \n<>|\"'")


def test_host_of() -> None:
    assert host_of("https://News.Example.org.:8443/a") == "news.example.org"
    assert host_of("file:///tmp/a") == host_of("nothing") == host_of("http://[bad") == ""


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://user:secret@host.example/a@b?c@d", "https://host.example/a@b?c@d"),
        ("https://user@other@host.example/", "https://host.example/"),
        ("https://host.example/@name?q=a@b", "https://host.example/@name?q=a@b"),
    ],
)
def test_credentials_of_an_address_are_dropped(given: str, kept: str) -> None:
    assert without_credentials(given) == kept

"""Article lines: what a line says, what is refused with its number, what bombs do."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.articles import ReadArticle, SourceKind
from corpus.errors import ReadError
from corpus.readers.folders import LINE_BYTES, read_lines
from corpus.readers.folders import Line as Outcome

LINE: dict[str, Any] = {
    "url": "https://example.org/a",
    "title": "Talks begin",
    "source": "Example News",
    "published_at": "2019-04-04T14:00:00+02:00",
    "paragraphs": ["They met.", "They left."],
}


def line(**changes: object) -> bytes:
    return json.dumps({**LINE, **changes}).encode() + b"\n"


def read(body: bytes) -> list[Outcome]:
    return list(read_lines(io.BytesIO(body), "articles.jsonl"))


def article(body: bytes) -> ReadArticle:
    (outcome,) = read(body)
    assert isinstance(outcome, ReadArticle), outcome
    return outcome


def refusals(body: bytes) -> list[str]:
    return [str(one) for one in read(body) if isinstance(one, ReadError)]


def test_a_line() -> None:
    assert article(line(author="A. Writer", language="en", kind="official")) == ReadArticle(
        url="https://example.org/a",
        title="Talks begin",
        paragraphs=("They met.", "They left."),
        source="Example News",
        kind=SourceKind.OFFICIAL,
        author="A. Writer",
        published_at=datetime(2019, 4, 4, 12, tzinfo=UTC),
        language="en",
    )


def test_text_is_parted_by_line_breaks() -> None:
    assert article(line(paragraphs=None, text="One.\n\nTwo.\r\n Three. ")).paragraphs == (
        "One.",
        "Two.",
        "Three.",
    )


def test_given_paragraphs_keep_their_numbers() -> None:
    assert article(line(paragraphs=["One.", "", "Three."])).paragraphs == ("One.", "", "Three.")


def test_what_may_be_absent() -> None:
    read = article(b'{"url": "https://example.org/a", "text": "They met."}')
    assert (read.title, read.source, read.published_at) == ("They met.", None, None)


def test_a_date_without_a_zone_means_utc() -> None:
    noon = datetime(2019, 4, 4, 12, tzinfo=UTC)
    assert article(line(published_at="2019-04-04T12:00:00")).published_at == noon


def test_characters_that_are_not_writing_are_removed() -> None:
    assert article(line(paragraphs=["a\u0000b\ud800c\U0001f600"])).paragraphs == ("abc\U0001f600",)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", "not valid JSON"),
        (b"[1]", "not a JSON object"),
        (b"\xff{}", "not valid UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (line(url=None), "has no url"),
        (line(url="  "), "has no url"),
        (line(url="example.org"), "url is not a web address; one begins with https:// or http://"),
        (line(url=7), "url is not a text"),
        (line(published_at="soon"), "published_at is not a date: 'soon'"),
        (line(published_at=7), "published_at is not a text"),
        (line(paragraphs=[]), "has no paragraphs"),
        (line(paragraphs=[" "]), "has no paragraphs"),
        (line(paragraphs="They met."), "paragraphs is not a list of texts"),
        (line(paragraphs=["They met.", None]), "paragraphs is not a list of texts"),
        (line(kind="rumour"), "kind is none of official, wire"),
        (b'"' + b"x" * LINE_BYTES + b'"', "longer than 16 MB, skipped"),
    ],
)
def test_a_malformed_line_is_named_and_the_rest_is_read(body: bytes, reason: str) -> None:
    first, second, third = read(line() + body.rstrip(b"\n") + b"\n" + line())
    assert isinstance(first, ReadArticle)
    assert isinstance(third, ReadArticle)
    assert isinstance(second, ReadError)
    assert str(second).startswith(f"articles.jsonl, line 2: {reason}")


def test_blank_lines_are_counted_and_passed_over() -> None:
    assert refusals(b"\n\n{\n") == ["articles.jsonl, line 3: not valid JSON."]


def test_a_byte_order_mark() -> None:
    assert article(b"\xef\xbb\xbf" + line())


def test_a_binary_file_is_refused_once() -> None:
    assert refusals(b"\x00\x01\n" * 50) == ["articles.jsonl: is not text."]


class TestGzip:
    def test_recognised_by_its_first_bytes(self) -> None:
        assert len(read(gzip.compress(line() * 3))) == 3

    def test_cut_off(self) -> None:
        lines = b"".join(line(title=f"Talks {n}", text=str(n**9)) for n in range(500))
        outcomes = read(gzip.compress(lines)[:-1000])
        assert isinstance(outcomes[0], ReadArticle)
        assert str(outcomes[-1]).startswith("articles.jsonl: is cut off after line ")

    def test_damaged(self) -> None:
        packed = bytearray(gzip.compress(line() * 50))
        packed[40] ^= 0xFF
        assert any("is damaged" in one or "cut off" in one for one in refusals(bytes(packed)))

    @pytest.mark.parametrize("filling", [b"\x20", b"\n", b'"'])
    @pytest.mark.slow
    def test_a_bomb(self, filling: bytes) -> None:
        outcomes = read(gzip.compress(line() + filling * 100_000_000, 6))
        assert isinstance(outcomes[0], ReadArticle)
        assert str(outcomes[-1]).endswith("expands beyond reason, so it was not read further.")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(LINE)), inner),
    )
)
def test_any_json_is_an_article_or_refused(value: object) -> None:
    assert len(read(json.dumps(value).encode())) == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_articles_or_refused(body: bytes) -> None:
    for one in read(line() + body) + read(gzip.compress(line())[:-5] + body):
        assert isinstance(one, ReadArticle | ReadError)

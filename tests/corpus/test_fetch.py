"""Fetching: what is read, what is refused, and that nothing inside a network is ever asked."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from corpus.errors import FetchError, Forbidden
from corpus.fetch.client import Fetcher, parse_retry_after
from corpus.fetch.network import is_outside
from tests.fakes.web import LocalWeb, Reply


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with LocalWeb() as running:
        yield running


@pytest.fixture
def fetcher(web: LocalWeb) -> Iterator[Fetcher]:
    with Fetcher(frozenset({web.host}), timeout_seconds=5, max_bytes=100_000) as running:
        yield running


def refusal(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    assert "\n" not in caught.value.reason
    assert caught.value.resource == url
    return caught.value


class TestWhatIsRead:
    def test_a_page_with_its_type_and_validators(self, web: LocalWeb, fetcher: Fetcher) -> None:
        headers = {"ETag": '"v1"', "Last-Modified": "Thu, 04 Apr 2019 12:00:00 GMT"}
        web.page("/a", "<p>Text", headers=headers)
        fetched = fetcher.fetch(web.url("/a"))
        assert fetched.body == b"<p>Text"
        assert (fetched.status, fetched.content_type) == (200, "text/html; charset=utf-8")
        assert (fetched.etag, fetched.last_modified) == ('"v1"', headers["Last-Modified"])

    def test_an_unchanged_page_is_not_sent_again(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.tagged("/a", "<p>Text", '"v1"')
        again = fetcher.fetch(web.url("/a"), etag='"v1"', last_modified="yesterday")
        assert (again.status, again.body, again.etag) == (304, b"", '"v1"')
        assert web.requests[-1].headers["if-modified-since"] == "yesterday"

    def test_it_says_who_asks(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.page("/a", "")
        fetcher.fetch(web.url("/a"))
        assert web.requests[-1].headers["user-agent"].startswith("Chancery/")

    def test_redirects_are_followed_to_the_final_address(
        self, web: LocalWeb, fetcher: Fetcher
    ) -> None:
        web.redirect("/old", "/new", 301)
        web.redirect("/new", web.url("/a"), 307)
        web.page("/a", "here")
        fetched = fetcher.fetch(web.url("/old"))
        assert (fetched.body, fetched.url) == (b"here", web.url("/old"))
        assert fetched.final_url == web.url("/a")

    @pytest.mark.parametrize(
        ("encoding", "packed"),
        [
            ("gzip", gzip.compress(b"text", mtime=0)),
            ("gzip", gzip.compress(b"te", mtime=0) + gzip.compress(b"xt", mtime=0)),
            ("gzip", gzip.compress(b"text", mtime=0) + b"rubbish"),
            ("deflate", zlib.compress(b"text")),
            ("deflate", zlib.compress(b"text")[2:-4]),
        ],
    )
    def test_compressed_bodies(
        self, web: LocalWeb, fetcher: Fetcher, encoding: str, packed: bytes
    ) -> None:
        web.page("/a", packed, headers={"Content-Encoding": encoding})
        assert fetcher.fetch(web.url("/a")).body == b"text"

    def test_no_cookie_passes_from_one_fetch_to_the_next(
        self, web: LocalWeb, fetcher: Fetcher
    ) -> None:
        web.page("/a", "", headers={"Set-Cookie": "reader=1"})
        fetcher.fetch(web.url("/a"))
        fetcher.fetch(web.url("/a"))
        assert "cookie" not in web.requests[-1].headers

    def test_proxies_of_the_environment_are_not_used(
        self, web: LocalWeb, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        web.page("/a", "direct")
        assert fetcher.fetch(web.url("/a")).body == b"direct"


class TestLimits:
    def test_a_body_that_says_it_is_too_large(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.page("/a", b"x" * 100_001)
        assert refusal(fetcher, web.url("/a")).reason == "larger than 0.1 MB"

    def test_a_body_of_exactly_the_limit_is_read(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.page("/a", b"x" * 100_000)
        assert len(fetcher.fetch(web.url("/a")).body) == 100_000

    def test_a_body_that_expands_too_far(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.gzip_bomb("/a", 50_000_000)
        assert refusal(fetcher, web.url("/a")).reason == "larger than 0.1 MB"

    def test_a_body_that_trickles(self, web: LocalWeb) -> None:
        web.trickle("/a", [b"."] * 10_000, pause=0.05)
        with Fetcher(frozenset({web.host}), timeout_seconds=0.4) as hasty:
            error = refusal(hasty, web.url("/a"))
        assert error.retry
        assert error.reason == "took longer than 0.4 seconds"

    def test_headers_that_trickle(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with Fetcher(frozenset({f"127.0.0.1:{port}"}), timeout_seconds=0.3) as hasty:
                error = refusal(hasty, f"http://127.0.0.1:{port}/")
        assert error.retry
        assert "longer than" in error.reason

    def test_a_body_that_breaks_off(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.cut_off("/a", b"half", promised=1000)
        error = refusal(fetcher, web.url("/a"))
        assert error.retry
        assert error.reason == "the connection broke off"

    def test_a_compressed_body_that_breaks_off(self, web: LocalWeb, fetcher: Fetcher) -> None:
        half = gzip.compress(b"text " * 1000)[:-20]
        web.page("/a", half, headers={"Content-Encoding": "gzip"})
        assert refusal(fetcher, web.url("/a")).retry

    def test_a_body_that_is_not_what_it_says(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.page("/a", "plain", headers={"Content-Encoding": "gzip"})
        assert refusal(fetcher, web.url("/a")).reason == "its compressed body is damaged"
        web.page("/b", "plain", headers={"Content-Encoding": "br"})
        assert "br" in refusal(fetcher, web.url("/b")).reason

    def test_redirects_in_a_circle(self, web: LocalWeb, fetcher: Fetcher) -> None:
        web.redirect("/a", "/b")
        web.redirect("/b", "/a")
        assert refusal(fetcher, web.url("/a")).reason == "redirects more than 5 times"
        assert len(web.requests) == 6


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "retry"), [(404, False), (403, False), (429, True), (503, True), (500, True)]
    )
    def test_an_error_status_says_whether_to_try_again(
        self, web: LocalWeb, fetcher: Fetcher, status: int, retry: bool
    ) -> None:
        web.page("/a", "sorry", status=status, headers={"Retry-After": "120"})
        error = refusal(fetcher, web.url("/a"))
        assert str(status) in error.reason
        assert error.retry is retry
        assert error.retry_after == 120

    def test_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        error = refusal(Fetcher(frozenset({f"127.0.0.1:{port}"})), f"http://127.0.0.1:{port}/")
        assert error.retry
        assert error.reason == "its server does not accept connections"

    def test_a_server_that_speaks_no_http(self, web: LocalWeb, fetcher: Fetcher) -> None:
        secure = refusal(fetcher, web.url("/a").replace("http:", "https:"))
        assert secure.reason == "no secure connection could be agreed on"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "a",
            "http://",
            "http:///x",
            "https://[::1",
            "http://a:99999/",
            "http://ex ample/",
            "http://\x00/",
            "http://�.org/",
            "//example.org/x",
            "http://example.org:x/",
        ],
    )
    def test_what_is_no_address(self, fetcher: Fetcher, url: str) -> None:
        refusal(fetcher, url)

    @pytest.mark.parametrize(
        "url", ["ftp://example.org/a", "file:///etc/passwd", "gopher://example.org/", "data:,x"]
    )
    def test_other_schemes(self, fetcher: Fetcher, url: str) -> None:
        assert isinstance(refusal(fetcher, url), Forbidden)

    def test_credentials_are_never_sent(self, web: LocalWeb, fetcher: Fetcher) -> None:
        error = refusal(fetcher, f"http://user:secret@{web.host}/a")
        assert isinstance(error, Forbidden)
        assert not web.requests


INSIDE_ADDRESSES = str.split("""
    127.0.0.1 127.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
    100.127.255.255 0.0.0.0 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 192.0.0.8
    192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1
    ::1 :: fe80::1 fe80::1%1 fec0::1 fc00::1 fd12:3456::1 ff02::1 2001:db8::1 2001::1 3fff::1
    ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::127.0.0.1 64:ff9b::127.0.0.1
    64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1::1 100::1
""")
OUTSIDE_ADDRESSES = str.split("""
    8.8.8.8 172.15.0.1 172.32.0.1 100.63.255.255 100.128.0.1 192.167.1.1 223.255.255.255
    2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
""")


class TestNothingInsideIsAsked:
    @pytest.mark.parametrize("address", INSIDE_ADDRESSES)
    def test_inside_addresses(self, address: str) -> None:
        assert not is_outside(address)

    @pytest.mark.parametrize("address", OUTSIDE_ADDRESSES)
    def test_outside_addresses(self, address: str) -> None:
        assert is_outside(address)

    @pytest.mark.parametrize(
        "host",
        [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "printer.local",
            "db.internal",
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0177.0.0.1",
            "017700000001",
            "0",
            "0.0.0.0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::]",
            "[fe80::1]",
            "[64:ff9b::7f00:1]",
            "10.1",
            "intranet",
            "1.2.3.4.5",
            "①②⑦.⓪.⓪.①",
            "169.254.169.254",
            "metadata.google.internal",
            "127。0。0。1",
        ],
    )
    def test_inside_hosts_in_any_spelling(self, web: LocalWeb, host: str) -> None:
        with Fetcher() as fetcher:
            error = refusal(fetcher, f"http://{host}:{web.port}/")
        assert isinstance(error, Forbidden) or error.reason == "not a valid web address"
        assert not web.requests

    def test_a_name_that_resolves_inside(
        self, web: LocalWeb, fetcher: Fetcher, names: dict[str, list[str]]
    ) -> None:
        names["innocent.example.org"] = ["127.0.0.1"]
        error = refusal(fetcher, f"http://innocent.example.org:{web.port}/a")
        assert isinstance(error, Forbidden)
        assert not web.requests

    def test_a_name_with_one_address_outside_and_one_inside(
        self, web: LocalWeb, fetcher: Fetcher, names: dict[str, list[str]]
    ) -> None:
        names["innocent.example.org"] = ["93.184.216.34", "127.0.0.1"]
        assert isinstance(refusal(fetcher, f"http://innocent.example.org:{web.port}/a"), Forbidden)

    def test_a_redirect_to_the_inside(self, web: LocalWeb, fetcher: Fetcher) -> None:
        for target in ("http://169.254.169.254/latest/meta-data", "file:///etc/passwd"):
            web.redirect("/a", target)
            assert isinstance(refusal(fetcher, web.url("/a")), Forbidden)

    def test_another_port_of_an_allowed_host_stays_closed(self, fetcher: Fetcher) -> None:
        assert isinstance(refusal(fetcher, "http://127.0.0.1:1/"), Forbidden)

    def test_a_name_is_resolved_once_and_kept_for_the_server(
        self, web: LocalWeb, names: dict[str, list[str]]
    ) -> None:
        names["news.example.org"] = ["127.0.0.1"]
        web.page("/a", "text")
        with Fetcher(frozenset({f"news.example.org:{web.port}"})) as fetcher:
            assert fetcher.fetch(f"http://news.example.org:{web.port}/a").body == b"text"
        assert names["asked"] == ["news.example.org"]
        assert web.requests[0].headers["host"] == f"news.example.org:{web.port}"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server: host -> addresses; what was asked stands under `asked`."""
    table: dict[str, list[str]] = {"asked": []}
    system = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: object, **kwargs: object) -> object:
        if host not in table:
            return system(host, port, *args, **kwargs)  # type: ignore[arg-type]
        table["asked"].append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in table[host]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return table


def test_retry_after_in_seconds_or_as_a_date() -> None:
    now = datetime(2019, 4, 4, 12, tzinfo=UTC)
    assert parse_retry_after("120", now) == 120
    assert parse_retry_after("Thu, 04 Apr 2019 12:01:00 GMT", now) == 60
    assert parse_retry_after("Thu, 04 Apr 2019 11:00:00 GMT", now) == 0
    assert parse_retry_after("soon", now) is None


def test_an_unknown_status_is_still_a_sentence(web: LocalWeb, fetcher: Fetcher) -> None:
    web.reply("/a", Reply(499))
    assert refusal(fetcher, web.url("/a")).reason == "the server answered 499"

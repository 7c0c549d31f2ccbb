"""Lists of feeds: what they name, and that broken ones are refused in a sentence."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.articles import SourceKind
from corpus.errors import ReadError
from corpus.feeds.discovery import FeedOutline, read_opml, starter_feeds
from corpus.fetch.urls import canonical_url
from tests.conftest import examples


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?><opml version="2.0"><body>{body}</body></opml>'.encode()


def test_nested_outlines_and_attributes() -> None:
    feeds = read_opml(
        opml(
            """<outline text="Africa"><outline title="North &amp; East">
            <outline type="rss" text="Ministry" xmlUrl="https://ministry.example/feed"
              htmlUrl="https://ministry.example" kind="Official" country="ly" language="ar-LY"/>
            </outline></outline><outline xmlurl="feed://other.example/rss" kind="rumour"/>"""
        ),
        "list.opml",
    )
    assert feeds == (
        FeedOutline(
            name="Ministry",
            feed_url="https://ministry.example/feed",
            url="https://ministry.example/",
            kind=SourceKind.OFFICIAL,
            country="LY",
            language="ar",
            folder="North & East",
        ),
        FeedOutline(name="other.example", feed_url="http://other.example/rss"),
    )


def test_each_address_once_and_names_that_differ() -> None:
    feeds = read_opml(
        opml(
            """<outline text="News" xmlUrl="https://a.example/feed"/>
            <outline text="News" xmlUrl="https://b.example/feed"/>
            <outline text="Again" xmlUrl="https://A.example/feed"/>"""
        ),
        "list.opml",
    )
    assert [feed.name for feed in feeds] == ["News", "News (2)"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "its XML is broken"),
        (b"<opml><body><outline", "its XML is broken"),
        (b"<html><body/></html>", "OPML begins with <opml>"),
        (opml(""), "names no feed"),
        (opml('<outline text="A" xmlUrl="javascript:alert(1)"/>'), "names no feed"),
        (opml('<outline text="A" xmlUrl="file:///etc/passwd"/>'), "names no feed"),
    ],
)
def test_what_is_no_list_is_refused_in_one_sentence(body: bytes, reason: str) -> None:
    with pytest.raises(ReadError) as raised:
        read_opml(body, "list.opml")
    assert reason in raised.value.reason
    assert "\n" not in str(raised.value)


def test_files_of_this_machine_are_not_drawn_in() -> None:
    body = b"""<!DOCTYPE opml [<!ENTITY secret SYSTEM "file:///etc/passwd">]>
    <opml><body><outline text="A &secret;" xmlUrl="https://a.example/"/></body></opml>"""
    try:
        feeds = read_opml(body, "list.opml")
    except ReadError:
        return
    assert "root" not in feeds[0].name


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: opml(text)))
def test_odd_bytes_raise_nothing_but_read_errors(body: bytes) -> None:
    with suppress(ReadError):
        read_opml(body, "list.opml")


def test_the_starter_list_says_what_it_knows_of_every_feed() -> None:
    feeds = starter_feeds()
    assert len(feeds) >= 50
    assert all(feed.feed_url == canonical_url(feed.feed_url) for feed in feeds)
    assert all(feed.kind and feed.language and feed.url and feed.folder for feed in feeds)
    assert max(Counter(feed.name.casefold() for feed in feeds).values()) == 1
    assert {feed.kind for feed in feeds} >= {
        SourceKind.OFFICIAL,
        SourceKind.WIRE,
        SourceKind.STATE_MEDIA,
        SourceKind.INDEPENDENT,
    }

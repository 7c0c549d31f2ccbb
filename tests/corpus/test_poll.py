"""Polling over a local web: what a source answers, what is stored, how the source then stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from textwrap import wrap

import pytest
from sqlalchemy import text

from corpus.articles import Article, Source, SourceKind
from corpus.errors import FetchError, ReadError
from corpus.feeds.discovery import find_feed, source_of_feed
from corpus.feeds.poll import Poller, PollReport, SourceReport
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import (
    Empty,
    Failing,
    Fresh,
    Gone,
    Health,
    Moved,
    PolledSource,
    Unchanged,
    Undated,
)
from corpus.fetch.client import CourteousFetcher, Fetched, Fetcher
from corpus.store.articles import ArticleStore, open_store
from tests.fakes.articles import NOON
from tests.fakes.databases import new_database
from tests.fakes.pdf import Text, pdf
from tests.fakes.web import Asked, LocalWeb, Reply

FIRST = (
    "The Minister received the Ambassador in Tripoli on Thursday and spoke with him for two hours "
    "about the families who wait in the south to return to their homes before the summer comes."
)
SECOND = (
    "The road to the airport is to be opened on the first of May, as both sides have told the "
    "Ministry in writing, and an office for the families will be opened in Ghadamis on that day."
)
OTHER = (
    "On the National Day of our neighbours the Minister sent greetings to all who live beyond the "
    "river, and recalled the forty years in which both peoples have traded, studied and married."
)
DATE = "Thu, 04 Apr 2019 11:00:00 GMT"


def item(name: str, *paragraphs: str, guid: str | None = None, date: str = DATE) -> str:
    body = "".join(f"<p>{one}</p>" for one in paragraphs or (FIRST, SECOND))
    return (
        f"<item><title>Statement {name}</title><link>/{name}</link><guid isPermaLink='false'>"
        f"{guid or name}</guid><pubDate>{date}</pubDate>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def feed(*items: str, built: str = "") -> bytes:
    stamp = f"<lastBuildDate>{built}</lastBuildDate>" if built else ""
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>Ministry</title>{stamp}{''.join(items)}</channel></rss>"
    ).encode()


class Ministry:
    """One source on a local web, polled on a clock that each poll moves past its next time."""

    def __init__(self, web: LocalWeb, store: ArticleStore) -> None:
        self.web, self.store = web, store
        self.now = NOON
        self.register = SourceRegister(store)
        self.register.put(
            PolledSource(
                Source("Ministry", web.url(), SourceKind.OFFICIAL, "LY", "en"), web.url("/feed")
            )
        )
        self.fetcher = Fetcher(frozenset({web.host}))

    @property
    def poller(self) -> Poller:
        """A new one each time: hosts rest on the real clock, which stands still here."""
        return Poller(
            self.store, self.fetcher, lambda: self.now, chance=lambda: 0.5, pause_seconds=0
        )

    def answers(self, body: bytes, path: str = "/feed", **options: object) -> None:
        self.web.page(path, body, content_type="application/rss+xml", **options)  # type: ignore[arg-type]

    def poll(self, hours: float = 8 * 24) -> SourceReport:
        self.now += timedelta(hours=hours)
        (report,) = self.poller.poll().sources
        return report

    @property
    def source(self) -> PolledSource:
        found = self.register.source("Ministry")
        assert found is not None
        return found

    def articles(self) -> list[Article]:
        return [change.article for change in self.store.changes_since(0)]

    def titles(self) -> list[str]:
        return sorted(article.title for article in self.articles())


@pytest.fixture
def ministry(store: ArticleStore) -> Iterator[Ministry]:
    with LocalWeb() as web:
        yield Ministry(web, store)


# -- what is stored ----------------------------------------------------------------------------


def test_entries_become_articles_of_the_source(ministry: Ministry) -> None:
    ministry.answers(feed(item("b"), item("a", FIRST)))
    report = ministry.poll()
    assert report.outcome == Fresh()
    assert (report.entries, report.receipt.new) == (2, 2)
    first = ministry.articles()[0]
    assert first.title == "Statement a"
    assert (first.source, first.kind, first.language) == ("Ministry", SourceKind.OFFICIAL, "en")
    assert first.url == ministry.web.url("/a")
    assert first.published_at == datetime(2019, 4, 4, 11, tzinfo=NOON.tzinfo)


def test_every_item_once_every_edit_a_version_and_none_withdrawn(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    ministry.answers(feed(item("b", SECOND), item("a", FIRST, "Amended.")))
    report = ministry.poll()
    assert (report.receipt.new, report.receipt.updated) == (1, 1)
    ministry.answers(feed(item("c", "Something else was said.")))
    ministry.poll()
    versions = {article.title: article.version for article in ministry.articles()}
    assert versions == {"Statement a": 2, "Statement b": 1, "Statement c": 1}
    assert all(article.withdrawn_at is None for article in ministry.articles())


def test_the_same_again_is_unchanged_and_writes_nothing(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    before = ministry.store.last_change()
    assert ministry.poll().outcome == Unchanged()
    assert ministry.store.last_change() == before


def test_an_item_under_two_guids_is_one_article(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    ministry.answers(feed(item("a", guid="other")))
    ministry.poll()
    assert ministry.titles() == ["Statement a"]


def test_an_item_at_a_link_used_before_is_another_article(ministry: Ministry) -> None:
    ministry.answers(feed(item("day", guid="2018")))
    ministry.poll()
    ministry.answers(feed(item("day", SECOND, OTHER, guid="2019")))
    ministry.poll()
    assert len(ministry.articles()) == 2
    assert {article.url for article in ministry.articles()} == {ministry.web.url("/day")}


def test_a_link_that_was_corrected_is_the_articles_link(ministry: Ministry) -> None:
    ministry.answers(feed(item("wrong", guid="1")))
    ministry.poll()
    ministry.answers(feed(item("wrong", guid="1").replace("/wrong", "/right")))
    ministry.poll()
    (article,) = ministry.articles()
    assert article.url == ministry.web.url("/right")
    assert article.version == 1


def linked(name: str, link: str, guid: str = "", *paragraphs: str, date: str = DATE) -> str:
    """An item of the same words, whatever its link and its guid are."""
    told = item(name, *paragraphs, guid="GUID", date=date).replace(f"/{name}<", f"{link}<")
    return told.replace("<guid isPermaLink='false'>GUID</guid>", guid and f"<guid>{guid}</guid>")


@pytest.mark.parametrize("guids", [("", ""), ("{0}/?p=41", "{0}/?p=41"), ("{0}/?p=41", "{0}/road")])
@pytest.mark.parametrize("paragraphs", [(FIRST, SECOND), (FIRST[:90],)])
def test_an_item_whose_number_became_a_name_is_one_article(
    ministry: Ministry, guids: tuple[str, str], paragraphs: tuple[str, ...]
) -> None:
    for link, guid in zip(("/?p=41", "/road"), guids, strict=True):
        guid = guid.format(ministry.web.url().rstrip("/"))
        ministry.answers(feed(linked("road", link, guid, *paragraphs)))
        ministry.poll()
    (article,) = ministry.articles()
    assert (article.url, article.version) == (ministry.web.url("/road"), 1)


def test_a_former_link_as_guid_names_it_when_its_text_was_edited(ministry: Ministry) -> None:
    guid = ministry.web.url("/?p=41")
    ministry.answers(feed(linked("road", "/?p=41", guid)))
    ministry.poll()
    ministry.answers(feed(linked("road", "/road", guid, FIRST, SECOND, "Amended.")))
    ministry.poll()
    ministry.answers(feed(linked("day", "/day", guid, OTHER)))
    ministry.poll()
    assert [(one.title, one.version) for one in ministry.articles()] == [
        ("Statement road", 2), ("Statement day", 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paragraphs", "date"),
    [
        ((FIRST, SECOND), "Fri, 10 Apr 2020 11:00:00 GMT"),
        ((FIRST, SECOND), "Fri, 05 Apr 2019 11:00:00 GMT"),
        (("The consulate is closed to the public today.",), "Fri, 05 Apr 2019 11:00:00 GMT"),
    ],
)
def test_the_same_words_on_another_occasion_are_another_article(
    ministry: Ministry, paragraphs: tuple[str, ...], date: str
) -> None:
    ministry.answers(feed(linked("a", "/a-1", "", *paragraphs)))
    ministry.poll()
    ministry.now += timedelta(days=400)
    ministry.answers(feed(linked("a", "/a-2", "", *paragraphs, date=date)))
    ministry.poll()
    assert len(ministry.articles()) == 2


@pytest.mark.parametrize("first", [(), ("More to come.",)])
def test_a_headline_of_one_word_is_the_article_whose_text_comes_later(
    ministry: Ministry, first: tuple[str, ...]
) -> None:
    def told(*paragraphs: str) -> bytes:
        body = item("c", "TEXT", *paragraphs).replace("<p>TEXT</p>", "")
        return feed(body.replace("Statement c", "Ceasefire"))

    for paragraphs in (first, (FIRST, SECOND), ()):
        ministry.answers(told(*paragraphs))
        ministry.poll()
    (article,) = ministry.articles()
    assert [one.text for one in article.paragraphs] == [FIRST, SECOND]
    assert article.version == 2


def test_a_feed_that_shortens_its_older_items_takes_nothing_away(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    ministry.answers(feed(item("a", f"{FIRST[:100]} …")))
    ministry.poll()
    (article,) = ministry.articles()
    assert (article.version, len(article.paragraphs)) == (1, 2)


def test_an_older_copy_from_a_cache_makes_no_version(ministry: Ministry) -> None:
    ministry.answers(feed(item("a", FIRST), built="Thu, 04 Apr 2019 10:00:00 GMT"))
    ministry.poll()
    ministry.answers(feed(item("a", FIRST, SECOND), built="Thu, 04 Apr 2019 12:00:00 GMT"))
    ministry.poll()
    ministry.answers(feed(item("a", FIRST), built="Thu, 04 Apr 2019 10:00:00 GMT"))
    assert ministry.poll().outcome == Unchanged()
    assert [article.version for article in ministry.articles()] == [2]


def test_a_date_in_the_future_is_unknown(ministry: Ministry) -> None:
    ministry.answers(feed(item("a", date="Sat, 04 Apr 2099 11:00:00 GMT")))
    assert ministry.poll().outcome == Undated()
    assert ministry.articles()[0].published_at is None


def test_a_poll_that_broke_off_is_completed_by_the_next(ministry: Ministry) -> None:
    ministry.answers(feed(item("a"), item("day", FIRST, guid="1"), item("day", SECOND, guid="2")))
    ministry.poll()
    with ministry.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM feed_entries"))
    before = ministry.titles()
    ministry.poll()
    assert ministry.titles() == before
    assert {article.version for article in ministry.articles()} == {1}


# -- one article never overwrites another ------------------------------------------------------

LISTED = f"<item><title>Talks</title><link>/press</link><description>{FIRST}</description></item>"
ALSO_LISTED = (
    f"<item><title>Road</title><link>/press</link><description>{SECOND}</description></item>"
)


def listing(*items: str) -> bytes:
    return f'<rss version="2.0"><channel><title>M</title>{"".join(items)}</channel></rss>'.encode()


def test_items_that_link_to_one_listing_page_are_articles_of_their_own(ministry: Ministry) -> None:
    ministry.answers(listing(LISTED))
    ministry.poll()
    ministry.answers(listing(ALSO_LISTED, LISTED))
    ministry.poll()
    ministry.answers(listing(ALSO_LISTED))
    ministry.poll()
    assert [(one.title, one.version) for one in ministry.articles()] == [("Talks", 1), ("Road", 1)]


def test_the_next_item_alone_under_the_same_link_is_another_article(ministry: Ministry) -> None:
    for body in (listing(LISTED), listing(ALSO_LISTED), listing(ALSO_LISTED)):
        ministry.answers(body)
        ministry.poll()
    assert [(one.title, one.version) for one in ministry.articles()] == [("Talks", 1), ("Road", 1)]


def test_a_guid_used_again_is_another_article(ministry: Ministry) -> None:
    ministry.answers(feed(item("a", FIRST, guid="latest")))
    ministry.poll()
    ministry.answers(feed(item("b", OTHER, guid="latest")))
    report = ministry.poll()
    assert (report.receipt.new, report.receipt.updated) == (1, 0)
    ministry.answers(feed(item("b", OTHER, "Amended.", guid="latest")))
    assert ministry.poll().receipt.updated == 1
    assert ministry.titles() == ["Statement a", "Statement b"]


REMARK = (
    "Nobody at the quay believes a word of what was written there, and my neighbour, who has "
    "fished below the dam for thirty years, laughed aloud when I read it to him over the fence."
)


def told_by(ministry: Ministry, name: str, body: bytes, site: str) -> list[Article]:
    """What stands in the store after another source's feed was polled too."""
    path = f"/{name}"
    ministry.answers(body, path)
    source = Source(name, site, SourceKind.OPINION, language="en")
    ministry.register.put(PolledSource(source, ministry.web.url(path)))
    ministry.now += timedelta(days=1)
    ministry.poller.poll([name])
    return ministry.articles()


def test_anothers_words_about_a_statement_are_anothers_article(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    told_by(ministry, "Blog", feed(item("a", REMARK, guid="b")), "https://blog.example")
    told_by(ministry, "Blog", feed(item("a", REMARK, "And so on.", guid="b")), "https://b.example")
    statement, remark = ministry.articles()
    assert (statement.source, statement.kind, statement.version) == (
        "Ministry", SourceKind.OFFICIAL, 1
    )  # fmt: skip
    assert (remark.source, remark.kind, remark.version) == ("Blog", SourceKind.OPINION, 2)
    assert statement.url == remark.url


def test_anothers_teaser_of_a_statement_tells_nothing_new(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    before = ministry.store.last_change()
    later = "Fri, 05 Apr 2019 11:00:00 GMT"
    (article,) = told_by(ministry, "All", feed(item("a", FIRST, date=later)), "https://all.example")
    assert (article.source, len(article.paragraphs)) == ("Ministry", 2)
    assert ministry.store.last_change() == before


def test_the_publishers_full_text_takes_the_place_of_anothers_teaser(ministry: Ministry) -> None:
    ministry.answers(feed(item("elsewhere", OTHER)))
    ministry.poll()
    teaser = item("a", f"{FIRST[:150]} …")
    told_by(ministry, "All", feed(teaser), "https://all.example")
    with ministry.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE sources SET feed_url='https://all.example/f' WHERE name='All'")
        )
    ministry.answers(feed(item("a")))
    ministry.now += timedelta(days=1)
    ministry.poller.poll(["Ministry"])
    (article,) = [one for one in ministry.articles() if one.title == "Statement a"]
    assert (article.source, article.kind) == ("Ministry", SourceKind.OFFICIAL)
    assert [one.text for one in article.paragraphs] == [FIRST, SECOND]


def test_a_teaser_never_replaces_the_full_text(ministry: Ministry) -> None:
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.page("/a", page(FIRST, SECOND))
    ministry.poll()
    ministry.web.reply("/a", Reply(404))
    ministry.answers(feed(item("a", TEASER.replace("received", "has received"))))
    ministry.poll()
    (article,) = ministry.articles()
    assert (article.version, len(article.paragraphs)) == (1, 2)


# -- what the server answers -------------------------------------------------------------------


def test_an_etag_is_sent_back_and_304_is_unchanged(ministry: Ministry) -> None:
    def answer(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"1"':
            return Reply(304, {"ETag": '"1"'})
        return Reply(200, {"ETag": '"1"', "Content-Type": "text/xml"}, [feed(item("a"))])

    ministry.web.answer("/feed", answer)
    assert ministry.poll().outcome == Fresh()
    assert ministry.poll(1).outcome == Unchanged()
    assert ministry.poll(1).outcome == Unchanged()
    assert ministry.web.requests[-1].headers["if-none-match"] == '"1"'


def test_last_modified_is_sent_back(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")), headers={"Last-Modified": DATE})
    ministry.poll()
    ministry.poll(1)
    assert ministry.web.requests[-1].headers["if-modified-since"] == DATE


def test_a_server_that_answers_unchanged_for_ever_is_asked_anew_once_a_day(
    ministry: Ministry,
) -> None:
    body = feed(item("a"))

    def answer(asked: Asked) -> Reply:
        if "if-modified-since" in asked.headers:
            return Reply(304)
        return Reply(200, {"Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}, [body])

    ministry.web.answer("/feed", answer)
    ministry.poll()
    body = feed(item("b", SECOND), item("a"))
    for _ in range(48):
        ministry.poll(1)
    assert ministry.titles() == ["Statement a", "Statement b"]
    asked = [one.headers for one in ministry.web.requests if one.path == "/feed"]
    assert sum("if-modified-since" not in headers for headers in asked) == 3


def test_moved_for_good_is_followed_and_remembered(ministry: Ministry) -> None:
    ministry.web.redirect("/feed", "/new", 301)
    ministry.answers(feed(item("a")), "/new")
    outcome = ministry.poll().outcome
    assert outcome == Moved(ministry.web.url("/new"), Fresh())
    assert ministry.source.health is Health.MOVED
    ministry.web.requests.clear()
    assert ministry.poll().outcome == Unchanged()
    assert [asked.path for asked in ministry.web.requests] == ["/new"]


def test_a_passing_redirect_is_not_remembered(ministry: Ministry) -> None:
    ministry.web.redirect("/feed", "/new", 302)
    ministry.answers(feed(item("a")), "/new")
    assert ministry.poll().outcome == Fresh()
    assert ministry.source.moved_to is None


def test_a_redirect_to_a_web_page_is_no_move(ministry: Ministry) -> None:
    ministry.web.redirect("/feed", "/home", 301)
    ministry.web.page("/home", "<html><body>Welcome</body></html>")
    assert isinstance(ministry.poll().outcome, Failing)
    assert ministry.source.moved_to is None


def test_gone_is_asked_no_more_until_it_is_resumed(ministry: Ministry) -> None:
    ministry.web.reply("/feed", Reply(410))
    assert isinstance(ministry.poll().outcome, Gone)
    ministry.now += timedelta(days=30)
    assert ministry.poller.poll().sources == ()
    assert ministry.poller.poll(everything=True).sources == ()
    ministry.answers(feed(item("a")))
    ministry.register.pause("Ministry", False)
    assert ministry.poll().outcome == Fresh()


def test_retry_after_is_kept_to(ministry: Ministry) -> None:
    ministry.web.reply("/feed", Reply(429, {"Retry-After": "7200"}))
    outcome = ministry.poll().outcome
    assert isinstance(outcome, Failing)
    assert "429" in outcome.reason
    assert outcome.retry_at >= ministry.now + timedelta(hours=2)
    ministry.now += timedelta(hours=1)
    assert ministry.poller.poll().sources == ()


def test_a_failure_backs_off_and_recovery_is_noticed(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    ministry.web.reply("/feed", Reply(500))
    delays = []
    for _ in range(3):
        outcome = ministry.poll().outcome
        assert isinstance(outcome, Failing)
        delays.append(outcome.retry_at - ministry.now)
    assert delays[0] < delays[1] < delays[2]
    assert ministry.source.reason == "the server answered 500 Internal Server Error"
    ministry.answers(feed(item("b", SECOND), item("a")))
    report = ministry.poll()
    assert (report.outcome, report.receipt.new) == (Fresh(), 1)
    assert (ministry.source.failures, ministry.source.reason) == (0, None)


def test_a_feed_that_turns_into_a_page_fails_in_a_sentence(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    ministry.web.page("/feed", "<!DOCTYPE html><html><body><p>Maintenance</p></body></html>")
    outcome = ministry.poll().outcome
    assert isinstance(outcome, Failing)
    assert outcome.reason == "a web page, not a feed"
    assert ministry.titles() == ["Statement a"]


def test_an_empty_feed_is_not_a_failing_one(ministry: Ministry) -> None:
    ministry.answers(feed())
    assert ministry.poll().outcome == Empty()


# -- teasers -----------------------------------------------------------------------------------

TEASER = "The Minister received the Ambassador in Tripoli."


def page(*paragraphs: str, title: str = "Statement a") -> str:
    texts = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{texts}</article>"
    )


def test_the_full_text_comes_from_the_page(ministry: Ministry) -> None:
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.page("/a", page(FIRST, SECOND))
    report = ministry.poll()
    (article,) = ministry.articles()
    assert [one.text for one in article.paragraphs] == [FIRST, SECOND]
    assert (article.source, article.version, report.teasers) == ("Ministry", 1, 0)


CONSENT = (
    "We and our 816 partners store and read information on a device, such as cookies, and process "
    "personal data, such as unique identifiers, for advertising, content and audience research."
)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        Reply(200, {"Content-Type": "text/html"}, [b"<html><body>Please log in</body></html>"]),
        Reply(200, {"Content-Type": "text/html"}, [page(CONSENT).encode()]),
        Reply(200, {"Content-Type": "text/html"}, [page(OTHER, title=TEASER).encode()]),
    ],
)
def test_the_teaser_stays_where_the_page_does_not_tell_more(
    ministry: Ministry, reply: Reply
) -> None:
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.reply("/a", reply)
    assert ministry.poll().teasers == 1
    assert [one.text for one in ministry.articles()[0].paragraphs] == [TEASER]


def test_an_entry_waits_a_while_for_a_page_that_is_down(ministry: Ministry) -> None:
    day = "Fri, 12 Apr 2019 11:00:00 GMT"
    ministry.answers(feed(item("a", TEASER, date=day)), headers={"ETag": '"1"'})
    ministry.web.reply("/a", Reply(503))
    report = ministry.poll()
    assert (report.waiting, ministry.articles()) == (1, [])
    assert ministry.source.etag is None
    ministry.poll()
    assert [one.text for one in ministry.articles()[0].paragraphs] == [TEASER]


@pytest.mark.parametrize("feed_then", ["unchanged", "another item", "broken"])
def test_a_page_that_was_down_for_longer_takes_the_teasers_place_when_it_is_back(
    ministry: Ministry, feed_then: str
) -> None:
    ministry.answers(feed(item("a", TEASER)), headers={"ETag": '"1"'})
    ministry.web.reply("/a", Reply(503))
    ministry.poll()
    (teaser,) = ministry.articles()
    assert ministry.source.wanted == 1
    told = "items with their teaser only: 1; their pages are asked for again"
    assert ministry.source.set_aside == told
    if feed_then == "unchanged":
        ministry.web.reply("/feed", Reply(304))
    elif feed_then == "another item":
        ministry.answers(feed(item("b", OTHER)))
    ministry.web.page("/a", page(FIRST, SECOND))
    assert ministry.poll(0.5).receipt.updated == 0
    if feed_then == "broken":
        ministry.web.reply("/feed", Reply(500))
        assert ministry.poll(1).outcome.health is Health.FAILING
        ministry.answers(feed(item("a", TEASER)))
    ministry.poll(3)
    (article,) = (one for one in ministry.articles() if one.id == teaser.id)
    assert [one.text for one in article.paragraphs] == [FIRST, SECOND]
    assert (article.version, article.published_at) == (2, teaser.published_at)
    assert (ministry.source.wanted, ministry.source.set_aside) == (0, None)
    ministry.answers(feed(item("a", TEASER)))
    ministry.poll(48)
    assert len(ministry.store.version(article.id, 2).paragraphs) == 2  # type: ignore[union-attr]


def test_a_page_that_stays_away_is_asked_ever_more_rarely_and_then_no_more(
    ministry: Ministry,
) -> None:
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.reply("/a", Reply(503))
    asked = []
    for hour in range(0, 24 * 60, 6):
        before = len(ministry.web.requests)
        ministry.poll(6)
        if any(one.path == "/a" for one in ministry.web.requests[before:]):
            asked.append(hour)
    assert asked == [0, 6, 12, 24, 48, 96, 192, 384, 768]
    assert ministry.source.wanted == 0
    assert [one.text for one in ministry.articles()[0].paragraphs] == [TEASER]


def test_an_enclosure_that_was_down_is_read_when_it_is_back(ministry: Ministry) -> None:
    body = pdf([[Text(one, 72, 700 - 14 * n) for n, one in enumerate(wrap(FIRST, 90))]])
    enclosed = '<enclosure url="/a.pdf" type="application/pdf" length="1"/>'
    ministry.answers(
        listing(
            "<item><title>Note</title><link>/a</link><guid>1</guid>"
            f"{enclosed}<description>{FIRST[:80]} …</description></item>"
        )
    )
    ministry.web.reply("/a", Reply(404))
    ministry.web.reply("/a.pdf", Reply(503))
    ministry.poll()
    ministry.web.page("/a.pdf", body, content_type="application/pdf")
    assert ministry.poll().receipt.updated == 1
    (article,) = ministry.articles()
    assert article.paragraphs[0].text == FIRST


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f"<p>{FIRST}</p><p>{'w' * 3_000}</p>", "a word is longer than 2,000 characters"),
        (f"<p>{FIRST}</p>" + "<i></i>" * 51_000, "has more than 100,000 tags"),
    ],
)
def test_of_a_page_that_oversteps_the_teaser_stays_and_the_page_is_named(
    ministry: Ministry, body: str, reason: str
) -> None:
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.page("/a", f"<html><body><article><h1>Statement a</h1>{body}</article>")
    report = ministry.poll()
    assert [one.text for one in ministry.articles()[0].paragraphs] == [TEASER]
    (refused,) = report.receipt.failed
    assert (refused.item, refused.reason) == (ministry.web.url("/a"), reason)
    assert ministry.source.wanted == 0


def test_a_page_that_is_gone_is_not_asked_again(ministry: Ministry) -> None:
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.reply("/a", Reply(404))
    ministry.poll()
    assert ministry.source.wanted == 0


def test_a_document_behind_a_teaser_is_read(ministry: Ministry) -> None:
    lines = [FIRST[:90], FIRST[90:], SECOND[:90], SECOND[90:]]
    body = pdf([[Text(one, 72, 700 - 14 * n) for n, one in enumerate(lines)]])
    ministry.web.page("/a.pdf", body, content_type="application/pdf")
    enclosed = f'<enclosure url="/a.pdf" type="application/pdf" length="{len(body)}"/>'
    note = f"<item><title>Note</title>{enclosed}<description>A note.</description></item>"
    linked = (
        "<item><title>Talks</title><link>/a.pdf</link><guid>t</guid>"
        f"<description>{FIRST[:80]} …</description></item>"
    )
    ministry.answers(listing(note, linked))
    ministry.poll()
    assert ministry.titles() == ["Note", "Talks"]
    for article in ministry.articles():
        assert article.url == ministry.web.url("/a.pdf")
        assert "first of May" in " ".join(one.text for one in article.paragraphs)


def test_an_item_that_cannot_be_read_is_named_and_tried_again(ministry: Ministry) -> None:
    bare = "<item><link>/a</link><guid>1</guid></item>"
    ministry.answers(listing(bare))
    ministry.web.reply("/a", Reply(404))
    (refused,) = ministry.poll().receipt.failed
    assert refused.item == ministry.web.url("/a")
    assert ministry.source.set_aside is not None
    assert ministry.source.set_aside.endswith(f"{refused.item}: the server answered 404 Not Found")
    ministry.web.page("/a", page(FIRST, SECOND))
    ministry.poll()
    assert len(ministry.articles()) == 1
    assert ministry.source.reason is None


def test_items_that_say_nothing_are_told(ministry: Ministry) -> None:
    ministry.answers(feed(item("a"), "<item/>"))
    (refused,) = ministry.poll().receipt.failed
    assert refused.reason == "1 of its items have neither title, link nor text"
    assert ministry.source.set_aside is not None


def test_no_page_is_fetched_where_that_is_set(ministry: Ministry) -> None:
    ministry.register.put(replace(ministry.source, full_text=False))
    ministry.answers(feed(item("a", TEASER)))
    ministry.web.page("/a", page(FIRST, SECOND))
    ministry.poll()
    assert [asked.path for asked in ministry.web.requests] == ["/feed"]


# -- many sources, other people ----------------------------------------------------------------


def test_a_paused_source_is_left_alone(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.register.pause("Ministry", True)
    for report in (ministry.poller.poll(), ministry.poller.poll(everything=True)):
        assert report == PollReport(())


def test_a_source_is_claimed_by_one_process_at_a_time(ministry: Ministry) -> None:
    later = ministry.now + timedelta(minutes=10)
    assert ministry.register.claim("Ministry", ministry.now, later)
    assert not ministry.register.claim("Ministry", ministry.now, later)
    assert ministry.register.claim("Ministry", later, later + timedelta(minutes=10))


def test_checking_records_health_but_reads_nothing(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")), headers={"ETag": '"1"'})
    (report,) = ministry.poller.check().sources
    assert (report.outcome, report.entries) == (Fresh(), 1)
    assert ministry.source.health is Health.FRESH
    assert ministry.articles() == []
    assert ministry.poll().receipt.new == 1


def test_a_removed_source_takes_its_articles_along_if_asked(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    removed = ministry.register.remove("Ministry", ministry.now, with_articles=True)
    assert (removed.entries, removed.articles) == (1, 1)
    assert ministry.articles()[0].withdrawn_at is not None
    assert ministry.register.sources() == []


def test_recording_publishers_again_keeps_how_they_are_polled(ministry: Ministry) -> None:
    ministry.answers(feed(item("a")))
    ministry.poll()
    ministry.store.put_sources([Source("Ministry", kind=SourceKind.STATE_MEDIA)])
    assert ministry.source.source.kind is SourceKind.STATE_MEDIA
    assert ministry.source.health is Health.FRESH
    assert ministry.poll().outcome == Unchanged()


class SlowFetcher(Fetcher):
    """Counts how many requests of one host, and of all, are under way at once.

    The first requests of so many hosts end only when all of them have begun.
    """

    def __init__(self, hosts: int = 1) -> None:
        super().__init__()
        self.together = threading.Barrier(hosts, timeout=60)
        self.known: set[str] = set()
        self.guard = threading.Lock()
        self.under_way: list[str] = []
        self.most_of_a_host = self.most = 0

    def fetch(
        self, url: str, *, etag: str | None = None, last_modified: str | None = None
    ) -> Fetched:
        host = url.split("/")[2]
        with self.guard:
            self.under_way.append(host)
            self.most = max(self.most, len(self.under_way))
            self.most_of_a_host = max(self.most_of_a_host, self.under_way.count(host))
            first = host not in self.known
            self.known.add(host)
        if first and self.together.parties > 1:
            self.together.wait()
        time.sleep(0.02)
        with self.guard:
            self.under_way.remove(host)
        if "busy" in host:
            raise FetchError(url, "busy", retry=True, retry_after=60, status=429)
        return Fetched(url, url, "text/xml", feed(), 200)


def test_hosts_are_asked_in_parallel_but_each_one_in_turn(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    store = open_store(new_database(tmp_path_factory.mktemp("many")))
    register = SourceRegister(store)
    for host in ("a.example", "b.example", "busy.example"):
        for number in range(3):
            name = f"{host} {number}"
            register.put(PolledSource(Source(name), f"https://{host}/{number}"))
    fetcher = SlowFetcher(hosts=3)
    report = Poller(store, fetcher, lambda: NOON, pause_seconds=0).poll()
    store.close()
    assert len(report.sources) == 9
    assert (fetcher.most_of_a_host, fetcher.most >= 3) == (1, True)
    assert [one.name for one in report.failed] == [f"busy.example {n}" for n in range(3)]


def test_requests_to_a_host_are_parted_by_a_pause_and_end_where_it_asks_for_rest() -> None:
    slept: list[float] = []
    fetcher = CourteousFetcher(
        SlowFetcher(), pause_seconds=1.0, monotonic=lambda: 100.0, sleep=slept.append
    )
    fetcher.fetch("https://a.example/1")
    fetcher.fetch("https://b.example/1")
    assert slept == []
    fetcher.fetch("https://a.example/2")
    assert slept == [1.0]
    reasons = []
    for _ in range(2):
        with pytest.raises(FetchError) as raised:
            fetcher.fetch("https://busy.example/")
        reasons.append(raised.value.reason)
    assert reasons == ["busy", "its server asked for fewer requests"]


# -- finding a feed ----------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/feed", "/", "/guess/page"])
def test_a_feed_is_found_from_a_feed_or_a_site(ministry: Ministry, address: str) -> None:
    ministry.answers(feed(item("a")))
    ministry.answers(feed(item("a")), "/feed/")
    link = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    ministry.web.page("/", f"<html><head>{link}</head><body></body></html>")
    ministry.web.page("/guess/page", "<html><body><p>Welcome</p></body></html>")
    found = find_feed(ministry.web.url(address), ministry.fetcher)
    assert found.url.rstrip("/") == ministry.web.url("/feed")
    source = source_of_feed(found, added_by="test", now=NOON)
    assert (source.name, source.health) == ("Ministry", Health.UNCHECKED)


def test_a_site_without_a_feed_is_asked_a_few_times_only(ministry: Ministry) -> None:
    ministry.web.page("/", "<html><body><p>Welcome</p></body></html>")
    with pytest.raises(ReadError, match="announces no feed"):
        find_feed(ministry.web.url(), ministry.fetcher)
    assert len(ministry.web.requests) <= 4

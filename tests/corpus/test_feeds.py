"""Feeds of every kind, and of no kind: what is read of them, and that nothing else is raised."""

from __future__ import annotations

import json
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ReadError
from corpus.feeds.parse import MOST_ENTRIES, Entry, Feed, feed_links, guessed_feeds, read_feed
from tests.conftest import examples

URL = "https://ministry.example/feeds/news.xml"
TEXT = (
    "The Minister received the Ambassador on Thursday. They spoke of the talks in Ghadamis, of the "
    "road to the airport and of the two hundred families who have waited since the spring to "
    "return to their homes there."
)


def rss(*items: str, head: str = "", declaration: str = '<?xml version="1.0"?>') -> bytes:
    return (
        f'{declaration}<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Ministry of Examples</title><link>https://ministry.example/</link>"
        f"<language>en-GB</language>{head}{''.join(items)}</channel></rss>"
    ).encode()


def item(**elements: str) -> str:
    return f"<item>{''.join(f'<{k}>{v}</{k}>' for k, v in elements.items())}</item>"


def only(body: bytes, content_type: str = "application/rss+xml") -> Entry:
    feed = read_feed(body, URL, content_type=content_type)
    assert len(feed.entries) == 1
    return feed.entries[0]


def keys(*items: str) -> list[str]:
    return [entry.key for entry in read_feed(rss(*items), URL).entries]


# -- the forms ---------------------------------------------------------------------------------


def test_rss_with_whole_texts() -> None:
    body = rss(
        item(
            title="The Minister &amp;amp; the Ambassador",
            link="/news/1?utm_source=rss",
            guid="https://ministry.example/?p=1",
            pubDate="Thu, 04 Apr 2019 12:00:00 +0200",
            author="press@ministry.example (Press Office)",
            description="Short.",
        ).replace(
            "</item>",
            f"<content:encoded><![CDATA[<p>{TEXT}</p><ul><li>First.</li><li>Second.</li></ul>"
            "<figcaption>A caption</figcaption><p>The post The Minister appeared first on "
            '<a href="/">Ministry</a>.</p>]]></content:encoded></item>',
        )
    )
    feed = read_feed(body, URL)
    assert (feed.title, feed.link, feed.language) == (
        "Ministry of Examples",
        "https://ministry.example/",
        "en",
    )
    assert feed.entries == (
        Entry(
            key="https://ministry.example/?p=1",
            url="https://ministry.example/news/1",
            title="The Minister & the Ambassador",
            published_at=datetime(2019, 4, 4, 10, tzinfo=UTC),
            updated_at=None,
            author="Press Office",
            paragraphs=(TEXT, "First.", "Second."),
            is_teaser=False,
        ),
    )


def test_atom() -> None:
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Ministère</title>
    <updated>2019-04-04T10:00:00Z</updated><link href="https://ministere.example/"/>
    <entry><id>tag:ministere.example,2019:1</id><title type="html">L&amp;#8217;accord</title>
    <link rel="alternate" href="/a"/><published>2019-04-04T08:00:00Z</published>
    <updated>2019-04-04T09:00:00+02:00</updated><author><name>Presse</name></author>
    <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{TEXT}</p></div></content>
    </entry></feed>""".encode()
    feed = read_feed(body, URL, content_type="application/atom+xml")
    entry = feed.entries[0]
    assert feed.updated_at == datetime(2019, 4, 4, 10, tzinfo=UTC)
    assert (entry.key, entry.title) == ("tag:ministere.example,2019:1", "L’accord")
    assert entry.url == "https://ministere.example/a"
    assert (entry.published_at, entry.updated_at) == (
        datetime(2019, 4, 4, 8, tzinfo=UTC),
        datetime(2019, 4, 4, 7, tzinfo=UTC),
    )
    assert entry.paragraphs == (TEXT,)
    assert not entry.is_teaser


def test_rdf() -> None:
    body = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
    <channel rdf:about="x"><title>Agency</title><link>https://agency.example</link></channel>
    <item rdf:about="https://agency.example/1"><title>One</title><link>https://agency.example/1
    </link><description>{TEXT}</description><dc:date>2019-04-04T08:00:00Z</dc:date></item>
    </rdf:RDF>""".encode()
    entry = only(body)
    assert entry.url == "https://agency.example/1"
    assert entry.published_at == datetime(2019, 4, 4, 8, tzinfo=UTC)
    assert entry.is_teaser


def test_json_feed() -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Mission",
        "home_page_url": "https://mission.example",
        "items": [
            {
                "id": 7,
                "url": "/7",
                "content_html": f"<p>{TEXT}</p>",
                "date_published": "2019-04-04",
            },
            {"id": "8", "content_text": f"{TEXT}\n\nAnd more.", "author": {"name": "Press"}},
            "no item",
            {},
        ],
    }
    feed = read_feed(json.dumps(document).encode(), URL, content_type="application/feed+json")
    first, second = feed.entries
    assert (first.key, first.url) == ("7", "https://mission.example/7")
    assert first.published_at == datetime(2019, 4, 4, tzinfo=UTC)
    assert second.paragraphs == (TEXT, "And more.")
    assert (second.url, second.author) == (None, "Press")


@pytest.mark.parametrize(
    "enclosed",
    [
        '<enclosure url="/note.pdf?v=2"/>',
        '<enclosure url="/note.pdf?v=2" type="application/octet-stream"/>',
        '<m:content xmlns:m="http://search.yahoo.com/mrss/" url="/note.pdf?v=2"/>',
    ],
)
def test_a_pdf_that_is_enclosed_under_no_type_is_a_document(enclosed: str) -> None:
    entry = only(rss(f'<item><title>Note</title><enclosure url="/a.mp3"/>{enclosed}</item>'))
    assert entry.document == "https://ministry.example/note.pdf?v=2"


def test_items_that_say_nothing_are_counted() -> None:
    feed = read_feed(rss("<item/>", item(title="Note"), "<item><guid>2</guid></item>"), URL)
    assert ([entry.title for entry in feed.entries], feed.blank) == (["Note"], 2)


def test_a_feed_may_be_empty() -> None:
    assert read_feed(rss(), URL).entries == ()


# -- what tells items apart ---------------------------------------------------------------------


def test_without_a_guid_the_link_is_the_key_also_after_a_move_to_https() -> None:
    before = keys(item(title="A", link="http://www.ministry.example/a"))
    assert before == keys(item(title="A, amended", link="https://ministry.example/a"))


def test_without_guid_and_link_title_and_date_are_the_key() -> None:
    when = "Thu, 04 Apr 2019 12:00:00 GMT"
    before = keys(item(title="A", pubDate=when, description="One."))
    assert before == keys(item(title="A", pubDate=when, description="Two."))
    assert before != keys(item(title="B", pubDate=when, description="One."))


def test_items_that_share_a_guid_are_told_apart_by_their_links() -> None:
    both = [item(title=name, guid="same", link=f"/{name}") for name in ("a", "b")]
    assert len(set(keys(*both))) == 2


def test_an_item_that_stands_twice_is_read_once() -> None:
    assert keys(item(title="A", guid="1", link="/a"), item(title="A", guid="1", link="/a")) == ["1"]


def test_a_guid_that_counts_revisions_of_a_link_is_the_link() -> None:
    first = keys(item(title="A", guid="https://ministry.example/a#0", link="/a"))
    assert first == keys(item(title="A", guid="https://ministry.example/a#1", link="/a"))


def test_several_items_on_one_page_are_several_items() -> None:
    page = "https://ministry.example/today.html"
    both = [item(title=n, guid=f"{page}#{n}", link=f"{page}#{n}") for n in ("a", "b")]
    assert len(set(keys(*both))) == 2


def test_a_long_guid_stays_a_key() -> None:
    assert len(keys(item(title="A", guid="g" * 5000))[0]) <= 200


def test_a_guid_that_is_no_address_is_no_link() -> None:
    assert only(rss(item(title="A", guid="4711"))).url is None


# -- what is damaged ---------------------------------------------------------------------------


def test_broken_xml_gives_what_can_be_read() -> None:
    body = rss(item(title="A & B <b>", link="/a"), item(title="C", link="/c"))
    assert [entry.url for entry in read_feed(body[:-20], URL).entries] == [
        "https://ministry.example/a",
        "https://ministry.example/c",
    ]


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "iso-8859-1", "text/xml"),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
        ("cp1252", "utf-8", "application/rss+xml"),
        ("iso-8859-1", "iso-8859-1", "text/xml"),
        ("utf-16", "utf-16", "application/rss+xml"),
        ("utf-8-sig", "windows-1251", "application/rss+xml"),
    ],
)
def test_a_wrong_encoding_is_seen_through(encoding: str, declared: str, content_type: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>'
    text = rss(
        item(title="Çavuşoğlu" if "utf" in encoding else "São Tomé"), declaration=declaration
    )
    entry = only(text.decode().encode(encoding), content_type)
    assert entry.title in ("Çavuşoğlu", "São Tomé")


def test_a_damaged_character_does_not_spoil_the_others() -> None:
    body = rss(item(title="Ça va, São Tomé, Çavuşoğlu, Kūno, Łódź, Åse X")).replace(b"X", b"\xe9")
    assert only(body).title.startswith("Ça va, São Tomé, Çavuşoğlu, Kūno, Łódź, Åse")


def test_an_entity_bomb_stays_small() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "'
        + "ha" * 50
        + '">'
        + "".join(
            f'<!ENTITY {new} "{f"&{old};" * 50}">'
            for old, new in zip("abcdef", "bcdefg", strict=True)
        )
    )
    body = rss(item(title="&g;", link="/a"), declaration=f"{bomb}]>")
    assert sum(len(entry.title) for entry in read_feed(body, URL).entries) < 10_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "a web page, not a feed"),
        (b'{"error": "not found"}', "JSON of another kind"),
        (b"{" * 5000, "JSON of another kind"),
        (b"Service unavailable", "not a feed"),
        (b"\x00\x01\x02" * 100, "not a feed"),
    ],
)
def test_what_is_no_feed_is_refused_in_one_sentence(body: bytes, reason: str) -> None:
    with pytest.raises(ReadError) as raised:
        read_feed(body, URL)
    assert reason in raised.value.reason
    assert "\n" not in str(raised.value)


# -- teasers, dates ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "is_teaser"),
    [
        (TEXT, True),
        (f"{TEXT} " * 8, False),
        (f"{TEXT} " * 8 + "[&amp;#8230;]", True),
        (f"{TEXT} " * 8 + "&lt;a href='/a'&gt;Read more&lt;/a&gt;", True),
        ("", True),
    ],
)
def test_a_short_or_cut_off_summary_is_a_teaser(description: str, is_teaser: bool) -> None:
    assert only(rss(item(title="A", link="/a", description=description))).is_teaser is is_teaser


@pytest.mark.parametrize("date", ["", "yesterday", "32 Foo 2019", "0000-00-00T00:00:00Z"])
def test_a_date_that_is_none_is_unknown(date: str) -> None:
    assert only(rss(item(title="A", link="/a", pubDate=date))).published_at is None


def test_a_date_in_the_future_is_kept_as_stated() -> None:
    entry = only(rss(item(title="A", link="/a", pubDate="Fri, 04 Apr 2099 12:00:00 GMT")))
    assert entry.published_at == datetime(2099, 4, 4, 12, tzinfo=UTC)


# -- the feeds of a site -----------------------------------------------------------------------


def test_announced_feeds_comments_last() -> None:
    page = b"""<html><head><base href="https://site.example/en/">
    <link rel="alternate" type="application/rss+xml" title="Comments" href="comments/feed/">
    <link rel="alternate" hreflang="fr" href="/fr/">
    <link rel="Alternate" type="application/rss+xml; charset=utf-8" href="feed/">
    <link rel="alternate" type="application/atom+xml" href="https://other.example/atom">
    <link rel="stylesheet" type="text/css" href="x.css"></head><body></body></html>"""
    assert feed_links(page, "https://site.example/") == [
        "https://site.example/en/feed/",
        "https://other.example/atom",
        "https://site.example/en/comments/feed/",
    ]


def test_at_most_three_addresses_are_guessed() -> None:
    guessed = guessed_feeds("https://site.example/en/news")
    assert len(guessed) <= 3
    assert all(address.startswith("https://site.example/") for address in guessed)


# -- whatever comes ----------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(
        str.split(
            """<rss> <channel> <item> </item> <title> <guid> <pubDate> <entry> ]]> <![CDATA[ &#0;
            <feed\u00a0xmlns='http://www.w3.org/2005/Atom'> <link\u00a0href='//['/> &lt;b \xff { "
            <?xml\u00a0version='1.0'\u00a0encoding='x'?>""",
        )
    ).map(lambda piece: piece.replace("\u00a0", " ").encode("latin-1"))
    | st.binary(max_size=20),
    max_size=30,
)


def read_or_refused(body: bytes, content_type: str = "") -> Feed | None:
    try:
        feed = read_feed(body, URL, content_type=content_type)
    except ReadError:
        return None
    assert len({entry.key for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.key
        assert entry.published_at is None or entry.published_at.tzinfo is not None
        assert all(text == " ".join(text.split()) and text for text in entry.paragraphs)
    return feed


@settings(max_examples=examples(150), deadline=None)
@given(
    PIECES, st.sampled_from(["", "text/xml; charset=utf-16", "application/json", "\x00;charset="])
)
def test_odd_bytes_raise_nothing_but_read_errors(pieces: list[bytes], content_type: str) -> None:
    read_or_refused(b"".join(pieces), content_type)
    feed_links(b"".join(pieces), URL)


@settings(max_examples=examples(100), deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "version",
                        "items",
                        "id",
                        "url",
                        "title",
                        "content_html",
                        "date_published",
                        "authors",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_odd_json_raises_nothing_but_read_errors(value: object) -> None:
    document = {"version": "https://jsonfeed.org/version/1", "items": value}
    read_or_refused(json.dumps(document).encode())


@pytest.fixture(scope="module")
def odd_feeds(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("feeds")
    with tarfile.open(data_folder / "feeds_misc" / "feeds.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_of_a_feed_with_more_items_than_are_read_the_newest_are() -> None:
    count = MOST_ENTRIES + 3
    began = datetime(2019, 1, 1, tzinfo=UTC)
    items = "".join(
        f"<item><title>No. {n}</title><guid>{n}</guid>"
        f"<pubDate>{began + timedelta(hours=n):%Y-%m-%d %H:%M}</pubDate></item>"
        for n in range(count)
    )
    feed = read_feed(f"<rss version='2.0'><channel>{items}</channel></rss>".encode(), URL)
    assert [entry.title for entry in feed.entries] == [f"No. {n}" for n in range(3, count)]
    assert feed.left_out == 3


@pytest.mark.slow
def test_captured_and_awkward_feeds(odd_feeds: list[Path]) -> None:
    """Counts of entries as feedparser, which knows no JSON and repetitions, has them.

    One feed gives two posts of a day the same guid and link: both are kept.
    """
    read = {path.name: read_or_refused(path.read_bytes()) for path in odd_feeds}
    counts = {name: len(feed.entries) for name, feed in read.items() if feed is not None}
    refused = sorted(name for name, feed in read.items() if feed is None)
    assert len(odd_feeds) == 209
    assert sum(counts.values()) == 1572
    assert len(refused) == 14, refused
    assert counts["TechCrunch.xml"] == 20
    assert counts["scriptingNews.rss"] == 50  # two have guid and link of another
    assert counts["rose.json"] == 84

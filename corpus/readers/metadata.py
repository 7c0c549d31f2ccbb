"""What a web page says of itself: when it was published, where it stands, the posts of a live page.

    JSON-LD of the page itself, meta elements, a marked time, a date beside the heading, the address

Pages also carry the dates of what they link to: of related articles, of videos, of comments, of
the site. What is not said of this page says nothing: an object of JSON-LD counts where it is no
item of a list and its headline is the page's; a time or a line with a date counts where it stands
beside the heading, or is the only one. A page that says nothing is undated.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpus.errors import ReadError
from corpus.fetch.urls import canonical_url, site_of
from corpus.text.dates import day_comes_first, labelled_moment, parse_moment

# The ends of the types of JSON-LD that a page can be, the telling ones first.
_PAGE_TYPES = ("Article", "Posting", "Report", "WebPage", "ItemPage")
_LIVE_TYPE = "LiveBlogPosting"
_DATE_METAS = tuple(
    str.split("""article:published_time og:article:published_time datepublished parsely-pub-date
    sailthru.date dc.date.issued dcterms.created dcterms.date pubdate publishdate date""")
)
# Of the words of a headline and a title, how many of the shorter one they share.
_SAME_HEADLINE = 0.5
_BESIDE = re.compile(
    r"(?:^|[\W_])(?:related|more|recommend\w*|sidebar|comments?|teasers?|latest|promo|popular)",
    re.I,
)
_CHANGED = re.compile(
    r"updat|modif|edited|corrected|aktualisiert|\bstand:|à jour|actualiz|обновл|изменен|تحديث", re.I
)
_DATED = re.compile(r"date|time|publish|posted|byline|meta|fecha|datum|\bdata\b", re.I)
_SAYS_PUBLISHED = re.compile(r"\W*(?:publi|post(?:ed|ado)|veröffentl|опубл|نشر|pubbl)", re.I)
# What stands before a colon and names no publication, and words for a day to come.
_OF_ANOTHER = re.compile(
    r"\W*(?!publi|post|veröff|pubbl|press|releas|issue|creat|dat|fech|news)[a-zà-ÿ'’ -]{1,40}:"
    r"|.*\b(?:until|till|deadline|bis|jusqu|hasta|até|fino)\b",
    re.I,
)
_LIVE = re.compile(r"(?:^|[\W_])live", re.I)
_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-](\d\d?)[/-](\d\d?)(?=[/_-])")
_LONGEST_DATE_LINE = 80
# Characters; the first paragraph that long ends the head of an article.
_RUNNING_TEXT = 80
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
# Of an address's last part: words, or a number that is no year, name one article.
_NAMING_WORDS = 3
_INDEX = re.compile(r"/(?:index|default)\.\w{2,5}\Z", re.I)
_NUMBER = re.compile(r"\d{3}(?!\d)|\d{5,}|(?!(?:19|20)\d\d(?!\d))\d{4}")


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a live page: what names it there, its moment, its heading, its piece of HTML."""

    identity: str
    published_at: datetime
    heading: str
    markup: str


def published_at(tree: Any, url: str) -> datetime | None:
    """When a page says that it was published, None where it does not."""
    language = _language(tree)
    times = [one for one in tree.iter("time") if not _is_beside(one)]
    groups = [
        _linked_data_dates(tree, url),
        _meta_dates(tree),
        [
            _stated(one)
            for one in times
            if one.get("pubdate") is not None or one.get("itemprop") == "datePublished"
        ][:1],
    ]
    head = list(_head_of_article(tree))
    short = [
        (text, bool(_DATED.search(_named(one)) or _SAYS_PUBLISHED.match(text)))
        for one in head
        if one.tag != "time"
        and len(text := _line(one)) <= _LONGEST_DATE_LINE
        and not _is_of_a_change(one)
        and not _OF_ANOTHER.match(text)
    ]
    lines = [text for text, is_dated in short if is_dated]
    plain = [one for one in times if not _is_of_a_change(one)]
    beside = [_stated(one) for one in plain if one in head]
    day_first = day_comes_first([text for group in groups for text in group] + lines, language)

    def moments(texts: list[str], read: Callable[..., datetime | None]) -> list[datetime]:
        found = (read(text, day_first=day_first, language=language) for text in texts)
        # Computers write the first day of 1970 for zero.
        return [one for one in found if one is not None and one.timestamp() // 86_400 != 0]

    for group in groups:
        if found := moments(group, parse_moment):
            return found[0]
    match = _IN_ADDRESS.search(url)
    address = ["-".join(part.zfill(2) for part in match.groups())] if match else []
    shown: list[tuple[list[str], Callable[..., datetime | None]]] = [
        (beside, labelled_moment),
        (lines, labelled_moment),
        (address, parse_moment),
        ([text for text, _ in short], parse_moment),
        ([_stated(one) for one in plain], parse_moment),
    ]
    for group, read in shown:
        found = moments(group, read)
        if len({moment.date() for moment in found}) == 1:
            return max(found)
    return None


def _language(tree: Any) -> str | None:
    declared = (tree.get("lang") or "").strip()
    locale = next(iter(tree.xpath("//meta[@property='og:locale']/@content")), "")
    return (declared if len(declared) > 2 else None) or locale or declared or None


def _meta_dates(tree: Any) -> list[str]:
    named: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        named.setdefault(name.lower(), meta.get("content") or "")
    return [named[name] for name in _DATE_METAS if name in named]


def _linked_data_dates(tree: Any, url: str) -> list[str]:
    """`datePublished` of the objects that may be the page, the most certain first."""
    named = tree.xpath("//meta[@property='og:title']/@content")
    titles = [_words(text) for text in (*map(_line, tree.iter("h1", "title")), *named)]
    found: list[tuple[bool, int, str]] = []
    for one in _objects(tree):
        rank, date = _rank(one.get("@type")), one.get("datePublished")
        if rank is None or not isinstance(date, str):
            continue
        headline = one.get("headline") or one.get("name")
        is_named = isinstance(headline, str) and bool(headline.strip())
        is_page = _names_address(one, tree, url) or (
            is_named and any(_is_same(_words(str(headline)), title) for title in titles)
        )
        if is_page or not is_named or not titles:
            found.append((not is_page, rank, date))
    return [date for _, _, date in sorted(found, key=lambda one: one[:2])]


def _objects(tree: Any) -> Iterator[dict[str, Any]]:
    """The objects of JSON-LD that stand for themselves, not as parts or items of others."""
    for script in tree.xpath("//script[contains(@type, 'ld+json')]/text()"):
        # Around it stand signs of a comment or of character data, in much software.
        within = script[max(script.find("{"), 0) : script.rfind("}") + 1]
        try:
            is_list = script.lstrip().startswith("[")
            waiting = [json.loads(script if is_list else within, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, list):
                waiting[:0] = value
            elif isinstance(value, dict):
                yield value
                waiting += [value[key] for key in ("@graph", "mainEntity") if key in value]
                page = value.get("mainEntityOfPage")
                waiting += [page] if isinstance(page, dict) else []


def _rank(kind: Any) -> int | None:
    names = kind if isinstance(kind, list) else [kind]
    ranks = [n for n, end in enumerate(_PAGE_TYPES) for name in names if str(name).endswith(end)]
    return min(ranks, default=None)


def _names_address(one: dict[str, Any], tree: Any, url: str) -> bool:
    page = one.get("mainEntityOfPage")
    named = (one.get("url"), one.get("@id"), page.get("@id") if isinstance(page, dict) else page)
    claimed = tree.xpath("//link[@rel='canonical']/@href")
    own = {_place(address) for address in (url, *claimed)}
    return any(isinstance(name, str) and name.strip() and _place(name) in own for name in named)


def _place(address: str) -> str:
    try:
        address = canonical_url(address)
    except ReadError:
        return address
    return re.sub(r"\Ahttps?://(?:www\.)?", "", address).rstrip("/")


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _is_same(one: frozenset[str], other: frozenset[str]) -> bool:
    smaller = min(len(one), len(other))
    return smaller > 0 and len(one & other) >= _SAME_HEADLINE * smaller


def _stated(time: Any) -> str:
    return str(time.get("datetime") or _line(time))


def _line(element: Any) -> str:
    return " ".join(element.text_content().split())


def _named(element: Any) -> str:
    return " ".join(element.get(key) or "" for key in ("class", "id", "itemprop"))


def _is_of_a_change(element: Any) -> bool:
    """Whether an element, what is in it or the words before it speak of an update."""
    before, parent = element.getprevious(), element.getparent()
    said = (before.tail if before is not None else parent.text if parent is not None else "") or ""
    if before is not None and not said.strip():
        said = before.text_content()[-_LONGEST_DATE_LINE:]
    telling = (one for one in element.iter() if isinstance(one.tag, str) and _line(one))
    # What was never changed is named as both by much software: "entry-date published updated".
    named = (_named(one) for one in telling)
    is_named = any(_CHANGED.search(name) and "published" not in name for name in named)
    label = re.split(r"\d", element.text_content()[:_LONGEST_DATE_LINE])[0]
    said = said[-_LONGEST_DATE_LINE:]
    return is_named or any(
        map(_CHANGED.search, (said, "" if _SAYS_PUBLISHED.search(label) else label))
    )


def _is_beside(element: Any) -> bool:
    """Whether an element stands beside an article: in lists of others, comments, the foot."""
    around = (element, *element.iterancestors())
    return any(
        one.tag in ("aside", "nav", "footer")
        or (one.tag not in ("html", "body", "main", "article") and _BESIDE.search(_named(one)))
        for one in around
    )


def _head_of_article(tree: Any) -> Iterator[Any]:
    """The elements around the heading, down to the first running text."""
    titles = [_words(one.text_content()) for one in tree.iter("title")]
    headings = list(tree.iter("h1", "h2"))
    # Sites put their names, or another story, into the first one.
    of_title = (
        one
        for one in headings
        if len(told := _words(one.text_content())) >= _NAMING_WORDS
        and any(_is_same(told, title) for title in titles)
    )
    heading = next(of_title, None)
    if heading is None:
        heading = next((one for one in headings if one.tag == "h1"), None)
    if heading is None:
        return
    before: list[Any] = []
    after = False
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element is heading:
            after = True
            yield from before
        elif after:
            if element.tag == "p" and len(element.text_content().strip()) >= _RUNNING_TEXT:
                return
            if not _is_beside(element):
                yield element
        elif element.getparent() is heading.getparent() and not _is_beside(element):
            before += [element, *(one for one in element.iter() if one is not element)]


# -- where it stands -----------------------------------------------------------------------------


def believed_address(claimed: str | None, url: str, title: str | None) -> str:
    """The address a page claims, if it may be its own; otherwise the given one.

    A page may not pass for another publisher's, nor for its own front page or section: sites put
    one canonical link on all their pages. A claim that names no article is doubted where it is a
    parent of the given address, or the given one does name one.
    """
    given = canonical_url(url)
    try:
        claim = canonical_url(claimed or "")
    except ReadError:
        return given
    if site_of(claim) is None or site_of(claim) != site_of(given):
        return given
    folder = _INDEX.sub("", _place(claim))
    is_parent = _place(given).startswith(f"{folder}/") or claim.count("/") == 3
    if not _names_an_article(claim, title) and (is_parent or _names_an_article(given, title)):
        return given
    return claim


def _names_an_article(url: str, title: str | None) -> bool:
    path, _, query = url.partition("?")
    parts = [part for part in path.split("/")[3:] if part]
    last = parts[-1] if parts else ""
    words = [word for word in re.split(r"[\W_]+", last.rpartition(".")[0] or last) if word]
    told = _words(title or "")
    shared = sum(word.casefold() in told for word in words)
    return (
        len([word for word in words if not word.isdigit()]) >= _NAMING_WORDS
        or bool(_NUMBER.search(last) or _NUMBER.search(query))
        or (bool(words) and shared > len(words) / 2)
    )


# -- live pages ----------------------------------------------------------------------------------


def posts_of(tree: Any, url: str) -> list[Post]:
    """The posts of a live page, each with its own moment; none where it is no live page."""
    updates = [
        update
        for one in _objects(tree)
        if str(one.get("@type")).endswith(_LIVE_TYPE)
        for update in _listed(one.get("liveBlogUpdate"))
    ]
    is_live = any(str(one.get("@type")).endswith(_LIVE_TYPE) for one in _objects(tree))
    found = list(_posts_shown(tree, url, is_live))
    if len(found) < 2:
        found = list(_posts_told(updates, url))
    return found if len({post.published_at for post in found}) > 1 else []


def _posts_shown(tree: Any, url: str, is_live: bool) -> Iterator[Post]:
    from lxml import etree

    groups: dict[Any, list[tuple[Any, Any]]] = {}
    for time in tree.xpath("//time[@datetime]"):
        if _is_beside(time):
            continue
        post = time
        while (parent := post.getparent()) is not None and len(parent.xpath(".//time")) == 1:
            post = parent
        if post is not time and post.getparent() is not None:
            groups.setdefault(post.getparent(), []).append((post, time))
    for parent, posts in groups.items():
        around = " ".join(_named(one) for one in (parent, *parent.iterancestors()))
        if len(posts) < 2 or not (is_live or _LIVE.search(around)):
            continue
        for post, time in posts:
            moment = parse_moment(time.get("datetime"))
            if moment is None:
                continue
            heading = next((one for one in post.iter() if one.tag in _HEADINGS), None)
            text = _line(heading) if heading is not None else ""
            for gone in (time, heading):
                if gone is not None:
                    gone.drop_tree()
            name = post.get("id") or moment.isoformat()
            markup = etree.tostring(post, encoding="unicode", method="html", with_tail=False)
            yield Post(_post_id(url, name), moment, text, markup)


def _posts_told(updates: list[Any], url: str) -> Iterator[Post]:
    for one in updates:
        if not isinstance(one, dict):
            continue
        date, body = one.get("datePublished"), one.get("articleBody")
        moment = parse_moment(date) if isinstance(date, str) else None
        if moment is None or not isinstance(body, str) or not body.strip():
            continue
        name = one.get("@id") or one.get("url") or moment.isoformat()
        yield Post(_post_id(url, str(name)), moment, str(one.get("headline") or ""), body)


def _post_id(url: str, name: str) -> str:
    return hashlib.sha256(f"{canonical_url(url)}\x1e{name}".encode()).hexdigest()[:16]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value is not None else []

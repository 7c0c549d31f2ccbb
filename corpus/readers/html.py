"""HTML into texts: web pages into articles, and pieces of HTML, as feeds carry them, to paragraphs.

    page  -> trafilatura -> its tree -> blocks of text, without furniture -> ReadArticle
    piece -> lxml's tree             -> blocks of text, without what feed software adds

What a reader counts as a paragraph: a block of running text. Paragraphs, quotations and table
rows count, each list item counts, text parted by line breaks after sentences counts as
several. A heading inside the text counts too, as it does in the text that people marked up for
the benchmark below. The page's title, captions, navigation, cookie notices, share buttons,
requests to subscribe and "read more" lines do not. Of a piece only captions, buttons and the lines
that feed software adds ("The post … appeared first on …") are left out: what stands in a feed was
put there as text. Odd markup never raises; at worst its tags are taken out.

How the extraction was chosen: `python -m tests.evaluation.pages --compare` scores every way on
181 pages with text marked by people (Zyte's article extraction benchmark, 4-gram shingles, F1).
trafilatura as it comes .960, favouring recall .959, fast .962, without tables .957, favouring
precision .964; the last, without furniture lines, .967, and with the generous extraction where
the precise one lost nearly half of a text, .970. Without headings inside the text it is .005 less.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

from corpus.articles import ReadArticle
from corpus.errors import ReadError
from corpus.fetch.urls import host_of
from corpus.readers.markdown import charset_of, clean, decode, first_words
from corpus.readers.metadata import believed_address, posts_of, published_at
from corpus.text.languages import detect
from corpus.text.sentences import BREAK_AFTER_SENTENCE
from corpus.text.tables import words

LARGEST_PIECE = 2_000_000
"""Characters of one piece of HTML that are read; what follows is cut off."""

_TAG = re.compile(r"<[a-zA-Z!/?][^<>]*>")
_MARKED_UP = re.compile(r"<[a-zA-Z!/?]|&#?\w+;")
_BLOCK_END = "\x1e"
# Of HTML, and of trafilatura's tree.
_BREAKS = frozenset(("br", "lb"))
_CELLS = frozenset(("td", "th", "cell"))
_ADDED_BY_FEEDS = re.compile(
    r"""(?:
      the\ post\ .{1,300}\ (?:first\ )?appeared\ (?:first\ )?on\ .{1,200}
    | continue\ reading\b.{0,200} | read\ (?:more|the\ rest\ of\ this\ entry) | keep\ reading
    | read\ (?:the\ )?full\ (?:article|story) | \(?more\)? | comments | share
    | (?:view|see)\ (?:the\ )?(?:full|original)\ article
    )[\s.…»→>]*\Z""",
    re.IGNORECASE | re.VERBOSE,
)


LARGEST_PAGE = 5_000_000
# Where a page has no article the extraction falls back on whatever text there is: menu items.
SHORTEST_ARTICLE = 25
_MAY_BE_LIVE = re.compile(rb"live", re.I)
PRECISE: dict[str, Any] = {"favor_precision": True, "include_tables": True}
GENEROUS: dict[str, Any] = {"include_tables": True}
# The precise extraction stops early on some pages: then the generous text is longer by far.
# Between 1.5 and 2.2 the score hardly moves.
LOST = 1.8

_BLOCKS = frozenset(str.split("p head item quote row list table body div main code"))
# trafilatura folds the empty line that parts two paragraphs into one break; a break after a
# sentence is taken for one, a break within a sentence (an address, a verse) is not.
# Lines inside article bodies that do not belong to them, as seen in the benchmark's pages. Each
# form takes the whole line and asks for a word that prose lacks, since "Also on Thursday" and
# "Topics included Libya" are text.
_FURNITURE = re.compile(
    r"""(?:
      (?:read|see|learn|find\ out|discover)\ more\b.{0,140}
    | (?:read|see|watch|listen)\ (?:also|next)\s*:?.{0,140} | also\ read\s*:.{0,160}
    | also\ on\ \w+\.(?:com|org|net)\b.{0,200}
    | (?:related|recommended|don'?t\ miss|up\ next|more\ on\ this)(?:\s*:.{0,160})?
    | related\ (?:articles?|stories|story|posts?|links?|news|content|topics?)\b\s*:?.{0,120}
    | (?:most\ read|more\ from)\b[^.]{0,80}
    | (?:share|tweet|pin|email|e-mail|print|save|like|comments?|reply|follow|subscribe)
    | share\ (?:this\ (?:article|story|page|post)|on|via)\b.{0,80}
    | (?:like|enjoy(?:ed)?|liked)\ this\ (?:article|story|post)\b.{0,100}
    | (?:follow|find|join|like)\ us\ (?:on|at|via)\b.{0,160}
    | follow\ .{0,80}\b(?:on|@)\s?(?:twitter|facebook|instagram|youtube|x)\b.{0,120}
    | (?:sign\ up|subscribe|register|get\ the\ (?:latest|day))\b.{0,80}
      (?:newsletters?|inbox)\b.{0,120}
    | (?:copyright\s*)?(?:©|\(c\)|copyright)\s*(?:19|20)\d\d\b.{0,200} | ©.{0,200}
    | all\ rights\ reserved.{0,40}
    | (?:photo|image|picture|photograph)s?\ ?(?:by|credit|courtesy\ of|:)\s.{0,100}
    | (?:tags?|filed\ under|topics?|categories)(?:\s*[:|].{0,120})?
    | (?:we|this\ (?:site|website))\ uses?\ cookies\b.{0,200}
    | advertisement.{0,20} | leave\ a\ (?:comment|reply).{0,40}
    | skip\ to\ (?:main\ )?content | back\ to\ top | story\ continues\ (?:below|after)\b.{0,40}
    )\Z""",
    re.IGNORECASE | re.VERBOSE,
)


def read_page(html: bytes, url: str, *, content_type: str | None = None) -> ReadArticle:
    """The article of a web page.

    `content_type` is the server's header. Raises ReadError for more than 5 MB and for a page
    that holds no article.
    """
    if len(html) > LARGEST_PAGE:
        raise ReadError(url, f"larger than {LARGEST_PAGE // 1_000_000} MB, so it was not read")
    text = decode(html, url, _charset(html, content_type))
    try:
        article = _article(text, url)
    except ReadError:
        raise
    except Exception as error:  # lxml and trafilatura let errors of many types out
        raise ReadError(url, "cannot be read as a web page") from error
    if article is None:
        raise ReadError(url, "holds no article text")
    return article


def _article(text: str, url: str) -> ReadArticle | None:
    from trafilatura import load_html

    tree = load_html(text)
    if tree is None:
        return None
    moment = published_at(tree, url)
    declared = _declared_language(tree)
    document, title, paragraphs = best_extraction(tree, url)
    if sum(map(len, paragraphs)) < SHORTEST_ARTICLE:
        return None
    return ReadArticle(
        url=believed_address(document.url, url, title),
        title=title or first_words(paragraphs[0]),
        paragraphs=tuple(paragraphs),
        source=_one_line(document.sitename) or _site(url),
        author=_one_line(document.author),
        published_at=moment,
        language=detect(" ".join(paragraphs)) or declared,
    )


def read_posts(html: bytes, url: str, *, content_type: str | None = None) -> list[ReadArticle]:
    """The posts of a live page, newest or oldest first as they stand, each with its own date, and
    what else the page tells as an article of its own; none where it is no live page.

    Raises ReadError as `read_page` does.
    """
    from trafilatura import load_html

    if not _MAY_BE_LIVE.search(html):
        return []
    article = read_page(html, url, content_type=content_type)
    tree = load_html(decode(html, url, _charset(html, content_type)))
    posts = []
    for post in posts_of(tree, article.url) if tree is not None else ():
        if paragraphs := html_paragraphs(post.markup):
            title = f"{article.title}: {post.heading}" if post.heading else article.title
            told = replace(
                article, title=title, paragraphs=paragraphs, published_at=post.published_at
            )
            posts.append(replace(told, identity=post.identity))
    if len(posts) < 2:
        return []
    told_there = {text for post in posts for text in (*post.paragraphs, post.title)}
    headings = {post.title.removeprefix(f"{article.title}: ") for post in posts}
    rest = tuple(text for text in article.paragraphs if text not in told_there | headings)
    return [replace(article, paragraphs=rest), *posts] if rest else posts


def best_extraction(tree: Any, url: str) -> tuple[Any, str | None, list[str]]:
    """trafilatura's document, its title and its paragraphs (none where the page has no article).

    `tree` is used up.
    """
    precise = extract(deepcopy(tree), url, PRECISE)
    generous = extract(tree, url, GENEROUS)
    title = _title(precise or generous) if precise or generous else None
    few, many = article_paragraphs(precise, title), article_paragraphs(generous, title)
    if sum(map(len, many)) > LOST * sum(map(len, few)):
        return generous, title, many
    return precise, title, few


def extract(tree: Any, url: str, options: dict[str, Any]) -> Any:
    """trafilatura's document for a parsed page, or None where it finds no text."""
    from trafilatura import bare_extraction

    return bare_extraction(tree, url=url, with_metadata=True, include_comments=False, **options)


def article_paragraphs(document: Any, title: str | None) -> list[str]:
    """The texts of a document, or of None, that a reader counts, in reading order."""
    texts = text_blocks(document.body) if document is not None else []
    while texts and title and _bare(texts[0]) == _bare(title):
        del texts[0]
    return [text for text in texts if not _FURNITURE.match(text) and re.search(r"\w", text)]


def text_blocks(body: Any) -> list[str]:
    """Texts of the block elements of trafilatura's tree, each in one line."""
    split = re.split(
        f"{_BLOCK_END}|{BREAK_AFTER_SENTENCE.pattern}", "".join(_texts(body, blocks=_BLOCKS))
    )
    return [text for part in split if (text := _plain_line(part))]


def _charset(html: bytes, content_type: str | None) -> str | None:
    """The declared encoding: the server's header before the page's own."""
    own = html[:2048].decode("ascii", errors="replace")
    return charset_of(content_type or "") or charset_of(own)


def _title(document: Any) -> str | None:
    """The page's title without the site's name at its end."""
    title, site = _one_line(document.title), _one_line(document.sitename)
    if title and site:
        title = re.sub(rf"\s+[|–—-]\s+{re.escape(site)}\Z", "", title, flags=re.IGNORECASE) or title
    return title


def _site(url: str) -> str | None:
    return host_of(url).removeprefix("www.") or None


def _declared_language(tree: Any) -> str | None:
    declared = (tree.get("lang") or "").strip().lower()[:2]
    return declared if re.fullmatch("[a-z]{2}", declared) else None


def _one_line(text: str | None) -> str | None:
    return " ".join(clean(text).split()) or None if text else None


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def html_paragraphs(markup: str) -> tuple[str, ...]:
    """The texts of a piece of HTML, or of plain text, that a reader counts, in order."""
    markup = clean(markup[:LARGEST_PIECE])
    if not _TAG.search(markup):
        return plain_paragraphs(html.unescape(markup))
    text = "".join(_markup_texts(markup))
    split = (part for block in text.split(_BLOCK_END) for part in re.split(r"\n\s*\n", block))
    return _kept(line for part in split for line in BREAK_AFTER_SENTENCE.split(part))


def plain_paragraphs(text: str) -> tuple[str, ...]:
    """The texts that empty lines part; where there are none, breaks after sentences do."""
    parts = re.split(r"\n\s*\n", clean(text[:LARGEST_PIECE]).replace("\r\n", "\n").strip())
    return _kept(line for part in parts for line in BREAK_AFTER_SENTENCE.split(part))


def plain_line(markup: str) -> str:
    """A title or a name in one line, without its tags and entities."""
    markup = clean(markup[:10_000])
    if _MARKED_UP.search(markup):
        markup = html.unescape(_TAG.sub(" ", html.unescape(markup)) if "<" in markup else markup)
    return _plain_line(_TAG.sub("", markup))


def _kept(lines: Iterator[str]) -> tuple[str, ...]:
    texts = (_plain_line(line) for line in lines)
    return tuple(
        text for text in texts if re.search(r"\w", text) and not _ADDED_BY_FEEDS.match(text)
    )


def _plain_line(text: str) -> str:
    return " ".join(clean(text).replace("\xad", "").split())


def _markup_texts(markup: str) -> Iterator[str]:
    """Text pieces in reading order, with separators at the edges of blocks."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        yield html.unescape(_TAG.sub(" ", markup))
        return
    yield from _texts(
        root,
        blocks=words(__package__, "elements", "blocks"),
        unread=words(__package__, "elements", "unread"),
    )


def _texts(
    root: Any, *, blocks: frozenset[str], unread: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Text pieces of a tree in reading order: `_BLOCK_END` at the edges of blocks, a line feed
    for a break, a space after a cell."""
    from lxml import etree

    left_out: Any = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if left_out is not None:
            if element is left_out and event == "end":
                left_out = None
                yield _space_folded(element.tail)
            continue
        if event in ("comment", "pi"):
            yield _space_folded(element.tail)
            continue
        edge = _BLOCK_END if element.tag in blocks else ""
        if event == "start" and element.tag in unread:
            left_out = element
        elif event == "start":
            yield "\n" if element.tag in _BREAKS else edge
            yield _space_folded(element.text, keep=element.tag == "pre")
        else:
            yield " " if element.tag in _CELLS else edge
            yield _space_folded(element.tail if element is not root else None)


def _space_folded(text: str | None, *, keep: bool = False) -> str:
    return (text or "") if keep else re.sub(r"\s+", " ", text or "")

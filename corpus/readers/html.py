"""HTML into texts: web pages into articles, and pieces of HTML, as feeds carry them, to paragraphs.

    page  -> lxml's tree, boxes taken out, tables told row by row
          -> trafilatura -> its tree -> blocks of text, without furniture and walls -> ReadArticle
    piece -> lxml's tree             -> blocks of text, without what feed software adds

What a reader counts as a paragraph: a block of running text. Paragraphs, quotations and table
rows count, each list item counts, text parted by line breaks after sentences counts as
several. A heading inside the text counts too, as it does in the text that people marked up for
the benchmark below, and so does a row of a table, told with the heads of its columns. The title,
captions, navigation, boxes of other stories, share buttons, requests to subscribe and "read more"
lines do not. Nor does what speaks to a page's visitor of consent, accounts, browsers or countries:
a page that holds nothing else is no article. Of a piece only captions, boxes, buttons and the lines
that feed software adds ("The post … appeared first on …") are left out: what stands in a feed was
put there as text. Odd markup never raises; at worst its tags are taken out.

How the extraction was chosen: `python -m tests.evaluation.pages --compare` scores every way on
181 pages with text marked by people (Zyte's article extraction benchmark, 4-gram shingles, F1).
trafilatura as it comes .960, favouring recall .959, fast .962, without tables .957, favouring
precision .964; the last, without furniture lines, .967, and with the generous extraction where
the precise one lost nearly half of a text, .970; with what stands loose beside paragraphs, or in
the header of an article, .973. Without headings inside the text it is .005 less.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Set
from copy import deepcopy
from dataclasses import replace
from functools import cache
from itertools import zip_longest
from typing import Any

from corpus.articles import ReadArticle
from corpus.errors import Overstepped, ReadError
from corpus.fetch.urls import host_of
from corpus.readers.markdown import (
    LONGEST_CELL,
    MOST_CELLS,
    TellRows,
    bare,
    charset_of,
    clean,
    decode,
    first_words,
    plain_text,
    row_texts,
)
from corpus.readers.metadata import believed_address, posts_of, published_at
from corpus.text.sentences import BREAK_AFTER_SENTENCE, SENTENCE_END
from corpus.text.tables import either, phrases, words
from corpus.text.words import detect

LARGEST_PIECE = 2_000_000
"""Characters of one piece of HTML that are read; what follows is cut off."""

_TAG = re.compile(r"<(?:/?([a-zA-Z][a-zA-Z0-9]*)\b|[!?])[^<>]*>")
_ENTITY = re.compile(r"&#?\w{1,32};")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
# Software that escapes what was escaped does so once, twice or thrice, not for ever.
_MOST_ESCAPINGS = 4
_OPTIONAL_ENDS = frozenset(("p", "li", "td", "th", "tr", "dd", "dt"))
_BLOCK_END = "\x1e"
# Of HTML, and of trafilatura's tree.
_BREAKS = frozenset(("br", "lb"))
_CELLS = frozenset(("td", "th", "cell"))
# What an element is called that has the role of a table, a row or a cell.
_ROLES = {"table": "table", "row": "tr", "columnheader": "th", "rowheader": "th", "cell": "td"}
_PARTING = frozenset(("p", "div", "li"))
# Where a word may be broken: a soft hyphen, or nothing; from Thai to Khmer the latter parts words.
_BREAKING_POINTS = re.compile(r"\xad|(?<=[\x00-\u0dff])\u200b")

LARGEST_PAGE = 5_000_000
MOST_TAGS = 100_000
MOST_ATTRIBUTES = 100
# More of them part nothing more, and cost what their number squared does.
_BREAKS_IN_A_ROW = re.compile(r"(?:<br\b[^<>]{0,99}>(?:\s|&nbsp;){0,9}+){3,}+", re.IGNORECASE)
LONGEST_WALL = 600
# A title of fewer longer words may be of any text; letters in which forms of a word agree.
_NAMING, _STEM = 3, 5
_WIDEST_SPAN = 100
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LONGEST_HEADING = 110
# What only those hear who do not see the page, in much software.
_UNSEEN = re.compile(r"\b(?:sr-only|visually-?hidden|screen-?reader)", re.I)
_ENDED = re.compile(SENTENCE_END + r"\Z")
_RUNNING_TEXT = 80
_LINE_ELEMENTS = ("p", "li")
_BOX_ELEMENTS = ("section", "aside", "div", "nav")
_NO_TEXT = ("a", "script", "style", "noscript", "template", "head")
# Where a page has no article the extraction falls back on whatever text there is: menu items.
SHORTEST_ARTICLE = 25
_MAY_BE_LIVE = re.compile(rb"live", re.I)
PRECISE: dict[str, Any] = {"favor_precision": True, "include_tables": True}
GENEROUS: dict[str, Any] = {"include_tables": True}
# The precise extraction stops early on some pages: then the generous text is longer by far.
# Between 1.5 and 2.2 the score hardly moves.
LOST = 1.8

_BLOCKS = frozenset(str.split("p head item quote row list table body div main code"))


def read_page(
    html: bytes, url: str, *, content_type: str | None = None, tell: TellRows = row_texts
) -> ReadArticle:
    """The article of a web page.

    `content_type` is the header, `tell` gives the texts of the rows of a table. Raises ReadError
    for more than 5 MB and for a page that holds no article.
    """
    if len(html) > LARGEST_PAGE:
        raise ReadError(url, f"larger than {LARGEST_PAGE // 1_000_000} MB, so it was not read")
    if html.count(b"<") > MOST_TAGS:
        raise Overstepped(url, f"has more than {MOST_TAGS:,} tags")
    text = _BREAKS_IN_A_ROW.sub("<br><br>", decode(html, url, _charset(html, content_type)))
    try:
        article = _article(text, url, tell)
    except ReadError:
        raise
    except Exception as error:  # lxml and trafilatura let errors of many types out
        raise ReadError(url, "cannot be read as a web page") from error
    if article is None:
        raise ReadError(url, "holds no article text")
    return article


def _article(text: str, url: str, tell: TellRows) -> ReadArticle | None:
    from trafilatura import load_html

    tree = load_html(text)
    if tree is None:
        return None
    for element in tree.iter():
        if len(element.attrib) > MOST_ATTRIBUTES:
            element.attrib.clear()
    moment = published_at(tree, url)
    declared = (tree.get("lang") or "").strip().lower()[:2]
    open_shells(tree)
    take_out_boxes(tree)
    tell_tables(tree, tell)
    set_in_paragraphs(tree)
    document, title, paragraphs = best_extraction(tree, url)
    if sum(map(len, paragraphs)) < SHORTEST_ARTICLE or is_wall(" ".join(paragraphs)):
        return None
    return ReadArticle(
        url=believed_address(document.url, url, title),
        title=title or first_words(paragraphs[0]),
        paragraphs=tuple(paragraphs),
        source=_one_line(document.sitename) or host_of(url).removeprefix("www.") or None,
        author=_one_line(document.author),
        published_at=moment,
        language=detect(" ".join(paragraphs))
        or (declared if re.fullmatch("[a-z]{2}", declared) else None),
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
    headings = [_content(one) for one in tree.xpath("//main//h1|//article//h1")]
    precise = extract(deepcopy(tree), url, PRECISE)
    generous = extract(tree, url, GENEROUS)
    title = _title(precise or generous) if precise or generous else None
    if len(headings) == 1 and set(bare(headings[0]).split()).isdisjoint(bare(title or "").split()):
        # Sites give all their pages one title, their own name.
        title = headings[0] or title
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
    told = text_blocks(document.body) if document is not None else []
    texts = [one for one in told if re.search(r"\w", one) and bare(one) != bare(title or "")]
    # Sites word the heading of a page otherwise than its title.
    running = [one for one in texts if len(one) > _LONGEST_HEADING or _ENDED.search(one)]
    if title and is_wall(" ".join(running), title):
        return []
    furniture = (_is_furniture, _pattern("credits", r"\s?:\s?.{1,100}\Z").match, is_wall)
    return [one for one in texts if not any(is_it(one) for is_it in furniture)]


def text_blocks(body: Any) -> list[str]:
    """Texts of the block elements of trafilatura's tree, each in one line."""
    # It folds the empty line that parts two paragraphs into one break; a break after a sentence
    # is taken for one, a break within a sentence (an address, a verse) is not.
    split = re.split(
        f"{_BLOCK_END}|{BREAK_AFTER_SENTENCE.pattern}", "".join(_texts(body, blocks=_BLOCKS))
    )
    return [text for part in split if (text := _plain_line(part))]


@cache
def _pattern(section: str, end: str) -> re.Pattern[str]:
    """What begins with a pattern of a section of the table of elements, and ends so."""
    return re.compile(either(__package__, "elements", section) + end, re.IGNORECASE)


def _is_furniture(text: str) -> bool:
    return bool(_pattern("lines beside a text", r"\Z").match(text))


def is_wall(text: str, title: str | None = None) -> bool:
    """Whether a paragraph speaks to a page's visitor (consent, log-in, country), not to a reader;
    or, with `title`, whether all text of a page does, of which none is about that.

    What somebody is quoted with is never taken for one.
    """
    longest = LONGEST_WALL if title is None else LONGEST_WALL // 2
    if len(text) > longest or re.search('[“”«»„"]', text):
        return False
    names = re.findall(r"\w{4,}", (title or "").casefold())
    is_apart = not any(name[:_STEM] in text.casefold() for name in names)
    if title and (len(names) < _NAMING or not is_apart):
        return False
    speaks, *matters = _wall_signs()
    alone, other, news = (sum(bool(one.search(text)) for one in group) for group in matters)
    surely, every = alone + other, alone + other + news
    tells = (surely and every > 1) or every > 3 or (title and alone)
    return bool(tells and speaks.search(text))


@cache
def _wall_signs() -> tuple[re.Pattern[str], *tuple[list[re.Pattern[str]], ...]]:
    speaks = either(__package__, "walls", "speaks to a visitor")
    matters = (
        [re.compile(matter, re.I) for matter in phrases(__package__, "walls", section)]
        for section in ("matters that tell alone", "matters", "matters that news are of, too")
    )
    return re.compile(speaks, re.I), *matters


def open_shells(tree: Any) -> None:
    """Make plain elements of those that extraction never reads, where they hold the page's text."""
    from lxml import etree

    lengths = _text_lengths(tree)
    titled = {above for title in tree.iter("h1") for above in title.iterancestors()}
    for element in list(tree.iter(*words(__package__, "elements", "shells"))):
        needed = 1 / 2 if element in titled else 3 / 4
        if lengths[element] > needed * lengths[tree]:
            element.tag = "div"
    for element in tree.xpath("//*[contains(@class, 'comment') or contains(@id, 'comment')]"):
        if 2 * lengths[element] > lengths[tree]:
            element.attrib.clear()
    for header in tree.xpath("//main//header[.//p] | //article//header[.//p]"):
        header.tag = "div"
    for element in tree.xpath("//pre[not(*)]"):
        element.tag = "div"
        for text in plain_text(element.text or ""):
            etree.SubElement(element, "p").text = text
        element.text = None


def take_out_boxes(tree: Any) -> None:
    """Take out what stands beside a text: told by an element's name, or the heading in front.

    What holds the title, or much of the text, is no box whatever its name is.
    """
    lengths = _text_lengths(tree)
    kept = {one for title in tree.iter("h1") for one in (title, *title.iterancestors())}
    boxes = [
        element
        for element in tree.iter()
        if isinstance(element.tag, str)
        and element is not tree
        and element not in kept
        and (
            (3 * lengths[element] < lengths[tree] and _is_box(element))
            or (element.tag in _BOX_ELEMENTS and _opens_with_other_stories(element))
            or _leads_elsewhere(element, lengths[element])
            or (element.tag == "sup" and _leads_to_a_note(element))
            or (element.tag == "td" and _is_menu(element, lengths[element], kept))
        )
    ]
    for box in boxes:
        if box.getparent() is not None:
            box.drop_tree()


def set_in_paragraphs(tree: Any) -> None:
    """Make paragraphs of running text that stands beside paragraphs in none of its own, which
    extraction leaves out."""
    lengths, blocks = _text_lengths(tree), words(__package__, "elements", "blocks")
    for element in dict.fromkeys(one.getparent() for one in tree.iter("p")):
        before, run = None, []
        for child in [*element, None] if element is not None else ():
            if child is not None and child.tag not in blocks and child.find(".//p") is None:
                run.append(child)
                continue
            text = element.text if before is None else before.tail
            told = len((text or "").strip())
            told += sum(lengths[one] + len((one.tail or "").strip()) for one in run)
            if told >= _RUNNING_TEXT:
                made = element.makeelement("p")
                made.text = text
                made.extend(run)
                if before is None:
                    element.text = None
                    element.insert(0, made)
                else:
                    before.tail = None
                    before.addnext(made)
            before, run = child, []


def _is_box(element: Any) -> bool:
    if element.tag in ("nav", "template") or element.get("hidden") is not None:
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"[:500]
    if _UNSEEN.search(named):
        return True
    parts = re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", named)
    return not words(__package__, "elements", "boxes").isdisjoint(map(str.lower, parts))


def _opens_with_other_stories(element: Any) -> bool:
    """Whether the first thing in an element is a heading such as "Related stories"."""
    if (element.text or "").strip():
        return False
    first = next((one for one in element if isinstance(one.tag, str)), None)
    if first is None or first.tag not in _HEADINGS:
        return False
    heading = _content(first)
    is_short = len(heading) <= _LONGEST_HEADING
    return _is_furniture(heading) or (is_short and _heads_others(heading))


def _heads_others(text: str) -> bool:
    return bool(_pattern("headings of other stories", r"\b").match(text))


def _leads_elsewhere(element: Any, length: int) -> bool:
    """Whether a line of that much text outside links is one, with "Read also" before it."""
    if element.tag not in _LINE_ELEMENTS or length > _LONGEST_HEADING:
        return False
    text = "".join(element.itertext()).strip()
    return _heads_others(text) and (
        2 * length <= len(text) <= LONGEST_CELL and element.find(".//a") is not None
    )


def _is_menu(cell: Any, length: int, kept: Set[Any]) -> bool:
    """Whether a cell of the table that lays the page out, title and all, holds links alone."""
    is_page = any(table in kept for table in cell.iterancestors("table"))
    return is_page and not length and cell.find(".//a") is not None


def _leads_to_a_note(mark: Any) -> bool:
    """Whether a raised mark, in a link or with one in it, leads to a note on the same page."""
    links = [mark.getparent(), *mark.iter("a")]
    return any(one is not None and (one.get("href") or "").startswith("#") for one in links)


def _text_lengths(tree: Any) -> dict[Any, int]:
    """How many characters of text stand in each element, those of links and scripts left out."""
    lengths: dict[Any, int] = {}
    for element in reversed(list(tree.iter())):
        is_text = isinstance(element.tag, str) and element.tag not in _NO_TEXT
        own = len((element.text or "").strip()) if is_text else 0
        below = sum(lengths[one] + len((one.tail or "").strip()) for one in element)
        lengths[element] = own + below if is_text else 0
    return lengths


def _content(element: Any) -> str:
    """All text in an element in one line, words parted where breaks and blocks part them."""
    return " ".join("".join(_texts(element, blocks=_PARTING)).replace(_BLOCK_END, " ").split())


def tell_tables(tree: Any, tell: TellRows = row_texts) -> None:
    """Put a paragraph for each row in the place of each table of data; layouts stay as they are."""
    for element in tree.iter("*"):
        element.tag = _ROLES.get(element.get("role"), element.tag)
    for table in list(tree.iter("table")):
        grid, heads = _grid(table) if table.getparent() is not None else (None, None)
        if grid is None:
            continue
        place, parent = table.getparent().index(table), table.getparent()
        for shell in table.iterancestors("figure", "form"):
            shell.tag = "div"
        caption = next((_content(one) for one in table.iter("caption")), "")
        for number, text in enumerate([caption] * bool(caption) + tell(grid, heads)):
            told = table.makeelement("p")
            told.text = text
            parent.insert(place + number, told)
        table.drop_tree()


def _grid(table: Any) -> tuple[list[list[str]] | None, list[str] | None]:
    """The cells of a table of data, spans filled in, without its heads, and the heads if marked.

    None for a table that lays out a page: one with tables, headings or long texts in it.
    """
    lists = ("ul", "ol") if table.find(".//th") is None else ()
    if any(True for _ in table.iterdescendants("table", "form", *lists, *_HEADINGS)):
        return None, None
    for item in table.iter("li"):
        item.tail = " / " if item.getnext() is not None else ""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    marked = size = 0
    for row in table.iter("tr"):
        cells = [one for one in row if one.tag in _CELLS]
        if cells and marked == len(grid) and all(_is_head(one) for one in cells):
            marked += 1
        filled: list[str] = []
        for cell in [*cells, None]:
            while (left := hanging.get(len(filled), (0, ""))[0]) > 0:
                text = hanging[len(filled)][1]
                hanging[len(filled)] = (left - 1, text)
                filled.append(text)
            if cell is None:
                break
            text = _content(cell)
            if len(text) > LONGEST_CELL:
                return None, None
            for _ in range(_span(cell, "colspan")):
                hanging[len(filled)] = (_span(cell, "rowspan") - 1, text)
                filled.append(text)
        size += len(filled)
        if size > MOST_CELLS:
            return None, None
        grid.append(filled)
    if len(grid) < 2 or sum(len(row) > 1 for row in grid) < len(grid) / 2:
        return None, None
    if marked in (0, len(grid)):
        return grid, None
    columns = zip_longest(*grid[:marked], fillvalue="")
    return grid[marked:], [" ".join(dict.fromkeys(filter(None, named))) for named in columns]


def _is_head(cell: Any) -> bool:
    """Whether a cell is marked as a head, or all of it is bold."""
    if cell.tag == "th" or cell.getparent().getparent().tag == "thead":
        return True
    bold = "".join(_content(one) for one in cell.iter("b", "strong"))
    return bool(bold) and bold == _content(cell)


def _span(cell: Any, name: str) -> int:
    given = cell.get(name) or ""
    return max(1, min(int(given), _WIDEST_SPAN)) if re.fullmatch(r"[0-9]{1,4}", given) else 1


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


def _one_line(text: str | None) -> str | None:
    return " ".join(clean(text).split()) or None if text else None


def html_paragraphs(markup: str) -> tuple[str, ...]:
    """The texts of a piece of HTML, or of plain text, that a reader counts, in order.

    What was escaped or wrapped as character data once too often is read as what it was.
    """
    markup = _unwrapped(clean(markup[:LARGEST_PIECE]))
    for _ in range(_MOST_ESCAPINGS):
        texts = _paragraphs_once(markup)
        markup = "\n\n".join(texts)
        if not _is_markup(html.unescape(markup)):
            break
    return texts


def _paragraphs_once(markup: str) -> tuple[str, ...]:
    if not any(map(_is_tag, _TAG.finditer(markup))):
        return plain_paragraphs(html.unescape(markup))
    text = "".join(_markup_texts(markup))
    split = (part for block in text.split(_BLOCK_END) for part in re.split(r"\n\s*\n", block))
    return _kept(line for part in split for line in BREAK_AFTER_SENTENCE.split(part))


def plain_paragraphs(text: str) -> tuple[str, ...]:
    """The texts that empty lines part; where there are none, breaks after sentences do."""
    parts = re.split(r"\n\s*\n", clean(text[:LARGEST_PIECE]).replace("\r\n", "\n").strip())
    return _kept(line for part in parts for line in BREAK_AFTER_SENTENCE.split(part))


def plain_line(markup: str) -> str:
    """A title or a name in one line, without its tags and entities.

    What stands between angle brackets and is no element of HTML is text.
    """
    text = _unwrapped(clean(markup[:10_000]))
    for _ in range(_MOST_ESCAPINGS):
        unescaped = html.unescape(without_tags(text)) if _ENTITY.search(text) else text
        if unescaped == text:
            break
        text = unescaped
    return _plain_line(without_tags(text))


def _unwrapped(markup: str) -> str:
    """Markup without the signs of character data, which software writes twice or as text."""
    return _CDATA.sub("", markup) if "<![CDATA[" in markup else markup


def without_tags(text: str) -> str:
    return _TAG.sub(_parting, text)


def _parting(match: re.Match[str]) -> str:
    """What stands for a tag: nothing, a space where it parts words, itself where it is none."""
    if not _is_tag(match):
        return match[0]
    from lxml.html import defs

    name, blocks = (match[1] or "").lower(), words(__package__, "elements", "blocks")
    # One within a line, opened and never closed: a text speaks of it.
    is_opened = match[0] == f"<{match[1]}>" and f"</{name}" not in match.string.lower()
    if is_opened and name not in defs.empty_tags | blocks:
        return match[0]
    return " " if name in _BREAKS or name in blocks else ""


def _is_tag(match: re.Match[str]) -> bool:
    return match[1] is None or match[1].lower() in _element_names()


@cache
def _element_names() -> frozenset[str]:
    from lxml.html import defs

    return frozenset(defs.tags) | words(__package__, "elements", "blocks")


def _is_markup(text: str) -> bool:
    """Whether a text holds breaks, or elements that are closed as often as they are opened."""
    opened: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for match in filter(_is_tag, _TAG.finditer(text)):
        name = (match[1] or "").lower()
        if name in _BREAKS:
            return True
        if name:
            (closed if match[0].startswith("</") else opened)[name] += 1
    return bool(closed) and all(
        opened[name] >= count if name in _OPTIONAL_ENDS else opened[name] == count
        for name, count in closed.items()
    )


def _kept(lines: Iterator[str]) -> tuple[str, ...]:
    texts = (_plain_line(line) for line in lines)
    added = _pattern("lines that feeds add", r"[\s.…»→>]*\Z")
    return tuple(text for text in texts if re.search(r"\w", text) and not added.match(text))


def _plain_line(text: str) -> str:
    return " ".join(_BREAKING_POINTS.sub("", clean(text)).split())


def _markup_texts(markup: str) -> Iterator[str]:
    """Text pieces in reading order, with separators at the edges of blocks."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        yield html.unescape(_TAG.sub(" ", markup))
        return
    take_out_boxes(root)
    tell_tables(root)
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

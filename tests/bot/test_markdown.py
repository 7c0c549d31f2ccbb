"""Statements in Slack's streams: Markdown in which an article's text stays mere text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given

from bot.render.answers import StatementWriter, escaped
from bot.render.answers import markdown_link as link
from bot.render.wording import safe
from tests.bot import outcomes


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("<!channel> <@U0DESK>", "&lt;!channel&gt; &lt;@\u2060U0DESK&gt;"),
        ("[x](http://evil.example)", "\\[x\\](http:\u2060//evil\u2060.example)"),
        ("*bold* _it_ `code` ~gone~", "\\*bold\\* \\_it\\_ \\`code\\` \\~gone\\~"),
        ("a \\*b\\*", "a \\\\\\*b\\\\\\*"),
        (":tada: at 12:30: no", "\\:tada: at 12:30: no"),
        ("see www.evil.example", "see www\u2060.evil\u2060.example"),
        (
            "@here and ambassador@mission.example",
            "@\u2060here and ambassador@\u2060mission\u2060.example",
        ),
        ("R&D at 5 < 6", "R&amp;D at 5 &lt; 6"),
        ("The U.S. gave $5.5 million (№ 3).", "The U.S. gave $5.5 million (№ 3)."),
        ("two\n# lines\n\n> here", "two # lines &gt; here"),
        ("\u202eturned\u202c", "turned"),
    ],
)
def test_is_escaped(said: str, written: str) -> None:
    assert escaped(said) == written


@given(outcomes.texts)
def test_nothing_in_a_text_is_read_as_anything_but_text(text: str) -> None:
    written = escaped(text)
    assert not re.search(r"[<>\n]", written)
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`\[\]~]", written)
    shown = html.unescape(re.sub(r"\\([\\`*_\[\]~:])", r"\1", written))
    assert shown.replace("\u2060", "") == " ".join(safe(text).split()).replace("\u2060", "")


def test_a_link_leads_where_it_says_and_nowhere_else() -> None:
    assert link("https://un.example/a(b)#:~:text=x", "[1]") == (
        "[\\[1\\]](https://un.example/a%28b%29#:~:text=x)"
    )
    assert link("javascript:alert(1)", "[1]") == "\\[1\\]"
    assert link(f"https://un.example/{'a' * 3000}", "[1]") == "\\[1\\]"


def test_who_says_so_stands_once_before_what_they_say() -> None:
    answer = outcomes.answer()
    citations = {citation.mark: citation for citation in answer.citations}
    writer = StatementWriter()
    written = [writer.write(statement, citations) for statement in answer.statements]
    assert written[0].startswith("According to **")
    assert sum(part.count("According to") for part in written) >= 1
    again = writer.write(answer.statements[-1], citations)
    assert "According to" not in again

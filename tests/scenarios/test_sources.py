"""`chancery sources …` and `chancery poll`, from a site on a local web to a paragraph found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.console import DONE, IN_PART, WRONG_USE
from bot.library import open_corpus
from bot.settings import Settings
from tests.fakes.web import LocalWeb, Reply

TEXT = (
    "The Ormsund protocol was signed by Marit Solvang in the town hall of Ormsund on 4 April 2019, "
    "and with it the two ministries agreed to inspect each other's fishing vessels at sea."
)
FEED = f"""<rss version="2.0"><channel><title>Vessels Gazette</title>
<item><title>Ormsund protocol signed</title><link>/ormsund</link><guid>/ormsund</guid>
<pubDate>Thu, 04 Apr 2019 11:00:00 GMT</pubDate><description>{TEXT} {TEXT.lower()}</description>
</item></channel></rss>"""


class Terminal:
    """Runs commands on a home of its own; `document` is the JSON that one printed."""

    def __init__(self) -> None:
        self.runner = CliRunner()

    def run(self, *arguments: str, status: int = DONE) -> str:
        result = self.runner.invoke(app, arguments)
        assert result.exit_code == status, result.output
        return result.output

    def document(self, *arguments: str, status: int = DONE) -> dict[str, Any]:
        result = self.runner.invoke(app, [*arguments, "--json"])
        assert result.exit_code == status, result.output
        value = json.loads(result.stdout)
        assert isinstance(value, dict)
        return value


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalWeb]:
    """A site with a feed, and a home in which nothing has been read."""
    with LocalWeb() as site:
        link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
        site.page("/", f"<html><head>{link}</head><body><p>Welcome</p></body></html>")
        site.page("/feed.xml", FEED, content_type="application/rss+xml")
        monkeypatch.setenv("CHANCERY_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("FETCH_ALLOWED_HOSTS", site.host)
        monkeypatch.chdir(tmp_path)
        yield site


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.mark.slow
def test_from_a_site_to_an_article_and_away_again(web: LocalWeb, terminal: Terminal) -> None:
    added = terminal.document("sources", "add", web.url(), "--country", "no", "--every", "1h")
    assert added["added"]["name"] == "Vessels Gazette"
    assert (added["added"]["country"], added["added"]["every_seconds"]) == ("NO", 3600)
    assert "polled already" in terminal.run("sources", "add", web.url(), status=IN_PART)

    polled = terminal.document("poll")
    assert (polled["new"], polled["updated"], polled["failed"]) == (1, 0, [])
    assert polled["sources"][0]["health"] == "fresh"
    assert "No source is due" in terminal.run("poll")
    assert terminal.document("poll", "--all")["sources"][0]["health"] == "unchanged"

    (listed,) = terminal.document("sources", "list")["sources"]
    assert (listed["health"], listed["entries"]) == ("unchanged", 1)
    assert terminal.document("sources", "remove", "vessels gazette", "--with-articles") == {
        "removed": "Vessels Gazette",
        "articles_withdrawn": 1,
    }
    corpus = open_corpus(Settings())
    assert corpus.changes_since(0)[0].article.withdrawn_at is not None
    corpus.close()
    assert "No feeds are polled yet" in terminal.run("sources", "list", status=IN_PART)


def test_a_failing_source_is_told_in_a_sentence(web: LocalWeb, terminal: Terminal) -> None:
    terminal.run("sources", "add", web.url("/feed.xml"), "--name", "Gazette", "--kind", "wire")
    web.reply("/feed.xml", Reply(500))
    told = terminal.document("poll", "--source", "Gazette", status=IN_PART)
    assert told["failed"] == [
        {"source": "Gazette", "reason": "the server answered 500 Internal Server Error"}
    ]
    assert "failing" in terminal.run("sources", "check", status=IN_PART)
    web.page("/feed.xml", FEED, content_type="application/rss+xml")
    assert "fresh" in terminal.run("sources", "check", "Gazette")
    terminal.run("sources", "pause", "Gazette")
    assert terminal.document("poll", "--all")["sources"] == []
    terminal.run("sources", "resume", "Gazette")


def test_lists_are_imported_once(web: LocalWeb, terminal: Terminal, tmp_path: Path) -> None:
    first = terminal.document("sources", "import", "--starter")
    assert len(first["added"]) >= 50
    again = terminal.document("sources", "import", "--starter", status=IN_PART)
    assert (again["added"], len(again["already_there"])) == ([], len(first["added"]))
    listed = terminal.document("sources", "list")["sources"]
    assert {one["health"] for one in listed} == {"not yet checked"}
    broken = tmp_path / "broken.opml"
    broken.write_text("<opml><body>")
    assert terminal.runner.invoke(app, ["sources", "import", str(broken)]).exit_code != DONE


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("sources", "import"), WRONG_USE, "Name one OPML file"),
        (("sources", "import", "absent.opml"), WRONG_USE, "no such file"),
        (("sources", "add", "x.example", "--kind", "rumour"), WRONG_USE, "is no kind"),
        (("sources", "add", "x.example", "--every", "soon"), WRONG_USE, "write 15m, 2h or 1d"),
        (("sources", "add", "x.example", "--country", "Norway"), WRONG_USE, "two letters"),
        (("sources", "pause", "Nobody"), IN_PART, "No polled source is named"),
        (("poll", "--source", "Nobody"), IN_PART, "No polled source is named"),
        (("poll",), IN_PART, "No feeds are polled yet"),
        (("sources", "check"), IN_PART, "No feeds are polled yet"),
    ],
)
def test_wrong_use_and_nothing_to_do(
    web: LocalWeb, terminal: Terminal, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    assert sentence in terminal.run(*arguments, status=status)

"""Admins add, change, pause, check and remove sources from Home; nobody else does."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.db.audit import Audit
from bot.library import open_corpus
from bot.service import Service
from bot.settings import Settings
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import PolledSource
from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from tests.conftest import NOW, settings_for
from tests.fakes.slack import LocalSlack
from tests.fakes.web import Asked, LocalWeb, Reply
from tests.scenarios.conftest import people
from tests.scenarios.people import DESK, PATIENCE, new_modal, text_of

ADMIN = "U0ADMIN"
HOSTILE = "<!channel> *Strait* <https://evil.example|Gazette>"
Golden = Callable[[str, Any], None]

TEXT = "The strait protocol was signed by the ministers of both coasts in the port on Thursday. "
FEED = """<rss version="2.0"><channel><title>{title}</title><link>{site}</link>
<language>en</language>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>/{name}</link><guid>/{name}</guid>
<pubDate>Thu, 04 Apr 2019 11:00:00 GMT</pubDate><description>{text}</description></item>"""


def feed(title: str, site: str, *names: str) -> str:
    items = [
        ITEM.format(title=f"{name} protocol signed", name=name, text=TEXT * 4 + name)
        for name in names
    ]
    escaped = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return FEED.format(title=escaped, site=site, items="".join(items))


@pytest.fixture(scope="module")
def web() -> Iterator[LocalWeb]:
    """A site that announces its feed, and odd pages beside it."""
    with LocalWeb() as site:
        link = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
        site.page("/", f"<html><head>{link}</head><body><p>Welcome</p></body></html>")
        rss = "application/rss+xml"
        site.page("/feed.xml", feed("Strait Gazette", site.url(), "Ormsund"), content_type=rss)
        site.page("/bare", "<html><body><p>Nothing to poll.</p></body></html>")
        for name in ("Second", "Third", "Fourth", "Fifth", "Sixth"):
            path = f"/{name.lower()}.xml"
            site.page(path, feed(f"{name} Gazette", site.url(path), name), content_type=rss)
        hostile = feed(HOSTILE, site.url("/h"), "Kvarnen")
        site.page("/hostile.xml", hostile, content_type=rss)
        yield site


@pytest.fixture(scope="module")
def settings(copied_sample: Callable[[], Path], web: LocalWeb) -> Settings:
    return settings_for(copied_sample(), fetch_allowed_hosts=(web.host,))


@pytest.fixture(scope="module")
def slack(settings: Settings, embeddings: SentenceEmbeddings) -> Iterator[LocalSlack]:
    """A workspace of its own, whose bot may fetch from the local site."""
    with LocalSlack() as local:
        people(local)
        local.add_user(ADMIN, "admin", tz="Europe/Paris", is_admin=True)
        connected = settings.model_copy(
            update={
                "slack_bot_token": SecretStr(local.bot_token),
                "slack_app_token": SecretStr(local.app_token),
                "slack_api_url": local.api_url,
            }
        )
        running = Service(connected, clock=lambda: NOW, embeddings=embeddings)
        running.start()
        local.wait_for_connection()
        yield local
        running.stop()


@pytest.fixture(scope="module")
def store(settings: Settings, slack: LocalSlack) -> Iterator[ArticleStore]:
    """What the bot stores, looked at from outside."""
    corpus = open_corpus(settings)
    yield corpus
    corpus.close()


def home_of(
    slack: LocalSlack, user: str, where: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    def found() -> dict[str, Any]:
        home = slack.homes.get(user, {})
        return home if home and where(home) else {}

    return slack.wait_for(found, PATIENCE, "the Home page")


def opened_home(slack: LocalSlack, user: str, *shown: str) -> dict[str, Any]:
    """The Home page once it shows these words."""
    slack.open_home(user)
    return home_of(slack, user, lambda home: all(text in text_of(home["blocks"]) for text in shown))


def modal(slack: LocalSlack, *shown: str) -> dict[str, Any]:
    """The modal that shows these words."""

    def found() -> dict[str, Any]:
        modals = [view for view in slack.views.values() if view["type"] == "modal"]
        fitting = [view for view in modals if all(text in json.dumps(view) for text in shown)]
        return fitting[-1] if fitting else {}

    return slack.wait_for(found, PATIENCE, f"a modal with {shown}")


def opened_form(slack: LocalSlack) -> dict[str, Any]:
    return opened_by(slack, opened_home(slack, ADMIN, "Add source"), "source:add", None)


def edit_form_of(slack: LocalSlack, name: str) -> dict[str, Any]:
    return opened_by(slack, shown(slack, name), "source:edit", name)


def opened_by(
    slack: LocalSlack, home: dict[str, Any], action: str, value: str | None
) -> dict[str, Any]:
    """The modal that a click on the Home page opens."""
    before = set(slack.views)
    slack.click(ADMIN, home, action, value)
    return new_modal(slack, before)


def submitted(slack: LocalSlack, view: dict[str, Any], **values: Any) -> dict[str, Any]:
    """What Slack is answered to a form that was filled in."""
    delivery = slack.submit_view(ADMIN, view["id"], values)
    return slack.wait_for_acknowledgement(delivery, PATIENCE) or {}


def added(slack: LocalSlack, web: LocalWeb, path: str, **values: Any) -> None:
    """Add the feed at a path, with what is entered in the second form."""
    answer = submitted(slack, opened_form(slack), address=web.url(path))
    assert answer["response_action"] == "update", answer
    answer = submitted(slack, modal(slack, "source_found"), **values)
    assert answer["response_action"] == "update", answer


def source_in(store: ArticleStore, name: str) -> PolledSource | None:
    return SourceRegister(store).source(name)


def trail(store: ArticleStore) -> list[tuple[str, str, str]]:
    return [(entry.by, entry.action, entry.subject) for entry in Audit(store.engine).recent(200)]


def with_names(rendered: Any, web: LocalWeb) -> Any:
    """A view in which the local site has an address that is always the same."""
    return json.loads(json.dumps(rendered).replace(web.host, "gazette.example"))


class TestAdding:
    def test_an_address_is_looked_at_and_what_was_found_can_be_corrected(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb, golden: Golden
    ) -> None:
        form = opened_form(slack)
        golden("source_add", form)
        answer = submitted(slack, form, address=f" <{web.url()}> ")
        assert answer["response_action"] == "update"
        found = modal(slack, "source_found")
        assert "Strait Gazette" in json.dumps(found)
        golden("source_found", with_names(found, web))
        answer = submitted(
            slack, found, name="Strait  Gazette ", kind="wire", language="EN", every="1h"
        )
        golden("source_added", with_names(answer["view"], web))
        kept = source_in(store, "Strait Gazette")
        assert kept is not None
        assert (kept.source.kind.value, kept.source.language, kept.added_by) == (
            "wire",
            "en",
            ADMIN,
        )
        assert kept.feed_url == web.url("/feed.xml")
        assert kept.interval.total_seconds() == 3600
        assert (ADMIN, "source added", "Strait Gazette") in trail(store)
        shown(slack, "Strait Gazette")

    @pytest.mark.parametrize(
        ("address", "said"),
        [
            ("not an address", "That is no web address"),
            ("Reuters", "That is no web address"),
            ("", "Write the address"),
            ("http://169.254.169.254/latest", "inside a network"),
            ("http://localhost/feed", "inside a network"),
            ("file:///etc/passwd", "only http and https"),
            ("javascript:alert(1)", "ddress"),
            ("{site}/bare", "Nothing can be polled there: announces no feed that can be read"),
            ("{site}/missing", "404"),
        ],
    )
    def test_what_cannot_be_polled_is_said_at_the_field(
        self, slack: LocalSlack, web: LocalWeb, address: str, said: str
    ) -> None:
        shown = address.replace("{site}", web.url().rstrip("/"))
        answer = submitted(slack, opened_form(slack), address=shown)
        if answer["response_action"] == "update":
            # Looking took long, so that the form came back with what was found.
            modal(slack, "source_add", said)
            return
        (problem,) = answer["errors"].items()
        assert problem[0] == "address"
        assert said.lower() in problem[1].lower()
        assert problem[1].endswith(".")
        assert "\n" not in problem[1]

    def test_a_feed_that_is_polled_already_is_named(self, slack: LocalSlack, web: LocalWeb) -> None:
        added(slack, web, "/second.xml")
        said = "That feed is polled already, as Second Gazette."
        answer = submitted(slack, opened_form(slack), address=web.url("/second.xml"))
        if answer["response_action"] == "update":
            modal(slack, "source_add", said)
        else:
            assert answer["errors"] == {"address": said}

    def test_what_is_entered_wrongly_is_said_at_its_field(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        added(slack, web, "/third.xml")
        submitted(slack, opened_form(slack), address=web.url("/fourth.xml"))
        found = modal(slack, "source_found", "fourth.xml")
        answer = submitted(slack, found, name="third gazette", language="english")
        assert answer["response_action"] == "errors"
        assert set(answer["errors"]) == {"name", "language"}
        assert "Third Gazette" in answer["errors"]["name"]
        assert source_in(store, "Fourth Gazette") is None

    def test_a_site_that_is_slow_is_waited_for_in_view(
        self, slack: LocalSlack, web: LocalWeb, golden: Golden
    ) -> None:
        arrived = threading.Event()
        web.answer("/slow.xml", slowly(arrived, feed("Slow Gazette", web.url("/s"), "Aasen")))
        answer = submitted(slack, opened_form(slack), address=web.url("/slow.xml"))
        assert "Looking for a feed" in text_of(answer["view"]["blocks"])
        golden("source_looking", with_names(answer["view"], web))
        arrived.set()
        found = modal(slack, "source_found", "Slow Gazette")
        submitted(slack, found)
        shown(slack, "Slow Gazette")

    def test_what_is_wrong_with_a_slow_site_stands_under_the_field(
        self, slack: LocalSlack, web: LocalWeb, golden: Golden
    ) -> None:
        arrived = threading.Event()
        web.answer("/slow-page", slowly(arrived, "<html><p>Nothing</p></html>"))
        submitted(slack, opened_form(slack), address=web.url("/slow-page"))
        arrived.set()
        again = modal(slack, "source_add", "announces no feed")
        assert web.url("/slow-page") in json.dumps(again)
        golden("source_problem", with_names(again, web))

    def test_a_name_from_the_web_stays_text(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        added(slack, web, "/hostile.xml", name=HOSTILE)
        kept = source_in(store, HOSTILE)
        assert kept is not None
        home = shown(slack, HOSTILE)
        assert HOSTILE in text_of(home["blocks"])
        slack.click(ADMIN, home, "source:pause", HOSTILE)
        slack.click(ADMIN, shown(slack, HOSTILE, "source:resume"), "source:edit", HOSTILE)
        modal(slack, "source_edit", "evil.example")


class TestChanging:
    def test_a_source_is_paused_and_resumed(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        name = self.one(slack, store, web)
        slack.click(ADMIN, shown(slack, name), "source:pause", name)
        home = shown(slack, name, "source:resume")
        assert paused(store, name)
        slack.click(ADMIN, home, "source:resume", name)
        shown(slack, name, "source:pause")
        assert not paused(store, name)
        assert [one for one in trail(store) if one[2] == name][:2] == [
            (ADMIN, "source resumed", name),
            (ADMIN, "source paused", name),
        ]

    def test_its_name_kind_country_language_and_interval_change(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb, golden: Golden
    ) -> None:
        name = "Sixth Gazette"
        added(slack, web, "/sixth.xml")
        form = edit_form_of(slack, name)
        golden("source_edit", with_names(form, web))
        country = {
            "selected_option": {"text": {"type": "plain_text", "text": "Norway"}, "value": "NO"}
        }
        answer = submitted(
            slack,
            form,
            name="The Gazette",
            kind="official",
            language="",
            every="2h",
            places=country,
        )
        golden("source_changed", answer["view"])
        kept = source_in(store, "The Gazette")
        assert kept is not None
        about = kept.source
        assert (about.kind.value, about.country, about.language) == ("official", "NO", None)
        assert kept.interval.total_seconds() == 7200
        assert (ADMIN, "source changed", name) in trail(store)

    def test_a_form_that_changes_nothing_says_so(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        name = self.one(slack, store, web)
        answer = submitted(slack, edit_form_of(slack, name))
        assert text_of(answer["view"]["blocks"]) == f"{name} stays as it was."

    def test_one_is_removed_from_its_form_and_its_articles_stay(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        added(slack, web, "/fifth.xml")
        name = "Fifth Gazette"
        slack.click(ADMIN, edit_form_of(slack, name), "source:remove", name)
        modal(slack, f"{name} is asked no more. Its articles stay.")
        assert source_in(store, name) is None
        assert (ADMIN, "source removed", name) in trail(store)

    def test_a_button_of_a_source_that_is_gone_says_so(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        added(slack, web, "/fifth.xml")
        home = shown(slack, "Fifth Gazette")
        SourceRegister(store).remove("Fifth Gazette", NOW)
        slack.click(ADMIN, home, "source:pause", "Fifth Gazette")
        modal(slack, "No source is called Fifth Gazette any more.")

    @staticmethod
    def one(slack: LocalSlack, store: ArticleStore, web: LocalWeb) -> str:
        if source_in(store, "Fourth Gazette") is None:
            added(slack, web, "/fourth.xml")
        return "Fourth Gazette"


class TestChecking:
    def test_one_is_polled_now_and_the_modal_says_what_became_of_it(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb, golden: Golden
    ) -> None:
        text = feed("Check Gazette", web.url("/c"), "Tornholm", "Aas")
        web.page("/check.xml", text, content_type="application/rss+xml")
        added(slack, web, "/check.xml")
        slack.click(ADMIN, shown(slack, "Check Gazette"), "source:check", "Check Gazette")
        done = modal(slack, "Check Gazette", "2 entries")
        golden("source_check", done)
        kept = source_in(store, "Check Gazette")
        assert kept is not None
        assert kept.last_polled_at == NOW

    def test_one_that_fails_says_why(
        self, slack: LocalSlack, web: LocalWeb, golden: Golden
    ) -> None:
        web.page("/failing.xml", feed("Failing Gazette", web.url("/f"), "Lom"))
        added(slack, web, "/failing.xml")
        web.page("/failing.xml", "", status=500)
        slack.click(ADMIN, shown(slack, "Failing Gazette"), "source:check", "Failing Gazette")
        modal(slack, "Failing Gazette", "could not be read")

    def test_whoever_closes_the_modal_is_written_to(
        self, slack: LocalSlack, web: LocalWeb, golden: Golden
    ) -> None:
        arrived = threading.Event()
        text = feed("Late Gazette", web.url("/l"), "Vik")
        web.page("/late.xml", text, content_type="application/rss+xml")
        added(slack, web, "/late.xml")
        web.answer("/late.xml", slowly(arrived, text))
        slack.click(ADMIN, shown(slack, "Late Gazette"), "source:check", "Late Gazette")
        waiting = modal(slack, "Asking ", "Late Gazette")
        golden("source_checking", waiting)
        slack.close_view(ADMIN, waiting["id"])
        arrived.set()
        channel = slack.direct_channel(ADMIN)
        told = slack.wait_for(
            lambda: [one for one in slack.messages(channel) if "Late Gazette" in one["text"]],
            PATIENCE,
        )
        golden("source_check_message", told[0])

    def test_all_are_checked_at_once(self, slack: LocalSlack, store: ArticleStore) -> None:
        slack.click(ADMIN, opened_home(slack, ADMIN, "Add source"), "source:check-all")
        done = modal(slack, "new article")
        count = len(SourceRegister(store).sources())
        assert f"of {count} sources read" in text_of(done["blocks"])


class TestOthers:
    """Who is no admin: no buttons, and nothing happens when one is forged all the same."""

    def test_see_no_buttons(self, slack: LocalSlack) -> None:
        home = opened_home(slack, DESK, "Sources")
        assert not [action for action in buttons(home) if action.startswith("source:")]

    @pytest.mark.parametrize(
        "action", ["source:add", "source:edit", "source:pause", "source:check", "source:check-all"]
    )
    def test_are_refused_and_the_attempt_is_in_the_trail(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb, action: str
    ) -> None:
        name = TestChanging.one(slack, store, web)
        before = len(trail(store))
        value = name if action in ("source:edit", "source:pause", "source:check") else None
        refused = len(refusals(slack))
        slack.click(DESK, shown(slack, name), action, value)
        slack.wait_for(lambda: len(refusals(slack)) > refused, PATIENCE, "a refusal")
        assert not paused(store, name)
        (entry,) = trail(store)[: len(trail(store)) - before]
        assert entry[:2] == (DESK, "refused")

    def test_are_refused_what_they_submit(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb
    ) -> None:
        view = opened_form(slack)
        delivery = slack.submit_view(DESK, view["id"], {"address": web.url()})
        answer = slack.wait_for_acknowledgement(delivery, PATIENCE) or {}
        assert "Only admins may change" in text_of(answer["view"]["blocks"])
        assert trail(store)[0][:2] == (DESK, "refused")

    def test_are_refused_a_change(
        self, slack: LocalSlack, store: ArticleStore, web: LocalWeb, golden: Golden
    ) -> None:
        name = TestChanging.one(slack, store, web)
        view = edit_form_of(slack, name)
        delivery = slack.submit_view(DESK, view["id"], {"name": "Mine"})
        answer = slack.wait_for_acknowledgement(delivery, PATIENCE) or {}
        golden("source_refused", answer["view"])
        assert source_in(store, "Mine") is None
        assert trail(store)[0] == (DESK, "refused", name)


def slowly(arrived: threading.Event, text: str) -> Callable[[Asked], Reply]:
    """An answer that comes once somebody lets it."""

    def answer(asked: Asked) -> Reply:
        arrived.wait(PATIENCE)
        return Reply(200, {"Content-Type": "text/html"}, [text.encode()])

    return answer


def shown(slack: LocalSlack, name: str, action: str = "source:edit") -> dict[str, Any]:
    """The admin's Home page, turned to where it shows a source with a button.

    The page is also put together anew after whatever was done before, at any time, and then shows
    what it showed: it is leafed through to the end and from the beginning again.
    """
    home = opened_home(slack, ADMIN, "Add source")
    until = time.monotonic() + PATIENCE
    way, other = "home:page:more", "home:page:back"
    while not has_button(home, action, name):
        assert time.monotonic() < until, f"the Home page never showed {action} of {name}"
        if way not in buttons(home):
            way, other = other, way
        home = turned(slack, home, way)
    return home


def turned(slack: LocalSlack, home: dict[str, Any], way: str) -> dict[str, Any]:
    """The Home page as it is published next, after a click to another page where there is one."""
    if way in buttons(home):
        slack.click(ADMIN, home, way)
    else:
        slack.open_home(ADMIN)
    return home_of(slack, ADMIN, lambda one: bool(one["hash"] != home["hash"]))


def buttons(home: dict[str, Any]) -> list[str]:
    return [
        str(element["action_id"])
        for block in home["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def has_button(home: dict[str, Any], action: str, value: str) -> bool:
    return any(
        (element.get("action_id"), element.get("value")) == (action, value)
        for block in home["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    )


def paused(store: ArticleStore, name: str) -> bool:
    source = source_in(store, name)
    assert source is not None
    return source.paused


def refusals(slack: LocalSlack) -> list[dict[str, Any]]:
    return [view for view in slack.views.values() if "Only admins may" in json.dumps(view)]

"""The demo's process: a local Slack, the bot as it runs, and the page that shows both.

    browser ─ GET /state ─▶ what one person sees, as HTML    LocalSlack ─ Socket Mode ─▶ Service
            ─ POST /do ───▶ what that person does ─────────▶     ▲          Web API ────────┘

It listens on 127.0.0.1 only. The sample is read into a folder that is deleted at the end; the bot's
clock begins on a morning in its midst, on which there is most to tell. Answers may cite what came
later; summaries, digests and Home tell what was known by then.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from pydantic import SecretStr

from bot.cli.reading import read_into
from bot.library import make_library_follower, open_corpus, open_library
from bot.service import Service
from bot.settings import Settings
from corpus.quotations.store import QuotationRegister
from tests.demo.page import Seen, control_html, state_of
from tests.fakes.slack import LocalSlack
from tests.fakes.slack_observation import PATIENCE

BEGINS = datetime(2019, 4, 5, 9, 0, tzinfo=UTC)
AMAL, BEN = "U0AMAL", "U0BEN"
DESK, PRESS = "C0LIBYA", "C0PRESS"
POLLED_SECONDS = 20.0
_FILES = Path(__file__).parent
_KINDS = {"page.html": "text/html", "page.js": "text/javascript"}


class Demo:
    """The demo while it is entered; `url` is where its page is."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._opened = ExitStack()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._stopping = asyncio.Event()
        self.slack = LocalSlack()
        self._ahead = timedelta(0)
        self.url = ""

    def __enter__(self) -> Self:
        try:
            home = self._opened.enter_context(tempfile.TemporaryDirectory())
            self._opened.enter_context(self.slack)
            self._people()
            settings = self._settings(Path(home))
            _read_sample(settings)
            self._ahead = datetime.now(UTC) - BEGINS
            service = Service(settings, clock=lambda: datetime.now(UTC) - self._ahead)
            self._opened.callback(service.stop)
            service.start()
            self.slack.wait_for_connection()
            thread = threading.Thread(target=self._run, name="demo", daemon=True)
            thread.start()
            self._opened.callback(thread.join, PATIENCE)
            self._opened.callback(self._loop.call_soon_threadsafe, self._stopping.set)
            if not self._listening.wait(PATIENCE):
                raise TimeoutError("the page is not served")
        except BaseException:
            self._opened.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self._opened.close()

    def _people(self) -> None:
        self.slack.add_user(AMAL, "Amal", tz="Africa/Tripoli")
        self.slack.add_user(BEN, "Ben", tz="Europe/Paris", is_admin=True)
        self.slack.add_channel(DESK, "libya-desk")
        self.slack.add_channel(PRESS, "press")

    def _settings(self, home: Path) -> Settings:
        return Settings(
            _env_file=None,
            chancery_home=home,
            slack_bot_token=SecretStr(self.slack.bot_token),
            slack_app_token=SecretStr(self.slack.app_token),
            slack_api_url=self.slack.api_url,
        )

    # The page

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        application = web.Application(client_max_size=32 * 1024 * 1024)
        application.add_routes(
            [
                web.get("/", lambda request: _file("page.html")),
                web.get("/page.js", lambda request: _file("page.js")),
                web.get("/state", self._state),
                web.get("/file/{id}", self._picture),
                web.post("/do", self._do),
            ]
        )
        runner = web.AppRunner(application, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self._port).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        self._listening.set()
        await self._stopping.wait()
        await runner.cleanup()
        await self._loop.shutdown_default_executor()

    async def _state(self, request: web.Request) -> web.Response:
        """What a person sees, once it is something else than what the page has."""
        seen = Seen(request.query["user"], request.query.get("stamp", ""))
        return web.json_response(await asyncio.to_thread(self._changed, seen))

    def _changed(self, seen: Seen) -> dict[str, Any]:
        try:
            return self.slack.wait_for(
                lambda: (
                    (now := state_of(self.slack, seen.user, self._ahead))["stamp"] != seen.stamp
                    and now
                ),
                POLLED_SECONDS,
            )
        except TimeoutError:
            return {"stamp": seen.stamp}

    async def _picture(self, request: web.Request) -> web.Response:
        held = self.slack.files.get(request.match_info["id"])
        if held is None:
            return web.Response(status=404)
        return web.Response(body=held["content"], content_type="image/png")

    async def _do(self, request: web.Request) -> web.Response:
        asked = await request.json()
        return web.json_response(await asyncio.to_thread(self._act, asked) or {})

    def _act(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Do what somebody did in the page."""
        slack, user = self.slack, str(asked["user"])
        match asked["what"]:
            case "write":
                self._write(user, asked["channel"], asked["text"], asked.get("thread"))
            case "file":
                content = str(asked["content"]).encode()
                slack.send_file(asked["channel"], user, asked["name"], content, "text/plain")
            case "click":
                holder, channel = self._holder(user, asked)
                slack.click(
                    user, holder, asked["action"], asked.get("value") or None, channel=channel
                )
            case "submit":
                slack.submit_view(user, asked["view"], asked["values"])
            case "close":
                slack.close_view(user, asked["view"])
            case "home" | "messages" as tab:
                slack.open_home(user, tab)
            case "shortcut":
                message = self._message(asked["channel"], asked["ts"])
                slack.shortcut(user, asked["callback"], message, asked["channel"])
            case "suggest":
                view = slack.views[asked["view"]]
                delivery = slack.suggest(user, view, asked["action"], asked["typed"])
                return {"html": control_html(slack.wait_for_acknowledgement(delivery))}
        return None

    def _write(self, user: str, channel: str, text: str, thread: str | None) -> None:
        slack = self.slack
        if text.startswith("/chancery"):
            slack.command(user, channel, "/chancery", text.removeprefix("/chancery").strip())
        elif "@chancery" in text.lower():
            at = text.lower().index("@chancery")
            slack.mention(channel, user, (text[:at] + text[at + 9 :]).strip(), thread)
        else:
            slack.message(channel, user, text, thread)

    def _message(self, channel: str, ts: str) -> dict[str, Any]:
        held = [*self.slack.messages(channel), *self.slack.ephemerals]
        return next(one for one in held if one["ts"] == ts)

    def _holder(self, user: str, asked: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
        """What holds the element that was used: a message, a modal or the Home tab."""
        if asked.get("view"):
            views = {**self.slack.views, **{one["id"]: one for one in self.slack.homes.values()}}
            return views[asked["view"]], None
        return self._message(asked["channel"], asked["ts"]), asked["channel"]


async def _file(name: str) -> web.Response:
    return web.Response(text=(_FILES / name).read_text("utf-8"), content_type=_KINDS[name])


def _read_sample(settings: Settings) -> None:
    corpus = open_corpus(settings)
    read_into(corpus, settings, [], sample=True)
    with open_library(settings, corpus, "demo") as library:
        library.indexer.catch_up()
        make_library_follower(library).catch_up()
        QuotationRegister(corpus).catch_up()
    corpus.close()

"""The Home tab: its buttons, the forms of digests and watches, and for admins those of sources."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.home.forms import DIGEST_FORM, WATCH_FORM
from bot.home.page import Home, is_home
from bot.home.source_admin import SourceService
from bot.home.source_forms import ADD_FORM, EDIT_FORM, FOUND_FORM, REMOVE
from bot.home.views import SURE
from bot.render.blocks import ACTION, option
from bot.slack.modals import Click, click_of, on_click

Body = dict[str, Any]


def register(app: App, home: Home) -> None:
    """Attach the Home tab."""

    def opened(event: Body) -> None:
        home.publish(str(event["user"]), first="view" not in event)

    app.event("app_home_opened", matchers=[is_home])(opened)

    def on(action: str | re.Pattern[str], act: Callable[[Click, str], None]) -> None:
        """Listen to a button; its moment tells one click from the next."""

        def clicked(ack: Ack, body: Body, action: Body) -> None:
            ack()
            act(click_of(body, action), str(action.get("action_ts") or ""))

        app.action(action)(clicked)

    on("home:refresh", lambda click, _: home.turn(click.user, click.metadata))
    on(re.compile("home:page:.+"), lambda click, _: home.turn(click.user, click.value))
    on("story:summary", home.summarise_story)
    _edit(on, home, "digest")
    _edit(on, home, "watch")
    app.view(DIGEST_FORM)(_submitted(home))
    app.view(WATCH_FORM)(_submitted(home))
    app.view(SURE)(_sure(home))
    app.options(re.compile(f"{ACTION}.+"))(_suggested(home))


def _edit(on: Callable[..., None], home: Home, what: str) -> None:
    on(f"{what}:new", lambda click, _: home.edit(what, None, click))
    on(f"{what}:edit", lambda click, _: home.edit(what, click.value, click))
    on(f"{what}:more", lambda click, moment: home.choose(what, click, moment))


def _sure(home: Home) -> Callable[..., None]:
    def submitted(ack: Ack, body: Body, view: Body) -> None:
        ack()
        home.sure(view, str(body["user"]["id"]))

    return submitted


def _submitted(home: Home) -> Callable[..., None]:
    def submitted(ack: Ack, body: Body, view: Body) -> None:
        # Slack shows what is answered here: whether it is kept must be known before.
        user = str(body["user"]["id"])
        found = home.submit(view, user)
        ack(**found.answer)
        home.submitted(found, user)

    return submitted


def _suggested(home: Home) -> Callable[..., None]:
    def suggested(ack: Ack, payload: Body, body: Body) -> None:
        field = str(payload["action_id"]).removeprefix(ACTION)
        typed, user = str(payload.get("value") or ""), str(body["user"]["id"])
        ack(options=[option(*one) for one in home.suggest(field, typed, user)])

    return suggested


def register_sources(app: App, desk: SourceService) -> None:
    """Attach the buttons and forms of polled sources."""
    on_click(app, "source:add", desk.add)
    on_click(app, "source:edit", desk.edit)
    on_click(app, "source:pause", lambda click: desk.set_paused(click, paused=True))
    on_click(app, "source:resume", lambda click: desk.set_paused(click, paused=False))
    on_click(app, "source:check", desk.check)
    on_click(app, "source:check-all", desk.check_all)
    on_click(app, REMOVE, desk.remove)

    def submitted(form: str, enter: Callable[[Body, Ack], None]) -> None:
        # What is answered tells what is wrong, so that it comes after a look, and in time.
        app.view(form)(lambda ack, body: enter(body, ack))

    submitted(ADD_FORM, desk.address_entered)
    submitted(FOUND_FORM, desk.found_entered)
    submitted(EDIT_FORM, desk.change_entered)

"""The Web API of the local Slack: methods that answer as Slack does, over aiohttp."""

import asyncio
import copy
import json
import time
from collections.abc import Callable, Collection

from aiohttp import web

from tests.fakes import block_kit
from tests.fakes.slack_payloads import change_event, message_event
from tests.fakes.slack_workspace import (
    RESPONSE_URL_USES,
    Call,
    Channel,
    Failure,
    Payload,
    Status,
    Workspace,
)

_JSON_ARGUMENTS = frozenset(
    ("attachments", "blocks", "chunks", "files", "loading_messages", "metadata", "prompts", "view")
)
_MOST_PROMPTS = 4
# How often a call that is delayed looks whether it still is.
_LOOKING_SECONDS = 0.05
# Methods that only read, and the first step of an upload, take a query or a form and no JSON.
_NO_JSON = frozenset(
    (
        "chat.getPermalink",
        "conversations.history",
        "conversations.info",
        "conversations.replies",
        "files.getUploadURLExternal",
        "files.info",
        "users.info",
    )
)


class SlackError(Exception):
    """An answer with `ok: false`; `messages` say more where Slack does."""

    def __init__(self, error: str, messages: list[str] | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []

    def answer(self) -> Payload:
        answer: Payload = {"ok": False, "error": self.error}
        if self.messages:
            details = [f"[ERROR] {message}" for message in self.messages]
            answer |= {"errors": self.messages, "response_metadata": {"messages": details}}
        return answer


Method = Callable[["WebApi", Payload], Payload]
_METHODS: dict[str, Method] = {}


def _method(name: str) -> Callable[[Method], Method]:
    def register(function: Method) -> Method:
        _METHODS[name] = function
        return function

    return register


class WebApi:
    """Answers requests to `/api/METHOD`, uploads and response URLs.

    `tell` delivers an event to the app, and `address` is where this server listens.
    """

    def __init__(
        self,
        workspace: Workspace,
        tell: Callable[[Payload], None],
        allowed_mentions: Collection[str] | None,
    ) -> None:
        self.workspace = workspace
        self.tell = tell
        self.allowed_mentions = allowed_mentions
        self.unknown_blocks: frozenset[str] = frozenset()
        self.address = ""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self.answer),
            web.post("/upload/{file}", self.upload),
            web.get("/files/{file}", self.download),
            web.post("/respond/{id}", self.respond),
        ]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Record the call, meet the failures and delays that the test asked for, and answer."""
        method = request.match_info["method"]
        arguments = await _arguments(request)
        if method in _NO_JSON and request.content_type == "application/json":
            arguments = dict(request.query)
        token = _token(request, arguments)
        call = Call(method, arguments, time.monotonic())
        with self.workspace.changing():
            self.workspace.calls.append(call)
            failure = self.workspace.take_failure(method)
            failure = failure or self.workspace.take_post(method, str(arguments.get("channel")))
            delay = self.workspace.delays.get(method, 0.0)
        await self._wait(method, delay)
        if failure is not None and not failure.taken:
            return self._fail(call, failure)
        try:
            self._authorise(method, token)
            function = _METHODS.get(method)
            if function is None:
                raise SlackError("unknown_method")
            with self.workspace.changing():
                answer = {"ok": True, **copy.deepcopy(function(self, arguments))}
        except SlackError as error:
            answer = error.answer()
        if failure is not None:
            return self._fail(call, failure)
        return self._answered(call, answer, 200)

    async def _wait(self, method: str, seconds: float) -> None:
        """Let so much time pass, or until the method is no longer delayed."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.workspace.delays.get(method):
            await asyncio.sleep(min(left, _LOOKING_SECONDS))

    def _answered(
        self, call: Call, answer: Payload, status: int, headers: dict[str, str] | None = None
    ) -> web.Response:
        with self.workspace.changing():
            call.response = answer
            call.http_status = status
        return web.json_response(answer, status=status, headers=headers)

    def _fail(self, call: Call, failure: Failure) -> web.Response:
        retry_after = failure.retry_after
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return self._answered(call, SlackError(failure.error).answer(), failure.status, headers)

    def _authorise(self, method: str, token: str | None) -> None:
        identity = self.workspace.identity
        wanted = identity.app_token if method == "apps.connections.open" else identity.bot_token
        if not token:
            raise SlackError("not_authed")
        if token not in (identity.app_token, identity.bot_token):
            raise SlackError("invalid_auth")
        if token != wanted:
            raise SlackError("not_allowed_token_type")

    async def upload(self, request: web.Request) -> web.Response:
        """Take the bytes of a file at the address that `files.getUploadURLExternal` gave."""
        held = self.workspace.files.get(request.match_info["file"])
        if held is None:
            return web.Response(status=404)
        content = await request.read()
        with self.workspace.changing():
            held["content"] = content
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """A file's bytes for whoever has the token; others are sent to a page to log in at."""
        if _token(request, {}) != self.workspace.identity.bot_token:
            return web.Response(status=302, headers={"Location": f"{self.address}/login"})
        held = self.workspace.files[request.match_info["file"]]
        return web.Response(body=held["content"], content_type=held["mimetype"])

    async def respond(self, request: web.Request) -> web.Response:
        """Take a message to a response URL: at most five, as in Slack."""
        body = json.loads(await request.read())
        call = Call("response_url", body, time.monotonic())
        with self.workspace.changing():
            self.workspace.calls.append(call)
            held = self.workspace.response_urls.get(request.match_info["id"])
            if held is None or held.uses >= RESPONSE_URL_USES:
                return self._answered(call, SlackError("used_url").answer(), 404)
            held.uses += 1
            try:
                self.place_response(body, held.channel, held.user, held.message_ts)
            except SlackError as error:
                return self._answered(call, error.answer(), 400)
        return self._answered(call, {"ok": True}, 200)

    def place_response(
        self, body: Payload, channel: str, user: str, message_ts: str | None
    ) -> None:
        original = self._visible(channel, message_ts)
        if body.get("delete_original") and original:
            self._remove(channel, original)
        elif body.get("replace_original") and original:
            self.check_message(body)
            original.update({name: body[name] for name in ("text", "blocks") if name in body})
        elif body.get("response_type") == "in_channel":
            self.post(self.workspace.channels[channel], body)
        else:
            self.post_ephemeral(channel, user, body)

    def _visible(self, channel: str, ts: str | None) -> Payload | None:
        seen_by_one = (held for held in self.workspace.ephemerals if held["ts"] == ts)
        return self.workspace.message(channel, ts) or next(seen_by_one, None)

    def _remove(self, channel: str, message: Payload) -> None:
        if message in self.workspace.ephemerals:
            self.workspace.ephemerals.remove(message)
        else:
            self.workspace.messages[channel].remove(message)

    # Shared by the methods

    def channel(self, arguments: Payload, name: str = "channel") -> Channel:
        """The conversation that the arguments name; a user's id stands for the direct one."""
        wanted = arguments.get(name) or ""
        channel = self.workspace.channels.get(wanted)
        if channel is None and wanted in self.workspace.users:
            channel = self.workspace.direct_channel(wanted)
        if channel is None:
            raise SlackError("channel_not_found")
        if not channel.is_member:
            raise SlackError("not_in_channel")
        return channel

    def own_message(self, arguments: Payload, missing: str = "message_not_found") -> Payload:
        message = self.workspace.message(self.channel(arguments).id, arguments.get("ts"))
        if message is None:
            raise SlackError(missing)
        if message.get("bot_id") != self.workspace.identity.bot_id:
            raise SlackError("cant_update_message")
        return message

    def thread_of(self, channel: Channel, thread_ts: str | None) -> str | None:
        """The timestamp that opens the thread, also when a reply's was given."""
        if not thread_ts:
            return None
        parent = self.workspace.message(channel.id, thread_ts)
        if parent is None:
            raise SlackError("thread_not_found")
        return parent.get("thread_ts") or parent["ts"]

    def check_message(self, arguments: Payload) -> None:
        blocks = arguments.get("blocks")
        if not blocks and not arguments.get("text") and not arguments.get("attachments"):
            raise SlackError("no_text")
        allowed = self.allowed_mentions
        _refuse("invalid_blocks", block_kit.structure_problems(blocks, allowed_mentions=allowed))
        _refuse("invalid_blocks", self.unknown_problems(blocks))
        _refuse("invalid_blocks", self._file_problems(blocks))
        _refuse("msg_blocks_too_long", block_kit.length_problems(blocks))
        if len(arguments.get("text") or "") > block_kit.TEXT_LIMIT:
            raise SlackError("msg_too_long")
        _refuse(
            "invalid_arguments",
            block_kit.text_problems(arguments.get("text"), allowed_mentions=allowed),
        )

    def unknown_problems(self, blocks: list[Payload] | None) -> list[str]:
        """Blocks of kinds that this workspace has not yet."""
        kinds = {str(block.get("type")) for block in blocks or ()}
        return [f"unsupported type: {kind}" for kind in sorted(kinds & self.unknown_blocks)]

    def _file_problems(self, blocks: list[Payload] | None) -> list[str]:
        """Images of files that were never uploaded to the end."""
        named = [block["slack_file"].get("id") for block in blocks or () if "slack_file" in block]
        files = self.workspace.files
        return [
            f"invalid slack file {one}" for one in named if not files.get(one, {}).get("complete")
        ]

    def post(self, channel: Channel, arguments: Payload) -> Payload:
        """Check and place a message of the app, and tell the app of it, as Slack does."""
        self.check_message(arguments)
        thread_ts = self.thread_of(channel, arguments.get("thread_ts"))
        message = self.workspace.bot_message(
            text=arguments.get("text"),
            blocks=arguments.get("blocks"),
            attachments=arguments.get("attachments"),
            metadata=arguments.get("metadata"),
            thread_ts=thread_ts,
        )
        self.place(channel, message)
        return message

    def place(self, channel: Channel, message: Payload) -> None:
        self.workspace.add_message(channel.id, message)
        if message.get("thread_ts"):
            self.workspace.shown_status[channel.id, message["thread_ts"]] = ""
        self.tell(message_event(copy.deepcopy(message), channel))

    def post_ephemeral(self, channel: str, user: str, arguments: Payload) -> Payload:
        self.check_message(arguments)
        message = self.workspace.bot_message(
            text=arguments.get("text"),
            blocks=arguments.get("blocks"),
            thread_ts=arguments.get("thread_ts"),
            channel=channel,
            shown_to=user,
            is_ephemeral=True,
        )
        self.workspace.name_blocks(message)
        self.workspace.ephemerals.append(message)
        return message

    def check_view(self, arguments: Payload) -> Payload:
        view = arguments.get("view")
        if not isinstance(view, dict):
            raise SlackError("invalid_arguments", ["missing required field: view"])
        found = block_kit.view_problems(view, allowed_mentions=self.allowed_mentions)
        _refuse("invalid_arguments", found)
        return view

    def check_markdown(self, arguments: Payload) -> str:
        """The Markdown of one streaming call, given as text or as chunks."""
        chunks = arguments.get("chunks") or []
        given = [arguments.get("markdown_text") or "", *(c.get("text") or "" for c in chunks)]
        text = "".join(given)
        if len(text) > block_kit.MARKDOWN_LIMIT:
            raise SlackError("msg_too_long")
        found = block_kit.markdown_problems(text, allowed_mentions=self.allowed_mentions)
        _refuse("invalid_arguments", found)
        return text

    def follow_plan(self, message: Payload, arguments: Payload) -> None:
        """Put the tasks of one streaming call into the plan that a message shows."""
        chunks = arguments.get("chunks") or []
        _refuse("invalid_arguments", block_kit.chunk_problems(chunks))
        for chunk in chunks:
            plan = message.setdefault("plan", {"title": "", "tasks": {}})
            if chunk["type"] == "plan_update":
                plan["title"] = chunk["title"]
            elif chunk["type"] == "task_update":
                plan["tasks"][chunk["id"]] = {k: v for k, v in chunk.items() if k != "type"}

    def changed(self, channel: Channel, before: Payload, after: Payload | None) -> None:
        subtype = "message_changed" if after else "message_deleted"
        ts = self.workspace.new_ts()
        self.tell(change_event(subtype, channel, ts, before, copy.deepcopy(after)))


# Identity


@_method("auth.test")
def _auth_test(api: WebApi, _arguments: Payload) -> Payload:
    identity = api.workspace.identity
    return {
        "url": f"{api.address}/",
        "team": "Local",
        "user": "chancery",
        "team_id": identity.team_id,
        "user_id": identity.bot_user_id,
        "bot_id": identity.bot_id,
        "is_enterprise_install": False,
    }


@_method("apps.connections.open")
def _connections_open(api: WebApi, _arguments: Payload) -> Payload:
    address = api.address.replace("http://", "ws://")
    return {"url": f"{address}/socket?ticket={api.workspace.new_id('ticket-')}"}


@_method("users.info")
def _users_info(api: WebApi, arguments: Payload) -> Payload:
    user = api.workspace.users.get(arguments.get("user") or "")
    if user is None:
        raise SlackError("user_not_found")
    return {
        "user": {
            "id": user.id,
            "team_id": user.team,
            "name": user.name,
            "real_name": user.name,
            "tz": user.tz,
            "is_bot": user.is_bot,
            "deleted": False,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            # Slack says so only of those with whom no channel is shared.
            "is_stranger": False,
            "profile": {"real_name": user.name, "display_name": user.name},
            **user.flags,
        }
    }


# Messages


@_method("chat.postMessage")
def _post_message(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    message = api.post(channel, arguments)
    return {"channel": channel.id, "ts": message["ts"], "message": message}


@_method("chat.postEphemeral")
def _post_ephemeral(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    user = arguments.get("user") or ""
    if user not in api.workspace.users:
        raise SlackError("user_not_in_channel")
    return {"message_ts": api.post_ephemeral(channel.id, user, arguments)["ts"]}


@_method("chat.update")
def _update(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    message = api.own_message(arguments)
    if message["ts"] in api.workspace.streaming:
        raise SlackError("streaming_state_conflict")
    api.check_message(arguments)
    before = copy.deepcopy(message)
    message["text"] = arguments.get("text") or message["text"]
    if "blocks" in arguments:
        message["blocks"] = arguments["blocks"]
    elif "text" in arguments:
        # Slack drops the blocks of a message whose update gives only text.
        message.pop("blocks", None)
    message["edited"] = {"user": message["user"], "ts": api.workspace.new_ts()}
    api.workspace.name_blocks(message)
    api.changed(channel, before, message)
    return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}


@_method("chat.delete")
def _delete(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    message = api.own_message(arguments)
    api.workspace.messages[channel.id].remove(message)
    api.changed(channel, message, None)
    return {"channel": channel.id, "ts": message["ts"]}


@_method("chat.getPermalink")
def _permalink(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    ts = arguments.get("message_ts") or ""
    if api.workspace.message(channel.id, ts) is None:
        raise SlackError("message_not_found")
    return {
        "channel": channel.id,
        "permalink": f"{api.address}/archives/{channel.id}/p{ts.replace('.', '')}",
    }


@_method("reactions.add")
def _reaction_add(api: WebApi, arguments: Payload) -> Payload:
    reaction = _reaction(api, arguments)
    if reaction in api.workspace.reactions:
        raise SlackError("already_reacted")
    api.workspace.reactions.append(reaction)
    return {}


@_method("reactions.remove")
def _reaction_remove(api: WebApi, arguments: Payload) -> Payload:
    reaction = _reaction(api, arguments)
    if reaction not in api.workspace.reactions:
        raise SlackError("no_reaction")
    api.workspace.reactions.remove(reaction)
    return {}


def _reaction(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments).id
    ts = arguments.get("timestamp")
    if api.workspace.message(channel, ts) is None:
        raise SlackError("message_not_found")
    return {"channel": channel, "ts": ts, "name": arguments.get("name")}


# Streams


@_method("chat.startStream")
def _start_stream(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    thread_ts = api.thread_of(channel, arguments.get("thread_ts"))
    if channel.kind != "im":
        for recipient in ("recipient_team_id", "recipient_user_id"):
            if not arguments.get(recipient):
                raise SlackError(f"missing_{recipient}")
    text = api.check_markdown(arguments)
    if arguments.get("task_display_mode") not in (None, "timeline", "plan"):
        raise SlackError("invalid_arguments", ["task_display_mode is timeline or plan"])
    message = api.workspace.bot_message(text=text, thread_ts=thread_ts)
    api.follow_plan(message, arguments)
    api.workspace.streaming.add(message["ts"])
    api.place(channel, message)
    return {"channel": channel.id, "ts": message["ts"]}


@_method("chat.appendStream")
def _append_stream(api: WebApi, arguments: Payload) -> Payload:
    message = _streaming(api, arguments)
    message["text"] += api.check_markdown(arguments)
    api.follow_plan(message, arguments)
    return {"channel": arguments["channel"], "ts": message["ts"]}


@_method("chat.stopStream")
def _stop_stream(api: WebApi, arguments: Payload) -> Payload:
    message = _streaming(api, arguments)
    blocks = arguments.get("blocks")
    found = block_kit.structure_problems(blocks, allowed_mentions=api.allowed_mentions)
    _refuse("invalid_blocks", found)
    _refuse("msg_blocks_too_long", block_kit.length_problems(blocks))
    message["text"] += api.check_markdown(arguments)
    if blocks:
        message["blocks"] = blocks
        api.workspace.name_blocks(message)
    if arguments.get("metadata"):
        message["metadata"] = arguments["metadata"]
    api.workspace.streaming.discard(message["ts"])
    return {"channel": arguments["channel"], "ts": message["ts"], "message": message}


def _streaming(api: WebApi, arguments: Payload) -> Payload:
    message = api.own_message(arguments)
    if message["ts"] not in api.workspace.streaming:
        raise SlackError("message_not_in_streaming_state")
    return message


# Agent surfaces


@_method("assistant.threads.setStatus")
def _set_status(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments, "channel_id")
    thread_ts = arguments.get("thread_ts") or ""
    status = Status(channel.id, thread_ts, arguments.get("status") or "")
    api.workspace.statuses.append(status)
    api.workspace.shown_status[channel.id, thread_ts] = status.status
    return {}


@_method("agents.sessions.setStatus")
def _set_session(api: WebApi, arguments: Payload) -> Payload:
    """A session begins with its first status; its title and initiator stay those of then."""
    channel = api.channel(arguments, "channel_id")
    status, title = arguments.get("status"), arguments.get("title") or ""
    if status not in ("active", "processing", "suspended", "closed"):
        raise SlackError("invalid_arguments", ["no such status"])
    if not arguments.get("thread_ts") or len(title) > 200:
        raise SlackError("invalid_arguments", ["thread_ts, or a shorter title"])
    begun = {"title": title, "initiator": arguments.get("initiator_user_id")}
    held = api.workspace.sessions.setdefault((channel.id, arguments["thread_ts"]), begun)
    held["status"] = status
    return {"status": status, "title": held["title"]}


@_method("blocks.validate")
def _validate(api: WebApi, arguments: Payload) -> Payload:
    """https://docs.slack.dev/reference/methods/blocks.validate: one of three, as JSON texts."""
    given = [name for name in ("blocks", "message", "view") if arguments.get(name)]
    if len(given) != 1:
        raise SlackError("invalid_arguments", ["one of blocks, message and view"])
    held = arguments[given[0]]
    held = json.loads(held) if isinstance(held, str) else held
    if given[0] == "view":
        found = block_kit.view_problems(held, allowed_mentions=None)
    else:
        blocks = held if given[0] == "blocks" else held["blocks"]
        found = block_kit.problems(blocks, allowed_mentions=None) + api.unknown_problems(blocks)
    _refuse(f"invalid_{given[0]}", found)
    return {}


@_method("assistant.threads.setTitle")
def _set_title(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments, "channel_id")
    api.workspace.titles[channel.id, arguments.get("thread_ts") or ""] = arguments["title"]
    return {}


@_method("assistant.threads.setSuggestedPrompts")
def _set_prompts(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments, "channel_id")
    prompts = arguments.get("prompts") or []
    if not 1 <= len(prompts) <= _MOST_PROMPTS:
        raise SlackError("invalid_arguments", [f"needs 1 to {_MOST_PROMPTS} prompts"])
    if not all(prompt.get("title") and prompt.get("message") for prompt in prompts):
        raise SlackError("invalid_arguments", ["a prompt needs title and message"])
    # An agent's prompts stand at the top of the conversation; for a thread Slack says ok and
    # shows nothing.
    if not arguments.get("thread_ts"):
        api.workspace.prompts[channel.id] = prompts
    return {}


# Conversations


@_method("conversations.info")
def _conversation_info(api: WebApi, arguments: Payload) -> Payload:
    channel = api.workspace.channels.get(arguments.get("channel") or "")
    if channel is None:
        raise SlackError("channel_not_found")
    return {"channel": _described(channel)}


@_method("conversations.open")
def _conversation_open(api: WebApi, arguments: Payload) -> Payload:
    users = (arguments.get("users") or "").split(",")
    if len(users) != 1 or users[0] not in api.workspace.users:
        raise SlackError("user_not_found")
    return {"channel": _described(api.workspace.direct_channel(users[0]))}


@_method("conversations.history")
def _history(api: WebApi, arguments: Payload) -> Payload:
    held = api.workspace.messages[api.channel(arguments).id]
    top = [m for m in reversed(held) if m.get("thread_ts") in (None, m["ts"])]
    return _page(top, arguments)


@_method("conversations.replies")
def _replies(api: WebApi, arguments: Payload) -> Payload:
    channel = api.channel(arguments)
    thread_ts = api.thread_of(channel, arguments.get("ts")) or ""
    return _page(api.workspace.thread(channel.id, thread_ts), arguments)


def _described(channel: Channel) -> Payload:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "group",
        "is_private": channel.kind != "channel",
        "is_im": channel.kind == "im",
        "is_member": channel.is_member,
        "user": channel.user,
    }


def _page(messages: list[Payload], arguments: Payload) -> Payload:
    limit = int(arguments.get("limit") or 100)
    start = int(arguments.get("cursor") or 0)
    oldest, latest = arguments.get("oldest") or "0", arguments.get("latest") or "9" * 20
    window = [m for m in messages if float(oldest) < float(m["ts"]) <= float(latest)]
    more = start + limit < len(window)
    shown = copy.deepcopy(window[start : start + limit])
    if str(arguments.get("include_all_metadata")).lower() not in ("1", "true"):
        for message in shown:
            message.pop("metadata", None)
    return {
        "messages": shown,
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


# Views


@_method("views.open")
def _view_open(api: WebApi, arguments: Payload) -> Payload:
    _use_trigger(api, arguments)
    return {"view": api.workspace.add_view(api.check_view(arguments))}


@_method("views.push")
def _view_push(api: WebApi, arguments: Payload) -> Payload:
    _use_trigger(api, arguments)
    return {"view": api.workspace.add_view(api.check_view(arguments))}


@_method("views.update")
def _view_update(api: WebApi, arguments: Payload) -> Payload:
    stored = api.workspace.find_view(arguments.get("view_id"), arguments.get("external_id"))
    if stored is None:
        raise SlackError("not_found")
    if arguments.get("hash") not in (None, stored["hash"]):
        raise SlackError("hash_conflict")
    return {"view": api.workspace.change_view(stored, api.check_view(arguments))}


@_method("views.publish")
def _view_publish(api: WebApi, arguments: Payload) -> Payload:
    user = arguments.get("user_id") or ""
    if user not in api.workspace.users:
        raise SlackError("user_not_found")
    view = api.check_view(arguments)
    stored = api.workspace.homes.get(user)
    if stored is None:
        stored = api.workspace.add_view(view)
        api.workspace.homes[user] = stored
    else:
        api.workspace.change_view(stored, view)
    return {"view": stored}


def _use_trigger(api: WebApi, arguments: Payload) -> None:
    error = api.workspace.use_trigger(arguments.get("trigger_id"))
    if error is not None:
        raise SlackError(error)


# Files


@_method("files.getUploadURLExternal")
def _upload_url(api: WebApi, arguments: Payload) -> Payload:
    if not arguments.get("filename") or not int(arguments.get("length") or 0):
        raise SlackError("invalid_arguments", ["filename and length are required"])
    file_id = api.workspace.new_id("F")
    api.workspace.files[file_id] = {"id": file_id, "name": arguments["filename"]}
    return {"upload_url": f"{api.address}/upload/{file_id}", "file_id": file_id}


@_method("files.completeUploadExternal")
def _complete_upload(api: WebApi, arguments: Payload) -> Payload:
    wanted = arguments.get("files") or []
    held = [api.workspace.files.get(file["id"]) for file in wanted]
    if not held or any(file is None or "content" not in file for file in held):
        raise SlackError("file_not_found")
    files = [{**file, "title": told.get("title")} for file, told in zip(held, wanted, strict=True)]
    for file in held:
        file["complete"] = True
    kept = ("content", "complete")
    shown = [{name: v for name, v in file.items() if name not in kept} for file in files]
    if arguments.get("channel_id"):
        channel = api.channel(arguments, "channel_id")
        thread_ts = api.thread_of(channel, arguments.get("thread_ts"))
        text = arguments.get("initial_comment")
        message = api.workspace.bot_message(text=text, thread_ts=thread_ts, files=shown)
        api.place(channel, message)
    return {"files": shown}


@_method("files.info")
def _file_info(api: WebApi, arguments: Payload) -> Payload:
    held = api.workspace.files.get(arguments.get("file") or "")
    if held is None:
        raise SlackError("file_not_found")
    address = held.get("address") or f"{api.address}/files/{held['id']}"
    shown = {k: value for k, value in held.items() if k not in ("content", "address")}
    return {"file": {**shown, "url_private": address, "url_private_download": address}}


def _refuse(error: str, found: list[str]) -> None:
    if found:
        raise SlackError(error, found)


async def _arguments(request: web.Request) -> Payload:
    """The arguments of a call, from the query and from a JSON or form body."""
    arguments: Payload = dict(request.query)
    if request.content_type == "application/json":
        return arguments | json.loads(await request.read() or b"{}")
    arguments |= await request.post()
    return {
        name: json.loads(value) if name in _JSON_ARGUMENTS and value else value
        for name, value in arguments.items()
    }


def _token(request: web.Request, arguments: Payload) -> str | None:
    """The bearer token; the argument `token` is taken out of what is recorded."""
    given = arguments.pop("token", None)
    return request.headers.get("Authorization", "").removeprefix("Bearer ") or given

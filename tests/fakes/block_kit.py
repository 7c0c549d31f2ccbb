"""Slack's published limits of Block Kit as pure functions from blocks to sentences about them.

An empty list means that Slack would accept what it was given. Every problem ends with a JSON
pointer to its place, as Slack's own messages do: `must be at most 75 characters, has 80
[json-pointer:/blocks/0/elements/0/text/text]`.

Two things are stricter than Slack, because Chancery renders untrusted article text: mentions are
refused unless they are named in `allowed_mentions` (`"U0DESK"`, `"C0PRESS"`, `"here"`; `None`
allows all), and mrkdwn must be escaped properly.

Gaps that are accepted: date formats and emoji names are not looked into, nor is whether a
`slack_file` was uploaded;
`workflow_button` and `call` are unknown.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

TEXT_LIMIT = 40_000
MARKDOWN_LIMIT = 12_000
BLOCKS_IN_MESSAGE = 50
BLOCKS_IN_VIEW = 100
TABLE_LIMIT = 10_000
DATA_TABLES_LIMIT = 20_000

# Slack counts "12,000 text characters with a buffer for block containers" (bolt-js issues 2509
# and 2867): markdown alone passes up to 13,297 characters, while 11,341 characters of text in
# many rich_text containers were refused. The compact JSON explains both and errs to the safe side.
MESSAGE_LIMIT = 13_200

Problem = str
Rule = Callable[["Inspection", Any, str], None]


def problems(
    blocks: Sequence[Mapping[str, Any]] | None,
    text: str | None = None,
    *,
    allowed_mentions: Collection[str] | None = (),
) -> list[Problem]:
    """What Slack, or Chancery's own rules, would refuse in a message of these blocks and text."""
    return (
        structure_problems(blocks, allowed_mentions=allowed_mentions)
        + length_problems(blocks)
        + text_problems(text, allowed_mentions=allowed_mentions)
    )


def structure_problems(
    blocks: Sequence[Mapping[str, Any]] | None,
    *,
    allowed_mentions: Collection[str] | None = (),
) -> list[Problem]:
    """Problems for which Slack answers `invalid_blocks`."""
    if blocks is None:
        return []
    inspection = Inspection(allowed_mentions)
    inspection.blocks(blocks, "/blocks", most=BLOCKS_IN_MESSAGE, among=MESSAGE_BLOCKS)
    return inspection.found


def length_problems(blocks: Sequence[Mapping[str, Any]] | None) -> list[Problem]:
    """Problems for which Slack answers `msg_blocks_too_long`."""
    found = []
    markdown = sum(len(str(block.get("text", ""))) for block in _of_type(blocks, "markdown"))
    if markdown > MARKDOWN_LIMIT:
        found.append(
            f"all markdown blocks together must be at most {MARKDOWN_LIMIT} characters, "
            f"have {markdown} [json-pointer:/blocks]"
        )
    length = message_length(blocks)
    if length > MESSAGE_LIMIT:
        found.append(
            f"the blocks of a message must be at most {MESSAGE_LIMIT} characters, "
            f"have {length} [json-pointer:/blocks]"
        )
    return found


def text_problems(
    text: str | None, *, allowed_mentions: Collection[str] | None = ()
) -> list[Problem]:
    """Problems of a message's notification text, which Slack reads as mrkdwn."""
    if text is None:
        return []
    inspection = Inspection(allowed_mentions)
    inspection.length(text, "/text", most=TEXT_LIMIT, least=0)
    inspection.mrkdwn(text, "/text")
    return inspection.found


def markdown_problems(text: str, *, allowed_mentions: Collection[str] | None = ()) -> list[Problem]:
    """Problems of standard Markdown as one call to the streaming methods takes it."""
    inspection = Inspection(allowed_mentions)
    inspection.length(text, "/markdown_text", most=MARKDOWN_LIMIT, least=0)
    inspection.mentions(text, "/markdown_text")
    return inspection.found


def chunk_problems(chunks: Any) -> list[Problem]:
    """Problems of the chunks of one call to the streaming methods.

    https://docs.slack.dev/messaging/sending-and-scheduling-messages#text-streaming
    """
    inspection = Inspection(())
    _array(_by_type(_CHUNKS), most=100, least=0)(inspection, chunks, "/chunks")
    return inspection.found


def view_problems(
    view: Mapping[str, Any], *, allowed_mentions: Collection[str] | None = ()
) -> list[Problem]:
    """What would be refused in a modal or a home view."""
    inspection = Inspection(allowed_mentions, names_may_stand=True)
    VIEW(inspection, view, "/view")
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        inspection.blocks(blocks, "/view/blocks", most=BLOCKS_IN_VIEW, among=VIEW_BLOCKS)
        for kind in ("carousel", "container", "data_table"):
            if view.get("type") == "modal" and _of_type(blocks, kind):
                inspection.report("/view/blocks", f"unsupported type: {kind}")
        if view.get("type") == "modal" and _of_type(blocks, "input") and not view.get("submit"):
            inspection.report("/view", "a modal with an input block needs `submit`")
    return inspection.found


def message_length(blocks: Sequence[Mapping[str, Any]] | None) -> int:
    """Characters that count towards `msg_blocks_too_long`."""
    if not blocks:
        return 0
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


class Inspection:
    """Collects problems while rules walk over a payload."""

    def __init__(
        self, allowed_mentions: Collection[str] | None, *, names_may_stand: bool = False
    ) -> None:
        """With `names_may_stand` rich text may name people and channels: in a view that notifies
        nobody, and no text can be smuggled in as such an element."""
        self.allowed_mentions = allowed_mentions
        self.names_may_stand = names_may_stand
        self.found: list[Problem] = []

    def report(self, at: str, problem: str) -> None:
        self.found.append(f"{problem} [json-pointer:{at}]")

    def length(self, value: Any, at: str, *, most: int, least: int = 1) -> None:
        if not isinstance(value, str):
            self.report(at, f"must be a string, is {type(value).__name__}")
        elif len(value) > most:
            self.report(at, f"must be at most {most} characters, has {len(value)}")
        elif len(value) < least:
            self.report(at, f"must be at least {least} characters, has {len(value)}")

    def blocks(self, blocks: Any, at: str, *, most: int, among: Mapping[str, Rule]) -> None:
        _array(_by_type(among), most=most, least=0)(self, blocks, at)
        if not isinstance(blocks, list):
            return
        for block_id in _repeated(block.get("block_id") for block in _mappings(blocks)):
            self.report(at, f"block_id {block_id!r} is used more than once")
        if len(_of_type(blocks, "table")) > 1:
            self.report(at, "only one table is allowed in a message")
        if len(_of_type(blocks, "data_visualization")) > 2:
            self.report(at, "at most two charts are allowed in a message")
        rows = [block.get("rows") for block in _of_type(blocks, "data_table")]
        if (length := sum(map(len, _texts(rows)))) > DATA_TABLES_LIMIT:
            told = f"at most {DATA_TABLES_LIMIT} characters, have {length}"
            self.report(at, f"all data tables together must be {told}")
        for number, block in enumerate(blocks):
            for action_id in _repeated(e.get("action_id") for e in elements([block])):
                self.report(f"{at}/{number}", f"action_id {action_id!r} is used more than once")

    def mrkdwn(self, text: Any, at: str) -> None:
        if isinstance(text, str):
            for problem in _mrkdwn_problems(text, self.allowed_mentions):
                self.report(at, problem)

    def mentions(self, text: Any, at: str) -> None:
        if isinstance(text, str) and self.allowed_mentions is not None:
            for token in _TOKEN.findall(text):
                name = _mentioned(token)
                if name is not None and name not in self.allowed_mentions:
                    self.report(at, f"mention of {name!r} is not allowed")


def elements(blocks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every interactive element of the blocks, in reading order."""
    for block in _mappings(blocks):
        held = [block.get("accessory"), block.get("element")]
        for several in ("elements", "actions", "child_blocks"):
            if isinstance(block.get(several), list):
                held.extend(block[several])
        for element in _mappings(held):
            if element.get("type") in ELEMENTS:
                yield element
            elif "child_blocks" in block or block.get("type") == "carousel":
                yield from elements([element])


# mrkdwn

_TOKEN = re.compile(r"<([^<>]*)>")
_STRAY_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")
_STRAY_CLOSING = re.compile(r"(?m)(?<!^)(?<!^>)(?<!^>>)>")
_LINK = re.compile(r"(?:https?://|mailto:|tel:|slack://)[^\s|]+")
_DATE = re.compile(r"!date\^\d+\^[^^|]+(?:\^[^|^]+)?\|.+")


def _mrkdwn_problems(text: str, allowed: Collection[str] | None) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        problem = _token_problem(token, allowed)
        if problem is not None:
            yield problem
    prose = _TOKEN.sub("·", text)
    if "<" in prose:
        yield "`<` must be escaped as `&lt;`"
    if _STRAY_CLOSING.search(prose):
        yield "`>` must be escaped as `&gt;`"
    if _STRAY_AMPERSAND.search(prose):
        yield "`&` must be escaped as `&amp;`"


def _token_problem(token: str, allowed: Collection[str] | None) -> str | None:
    name = _mentioned(token)
    if name is not None:
        if allowed is None or name in allowed:
            return None
        return f"mention of {name!r} is not allowed"
    if token.startswith("!"):
        return None if _DATE.fullmatch(token) else f"`<{token}>` is not a command of mrkdwn"
    address, bar, label = token.partition("|")
    if not _LINK.fullmatch(address):
        return f"`<{token}>` is not a well-formed link"
    if bar and (not label.strip() or "|" in label or "\n" in label):
        return f"the label of `<{token}>` is empty, or holds `|` or a line break"
    return None


def _mentioned(token: str) -> str | None:
    """The user, channel, group or audience that `<token>` would notify or name."""
    name = token.partition("|")[0]
    if re.fullmatch(r"[@#][A-Z0-9]+", name):
        return name[1:]
    if name.startswith("!subteam^"):
        return name.removeprefix("!subteam^")
    if name in ("!channel", "!here", "!everyone", "!group"):
        return name[1:]
    return None


# Rules


def _anything(_inspection: Inspection, _value: Any, _at: str) -> None:
    pass


def _characters(most: int, least: int = 1) -> Rule:
    return lambda inspection, value, at: inspection.length(value, at, most=most, least=least)


def _boolean(inspection: Inspection, value: Any, at: str) -> None:
    if not isinstance(value, bool):
        inspection.report(at, f"must be true or false, is {value!r}")


def _number(least: int, most: int) -> Rule:
    def rule(inspection: Inspection, value: Any, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            inspection.report(at, f"must be a number from {least} to {most}, is {value!r}")

    return rule


def _one_of(*allowed: str) -> Rule:
    def rule(inspection: Inspection, value: Any, at: str) -> None:
        if value not in allowed:
            inspection.report(at, f"must be one of {', '.join(allowed)}, is {value!r}")

    return rule


def _array(item: Rule, *, most: int, least: int = 1) -> Rule:
    def rule(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, list):
            inspection.report(at, f"must be an array, is {type(value).__name__}")
            return
        if len(value) > most:
            inspection.report(at, f"must have at most {most} items, has {len(value)}")
        if len(value) < least:
            inspection.report(at, f"must have at least {least} items, has {len(value)}")
        for number, held in enumerate(value):
            item(inspection, held, f"{at}/{number}")

    return rule


def _object(
    required: Mapping[str, Rule],
    optional: Mapping[str, Rule] | None = None,
    *,
    any_of: Sequence[str] = (),
    exactly_one_of: Sequence[str] = (),
) -> Rule:
    """An object with these fields and, as in Slack, no others."""
    fields = {"type": _anything, **required, **(optional or {})}

    def rule(inspection: Inspection, value: Any, at: str) -> None:
        if not isinstance(value, Mapping):
            inspection.report(at, f"must be an object, is {type(value).__name__}")
            return
        for name in required:
            if value.get(name) is None:
                inspection.report(at, f"missing required field: {name}")
        if any_of and not any(value.get(name) for name in any_of):
            inspection.report(at, f"needs one of {', '.join(any_of)}")
        if exactly_one_of and sum(bool(value.get(name)) for name in exactly_one_of) != 1:
            inspection.report(at, f"needs exactly one of {', '.join(exactly_one_of)}")
        for name, held in value.items():
            if name not in fields:
                inspection.report(at, f"invalid additional property: {name}")
            elif held is not None:
                fields[name](inspection, held, f"{at}/{name}")

    return rule


def _by_type(rules: Mapping[str, Rule]) -> Rule:
    def rule(inspection: Inspection, value: Any, at: str) -> None:
        kind = value.get("type") if isinstance(value, Mapping) else None
        if isinstance(kind, str) and kind in rules:
            rules[kind](inspection, value, at)
        else:
            inspection.report(at, f"unsupported type: {kind}")

    return rule


def _plain(most: int) -> Rule:
    return _by_type(
        {"plain_text": _object({"text": _characters(most)}, {"emoji": _boolean})},
    )


def _mrkdwn_text(most: int) -> Rule:
    def text(inspection: Inspection, value: Any, at: str) -> None:
        inspection.length(value, at, most=most)
        inspection.mrkdwn(value, at)

    return _object({"text": text}, {"verbatim": _boolean})


def _prose(most: int) -> Rule:
    return _by_type(
        {
            "plain_text": _object({"text": _characters(most)}, {"emoji": _boolean}),
            "mrkdwn": _mrkdwn_text(most),
        }
    )


def _markdown_text(inspection: Inspection, value: Any, at: str) -> None:
    inspection.length(value, at, most=MARKDOWN_LIMIT)
    inspection.mentions(value, at)


# Elements

_IDENTITY: dict[str, Rule] = {"action_id": _characters(255)}
_CONFIRM = _object(
    {"title": _plain(100), "text": _prose(300), "confirm": _plain(30), "deny": _plain(30)},
    {"style": _one_of("primary", "danger")},
)
_OPTION = _object(
    {"text": _plain(75), "value": _characters(150)},
    {"description": _plain(75), "url": _characters(3000)},
)
_FORMATTED_OPTION = _object(
    {"text": _prose(75), "value": _characters(150)}, {"description": _prose(75)}
)
_OPTION_GROUP = _object({"label": _plain(75), "options": _array(_OPTION, most=100)})
_OPTIONS: dict[str, Rule] = {
    "options": _array(_OPTION, most=100),
    "option_groups": _array(_OPTION_GROUP, most=100),
}
_ASKING: dict[str, Rule] = {
    **_IDENTITY,
    "placeholder": _plain(150),
    "confirm": _CONFIRM,
    "focus_on_load": _boolean,
    "dispatch_action_config": _anything,
}
_FEEDBACK = _object(
    {"text": _plain(75), "value": _characters(2000)}, {"accessibility_label": _characters(75)}
)
_SLACK_FILE = _object(
    {}, {"id": _characters(255), "url": _characters(3000)}, exactly_one_of=("id", "url")
)
_IMAGE: dict[str, Rule] = {"image_url": _characters(3000), "slack_file": _SLACK_FILE}


def _select(several: bool, **fields: Rule) -> Rule:
    count: dict[str, Rule] = {"max_selected_items": _number(1, 100)} if several else {}
    return _object({}, {**_ASKING, **count, **fields})


def _choice(several: bool) -> Rule:
    initial: dict[str, Rule] = (
        {"initial_options": _array(_FORMATTED_OPTION, most=10)}
        if several
        else {"initial_option": _FORMATTED_OPTION}
    )
    return _object({"options": _array(_FORMATTED_OPTION, most=10)}, {**_ASKING, **initial})


def _static_select(several: bool) -> Rule:
    initial: dict[str, Rule] = (
        {"initial_options": _array(_OPTION, most=100), "max_selected_items": _number(1, 100)}
        if several
        else {"initial_option": _OPTION}
    )
    return _object(
        {}, {**_ASKING, **_OPTIONS, **initial}, exactly_one_of=("options", "option_groups")
    )


def _written(**fields: Rule) -> Rule:
    return _object({}, {**_ASKING, "initial_value": _characters(3000, least=0), **fields})


ELEMENTS: dict[str, Rule] = {
    "button": _object(
        {"text": _plain(75)},
        {
            **_IDENTITY,
            "url": _characters(3000),
            "value": _characters(2000),
            "style": _one_of("primary", "danger"),
            "confirm": _CONFIRM,
            "accessibility_label": _characters(75),
        },
    ),
    "overflow": _object({"options": _array(_OPTION, most=5)}, {**_IDENTITY, "confirm": _CONFIRM}),
    "static_select": _static_select(several=False),
    "multi_static_select": _static_select(several=True),
    "external_select": _select(False, min_query_length=_number(0, 100), initial_option=_OPTION),
    "multi_external_select": _select(
        True,
        min_query_length=_number(0, 100),
        initial_options=_array(_OPTION, most=100),
    ),
    "users_select": _select(False, initial_user=_characters(30)),
    "multi_users_select": _select(True, initial_users=_array(_characters(30), most=100)),
    "channels_select": _select(
        False, initial_channel=_characters(30), response_url_enabled=_boolean
    ),
    "conversations_select": _select(
        False,
        initial_conversation=_characters(30),
        default_to_current_conversation=_boolean,
        response_url_enabled=_boolean,
        filter=_anything,
    ),
    "multi_conversations_select": _select(
        True,
        initial_conversations=_array(_characters(30), most=100),
        default_to_current_conversation=_boolean,
        filter=_anything,
    ),
    "checkboxes": _choice(several=True),
    "radio_buttons": _choice(several=False),
    "datepicker": _select(False, initial_date=_characters(10)),
    "timepicker": _select(False, initial_time=_characters(5), timezone=_characters(64)),
    "datetimepicker": _select(False, initial_date_time=_number(0, 10**10)),
    "plain_text_input": _written(
        multiline=_boolean, min_length=_number(0, 3000), max_length=_number(1, 3000)
    ),
    "email_text_input": _written(),
    "url_text_input": _written(),
    "number_input": _written(
        is_decimal_allowed=_boolean, min_value=_characters(30), max_value=_characters(30)
    ),
    "rich_text_input": _written(),
    "file_input": _object({}, {**_IDENTITY, "filetypes": _anything, "max_files": _number(1, 10)}),
    "feedback_buttons": _object(
        {"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _IDENTITY
    ),
    "icon_button": _object(
        {"icon": _one_of("trash"), "text": _plain(75)},
        {
            **_IDENTITY,
            "value": _characters(2000),
            "confirm": _CONFIRM,
            "accessibility_label": _characters(75),
            "visible_to_user_ids": _array(_characters(30), most=10),
        },
    ),
}
_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")
_INPUTS_ONLY = (
    "plain_text_input",
    "email_text_input",
    "url_text_input",
    "number_input",
    "rich_text_input",
    "file_input",
)
_IMAGE_ELEMENT = _object(
    {"alt_text": _characters(2000)}, _IMAGE, exactly_one_of=("image_url", "slack_file")
)


def _elements_without(*excluded: str) -> dict[str, Rule]:
    return {kind: rule for kind, rule in ELEMENTS.items() if kind not in excluded}


_IN_ACTIONS = _elements_without(*_CONTEXT_ACTIONS, *_INPUTS_ONLY)
_IN_INPUT = _elements_without(*_CONTEXT_ACTIONS, "button", "overflow")


# Rich text


def _rich_mention(field: str) -> Rule:
    def name(inspection: Inspection, value: Any, at: str) -> None:
        allowed = inspection.allowed_mentions
        if inspection.names_may_stand and field in ("user_id", "channel_id"):
            return
        if allowed is not None and value not in allowed:
            inspection.report(at, f"mention of {value!r} is not allowed")

    return _object({field: name}, {"style": _anything})


_SPANS: dict[str, Rule] = {
    "text": _object({"text": _characters(TEXT_LIMIT)}, {"style": _anything}),
    "link": _object(
        {"url": _characters(3000)},
        {"text": _characters(TEXT_LIMIT), "unsafe": _boolean, "style": _anything},
    ),
    "emoji": _object({"name": _characters(255)}, {"unicode": _anything, "style": _anything}),
    "date": _object(
        {"timestamp": _number(0, 10**10), "format": _characters(255)},
        {"url": _characters(3000), "fallback": _characters(255), "style": _anything},
    ),
    "color": _object({"value": _characters(7)}),
    "user": _rich_mention("user_id"),
    "channel": _rich_mention("channel_id"),
    "usergroup": _rich_mention("usergroup_id"),
    "broadcast": _rich_mention("range"),
}
_SPAN_ARRAY = _array(_by_type(_SPANS), most=10_000, least=0)
_SECTION_OF_SPANS = _object({"elements": _SPAN_ARRAY})
_PARTS: dict[str, Rule] = {
    "rich_text_section": _SECTION_OF_SPANS,
    "rich_text_quote": _object({"elements": _SPAN_ARRAY}, {"border": _number(0, 1)}),
    "rich_text_preformatted": _object(
        {"elements": _SPAN_ARRAY}, {"border": _number(0, 1), "language": _characters(64)}
    ),
    "rich_text_list": _object(
        {
            "style": _one_of("bullet", "ordered"),
            "elements": _array(_by_type({"rich_text_section": _SECTION_OF_SPANS}), most=10_000),
        },
        {"indent": _number(0, 8), "offset": _number(0, 10_000), "border": _number(0, 1)},
    ),
}


# Blocks

_NAMED: dict[str, Rule] = {"block_id": _characters(255)}
_RICH_TEXT = _object({"elements": _array(_by_type(_PARTS), most=10_000)}, _NAMED)
_CELL = _by_type(
    {
        "raw_text": _object({"text": _characters(TABLE_LIMIT)}),
        "raw_number": _object({"value": _anything}, {"text": _characters(255)}),
        "rich_text": _RICH_TEXT,
    }
)
_COLUMN = _object({}, {"align": _one_of("left", "center", "right"), "is_wrapped": _boolean})


def _rows(inspection: Inspection, value: Any, at: str) -> None:
    _array(_array(_CELL, most=20), most=100)(inspection, value, at)
    if not isinstance(value, list):
        return
    if len({len(row) for row in value if isinstance(row, list)}) > 1:
        inspection.report(at, "all rows must have the same number of cells")
    length = sum(len(text) for text in _texts(value))
    if length > TABLE_LIMIT:
        inspection.report(at, f"a table must be at most {TABLE_LIMIT} characters, has {length}")


def _context_item(inspection: Inspection, value: Any, at: str) -> None:
    if isinstance(value, Mapping) and value.get("type") == "image":
        _IMAGE_ELEMENT(inspection, value, at)
    else:
        _prose(3000)(inspection, value, at)


_TASK = _object(
    {
        "task_id": _characters(255),
        "title": _characters(TEXT_LIMIT),
        "status": _one_of("pending", "in_progress", "complete", "error"),
    },
    {**_NAMED, "details": _RICH_TEXT, "output": _RICH_TEXT, "sources": _anything},
)
_CHUNKS: dict[str, Rule] = {
    "markdown_text": _object({"text": _markdown_text}),
    "plan_update": _object({"title": _characters(TEXT_LIMIT)}),
    "task_update": _object(
        {
            "id": _characters(255),
            "title": _characters(TEXT_LIMIT),
            "status": _one_of("pending", "in_progress", "complete", "error"),
        },
        {"details": _characters(TEXT_LIMIT), "output": _characters(TEXT_LIMIT)},
    ),
}
_POINT = _object({"label": _characters(20), "value": _number(-(10**12), 10**12)})
_SERIES = _object({"name": _characters(20), "data": _array(_POINT, most=20)})
_AXES = _object(
    {"categories": _array(_characters(20), most=20)},
    {"x_label": _characters(50), "y_label": _characters(50)},
)


def _plotted(inspection: Inspection, value: Any, at: str) -> None:
    """Series over categories: each point's label is one of them, names are not used twice."""
    _object({"series": _array(_SERIES, most=12), "axis_config": _AXES})(inspection, value, at)
    if inspection.found:
        return
    if _repeated(one["name"] for one in value["series"]):
        inspection.report(at, "names of series must differ")
    categories = value["axis_config"]["categories"]
    if any([point["label"] for point in one["data"]] != categories for one in value["series"]):
        inspection.report(at, "labels of points must be the categories")


_CHART = _by_type(
    {
        "pie": _object({"segments": _array(_POINT, most=12)}),
        "bar": _plotted,
        "line": _plotted,
        "area": _plotted,
    }
)


def _data_rows(inspection: Inspection, value: Any, at: str) -> None:
    """A head and at least one row under it, all of one length; the head is plain."""
    _array(_array(_CELL, most=20), most=201, least=2)(inspection, value, at)
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        return
    if len({len(row) for row in value}) > 1:
        inspection.report(at, "all rows must have the same number of cells")
    if any(cell.get("type") == "rich_text" for cell in _mappings(value[0] if value else ())):
        inspection.report(at, "a head holds no rich text")


_CARD = _object(
    {},
    {
        **_NAMED,
        "hero_image": _IMAGE_ELEMENT,
        "icon": _IMAGE_ELEMENT,
        "title": _prose(150),
        "subtitle": _prose(150),
        "body": _prose(200),
        "actions": _array(_by_type({"button": ELEMENTS["button"]}), most=3),
    },
    any_of=("hero_image", "title", "actions", "body"),
)
_EVERYWHERE: dict[str, Rule] = {
    "section": _object(
        {},
        {
            **_NAMED,
            "text": _prose(3000),
            "fields": _array(_prose(2000), most=10),
            "accessory": _by_type({**_IN_ACTIONS, "image": _IMAGE_ELEMENT}),
            "expand": _boolean,
        },
        any_of=("text", "fields"),
    ),
    "divider": _object({}, _NAMED),
    "header": _object({"text": _plain(150)}, _NAMED),
    "context": _object({"elements": _array(_context_item, most=10)}, _NAMED),
    "actions": _object({"elements": _array(_by_type(_IN_ACTIONS), most=25)}, _NAMED),
    "input": _object(
        {"label": _plain(2000), "element": _by_type(_IN_INPUT)},
        {**_NAMED, "hint": _plain(2000), "optional": _boolean, "dispatch_action": _boolean},
    ),
    "image": _object(
        {"alt_text": _characters(2000)},
        {**_NAMED, **_IMAGE, "title": _plain(2000)},
        exactly_one_of=("image_url", "slack_file"),
    ),
    "rich_text": _RICH_TEXT,
    "video": _object(
        {
            "alt_text": _characters(2000),
            "title": _plain(199),
            "thumbnail_url": _characters(3000),
            "video_url": _characters(3000),
        },
        {
            **_NAMED,
            "author_name": _characters(49),
            "description": _plain(200),
            "provider_icon_url": _characters(3000),
            "provider_name": _characters(255),
            "title_url": _characters(3000),
        },
    ),
    "alert": _object(
        {"text": _prose(200)},
        {**_NAMED, "level": _one_of("default", "info", "warning", "error", "success")},
    ),
    "card": _CARD,
    "carousel": _object({"elements": _array(_by_type({"card": _CARD}), most=10)}, _NAMED),
}


# https://docs.slack.dev/reference/block-kit/blocks/container-block names these and no others.
_CONTAINED = (
    "actions",
    "context",
    "divider",
    "header",
    "image",
    "input",
    "rich_text",
    "section",
    "video",
)


def _children(inspection: Inspection, value: Any, at: str) -> None:
    among = {kind: _EVERYWHERE[kind] for kind in _CONTAINED}
    _array(_by_type(among), most=10)(inspection, value, at)


_TABLE_OF_DATA = _object(
    {"caption": _characters(TEXT_LIMIT), "rows": _data_rows},
    {**_NAMED, "page_size": _number(1, 100), "row_header_column_index": _number(0, 19)},
)
VIEW_BLOCKS: dict[str, Rule] = {
    **_EVERYWHERE,
    "data_table": _TABLE_OF_DATA,
    "container": _object(
        {"child_blocks": _children},
        {
            **_NAMED,
            "title": _plain(150),
            "rich_text_title": _RICH_TEXT,
            "subtitle": _prose(150),
            "width": _one_of("narrow", "standard", "wide", "full"),
            "icon": _IMAGE_ELEMENT,
            "is_collapsible": _boolean,
            "default_collapsed": _boolean,
            "has_header_divider": _boolean,
        },
        any_of=("title", "rich_text_title"),
    ),
}
MESSAGE_BLOCKS: dict[str, Rule] = {
    **{kind: rule for kind, rule in VIEW_BLOCKS.items() if kind != "alert"},
    "markdown": _object({"text": _markdown_text}, _NAMED),
    "context_actions": _object(
        {"elements": _array(_by_type({kind: ELEMENTS[kind] for kind in _CONTEXT_ACTIONS}), most=5)},
        _NAMED,
    ),
    "table": _object(
        {"rows": _rows}, {**_NAMED, "column_settings": _array(_COLUMN, most=20, least=0)}
    ),
    "data_visualization": _object({"title": _characters(50), "chart": _CHART}, _NAMED),
    "file": _object({"external_id": _characters(255), "source": _one_of("remote")}, _NAMED),
    "task_card": _TASK,
    "plan": _object(
        {"title": _characters(TEXT_LIMIT)},
        {**_NAMED, "tasks": _array(_by_type({"task_card": _TASK}), most=50)},
    ),
}

_VIEW_FIELDS: dict[str, Rule] = {
    "private_metadata": _characters(3000, least=0),
    "callback_id": _characters(255, least=0),
    "external_id": _characters(255, least=0),
}
VIEW = _by_type(
    {
        "modal": _object(
            {"title": _plain(24), "blocks": _anything},
            {
                **_VIEW_FIELDS,
                "submit": _plain(24),
                "close": _plain(24),
                "clear_on_close": _boolean,
                "notify_on_close": _boolean,
                "submit_disabled": _boolean,
            },
        ),
        "home": _object({"blocks": _anything}, _VIEW_FIELDS),
    }
)


def _mappings(values: Any) -> Iterator[dict[str, Any]]:
    return (value for value in values or () if isinstance(value, dict))


def _of_type(blocks: Sequence[Mapping[str, Any]] | None, kind: str) -> list[dict[str, Any]]:
    return [block for block in _mappings(blocks) if block.get("type") == kind]


def _repeated(names: Iterator[Any]) -> list[Any]:
    return [name for name, times in Counter(filter(None, names)).items() if times > 1]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for held in value.values():
            yield from _texts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts(held)

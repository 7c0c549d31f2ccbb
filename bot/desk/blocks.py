"""What the desk says, as Slack messages: lines of rich text, then what can be said next."""

from __future__ import annotations

from bot.desk.nouns import Reply
from bot.rendering.rich_text import Message, actions, escape, in_messages, paragraphs, say, words
from bot.rendering.wording import excerpt

LONGEST_NOTICE = 300


def reply_messages(reply: Reply) -> list[Message]:
    """A reply as one message, or as several where it is long."""
    blocks = paragraphs([[words(line)] for line in reply.lines])
    if reply.choices:
        blocks.append(actions(say(choice.label, choice.sentence) for choice in reply.choices))
    notice = escape(excerpt(reply.lines[0], LONGEST_NOTICE))
    return [Message(notice, tuple(held)) for held in in_messages(blocks)]

"""The agent's messages tab: prompts that fit whoever opens it, and titles of conversations.

    tab opened, watches or digests changed ─▶ watches, digests, newest stories ─▶ four prompts
    first question of a conversation       ─▶ its own words ─▶ a title

Neither is worth a failure: what Slack refuses is logged, and nobody is told.

Forgetting: what is kept is told to the person alone, who confirms; then it is deleted.

    “forget me” ─▶ what is kept, a danger button ─ confirmed click ─▶ deleted ─▶ what was deleted
    “forget this conversation” ─▶ the turns of the thread are deleted ─▶ how many
"""

from __future__ import annotations

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.commands.intents import Forget, bare
from bot.db.audit import Audit
from bot.db.retention import Forgetting
from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.failures import SlackError, own_up
from bot.records import SOMEBODY, Subscription, Watch
from bot.render.answers import plain_message
from bot.render.catalogues import gettext
from bot.render.people import conversation_forgotten, forget_question, forgotten
from bot.render.wording import excerpt, safe
from bot.slack.client import SlackGateway
from bot.slack.destinations import Destination
from bot.slack.events import Asked, Place
from bot.slack.modals import Click

log = logging.getLogger("chancery.agent")

MOST_PROMPTS = 4
MOST_WATCHES = 2
LONGEST_TITLE = 60
LONGEST_NAME = 40
LONGEST_HEADLINE = 150
MOST_REMEMBERED = 10_000
REMEMBERED_FOR = timedelta(hours=1)
"""Of what somebody looks at: an app is told of changes only, and of none once it is closed."""

Headlines = Callable[[datetime], Sequence[str]]
"""Tells the headlines of the newest stories."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A button that stands for a message of the person's own."""

    title: str
    message: str


class AgentView:
    """Suggests prompts and names conversations. Any number of threads may call it."""

    def __init__(
        self,
        slack: SlackGateway,
        watches: Watches,
        subscriptions: Subscriptions,
        headlines: Headlines,
        clock: Clock,
    ) -> None:
        self._slack = slack
        self._watches = watches
        self._subscriptions = subscriptions
        self._headlines = headlines
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def suggest(self, person: str, channel: str | None = None) -> None:
        """Let a person's conversation with us begin with what concerns them."""
        prompts = suggested_prompts(
            self._watches.of_reader(person),
            self._subscriptions.of_reader(person),
            self._headlines(self._clock()),
        )
        try:
            place = channel or self._slack.direct_channel(person)
            self._slack.suggest(
                place, [{"title": one.title, "message": one.message} for one in prompts]
            )
        except SlackError as error:
            log.info("no prompts suggested: %s", error)

    def sees(self, person: str, channel: str | None) -> None:
        """Remember what channel somebody has before their eyes; None for none."""
        with self._lock:
            self._seen.pop(person, None)
            if channel is not None:
                self._seen[person] = (channel, self._clock())
            while len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)

    def seen_by(self, person: str) -> str | None:
        """The channel that somebody has had before their eyes lately."""
        with self._lock:
            held = self._seen.get(person)
        return held[0] if held and self._clock() - held[1] < REMEMBERED_FOR else None

    def name(self, channel: str, thread_ts: str, question: str, person: str) -> None:
        """Give a conversation the title that its first question makes."""
        if not (title := conversation_title(question)):
            return
        self._slack.session(channel, thread_ts, "active", person, title)
        try:
            self._slack.name_thread(channel, thread_ts, title)
        except SlackError as error:
            log.info("no title given: %s", error)


def suggested_prompts(
    watches: Sequence[Watch], digests: Sequence[Subscription], headlines: Sequence[str]
) -> tuple[Prompt, ...]:
    """At most four: on the newest watches, the digest, the newest stories, then what there is."""
    followed = [one for one in reversed(watches) if not one.paused]
    found = [_on_watch(one) for one in followed[:MOST_WATCHES]]
    if digests:
        found.append(Prompt(gettext("My digest, now"), "digest now"))
    found += [_on_story(headline) for headline in headlines if _unmarked(headline)]
    found += [
        Prompt(gettext("What can I ask?"), "help"),
        Prompt(gettext("What do you read?"), "sources"),
    ]
    by_message = {one.message: one for one in reversed(found)}
    return tuple(reversed(by_message.values()))[:MOST_PROMPTS]


def _on_watch(watch: Watch) -> Prompt:
    name = excerpt(_unmarked(watch.name), LONGEST_NAME)
    return Prompt(gettext("What is new on {name}?", name=name), f"What is new on {name} this week?")


def _on_story(headline: str) -> Prompt:
    told = excerpt(_unmarked(headline), LONGEST_HEADLINE).rstrip("?.!… ")
    return Prompt(excerpt(told, LONGEST_TITLE), f"What is the latest on this: {told}?")


_SAID = re.compile(
    r"(?:what|when|where|which|why|how)\b.*?\b(?:did|has|have|does|do)\s+(?!been\b)(?P<who>.+?)\s+"
    r"(?:say|said|saying|state[ds]?|tell|told|comment(?:ed)?|think|call(?:ed)?\s+for)"
    r"(?:\s+(?:about|on|of|regarding|concerning|to)\s+(?P<what>.+))?",
    re.I,
)
_LED_BY = re.compile(
    r"(?:(?:what(?:['’]s|\s+is|\s+are|\s+was|\s+were)?|who(?:\s+is)?|give\s+me|show\s+me|tell\s+me)"
    r"\s+(?:the\s+)?(?:latest|new|news|newest|happening|going\s+on|happened)"
    r"(?:\s+(?:news|developments))?\s+(?:on|about|in|with|of|from)\s+"
    r"|(?:tell|show|give)\s+(?:me|us)\s+(?:about|on|a\s+|the\s+)?\s*"
    r"|(?:a\s+)?(?:summary|overview|timeline|quotes?|summari[sz]e)\s+(?:of|on|by|about)?\s*"
    r"|what\s+(?:happened|happens)\s+(?:in|to|with|at)\s+)",
    re.I,
)
_MARKUP = re.compile(r"<[@#!][^<>]*>|<?https?://[^\s|>]*|[<>*_~`|]")


_LONGEST_ASKED = 500


def conversation_title(question: str) -> str:
    """A short title of a question's own words: "Guterres on Libya"; "" where it has none."""
    plain, _ = bare(_unmarked(question[:_LONGEST_ASKED]))
    plain = plain.rstrip("?!.,;: ")
    if match := _SAID.fullmatch(plain):
        plain = f"{match['who']} on {match['what']}" if match["what"] else match["who"]
    elif match := _LED_BY.match(plain):
        plain = plain[match.end() :] or plain
    plain = re.sub(r"\A[Tt]he\s+(?!Hague|Gambia|Bahamas)", "", plain)
    title = excerpt(plain, LONGEST_TITLE)
    return title[:1].upper() + title[1:]


def _unmarked(text: str) -> str:
    """Text without anything that Slack could read as markup."""
    return " ".join(_MARKUP.sub(" ", safe(text)).split())


class ForgettingService:
    """Answers whoever wants to be forgotten, in a channel without others seeing it.

    `changed` is called with a person of whom nothing is left to suggest.
    """

    def __init__(
        self,
        forgetting: Forgetting,
        audit: Audit,
        slack: SlackGateway,
        clock: Clock,
        changed: Callable[[str], None] = lambda person: None,
    ) -> None:
        self._forgetting = forgetting
        self._audit = audit
        self._slack = slack
        self._clock = clock
        self._changed = changed

    def answer(self, request: Forget, asked: Asked, destination: Destination) -> None:
        """Ask whether all is to be deleted, or forget the conversation at once."""
        if not request.conversation:
            destination.show_privately(forget_question(self._forgetting.kept(asked.user)))
            return
        # Others took part in a thread of a channel; a talk shown to one person alone is theirs.
        shared = asked.place is Place.CHANNEL and asked.response_url is None
        turns = self._forgetting.forget_conversation(
            asked.conversation, asked.user if shared else None
        )
        destination.show_privately(conversation_forgotten(turns, shared=shared))
        if asked.place is Place.DIRECT and asked.response_url is None:
            self._slack.session(asked.channel, asked.reply_to or asked.ts, "closed")

    def confirmed(self, click: Click) -> None:
        """Delete what is kept about whoever clicked; never raises."""
        try:
            found = self._forgetting.forget(click.user)
            if found.any:
                how = "by their own wish"
                self._audit.record(SOMEBODY, "person forgotten", SOMEBODY, how, self._clock())
            # In the place of the question, whose button has done its work.
            self._slack.respond(_answer_to(click), forgotten(found), replace_original=True)
            self._changed(click.user)
        except Exception as error:  # Whoever clicked must not be left in silence.
            own_up(error, lambda text: self._slack.respond(_answer_to(click), plain_message(text)))


def _answer_to(click: Click) -> str:
    """Where a click on a message is answered; every one of them says where."""
    if click.response_url is None:
        raise SlackError("a click on a message came without a response URL")
    return click.response_url

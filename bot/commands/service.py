"""The desk: carries out what readers want set up, and says in one line what was done.

    Request, Reader -> DigestDesk | WatchDesk | lists, sources, help -> Reply

Whatever front end asks: the same request is carried out and confirmed in the same words. Reports
(summaries, quotations, timelines, digests at once) are `bot.commands.reports`.

What the desk says of the polled sources: how many are read, and which could not be.

What one can say to Chancery, in the words in which it can be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.commands.digests import DigestDesk
from bot.commands.intents import (
    Concern,
    DigestAt,
    DigestChange,
    DigestOff,
    Follow,
    Help,
    ListMine,
    Mute,
    Pause,
    QuietHours,
    Request,
    Resume,
    Sources,
    SourcesHere,
    SummariseThread,
    Thanks,
    Unclear,
    Unfollow,
)
from bot.commands.replies import Choice, Reader, Reply, Trail, replied, unclear
from bot.commands.watches import WatchDesk
from bot.commands.words import in_words
from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.render.report_wording import moment_words
from bot.render.wording import excerpt
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource

_ASKING = (
    "Ask in your own words. Every sentence of an answer is linked to the paragraph that it comes "
    "from, and what the sources do not carry is not said.",
    "• A question: “What did Guterres say about a military solution in Libya?”",
    "• A summary: “Libya this week”, or “what is new on Sudan since Monday”",
    "• Who said what: “quotes by Guterres on Libya since March”",
    "• What happened when: “timeline of Brexit since January”",
)
HELP = (
    *_ASKING,
    "• A digest: “digest on weekdays at 07:30 on Libya and Sudan”, “digest at 8 instead”, "
    "“digest now”, “digest off”",
    "• To be told at once: “follow Gharyan”, “follow Haftar in Libya, also called Hifter”, "
    "“unfollow Gharyan”",
    "• Some peace: “quiet from 22:00 to 07:00”, “pause”, “resume”; “mute” under an alert, "
    "“unmute” to hear of it again",
    "• What there is: “my digests”, “my watches”, “sources”, “which sources failed”",
    "• What I keep about you: “forget this conversation”, “forget me”",
)
IN_A_CHANNEL = (
    "In a channel, mention me first; in a thread where I answered, whoever takes part can go on "
    "without that. “summarise this thread's topic” tells what the sources have on it, “sources?” "
    "what the answers there rest on. Digests and watches are the channel's, and everybody here can "
    "change them."
)
NO_THREAD = "There is no thread here to take a topic from; name one: “summary of Libya this week”."
ALONE = "Digests and watches that you set up here are yours alone."
TERMINAL_HELP = (
    *_ASKING,
    "• A digest of the last 24 hours: “digest”, or “digest on Libya”",
    "• Which sources are read: “sources”, “which sources failed”",
    "• An end: “quit”",
)
IN_A_TERMINAL = (
    "Digests and watches are delivered in Slack; write this to me there, or use “chancery "
    "subscriptions” here. “digest” prints one now."
)

MOST_SOURCES = 30
LONGEST_NAME = 120


def sources_reply(
    sources: Sequence[PolledSource], now: datetime, reader: Reader, *, failed: bool
) -> Reply:
    """Counts, then the sources that failed, then, unless only those are wanted, the rest."""
    if not sources:
        where = (
            "“/chancery sources add ADDRESS” in Slack, “chancery sources add ADDRESS” in a terminal"
        )
        return Reply((f"No source is polled; an admin adds one: {where}.",))
    local = now.astimezone(ZoneInfo(reader.zone))
    troubled = [one for one in sources if one.health in (Health.FAILING, Health.GONE)]
    unchecked = sum(one.health is Health.UNCHECKED for one in sources)
    read = len(sources) - len(troubled) - unchecked
    counts = [f"{read} of {len(sources)} sources read"]
    if unchecked:
        counts.append(f"{unchecked} not yet checked")
    lines = [f"{', '.join(counts)}."]
    if troubled:
        lines += ["Not read, so that silence from them is not news:"]
        lines += [f"• {_line(one, local)}" for one in troubled[:MOST_SOURCES]]
    elif failed:
        lines = [f"No source failed: {lines[0]}"]
    if failed:
        return Reply(tuple(lines), (Choice("All sources", "sources"),))
    rest = [one for one in sources if one not in troubled]
    lines += [f"• {_line(one, local)}" for one in rest[:MOST_SOURCES]]
    left = len(rest) - MOST_SOURCES
    if left > 0:
        lines.append(f"… and {left} more; “chancery sources list” lists all.")
    return Reply(tuple(lines))


def _line(one: PolledSource, now: datetime) -> str:
    parts = [excerpt(one.name, LONGEST_NAME), str(one.source.kind)]
    parts.append("paused" if one.paused else one.health.value)
    if one.last_success_at:
        parts.append(f"last read {moment_words(one.last_success_at, now)}")
    if one.health in (Health.FAILING, Health.GONE) and one.reason:
        parts.append(excerpt(one.reason, LONGEST_NAME))
    return " · ".join(parts)


class Desk:
    """Carries out requests that set something up, change it or list it."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        watches: Watches,
        register: SourceRegister,
        trail: Trail,
        clock: Clock,
    ) -> None:
        self._digests = DigestDesk(subscriptions, trail, clock)
        self._watches = WatchDesk(watches, trail, clock)
        self._register = register
        self._clock = clock

    def carry_out(self, request: Request, reader: Reader, story_id: str | None = None) -> Reply:
        """Do what is asked, once however often it is asked by the same message.

        `story_id` is the story of the alert in whose thread it is asked. ValueError for a request
        that is a question or a report.
        """
        match request:
            case DigestAt(wish):
                return self._digests.set_up(wish, reader)
            case DigestChange(wish):
                return self._digests.change(wish, reader)
            case DigestOff(name):
                return self._digests.stop(name, reader)
            case Follow(name, criteria):
                return self._watches.follow(name, criteria, reader)
            case Unfollow(name):
                return self._watches.unfollow(name, reader)
            case QuietHours():
                return self._watches.keep_quiet(request, reader)
            case Pause(concern, name):
                return self._paused(concern, name, reader, paused=True)
            case Resume(concern, name):
                return self._paused(concern, name, reader, paused=False)
            case Mute(lifted):
                return self.mute(story_id, reader, lifted=lifted)
        return self._told(request, reader)

    def mute(self, story_id: str | None, reader: Reader, *, lifted: bool = False) -> Reply:
        """No more alerts on a story, where there is one, or alerts again."""
        if story_id is None:
            return replied(
                "Write “mute” in the thread of an alert, and its story is told no more; a whole "
                "watch is stopped by “unfollow” and its name."
            )
        if lifted:
            return self._watches.unmute(story_id, reader)
        return self._watches.mute(story_id, reader)

    def _told(self, request: Request, reader: Reader) -> Reply:
        match request:
            case ListMine(concern):
                return self._listed(concern, reader)
            case Sources(failed):
                return sources_reply(self._register.sources(), self._clock(), reader, failed=failed)
            case SourcesHere():
                return sources_reply(self._register.sources(), self._clock(), reader, failed=False)
            case SummariseThread():
                return replied(NO_THREAD)
            case Help():
                return Reply((*HELP, IN_A_CHANNEL if reader.shared else ALONE))
            case Thanks():
                return replied("You are welcome.")
            case Unclear(missing, example):
                return unclear(missing, f"“{example}”")
        raise ValueError(f"no request for the desk: {type(request).__name__}")

    def _listed(self, concern: Concern, reader: Reader) -> Reply:
        lines: list[str] = []
        who = "This channel" if reader.shared else "You"
        choices = []
        if concern is not Concern.WATCHES:
            digests = self._digests.listed(reader)
            get = "gets" if reader.shared else "get"
            lines += (
                [f"{who} {get} {_count(digests, 'digest')}:", *digests]
                if digests
                else [f"{who} {get} no digest yet. “digest at 07:30 on Libya” starts one."]
            )
            choices += [Choice("Digest now", "digest now")] if digests else []
        if concern is not Concern.DIGESTS:
            watches = self._watches.listed(reader)
            follow = "follows" if reader.shared else "follow"
            lines += (
                [f"{who} {follow} {_count(watches, 'subject')}:", *watches]
                if watches
                else [f"{who} {follow} nothing yet. “follow Gharyan” starts a watch."]
            )
            if quiet := self._watches.quiet_line(reader):
                lines.append(quiet)
        return Reply(tuple(lines), tuple(choices))

    def _paused(self, concern: Concern, name: str, reader: Reader, *, paused: bool) -> Reply:
        """Pause or resume what is meant; a name that is neither's is said to be unknown."""
        names: list[str] = []
        refusals: list[Reply] = []
        there_is_any = False
        for desk, own in ((self._digests, Concern.DIGESTS), (self._watches, Concern.WATCHES)):
            if concern not in (own, Concern.EVERYTHING):
                continue
            if concern is Concern.EVERYTHING and not desk.of_reader(reader):
                continue
            there_is_any = True
            done = desk.pause(name, reader, paused=paused)
            if isinstance(done, Reply):
                refusals.append(done)
                continue
            kind = "the digest on" if own is Concern.DIGESTS else "the watch"
            names += [f"{kind} {one.name}" for one in done]
        if names:
            return _paused_reply(names, name, paused=paused)
        if refusals and name:
            return refusals[-1]
        if not there_is_any:
            return replied("Nothing is set up yet. “help” tells what can be.")
        return replied(
            "Nothing is paused." if not paused else "That is paused already. “resume” goes on."
        )


def _paused_reply(names: Sequence[str], name: str, *, paused: bool) -> Reply:
    other = "resume" if paused else "pause"
    undo = f"{other} {name}" if name else other
    verb = "Paused" if paused else "On again"
    effect = "sets it going again" if paused else "stops it for now"
    return replied(f"{verb}: {in_words(names)}. “{undo}” {effect}.")


def _count(lines: Sequence[str], noun: str) -> str:
    return f"{len(lines)} {noun}" if len(lines) == 1 else f"{len(lines)} {noun}s"

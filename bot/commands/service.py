"""Carries out what was asked and says what was done: one service for every front end.

    Request, Reader -> routes[its type] ─┬─ `bot.commands.reports`            ─▶ Report
                                         ├─ digests, watches (`SetUps`)       ─▶ Reply
                                         └─ polled sources, help, courtesies  ─▶ Reply

The same request is carried out and confirmed in the same words, whatever front end asks. Questions
are the front end's: one streams, another prints.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.commands.digests import DigestService
from bot.commands.intents import (
    AskQuotes,
    AskSummary,
    AskTimeline,
    Concern,
    DigestAt,
    DigestChange,
    DigestNow,
    DigestOff,
    Follow,
    Help,
    ListMine,
    Mute,
    Pause,
    QuietHours,
    ReportRequest,
    Request,
    Resume,
    Sources,
    SourcesHere,
    SummariseThread,
    Thanks,
    Unclear,
    Unfollow,
    in_words,
)
from bot.commands.replies import Choice, Reader, Reply, replied, unclear
from bot.commands.reports import Report
from bot.commands.watches import WatchService
from bot.records import Subscription
from bot.render.blocks import LONGEST_LABEL
from bot.render.catalogues import ENGLISH, speaking
from bot.render.report_wording import moment_words
from bot.render.wording import counted, excerpt
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from retrieval.reports.report import Interests

Route = Callable[[Any, Reader, str | None], Reply | Report]
"""Carries out one kind of request, of a reader, in the thread of an alert on a story."""
MakeReport = Callable[[ReportRequest, datetime, ZoneInfo, Interests | None], Report]

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
MOST_OFFERED = 10
"""Digests that are offered as buttons; of more, the rest is named in words."""


def which_digest(own: Sequence[Subscription]) -> Reply:
    """What is asked back where somebody wants a digest now and has several."""
    own = sorted(own, key=lambda one: (one.at, one.name, one.id))
    named = [f"{n} · {one.name or 'everything'}, {one.at}" for n, one in enumerate(own, start=1)]
    rest = in_words(named[MOST_OFFERED:])
    line = f"There are {len(own)} digests. Which one?"
    return replied(
        f"{line} Also {rest}: say “digest now on” and its name." if rest else line,
        *(
            Choice(excerpt(name, LONGEST_LABEL), f"digest now on subscription {one.id}")
            for name, one in zip(named[:MOST_OFFERED], own, strict=False)
        ),
    )


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


class SetUps:
    """What readers set up: digests and watches, listed and paused together."""

    def __init__(self, digests: DigestService, watches: WatchService) -> None:
        self.digests = digests
        self.watches = watches

    @property
    def routes(self) -> dict[type[Request], Route]:
        """What carries out each kind of request."""
        digests, watches = self.digests, self.watches
        return {
            DigestAt: lambda one, reader, story: digests.set_up(one.draft, reader),
            DigestChange: lambda one, reader, story: digests.change(one.draft, reader),
            DigestOff: lambda one, reader, story: digests.stop(one.name, reader),
            Follow: lambda one, reader, story: watches.follow(one.name, one.criteria, reader),
            Unfollow: lambda one, reader, story: watches.unfollow(one.name, reader),
            QuietHours: lambda one, reader, story: watches.keep_quiet(one, reader),
            Pause: lambda one, reader, story: self.paused(one, reader),
            Resume: lambda one, reader, story: self.paused(one, reader),
            Mute: lambda one, reader, story: self.mute(story, reader, lifted=one.lifted),
            ListMine: lambda one, reader, story: self.listed(one.concern, reader),
        }

    def mute(self, story_id: str | None, reader: Reader, *, lifted: bool = False) -> Reply:
        """No more alerts on a story, where there is one, or alerts again."""
        if story_id is None:
            return replied(
                "Write “mute” in the thread of an alert, and its story is told no more; a whole "
                "watch is stopped by “unfollow” and its name."
            )
        if lifted:
            return self.watches.unmute(story_id, reader)
        return self.watches.mute(story_id, reader)

    def listed(self, concern: Concern, reader: Reader) -> Reply:
        """What is set up for a reader, a line each."""
        lines: list[str] = []
        who = "This channel" if reader.shared else "You"
        choices = []
        if concern is not Concern.WATCHES:
            digests = self.digests.listed(reader)
            get = "gets" if reader.shared else "get"
            lines += (
                [f"{who} {get} {counted(len(digests), 'digest')}:", *digests]
                if digests
                else [f"{who} {get} no digest yet. “digest at 07:30 on Libya” starts one."]
            )
            choices += [Choice("Digest now", "digest now")] if digests else []
        if concern is not Concern.DIGESTS:
            watches = self.watches.listed(reader)
            follow = "follows" if reader.shared else "follow"
            lines += (
                [f"{who} {follow} {counted(len(watches), 'subject')}:", *watches]
                if watches
                else [f"{who} {follow} nothing yet. “follow Gharyan” starts a watch."]
            )
            if quiet := self.watches.quiet_line(reader):
                lines.append(quiet)
        return Reply(tuple(lines), tuple(choices))

    def paused(self, request: Pause | Resume, reader: Reader) -> Reply:
        """Pause or resume what is meant; a name that is neither's is said to be unknown."""
        concern, name, paused = request.concern, request.name, isinstance(request, Pause)
        names: list[str] = []
        refusals: list[Reply] = []
        there_is_any = False
        for service, own in ((self.digests, Concern.DIGESTS), (self.watches, Concern.WATCHES)):
            if concern not in (own, Concern.EVERYTHING):
                continue
            if concern is Concern.EVERYTHING and not service.of_reader(reader):
                continue
            there_is_any = True
            done = service.pause(name, reader, paused=paused)
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


class RequestService:
    """Carries out requests for any front end: reports, set-ups, lists, help.

    `routes` is what does each, by the type of the request. Without set-ups, as in a terminal,
    from which nothing is delivered, the reply to them is where they are.
    """

    def __init__(
        self,
        register: SourceRegister,
        clock: Clock,
        report: MakeReport,
        set_ups: SetUps | None = None,
    ) -> None:
        self._register = register
        self._clock = clock
        self._make_report = report
        self._set_ups = set_ups
        self.routes: dict[type[Request], Route] = {
            **dict.fromkeys((AskSummary, AskQuotes, AskTimeline, DigestNow), self._report),
            Sources: self._sources,
            SourcesHere: self._sources,
            SummariseThread: lambda one, reader, story: replied(NO_THREAD),
            Help: lambda one, reader, story: self._help(reader),
            Thanks: lambda one, reader, story: replied("You are welcome."),
            Unclear: lambda one, reader, story: unclear(one.missing, f"“{one.example}”"),
            **(set_ups.routes if set_ups else {}),
        }

    def carry_out(
        self, request: Request, reader: Reader, story_id: str | None = None
    ) -> Reply | Report:
        """Do what is asked, once however often it is asked by the same message.

        `story_id` is the story of the alert in whose thread it is asked. A question, and what is
        about the conversation itself, is the front end's: ValueError with set-ups.
        """
        route = self.routes.get(type(request))
        if route is None:
            if self._set_ups is not None:
                raise ValueError(f"nothing to be carried out: {type(request).__name__}")
            return replied(IN_A_TERMINAL)
        if isinstance(request, ReportRequest):
            return route(request, reader, story_id)
        # What sets things up is said in the English words that it is written in.
        with speaking(ENGLISH):
            return route(request, reader, story_id)

    def _report(self, request: ReportRequest, reader: Reader, story: str | None) -> Report | Reply:
        own = self._set_ups.digests.of_reader(reader) if self._set_ups else ()
        if isinstance(request, DigestNow) and request.draft.interests is None and len(own) > 1:
            return which_digest(own)
        interests = own[0].interests if own else None
        return self._make_report(request, self._clock(), ZoneInfo(reader.zone), interests)

    def _sources(self, request: Sources | SourcesHere, reader: Reader, story: str | None) -> Reply:
        failed = isinstance(request, Sources) and request.failed
        return sources_reply(self._register.sources(), self._clock(), reader, failed=failed)

    def _help(self, reader: Reader) -> Reply:
        if self._set_ups is None:
            return Reply(TERMINAL_HELP)
        return Reply((*HELP, IN_A_CHANNEL if reader.shared else ALONE))


def _paused_reply(names: Sequence[str], name: str, *, paused: bool) -> Reply:
    other = "resume" if paused else "pause"
    undo = f"{other} {name}" if name else other
    verb = "Paused" if paused else "On again"
    effect = "sets it going again" if paused else "stops it for now"
    return replied(f"{verb}: {in_words(names)}. “{undo}” {effect}.")

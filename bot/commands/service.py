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
from bot.commands.digests import DigestService, name_told
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
)
from bot.commands.replies import Choice, Reader, Reply, replied, unclear
from bot.commands.reports import Report
from bot.commands.watches import WatchService
from bot.records import Subscription, Watch
from bot.render.blocks import LONGEST_LABEL
from bot.render.catalogues import N_, comma, gettext, ngettext
from bot.render.report_wording import moment_words, sources_read
from bot.render.wording import excerpt, isolated, kind_name, listed_words
from corpus.feeds.registry import SourceRegister
from corpus.feeds.schedule import Health, PolledSource
from retrieval.reports.report import Interests

Route = Callable[[Any, Reader, str | None], Reply | Report]
"""Carries out one kind of request, of a reader, in the thread of an alert on a story."""
MakeReport = Callable[[ReportRequest, datetime, ZoneInfo, Interests | None], Report]

_ASKING = (
    N_(
        "Ask in your own words. Every sentence of an answer is linked to the paragraph that it "
        "comes from, and what the sources do not carry is not said."
    ),
    N_("• A question: “What did Guterres say about a military solution in Libya?”"),
    N_("• A summary: “Libya this week”, or “what is new on Sudan since Monday”"),
    N_("• Who said what: “quotes by Guterres on Libya since March”"),
    N_("• What happened when: “timeline of Brexit since January”"),
)
HELP = (
    *_ASKING,
    N_(
        "• A digest: “digest on weekdays at 07:30 on Libya and Sudan”, “digest at 8 instead”, "
        "“digest now”, “digest off”"
    ),
    N_(
        "• To be told at once: “follow Gharyan”, “follow Haftar in Libya, also called Hifter”, "
        "“unfollow Gharyan”"
    ),
    N_(
        "• Some peace: “quiet from 22:00 to 07:00”, “pause”, “resume”; “mute” under an alert, "
        "“unmute” to hear of it again"
    ),
    N_("• What there is: “my digests”, “my watches”, “sources”, “which sources failed”"),
    N_("• What I keep about you: “forget this conversation”, “forget me”"),
)
IN_A_CHANNEL = N_(
    "In a channel, mention me first; in a thread where I answered, whoever takes part can go on "
    "without that. “summarise this thread's topic” tells what the sources have on it, “sources?” "
    "what the answers there rest on. Digests and watches are the channel's, and everybody here can "
    "change them."
)
NO_THREAD = N_(
    "There is no thread here to take a topic from; name one: “summary of Libya this week”."
)
ALONE = N_("Digests and watches that you set up here are yours alone.")
TERMINAL_HELP = (
    *_ASKING,
    N_("• A digest of the last 24 hours: “digest”, or “digest on Libya”"),
    N_("• Which sources are read: “sources”, “which sources failed”"),
    N_("• An end: “quit”"),
)
IN_A_TERMINAL = N_(
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
    named = [
        f"{number} · {name_told(one)}{comma()} {one.at}" for number, one in enumerate(own, start=1)
    ]
    line = gettext("There are {count} digests. Which one?", count=len(own))
    if rest := named[MOST_OFFERED:]:
        also = gettext("Also {names}: say “{request}” and its name.")
        line = f"{line} {also.format(names=listed_words(rest), request='digest now on')}"
    choices = (
        Choice(excerpt(name, LONGEST_LABEL), f"digest now on subscription {one.id}")
        for name, one in zip(named[:MOST_OFFERED], own, strict=False)
    )
    return replied(line, *choices)


def sources_reply(
    sources: Sequence[PolledSource], now: datetime, reader: Reader, *, failed: bool
) -> Reply:
    """Counts, then the sources that failed, then, unless only those are wanted, the rest."""
    if not sources:
        return replied(
            gettext(
                "No source is polled; an admin adds one: “{command}” in Slack, “{shell}” in a "
                "terminal.",
                command="/chancery sources add ADDRESS",
                shell="chancery sources add ADDRESS",
            )
        )
    local = now.astimezone(ZoneInfo(reader.zone))
    troubled = [one for one in sources if one.health in (Health.FAILING, Health.GONE)]
    unchecked = sum(one.health is Health.UNCHECKED for one in sources)
    read = len(sources) - len(troubled) - unchecked
    counts = sources_read(read, len(sources))
    if unchecked:
        counts += f"{comma()} {gettext('{count} not yet checked', count=unchecked)}"
    lines = [f"{counts}."]
    if troubled:
        lines += [gettext("Not read, so that silence from them is not news:")]
        lines += [f"• {_line(one, local)}" for one in troubled[:MOST_SOURCES]]
    elif failed:
        lines = [gettext("No source failed: {counts}.", counts=counts)]
    if failed:
        return Reply(tuple(lines), (Choice(gettext("All sources"), "sources"),))
    rest = [one for one in sources if one not in troubled]
    lines += [f"• {_line(one, local)}" for one in rest[:MOST_SOURCES]]
    left = len(rest) - MOST_SOURCES
    if left > 0:
        more = gettext("… and {count} more; “{command}” lists all.")
        lines.append(more.format(count=left, command="chancery sources list"))
    return Reply(tuple(lines))


def _line(one: PolledSource, now: datetime) -> str:
    parts = [isolated(excerpt(one.name, LONGEST_NAME)), kind_name(one.source.kind)]
    parts.append(gettext("paused") if one.paused else health_name(one.health))
    if one.last_success_at:
        parts.append(gettext("last read {moment}", moment=moment_words(one.last_success_at, now)))
    if one.health in (Health.FAILING, Health.GONE) and one.reason:
        parts.append(isolated(excerpt(one.reason, LONGEST_NAME)))
    return " · ".join(parts)


def health_name(health: Health) -> str:
    """How a source was found, in a word or two."""
    return {
        Health.UNCHECKED: gettext("not yet checked"),
        Health.FRESH: gettext("fresh"),
        Health.UNCHANGED: gettext("unchanged"),
        Health.EMPTY: gettext("empty"),
        Health.UNDATED: gettext("undated"),
        Health.MOVED: gettext("moved"),
        Health.FAILING: gettext("failing"),
        Health.GONE: gettext("gone"),
    }[health]


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
                gettext(
                    "Write “{mute}” in the thread of an alert, and its story is told no more; a "
                    "whole watch is stopped by “{unfollow}” and its name.",
                    mute="mute",
                    unfollow="unfollow",
                )
            )
        if lifted:
            return self.watches.unmute(story_id, reader)
        return self.watches.mute(story_id, reader)

    def listed(self, concern: Concern, reader: Reader) -> Reply:
        """What is set up for a reader, a line each."""
        lines: list[str] = []
        choices = []
        if concern is not Concern.WATCHES:
            digests = self.digests.listed(reader)
            lines += [_digests_counted(len(digests), reader), *digests]
            choices += [Choice(gettext("Digest now"), "digest now")] if digests else []
        if concern is not Concern.DIGESTS:
            watches = self.watches.listed(reader)
            lines += [_subjects_counted(len(watches), reader), *watches]
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
            names += [named_told(one) for one in done]
        if names:
            return _paused_reply(names, name, paused=paused)
        if refusals and name:
            return refusals[-1]
        if not there_is_any:
            none = gettext("Nothing is set up yet. “{request}” tells what can be.")
            return replied(none.format(request="help"))
        if not paused:
            return replied(gettext("Nothing is paused."))
        return replied(gettext("That is paused already. “{request}” goes on.", request="resume"))


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
            SummariseThread: lambda one, reader, story: replied(gettext(NO_THREAD)),
            Help: lambda one, reader, story: self._help(reader),
            Thanks: lambda one, reader, story: replied(gettext("You are welcome.")),
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
            return replied(gettext(IN_A_TERMINAL))
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
            return Reply(tuple(map(gettext, TERMINAL_HELP)))
        return Reply(tuple(map(gettext, (*HELP, IN_A_CHANNEL if reader.shared else ALONE))))


def _paused_reply(names: Sequence[str], name: str, *, paused: bool) -> Reply:
    other = "resume" if paused else "pause"
    undo = f"{other} {name}" if name else other
    told = listed_words(names)
    if paused:
        done = gettext("Paused: {names}.", names=told)
        effect = gettext("“{request}” sets it going again.", request=undo)
    else:
        done = gettext("On again: {names}.", names=told)
        effect = gettext("“{request}” stops it for now.", request=undo)
    return replied(f"{done} {effect}")


def named_told(one: Subscription | Watch) -> str:
    """ "the digest on Libya", "the watch Gharyan"."""
    if isinstance(one, Subscription):
        return gettext("the digest on {name}", name=name_told(one))
    return gettext("the watch {name}", name=isolated(one.name))


def _digests_counted(count: int, reader: Reader) -> str:
    """What stands above the list of digests."""
    if count and reader.shared:
        return ngettext(
            "This channel gets {count} digest:", "This channel gets {count} digests:", count
        )
    if count:
        return ngettext("You get {count} digest:", "You get {count} digests:", count)
    none = gettext("You get no digest yet. “{request}” starts one.")
    if reader.shared:
        none = gettext("This channel gets no digest yet. “{request}” starts one.")
    return none.format(request="digest at 07:30 on Libya")


def _subjects_counted(count: int, reader: Reader) -> str:
    """What stands above the list of watches."""
    if count and reader.shared:
        return ngettext(
            "This channel follows {count} subject:", "This channel follows {count} subjects:", count
        )
    if count:
        return ngettext("You follow {count} subject:", "You follow {count} subjects:", count)
    none = gettext("You follow nothing yet. “{request}” starts a watch.")
    if reader.shared:
        none = gettext("This channel follows nothing yet. “{request}” starts a watch.")
    return none.format(request="follow Gharyan")

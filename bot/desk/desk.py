"""The desk: carries out what readers want set up, and says in one line what was done.

    Request, Reader -> DigestDesk | WatchDesk | lists, sources, help -> Reply

Whatever front end asks: the same request is carried out and confirmed in the same words. Reports
(summaries, quotations, timelines, digests at once) are `bot.desk.reports`.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.clock import Clock
from bot.delivery.subscriptions import Subscriptions
from bot.desk.digests import DigestDesk
from bot.desk.help import ALONE, HELP, IN_A_CHANNEL, NO_THREAD
from bot.desk.nouns import Choice, Reader, Reply, Trail, replied, unclear
from bot.desk.sources import sources_reply
from bot.desk.watches import WatchDesk
from bot.monitoring.watches import Watches
from bot.requests.nouns import (
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
from bot.requests.words import in_words
from corpus.feeds.register import SourceRegister


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

"""What is overheard in threads: taken for a question where it goes on with a talk of ours.

    Overheard ─ did we answer here? ─ is it worded for us? ─ does the author take part? ─▶ Asked
                                                                                    else Ignored

The cheap looks come first: of most messages in a channel nothing is read but their thread's turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.slack.incoming import Asked, Ignored, Overheard
from bot.slack.people import People
from bot.talk.follow_ups import FollowUp, follow_up
from bot.talk.talks import Talks
from bot.talk.thread_reading import ThreadReader


class Overhearing:
    """Tells what is for us of what people write in threads. Any number of threads may call it.

    `held` gives what was asked and is not answered yet: who goes on before the answer stands there
    takes part all the same.
    """

    def __init__(
        self,
        talks: Talks,
        threads: ThreadReader,
        people: People,
        held: Callable[[], Iterable[Asked]],
    ) -> None:
        self._talks = talks
        self._threads = threads
        self._people = people
        self._held = held

    def asked(self, overheard: Overheard) -> Asked | Ignored:
        """What is asked of us; Ignored with the reason where nothing is."""
        asked = overheard.asked
        talk = self._talks.of(asked.conversation)
        waiting = {one.user for one in self._held() if one.conversation == asked.conversation}
        if talk is None and not waiting:
            return Ignored("a thread in which we did not answer")
        opened = talk is not None and talk.opened
        askers = waiting | (talk.askers if talk else frozenset())
        decided = follow_up(asked.text, calls_others=overheard.calls_others)
        if decided.for_us and (opened or asked.user not in askers):
            decided = self._looked_closer(asked, opened)
        return asked if decided.for_us else Ignored(f"a reply in a thread: {decided.reason}")

    def _looked_closer(self, asked: Asked, opened: bool) -> FollowUp:
        """Of somebody who has not asked here: whether they wrote here before, and to whom."""
        wrote = {line.user for line in self._threads.lines(asked)}
        if not opened and asked.user not in wrote:
            return FollowUp(False, "its author takes no part")
        return follow_up(asked.text, self._first_names(wrote - {asked.user}))

    def _first_names(self, users: set[str]) -> set[str]:
        names = (self._people.person(user).name for user in sorted(users))
        return {name.split()[0].strip("@.,").title() for name in names if name.split()}

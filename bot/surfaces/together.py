"""Everything that people meet in Slack, put together once for a process."""

from __future__ import annotations

from dataclasses import dataclass

from bot.audit import Audit
from bot.clock import Clock
from bot.delivery.subscriptions import Subscriptions
from bot.home.home import Home
from bot.home.newest import NewestStories
from bot.intake.claims import Claims, replica_name
from bot.intake.intake import Intake
from bot.intake.queue import QuestionQueue
from bot.monitoring.watches import Watches
from bot.people.access import Access
from bot.people.feedback import Feedback
from bot.people.feedback_desk import FeedbackDesk
from bot.people.forgetting import Forgetting
from bot.people.forgetting_desk import ForgettingDesk
from bot.people.refusals import Refusals
from bot.settings import Settings
from bot.slack.gateway import SlackGateway
from bot.slack.incoming import Identity
from bot.slack.modals import Modals
from bot.slack.people import People
from bot.sources.desk import SourceDesk
from bot.surfaces.cables import Cables
from bot.surfaces.commands import Commands
from bot.surfaces.paragraphs import Paragraphs
from bot.surfaces.sharing import Sharing
from bot.surfaces.shortcuts import Shortcuts
from bot.talk.agent_view import AgentView
from bot.talk.conversation import Conversation
from bot.talk.overhearing import Overhearing
from bot.talk.talks import Talks
from bot.talk.thread_reading import ThreadReader
from bot.turns import Turns
from bot.wiring import Library
from corpus.fetch import Fetcher

# A name in a refusal is worth less than Slack's three seconds.
_NAME_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Surfaces:
    """What listeners call; `me` is who the bot is in its workspace."""

    me: Identity
    people: People
    access: Access
    refusals: Refusals
    conversation: Conversation
    intake: Intake
    overhearing: Overhearing
    paragraphs: Paragraphs
    cables: Cables
    feedback: FeedbackDesk
    agent: AgentView
    forgetting: ForgettingDesk
    home: Home
    sources: SourceDesk
    shortcuts: Shortcuts
    commands: Commands
    sharing: Sharing


def make_surfaces(
    settings: Settings,
    library: Library,
    slack: SlackGateway,
    queue: QuestionQueue,
    fetcher: Fetcher,
    me: Identity,
    clock: Clock,
) -> Surfaces:
    """The surfaces of a process that serves; the intake is to be started."""
    engine = library.corpus.engine
    claims, turns = Claims(engine, replica_name(settings.home)), Turns(engine)
    claims.forget_old(clock())
    people = People(slack, clock, me)
    modals = Modals(slack)
    threads = ThreadReader(slack, me)
    intake = Intake(claims, queue, slack, clock, settings.asks_per_minute)
    newest = NewestStories(library.corpus, library.remembered)
    agent = AgentView(
        slack,
        Watches(engine),
        Subscriptions(engine, clock),
        lambda now: [one.headline for one in newest.told(now)],
        clock,
    )
    access = Access(settings, lambda user: people.person(user, within=_NAME_SECONDS).name)
    forgetting = ForgettingDesk(Forgetting(engine), Audit(engine), slack, clock, agent.suggest)
    home = Home(library.corpus, newest, slack, modals, people, access, intake.take, clock)
    sources = SourceDesk(library.corpus, fetcher, slack, modals, people, access, home.turn, clock)
    shortcuts = Shortcuts(library, slack, fetcher, clock)
    return Surfaces(
        me=me,
        people=people,
        access=access,
        refusals=Refusals(slack, claims, clock),
        conversation=Conversation(
            library, slack, people, claims, turns, clock, threads, intake, agent, forgetting
        ),
        intake=intake,
        overhearing=Overhearing(Talks(engine), threads, people, queue.held),
        paragraphs=Paragraphs(library.corpus, modals, turns),
        cables=Cables(library.corpus, slack, modals, turns),
        feedback=FeedbackDesk(Feedback(engine), slack, clock),
        agent=agent,
        forgetting=forgetting,
        home=home,
        sources=sources,
        shortcuts=shortcuts,
        commands=Commands(slack, intake.take, shortcuts.check_text, clock, sources.add),
        sharing=Sharing(engine, slack, people),
    )

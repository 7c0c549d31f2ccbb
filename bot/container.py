"""What `serve` runs, put together once for a process.

    make_surfaces(settings, library, slack, …)       ->  Surfaces, everything that people meet
    register_handlers(app, surfaces)                     each handler gets only what it calls
    make_monitoring(library, slack, fetcher, …)      ->  Monitoring, what goes on unasked

Scenario tests call the same functions with a local Slack and a clock that they turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_bolt import App

from bot.chat.agent import AgentView, ForgettingService
from bot.chat.queue import Intake, QuestionQueue
from bot.chat.router import Router
from bot.chat.thread import Overhearing, Talks, ThreadReader
from bot.clock import Clock
from bot.db.audit import Audit
from bot.db.events import Claims, replica_name
from bot.db.outbox import Outbox
from bot.db.retention import DailyRetention, Forgetting
from bot.db.subscriptions import Subscriptions
from bot.db.turns import Feedback, Noted, Turns
from bot.db.watches import Watches
from bot.handlers import commands, feedback, gate, home, messages, paragraphs, shortcuts
from bot.handlers.commands import Commands, Sharing
from bot.handlers.feedback import FeedbackService
from bot.handlers.gate import Refusals
from bot.handlers.paragraphs import Cables, Paragraphs, Why
from bot.handlers.shortcuts import Shortcuts
from bot.home.page import Home, NewestStories
from bot.home.source_admin import SourceService
from bot.jobs.alerts import AlertDelivery, Alerts
from bot.jobs.corrections import KIND as CORRECTION
from bot.jobs.corrections import OLDEST, CorrectionComposer, Corrections
from bot.jobs.delivery import Deliveries, Kind
from bot.jobs.digests import DigestDelivery, DigestScheduler
from bot.jobs.loop import Monitoring, Step
from bot.library import Library, explained, make_digest_maker, make_library_follower
from bot.render.charts import coverage_by_place_png
from bot.settings import Settings
from bot.slack.client import SlackGateway
from bot.slack.destinations import THINKING_AFTER_SECONDS
from bot.slack.events import Identity
from bot.slack.modals import Modals
from bot.slack.people import Access, People
from corpus.feeds.poll import Poller
from corpus.fetch.client import Fetcher
from corpus.quotations.store import QuotationRegister
from retrieval.stories.registry import StoryRegister


def make_monitoring(
    library: Library,
    slack: SlackGateway,
    fetcher: Fetcher | None,
    clock: Clock,
    *,
    grace: timedelta,
    corrected_for: timedelta = OLDEST,
    kept_for: timedelta | None = None,
) -> Monitoring:
    """The walk over an open library; without a fetcher no source is asked.

    Postings are corrected for so long, articles and turns kept for so long, or for ever.
    """
    store, people = library.corpus, People(slack, clock)
    outbox, subscriptions = Outbox(store.engine), Subscriptions(store.engine, clock)
    quotations, stories = QuotationRegister(store), StoryRegister(store)
    follower = make_library_follower(library)
    corrections = Corrections(store, outbox, clock, corrected_for)

    def locale_of(person: str) -> str:
        return people.person(person).locale

    def followed() -> int:
        return min(library.vectors.position, library.lexical.position, stories.stand().position)

    retention = DailyRetention(store, kept_for, followed)
    watches, encode = Watches(store.engine), library.embeddings.encode_questions
    alerts = Alerts(store, outbox, watches, stories, library.vectors, encode, followed, clock)
    makes, draw = make_digest_maker(library), coverage_by_place_png
    digests = DigestDelivery(
        store, makes, slack, clock, grace=grace, draw=draw, locale_of=locale_of
    )
    noting = CorrectionComposer(store, corrections, slack.mark, locale_of)
    kinds: Mapping[str, Kind] = {
        **digests.kinds(),
        **AlertDelivery(store, clock, locale_of).kinds(),
        CORRECTION: Kind(noting, posted=noting.posted),
    }
    deliveries = Deliveries(outbox, slack, kinds, clock)
    scheduler = DigestScheduler(subscriptions, outbox, grace)
    reading = []
    if fetcher is not None:
        poller = Poller(store, fetcher, clock)
        reading.append(
            Step("articles new or changed", lambda now: poller.poll(progress=go_on).changed)
        )

    def go_on(done: int) -> None:
        monitoring.go_on()

    monitoring = Monitoring(
        reading,
        (
            Step("paragraphs indexed", lambda now: library.indexer.catch_up(go_on)),
            Step("articles searched for quotations", lambda now: quotations.catch_up()),
            Step("articles put into stories", lambda now: follower.catch_up(go_on)),
            Step("alerts put out", lambda now: alerts.catch_up()),
            Step("corrections put out", lambda now: corrections.catch_up()),
            Step("old articles let go", retention.run),
        ),
        (
            Step("digests put out", scheduler.put_due),
            Step("postings delivered", lambda now: deliveries.deliver_due(now).posted),
        ),
    )
    return monitoring


# A name in a refusal is worth less than Slack's three seconds.
_NAME_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Surfaces:
    """What listeners call; `me` is who the bot is in its workspace."""

    me: Identity
    people: People
    access: Access
    refusals: Refusals
    router: Router
    intake: Intake
    overhearing: Overhearing
    paragraphs: Paragraphs
    why: Why
    cables: Cables
    feedback: FeedbackService
    agent: AgentView
    forgetting: ForgettingService
    home: Home
    sources: SourceService
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
    noted: Noted | None = None,
    thinking_after: float = THINKING_AFTER_SECONDS,
) -> Surfaces:
    """The surfaces of a process that serves; the intake is to be started."""
    engine = library.corpus.engine
    claims, turns = Claims(engine, replica_name(settings.home)), Turns(engine, noted)
    claims.forget_old(clock())
    people = People(slack, clock, me)
    modals = Modals(slack)
    threads = ThreadReader(slack, me)

    def locale_of(person: str) -> str:
        return people.person(person, within=0.0).locale

    intake = Intake(claims, queue, slack, clock, settings.asks_per_minute, locale_of)
    newest = NewestStories(library.corpus, library.remembered)

    def headlines(now: datetime) -> list[str]:
        return [one.headline for one in newest.told(now)]

    agent = AgentView(slack, Watches(engine), Subscriptions(engine, clock), headlines, clock)
    access = Access(settings, lambda user: people.person(user, within=_NAME_SECONDS).name)
    forgetting = ForgettingService(Forgetting(engine), Audit(engine), slack, clock, agent.suggest)
    own_home = Home(library.corpus, newest, slack, modals, people, access, intake.take, clock)
    source_service = SourceService(
        library.corpus, fetcher, slack, modals, people, access, own_home.turn, clock
    )
    chosen = Shortcuts(library, slack, modals, fetcher, clock)
    return Surfaces(
        me=me,
        people=people,
        access=access,
        refusals=Refusals(slack, claims, clock),
        router=Router(
            library, slack, people, turns, clock, threads, forgetting, agent, thinking_after
        ),
        intake=intake,
        overhearing=Overhearing(Talks(engine), threads, people, queue.held),
        paragraphs=Paragraphs(library.corpus, modals, turns),
        why=Why(lambda text, at: explained(library, text, at), modals, turns, people, access),
        cables=Cables(library.corpus, slack, modals, turns),
        feedback=FeedbackService(Feedback(engine), slack, clock),
        agent=agent,
        forgetting=forgetting,
        home=own_home,
        sources=source_service,
        shortcuts=chosen,
        commands=Commands(slack, intake.take, chosen.check_text, clock, source_service.add),
        sharing=Sharing(engine, slack, people),
    )


def register_handlers(app: App, surfaces: Surfaces) -> None:
    """Attach every listener to the app, the gate first."""
    me, take = surfaces.me, surfaces.intake.take
    gate.register(app, me, surfaces.people, surfaces.access, surfaces.refusals)
    messages.register(app, me, take, surfaces.overhearing.asked)
    messages.register_clicks(app, me, take, surfaces.router.mute_story)
    agent, router = surfaces.agent, surfaces.router
    forget = surfaces.forgetting.confirmed
    messages.register_agent_view(app, agent.suggest, forget, router.stop, agent.sees)
    paragraphs.register(app, surfaces.paragraphs, surfaces.cables, surfaces.why)
    feedback.register(app, surfaces.feedback)
    home.register(app, surfaces.home)
    home.register_sources(app, surfaces.sources)
    shortcuts.register(app, surfaces.shortcuts)
    commands.register(app, surfaces.commands, surfaces.sharing)

"""Putting the walk together: every follower, composer and place that monitoring needs.

    make_monitoring(library, slack, fetcher, clock, grace)  ->  Monitoring

Scenario tests call the same function with a local Slack and a clock that they turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.delivery.alerts import AlertDelivery
from bot.delivery.corrections import CorrectionComposer
from bot.delivery.deliveries import Deliveries, Kind
from bot.delivery.digests import DigestDelivery
from bot.delivery.outbox import Outbox
from bot.delivery.scheduler import DigestScheduler
from bot.delivery.subscriptions import Subscriptions
from bot.monitoring.alerts import Alerts
from bot.monitoring.corrections import KIND as CORRECTION
from bot.monitoring.corrections import OLDEST, Corrections
from bot.monitoring.threads import Monitoring, Step
from bot.monitoring.watches import Watches
from bot.rendering.charts import coverage_by_place_png
from bot.retention import DailyRetention
from bot.slack.gateway import SlackGateway
from bot.wiring import Library, make_digest_maker, make_library_follower
from corpus.feeds.poll import Poller
from corpus.fetch import Fetcher
from corpus.quotations.register import QuotationRegister
from retrieval.stories.register import StoryRegister


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
    store = library.corpus
    outbox, subscriptions = Outbox(store.engine), Subscriptions(store.engine, clock)
    quotations, stories = QuotationRegister(store), StoryRegister(store)
    follower = make_library_follower(library)
    corrections = Corrections(store, outbox, clock, corrected_for)

    def followed() -> int:
        return min(library.vectors.position, library.lexical.position, stories.stand().position)

    retention = DailyRetention(store, kept_for, followed)
    alerts = Alerts(
        store,
        outbox,
        Watches(store.engine),
        stories,
        library.vectors,
        library.embeddings.encode,
        followed,
        clock,
    )
    digests = DigestDelivery(
        store,
        make_digest_maker(library),
        slack,
        clock,
        grace=grace,
        draw=coverage_by_place_png,
    )
    kinds: Mapping[str, Kind] = {
        **digests.kinds(),
        **AlertDelivery(store, clock).kinds(),
        CORRECTION: Kind(CorrectionComposer(store, corrections)),
    }
    deliveries = Deliveries(outbox, slack, kinds, clock)
    scheduler = DigestScheduler(subscriptions, outbox, grace)
    reading = []
    if fetcher is not None:
        poller = Poller(store, fetcher, clock)
        reading.append(Step("articles new or changed", lambda now: poller.poll().changed))

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

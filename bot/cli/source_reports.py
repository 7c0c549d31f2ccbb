"""Polled sources and polls, as JSON documents and as lines for a terminal."""

from __future__ import annotations

from datetime import datetime

from bot.cli.reading import number
from corpus.feeds.polling import Failing, Gone, Moved, PolledSource
from corpus.feeds.report import PollReport, SourceReport


def source_document(source: PolledSource, entries: int) -> dict[str, object]:
    """The JSON form of a polled source; `entries` is how many were ever seen in it."""
    about = source.source
    return {
        "name": about.name,
        "url": about.url,
        "feed_url": source.feed_url,
        "moved_to": source.moved_to,
        "kind": about.kind.value,
        "country": about.country,
        "language": about.language,
        "every_seconds": int(source.interval.total_seconds()),
        "full_text": source.full_text,
        "paused": source.paused,
        "health": source.health.value,
        "reason": source.reason,
        "failures": source.failures,
        "entries": entries,
        "last_polled_at": _moment(source.last_polled_at),
        "last_success_at": _moment(source.last_success_at),
        "next_poll_at": _moment(source.next_poll_at),
        "added_by": source.added_by,
        "added_at": _moment(source.added_at),
    }


def source_line(source: PolledSource, entries: int) -> str:
    """A polled source in a line."""
    health = "paused" if source.paused else source.health.value
    reason = f" ({source.reason})" if source.reason else ""
    read = f", read {source.last_success_at:%d %b %Y %H:%M}" if source.last_success_at else ""
    counted = number(entries, "entry", "entries")
    return (
        f"{source.name} · {source.source.kind} · {health}{reason}{read}, {counted} · "
        f"{source.address}"
    )


def report_document(report: SourceReport) -> dict[str, object]:
    """The JSON form of what became of one source."""
    outcome, receipt = report.outcome, report.receipt
    return {
        "source": report.name,
        "health": outcome.health.value,
        "found": outcome.found.health.value if isinstance(outcome, Moved) else None,
        "moved_to": outcome.to if isinstance(outcome, Moved) else None,
        "reason": outcome.reason if isinstance(outcome, Failing | Gone) else None,
        "retry_at": _moment(outcome.retry_at) if isinstance(outcome, Failing) else None,
        "entries": report.entries,
        "new": receipt.new,
        "updated": receipt.updated,
        "duplicates": receipt.duplicates,
        "paragraphs": receipt.paragraphs,
        "teasers": report.teasers,
        "waiting": report.waiting,
    }


def poll_document(report: PollReport, seconds: float) -> dict[str, object]:
    """The JSON form of a poll, or of a check."""
    receipts = [one.receipt for one in report.sources]
    return {
        "sources": [report_document(one) for one in report.sources],
        "new": sum(receipt.new for receipt in receipts),
        "updated": sum(receipt.updated for receipt in receipts),
        "duplicates": sum(receipt.duplicates for receipt in receipts),
        "paragraphs": sum(receipt.paragraphs for receipt in receipts),
        "failed": [
            {"source": one.name, "reason": one.outcome.reason}
            for one in report.failed
            if isinstance(one.outcome, Failing | Gone)
        ],
        "seconds": round(seconds, 3),
    }


def report_line(report: SourceReport) -> str:
    """What became of one source, in a line."""
    outcome, receipt = report.outcome, report.receipt
    match outcome:
        case Failing():
            return (
                f"{report.name}: failing, {outcome.reason}; "
                f"asked again after {outcome.retry_at:%d %b %H:%M} UTC."
            )
        case Gone():
            return f"{report.name}: gone for good, {outcome.reason}; remove it, or resume it."
        case Moved():
            state = f"moved to {outcome.to}, {outcome.found.health}"
        case _:
            state = outcome.health.value
    counts = (
        (receipt.new, "new"),
        (receipt.updated, "updated"),
        (report.teasers, "only as teasers"),
        (report.waiting, "left for the next poll"),
    )
    told = [f"{count} {word}" for count, word in counts if count]
    parts = [state, number(report.entries, "entry", "entries"), *told]
    return f"{report.name}: {', '.join(parts)}."


def total_line(report: PollReport, seconds: float) -> str:
    """A poll as a whole, in a line."""
    new = sum(one.receipt.new for one in report.sources)
    updated = sum(one.receipt.updated for one in report.sources)
    failed = f", {len(report.failed)} failing" if report.failed else ""
    return (
        f"{number(len(report.sources), 'source')} asked{failed}: "
        f"{number(new, 'new article')}, {updated} updated. {seconds:.1f} s"
    )


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

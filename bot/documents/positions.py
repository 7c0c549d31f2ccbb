"""The JSON forms of quotations and timelines: a contract that other programs rely on."""

from __future__ import annotations

from typing import Any

from bot.documents.answers import moment
from corpus.articles import Article
from corpus.quotations.speaker_names import Speaker
from retrieval.answers import Citation
from retrieval.positions.finding import Position, Positions
from retrieval.timelines.making import Event, Timeline


def positions_document(found: Positions, seconds: float) -> dict[str, Any]:
    """`quotes --json`: {"speaker", "quotations": [...], "several", "near"}, the oldest first."""
    return {
        "asked": found.asked,
        "speaker": found.speaker.name if found.speaker else None,
        "topic": found.topic,
        "quotations": [_position(position) for position in found.said],
        "several": [_speaker(speaker) for speaker in found.several],
        "near": [_speaker(speaker) for speaker in found.near],
        "left_out": found.left_out,
        "seconds": round(seconds, 4),
    }


def timeline_document(timeline: Timeline, seconds: float) -> dict[str, Any]:
    """`timeline --json`: {"topic", "events": [...]}, in order of time."""
    return {
        "topic": timeline.topic,
        "events": [_event(event) for event in timeline.events],
        "left_out": timeline.left_out,
        "seconds": round(seconds, 4),
    }


def speakers_document(speakers: list[Speaker]) -> dict[str, Any]:
    """`quotes --json` without a speaker: everybody who is quoted, most quoted first."""
    return {"speakers": [_speaker(speaker) for speaker in speakers]}


def _position(position: Position) -> dict[str, Any]:
    quotation = position.quotation
    return {
        "mark": position.mark,
        "speaker": quotation.speaker,
        "role": quotation.role,
        "verb": quotation.verb,
        "quote": quotation.quote,
        "direct": quotation.direct,
        "within": position.within,
        "sentence": position.sentence,
        **_where(position.citation),
        "also_in": [article.url for article in position.also_in],
        "changed": _changed(position),
    }


def _changed(position: Position) -> dict[str, Any] | None:
    changed = position.reworded
    if changed is None:
        return None
    return {
        "mark": changed.mark,
        "before": changed.before,
        "after": changed.after,
        "changes": [{"kind": run.kind, "text": run.text} for run in changed.changes],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "mark": event.mark,
        "date": event.first.isoformat(),
        "until": event.last.isoformat(),
        "precision": event.precision.value,
        "text": event.text,
        "announced": event.announced,
        "reported": event.reported,
        "origins": event.origins,
        **_where(event.citation),
        "also_in": [article.url for article in event.also_in],
    }


def _where(citation: Citation) -> dict[str, Any]:
    article: Article = citation.article
    return {
        "url": article.url,
        "link": citation.link,
        "title": article.title,
        "source": article.source,
        "kind": article.kind.value,
        "published_at": moment(article.published_at),
        "paragraph": citation.paragraph.number,
        "carried_by": [copy.url for copy in citation.carried_by],
        "version": article.version,
    }


def _speaker(speaker: Speaker) -> dict[str, Any]:
    return {
        "speaker": speaker.name,
        "role": speaker.roles[0] if speaker.roles else None,
        "also": [form for form in speaker.forms if form != speaker.name],
        "quotations": speaker.quotations,
    }

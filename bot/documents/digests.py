"""The JSON forms of digests and summaries: a contract that other programs rely on.

digest --json    {"from", "to", "stories": [...], "announced", "corrections", "coverage", …}
summary --json   the form of `ask --json`, and "stories" beside it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.documents.answers import Current, citation_document, moment, passage_document
from retrieval.answers import Citation, Statement, Withheld
from retrieval.briefs.nouns import Announcement, Brief, Dispute, Spoken
from retrieval.digests.nouns import Correction, Coverage, Digest
from retrieval.summaries.nouns import Summary

ANSWERER = "extractive"
"""Every sentence of a digest or summary is one of its sources' own."""


def digest_document(
    digest: Digest, seconds: float, current: Current | None = None
) -> dict[str, Any]:
    """`digest --json`; "stories" is empty on a quiet day."""
    return {
        "from": moment(digest.since),
        "to": moment(digest.until),
        "stories": [brief_document(brief, digest.citations, current) for brief in digest.briefs],
        "announced": [announcement_document(one) for one in digest.announced],
        "corrections": [correction_document(one) for one in digest.corrections],
        "coverage": coverage_document(digest.coverage),
        "citations": [citation_document(citation, current) for citation in digest.citations],
        "withheld": [withheld_document(one) for one in digest.withheld],
        "left_out": digest.left_out,
        "seconds": round(seconds, 4),
    }


def summary_document(
    summary: Summary, seconds: float, question: str = "", current: Current | None = None
) -> dict[str, Any]:
    """`summary --json`: what `ask --json` gives, "statements" being all sentences in order."""
    document: dict[str, Any] = {
        "question": question or summary.topic,
        "topic": summary.topic,
        "from": moment(summary.since),
        "to": moment(summary.until),
        "status": "answered" if summary.briefs else "unanswered",
    }
    if not summary.briefs:
        document["reason"] = "nothing was found" if not summary.nearest else "nothing is about it"
    return document | {
        "statements": [
            statement_document(statement)
            for brief in summary.briefs
            for statement in statements_of(brief)
        ],
        "citations": [citation_document(citation, current) for citation in summary.citations],
        "nearest": [passage_document(passage) for passage in summary.nearest],
        "withheld": [withheld_document(one) for one in summary.withheld],
        "answerer": ANSWERER,
        "stories": [brief_document(brief, summary.citations, current) for brief in summary.briefs],
        "coverage": coverage_document(summary.coverage),
        "left_out": summary.left_out,
        "seconds": round(seconds, 4),
    }


def statements_of(brief: Brief) -> list[Statement]:
    """Everything that a brief states, in the order of reading: what happened, quotations as
    statements in quotation marks, disputed accounts, announcements."""
    return [
        *brief.happened,
        *(Statement(f"“{one.quote}”", (one.mark,)) for one in brief.spoken),
        *(account for dispute in brief.disputed for account in dispute.accounts),
        *(one.statement for one in brief.announced),
    ]


def brief_document(
    brief: Brief, citations: Sequence[Citation], current: Current | None = None
) -> dict[str, Any]:
    """One story; its "citations" are those of the document that it uses, with their marks."""
    used = {mark for statement in statements_of(brief) for mark in statement.citations}
    return {
        "id": brief.story.id,
        "headline": brief.headline,
        "status": brief.status.value,
        "day": brief.day,
        "urls": [article.url for article in brief.story.articles],
        "articles": len(brief.story.articles),
        "origins": brief.story.origins,
        "from": moment(brief.story.begins),
        "to": moment(brief.story.ends),
        "statements": [statement_document(statement) for statement in brief.happened],
        "spoken": [spoken_document(one) for one in brief.spoken],
        "disputed": [dispute_document(one) for one in brief.disputed],
        "announced": [announcement_document(one) for one in brief.announced],
        "citations": [citation_document(one, current) for one in citations if one.mark in used],
    }


def statement_document(statement: Statement) -> dict[str, Any]:
    return {"text": statement.text, "citations": list(statement.citations)}


def withheld_document(withheld: Withheld) -> dict[str, Any]:
    return {"text": withheld.text, "reason": withheld.reason}


def spoken_document(spoken: Spoken) -> dict[str, Any]:
    return {
        "speaker": spoken.speaker,
        "role": spoken.role,
        "verb": spoken.verb,
        "quote": spoken.quote,
        "direct": spoken.direct,
        "citations": [spoken.mark],
    }


def dispute_document(dispute: Dispute) -> dict[str, Any]:
    return {
        "about": dispute.about,
        "accounts": [statement_document(account) for account in dispute.accounts],
    }


def announcement_document(announcement: Announcement) -> dict[str, Any]:
    return {
        "from": announcement.first.isoformat(),
        "to": announcement.last.isoformat(),
        **statement_document(announcement.statement),
    }


def correction_document(correction: Correction) -> dict[str, Any]:
    return {
        "url": correction.article.url,
        "title": correction.article.title,
        "paragraph": correction.number,
        "before": correction.before,
        "after": correction.after,
        "citations": [] if correction.mark is None else [correction.mark],
    }


def coverage_document(coverage: Coverage) -> dict[str, Any]:
    return {
        "sources": coverage.sources,
        "failed": [
            {"name": one.name, "reason": one.reason, "since": moment(one.since)}
            for one in coverage.failed
        ],
        "articles": coverage.articles,
        "origins": coverage.origins,
        "by_day": dict(coverage.by_day),
        "by_place": dict(coverage.by_place),
    }

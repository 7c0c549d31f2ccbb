"""The JSON forms of search results and answers: a contract that other programs rely on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from retrieval.answers import Answer, Citation, NoAnswer, Outcome
from retrieval.passages import Passage


def search_document(query: str, passages: Sequence[Passage], seconds: float) -> dict[str, Any]:
    """`search --json`: {"query", "results": [...], "seconds"}."""
    return {
        "query": query,
        "results": [passage_document(passage) for passage in passages],
        "seconds": round(seconds, 4),
    }


def passage_document(passage: Passage) -> dict[str, Any]:
    article = passage.article
    return {
        "url": article.url,
        "paragraph": passage.paragraph.number,
        "score": round(passage.score, 6),
        "title": article.title,
        "source": article.source,
        "kind": article.kind.value,
        "published_at": moment(article.published_at),
        "text": passage.text,
    }


def answer_document(outcome: Outcome, seconds: float) -> dict[str, Any]:
    """`ask --json`: what was answered, what it rests on, what was withheld."""
    document: dict[str, Any] = {"question": outcome.question.text}
    if isinstance(outcome, NoAnswer):
        document |= {"status": "unanswered", "reason": outcome.reason}
    else:
        document |= {"status": "answered"}
    document |= {
        "statements": [
            {"text": statement.text, "citations": list(statement.citations)}
            for statement in (outcome.statements if isinstance(outcome, Answer) else ())
        ],
        "citations": [
            citation_document(citation)
            for citation in (outcome.citations if isinstance(outcome, Answer) else ())
        ],
        "nearest": [
            passage_document(passage)
            for passage in (outcome.nearest if isinstance(outcome, NoAnswer) else ())
        ],
        "withheld": [
            {"text": withheld.text, "reason": withheld.reason} for withheld in outcome.withheld
        ],
        "answerer": outcome.answerer,
        "notice": outcome.notice,
        "seconds": round(seconds, 4),
    }
    return document


def citation_document(citation: Citation) -> dict[str, Any]:
    article = citation.article
    return {
        "mark": citation.mark,
        "url": article.url,
        "link": citation.link,
        "title": article.title,
        "source": article.source,
        "kind": article.kind.value,
        "published_at": moment(article.published_at),
        "paragraph": citation.paragraph.number,
        "quote": citation.quote,
        "carried_by": [copy.url for copy in citation.carried_by],
    }


def moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()

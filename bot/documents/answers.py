"""The JSON forms of search results and answers: a contract that other programs rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from corpus.articles import Article
from corpus.store.article_store import ArticleStore
from retrieval.answers import Answer, Citation, NoAnswer, Outcome
from retrieval.passages import Passage

Current = Mapping[str, Article]
"""Articles as they stand now, by id."""


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
        "version": article.version,
    }


def answer_document(
    outcome: Outcome, seconds: float, current: Current | None = None
) -> dict[str, Any]:
    """`ask --json`: what was answered, what it rests on, what was withheld.

    `current` are the cited articles as they stand, where what is cited may be older.
    """
    document: dict[str, Any] = {
        "question": outcome.question.text,
        "looked_for": outcome.question.looked_for,
    }
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
            citation_document(citation, current)
            for citation in (outcome.citations if isinstance(outcome, Answer) else ())
        ],
        "nearest": [
            passage_document(passage)
            for passage in (outcome.nearest if isinstance(outcome, NoAnswer) else ())
        ],
        "unanswered": list(outcome.unanswered) if isinstance(outcome, Answer) else [],
        "differing": list(outcome.differing) if isinstance(outcome, Answer) else [],
        "withheld": [
            {"text": withheld.text, "reason": withheld.reason} for withheld in outcome.withheld
        ],
        "answerer": outcome.answerer,
        "notice": outcome.notice,
        "seconds": round(seconds, 4),
    }
    return document


def citation_document(citation: Citation, current: Current | None = None) -> dict[str, Any]:
    """One citation; "changed_since" and "withdrawn_since" are when the article was found to read
    otherwise than the cited version, and to be taken back; null where it stands as cited."""
    article = citation.article
    now = (current or {}).get(article.id, article)
    changed = now.version != article.version
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
        "version": article.version,
        "changed_since": moment(now.read_at) if changed else None,
        "withdrawn_since": moment(now.withdrawn_at),
    }


def current_of(citations: Iterable[Citation], store: ArticleStore) -> Current:
    """What is cited as it stands now, for answers of what was known at another time."""
    ids = dict.fromkeys(citation.article.id for citation in citations)
    return {article.id: article for article in store.articles(ids)}


def moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()

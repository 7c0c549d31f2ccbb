"""What was posted and rests on an article, and what its readers were told of that article since.

Reads the tables `turns`, `turn_citations` and `postings`; writes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from bot.delivery.outbox import POSTED
from bot.monitoring.citation_changes import CitedPlace, PostedTurn
from corpus.store import schema
from corpus.store.rows import batches

KIND = "correction"
_PAIRS_A_QUERY = 200
_STAMP = re.compile(r"\d+\.\d+")


def key_prefix(turn_id: str, article_id: str) -> str:
    """What the keys of all notes on a turn and an article begin with."""
    return f"{KIND}:{turn_id}:{article_id}:"


def turns_citing(
    connection: Connection, article_ids: Sequence[str], condition: ColumnElement[bool]
) -> Iterator[PostedTurn]:
    """Posted turns that rest on these articles, one for each article and version they cite.

    What was only offered as nearest to a question carries no quote, and nothing rests on it.
    """
    turns, cited, sent = schema.turns.c, schema.turn_citations.c, schema.postings.c
    for batch in batches(article_ids):
        query = (
            select(
                schema.turns,
                cited.article_id,
                cited.version,
                cited.mark,
                cited.number,
                cited.quote,
                sent.reader,
            )
            .select_from(schema.turn_citations)
            .join(schema.turns, turns.id == cited.turn_id)
            .outerjoin(schema.postings, sent.turn_id == turns.id)
            .where(
                cited.article_id.in_(batch),
                cited.quote != "",
                turns.posted_as.is_not(None),
                condition,
            )
            .order_by(turns.id, cited.article_id, cited.version, cited.mark)
        )
        rows = connection.execute(query).all()
        for _, group in groupby(rows, key=lambda row: (row.id, row.article_id, row.version)):
            yield _turn_of(list(group))


def _turn_of(rows: Sequence[Row[Any]]) -> PostedTurn:
    first = rows[0]
    channel, _, ts = first.posted_as.partition(":")
    # A reply's thread is that of the message it answers; elsewhere it begins at the posting.
    _, _, root = first.conversation.partition(":")
    resting = _sentences_by_mark(first.marks)
    return PostedTurn(
        id=first.id,
        kind=first.kind,
        title=first.question,
        reader=first.reader or first.asked_by,
        channel=channel,
        thread=root if _STAMP.fullmatch(root) else ts,
        at=first.asked_at,
        article_id=first.article_id,
        version=first.version,
        places=tuple(
            CitedPlace(row.mark, row.number, row.quote, resting.get(row.mark, ())) for row in rows
        ),
    )


def _sentences_by_mark(marks: str | None) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for position, of_sentence in enumerate(json.loads(marks) if marks else (), start=1):
        for mark in of_sentence:
            found[mark] = (*found.get(mark, ()), position)
    return found


def told_last(
    connection: Connection, turns: Sequence[PostedTurn]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """What the last posted note on a turn and article told, by both: the posting's payload."""
    columns = schema.postings.c
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    pairs = sorted({(turn.id, turn.article_id) for turn in turns})
    for start in range(0, len(pairs), _PAIRS_A_QUERY):
        batch = pairs[start : start + _PAIRS_A_QUERY]
        rows = connection.execute(
            select(columns.payload)
            .where(
                columns.kind == KIND,
                columns.state == POSTED,
                or_(*(columns.key.startswith(key_prefix(*pair)) for pair in batch)),
            )
            .order_by(columns.posted_at, columns.key)
        )
        for text in rows.scalars():
            payload = json.loads(text)
            found[payload["turn"], payload["article"]] = payload
    return found

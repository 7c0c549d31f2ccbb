"""What a posting of kind "correction" says, made when it is posted.

So the note tells the final wording against the cited one. Where the article changed once more
meanwhile, the later change has a posting of its own, or nothing needs telling any longer.

Corrections: who must be told that an article they were shown reads otherwise now.

    change numbers ─ turns that cite the article ─ note_on ─▶ outbox, one posting a turn,
                                                              article and version

Follows the store's change numbers under its own counter. What a note says is decided when it is
posted (`bot.jobs.corrections`), so that after two quick changes it shows the final wording,
and after a change that was taken back nothing. Several processes may follow: a posting's key is
known once, and the counter moves only from where it was found.

What was posted and rests on an article, and what its readers were told of that article since.

Reads the tables `turns`, `turn_citations` and `postings`; writes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from bot.clock import Clock
from bot.db import schema
from bot.db.outbox import POSTED, Claimed, Composed, Outbox, Posting
from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.jobs.delivery import Later, Skip
from bot.records import is_person
from bot.render.blocks import Block
from bot.render.catalogues import speaking
from bot.render.notes import (
    CitedPlace,
    CorrectionNote,
    PostedTurn,
    corrected_mark,
    correction_messages,
    note_on,
)
from corpus.articles import Article, Withdrawal
from corpus.store.articles import ArticleStore, batches
from corpus.store.database import ChangePosition, reading
from corpus.store.schema import articles as articles_table
from retrieval.reports.report import Correction

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


COUNTER = "corrections"
OLDEST = timedelta(days=30)
# An answer that was being written while its article changed is recorded after the change was
# followed; for as long, turns are looked at once more.
_JUST_POSTED = timedelta(minutes=15)
_ARTICLES_A_BATCH = 200


class Corrections:
    """Puts notes into the outbox. Safe to share between threads and processes."""

    def __init__(
        self, store: ArticleStore, outbox: Outbox, clock: Clock, oldest: timedelta = OLDEST
    ) -> None:
        """Turns older than `oldest` are told of no more."""
        self._store = store
        self._engine = store.engine
        self._position = ChangePosition(store.engine, COUNTER)
        self._outbox = outbox
        self._clock = clock
        self._oldest = oldest

    @property
    def position(self) -> int:
        """Number of the last change of the store that was followed."""
        return self._position.value

    def catch_up(self) -> int:
        """Follow what has changed; the number of notes put into the outbox."""
        put = 0
        while True:
            position = self.position
            changes = self._store.changes_since(position, _ARTICLES_A_BATCH)
            if not changes:
                break
            put += self._put_notes([change.article for change in changes])
            if not self._position.advance(position, changes[-1].number):
                break
        return put + self._put_notes(self._outdated_of_late())

    def note(self, turn_id: str, article_id: str) -> CorrectionNote | None:
        """What the readers of a turn are to be told of an article now; None for nothing."""
        columns = schema.turns.c
        current = self._store.article(article_id)
        if current is None:
            return None
        with reading(self._engine) as connection:
            turns = list(turns_citing(connection, [article_id], columns.id == turn_id))
            told = told_last(connection, turns)
        for turn in turns:
            note = self._note(turn, current, told.get((turn.id, turn.article_id)))
            if note is not None:
                return note
        return None

    def _put_notes(self, articles: Sequence[Article]) -> int:
        now = self._clock()
        current = {article.id: article for article in articles}
        columns = schema.turns.c
        recent = columns.asked_at >= now - self._oldest
        with reading(self._engine) as connection:
            turns = list(turns_citing(connection, list(current), recent))
            told = told_last(connection, turns)
        put = 0
        for turn in turns:
            article = current[turn.article_id]
            if self._note(turn, article, told.get((turn.id, turn.article_id))) is None:
                continue
            posting = Posting(
                key=_key(turn, article),
                kind=KIND,
                reader=turn.reader,
                channel=turn.channel,
                follows=None,
                payload={
                    "turn": turn.id,
                    "article": article.id,
                    "version": article.version,
                    "withdrawn": article.withdrawn_at is not None,
                    "thread": turn.thread,
                },
                due_at=now,
            )
            put += self._outbox.put(posting)
        return put

    def _note(
        self, turn: PostedTurn, current: Article, told: Mapping[str, Any] | None
    ) -> CorrectionNote | None:
        cited = self._store.version(turn.article_id, turn.version)
        if cited is None:
            return None
        return note_on(turn, _standing(cited), self._as_told(cited, told), current)

    def _as_told(self, cited: Article, told: Mapping[str, Any] | None) -> Article:
        """The article as the readers were told last that it reads."""
        if told is None:
            return _standing(cited)
        version = _standing(self._store.version(cited.id, int(told["version"])) or cited)
        if told["withdrawn"]:
            return replace(version, withdrawn_at=version.read_at, withdrawal=Withdrawal.RETRACTED)
        return version

    def _outdated_of_late(self) -> list[Article]:
        """Articles of which something that was just posted cites an older version."""
        turns, cited, articles = schema.turns.c, schema.turn_citations.c, articles_table.c
        query = (
            select(articles.id)
            .distinct()
            .select_from(schema.turns)
            .join(schema.turn_citations, cited.turn_id == turns.id)
            .join(articles_table, articles.id == cited.article_id)
            .where(
                turns.asked_at >= self._clock() - _JUST_POSTED,
                or_(articles.version > cited.version, articles.withdrawn_at.is_not(None)),
            )
        )
        with reading(self._engine) as connection:
            ids = list(connection.scalars(query))
        return self._store.articles(ids)


def corrections_since(
    store: ArticleStore, reader: str, since: datetime, until: datetime
) -> list[Correction]:
    """What a reader was told unasked and its sources have changed, noticed in [since, until).

    For the next digest: by article and paragraph, as it reads now against what was told first; what
    reads again as told is left out. `mark` is None, for whoever cites it to fill in.
    """
    columns, turns = schema.postings.c, schema.turns.c
    noticed = select(columns.payload).where(
        columns.kind == KIND,
        columns.reader == reader,
        columns.due_at >= since,
        columns.due_at < until,
    )
    with reading(store.engine) as connection:
        payloads = [json.loads(text) for text in connection.scalars(noticed.order_by(columns.key))]
        articles = {str(payload["article"]) for payload in payloads}
        wanted = {str(payload["turn"]) for payload in payloads}
        told = [
            turn
            for turn in turns_citing(connection, sorted(articles), turns.kind != "answer")
            if turn.id in wanted
        ]
    current = {article.id: article for article in store.articles(articles)}
    found: dict[tuple[str, int], Correction] = {}
    for turn in told:
        cited = store.version(turn.article_id, turn.version)
        if cited is None or turn.article_id not in current:
            continue
        article = current[turn.article_id]
        cited = _standing(cited)
        note = note_on(turn, cited, cited, article)
        for change in note.changes if note is not None else ():
            number = change.now.number if change.now else change.number
            after = change.now.text if change.now else None
            correction = Correction(article, number, change.before, after, None)
            found.setdefault((article.id, change.number), correction)
    return list(found.values())


def _key(turn: PostedTurn, article: Article) -> str:
    state = ":withdrawn" if article.withdrawn_at is not None else ""
    return f"{key_prefix(turn.id, article.id)}{article.version}{state}"


def _standing(article: Article) -> Article:
    """A version as it read while it stood, whatever became of the article since."""
    return replace(article, withdrawn_at=None, withdrawal=None)


Mark = Callable[[str, str, str, Block], None]


class CorrectionComposer:
    """Makes notes from postings; the note goes into the thread of what it corrects.

    `mark` shows a block above a message of a channel and thread; `locale_of` tells the locale of a
    person's profile.
    """

    def __init__(
        self,
        store: ArticleStore,
        corrections: Corrections,
        mark: Mark,
        locale_of: Callable[[str], str] = lambda person: "",
    ) -> None:
        self._store = store
        self._corrections = corrections
        self._mark = mark
        self._locale_of = locale_of
        self._subscriptions = Subscriptions(store.engine)
        self._watches = Watches(store.engine)

    def __call__(self, claimed: Claimed) -> Composed | Skip | Later:
        payload = claimed.posting.payload
        turn, article = str(payload["turn"]), str(payload["article"])
        current = self._store.article(article)
        if current is None:
            return Skip("the article is no longer kept")
        noticed = (int(payload["version"]), bool(payload["withdrawn"]))
        if (current.version, current.withdrawn_at is not None) != noticed:
            return Skip("the article has changed again since")
        note = self._corrections.note(turn, article)
        if note is None:
            return Skip("the article reads as its readers were told")
        with speaking(self._locale(claimed.posting.reader)):
            messages = tuple(correction_messages(note, self._zone(claimed.posting)))
        return Composed(
            messages=messages,
            channel=note.turn.channel,
            thread_ts=note.turn.thread,
        )

    def posted(self, claimed: Claimed) -> None:
        """Say above what was corrected that its thread tells more; whoever reads only that must."""
        turns = schema.turns.c
        with reading(self._store.engine) as connection:
            place = connection.scalar(
                select(turns.posted_as).where(turns.id == str(claimed.posting.payload["turn"]))
            )
        if place is not None:
            channel, _, ts = place.partition(":")
            with speaking(self._locale(claimed.posting.reader)):
                marked = corrected_mark()
            self._mark(channel, str(claimed.posting.payload["thread"]), ts, marked)

    def _locale(self, reader: str) -> str | None:
        """Of whoever asked; where a channel was told unasked, of whoever set that up."""
        of_reader = (*self._subscriptions.of_reader(reader), *self._watches.of_reader(reader))
        person = reader if is_person(reader) or not of_reader else of_reader[0].created_by
        return self._locale_of(person) if is_person(person) else None

    def _zone(self, posting: Posting) -> tzinfo:
        """The zone in which digests come where it is posted; UTC where that is not one."""
        of_reader = self._subscriptions.of_reader
        # Who asked in a channel is not alone in reading there.
        zones = {one.zone for one in of_reader(posting.channel) or of_reader(posting.reader)}
        return ZoneInfo(zones.pop()) if len(zones) == 1 else UTC

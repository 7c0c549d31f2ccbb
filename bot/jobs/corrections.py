"""What a posting of kind "correction" says, made when it is posted.

So the note tells the final wording against the cited one. Where the article changed once more
meanwhile, the later change has a posting of its own, or nothing needs telling any longer.

Corrections: who must be told that an article they were shown reads otherwise now.

    change numbers ─┬─ turns that cite the article ─ note_on ─┬─▶ outbox, one posting a thread
                    └─ digests that announced what it gives up ┘     (a person's own messages: one)

Follows the store's change numbers under its own counter. What changed within one round and concerns
one thread comes in one note. Of messages that only one person reads all that changed does, in the
thread of the newest; each is marked. What a note says is decided when it is posted, so that after
two quick changes it shows the final wording, and after a change that was taken back nothing.
Several processes may follow: a posting's key is known once, and the counter moves only from where
it was found.

What was posted and rests on an article, and what its readers were told of that article since.

Reads the tables `turns`, `turn_citations` and `postings`; writes nothing.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from bot.clock import Clock
from bot.db import schema
from bot.db.outbox import POSTED, Claimed, Composed, Outbox, Posting
from bot.db.subscriptions import Subscriptions
from bot.db.watches import Watches
from bot.failures import SlackError
from bot.jobs.delivery import Later, Skip
from bot.records import is_person
from bot.render.blocks import Block
from bot.render.catalogues import speaking
from bot.render.notes import (
    CitedPlace,
    CorrectionNote,
    PostedTurn,
    Superseded,
    corrected_mark,
    correction_messages,
    note_on,
)
from corpus.articles import Article, Withdrawal
from corpus.store.articles import ArticleStore, batches
from corpus.store.database import ChangePosition, reading
from corpus.store.schema import articles as articles_table
from corpus.text.sentences import split_sentences
from retrieval.reports.announcements import GivenUp, announces, given_up_in, is_superseded
from retrieval.reports.report import Correction

log = logging.getLogger("chancery.corrections")

KIND = "correction"
DIGEST = "digest"
_SHARED = ("C", "G")
"""What the ids of places begin with in which several people read."""
_STAMP = re.compile(r"\d+\.\d+")


Item = Mapping[str, Any]
"""One thing that a posting tells: of "turn" (posted in "thread") that "article" stands in a
"version" or is "withdrawn"; or, with "by", that the article of that id gives up what it announced.
"""


def items_of(payload: Mapping[str, Any]) -> Sequence[Item]:
    """What a posting tells; those of releases before told one thing each."""
    items: Sequence[Item] = payload.get("items", [payload])
    return items


def turns_citing(
    connection: Connection, article_ids: Sequence[str], condition: ColumnElement[bool]
) -> Iterator[PostedTurn]:
    """Posted turns that rest on these articles, one for each article and version they cite.

    What was only offered as nearest to a question carries no quote, and nothing rests on it.
    """
    turns, cited, sent = schema.turns.c, schema.turn_citations.c, schema.postings.c
    kept = (cited.article_id, cited.version, cited.mark, cited.number, cited.quote)
    for batch in batches(article_ids):
        query = (
            select(schema.turns, *kept, sent.reader)
            .select_from(schema.turn_citations)
            .join(schema.turns, turns.id == cited.turn_id)
            .outerjoin(schema.postings, sent.turn_id == turns.id)
            .where(cited.article_id.in_(batch), cited.quote != "", turns.posted_as.is_not(None))
            .where(condition)
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


def _told_of(item: Item) -> tuple[str, str]:
    """Turn and article; of an announcement that was given up, also by which one."""
    by = f":by:{item['by']}" if "by" in item else ""
    return item["turn"], f"{item['article']}{by}"


def told_last(connection: Connection, turns: Sequence[PostedTurn]) -> dict[tuple[str, str], Item]:
    """What the last posted note on a turn and article told, by both."""
    columns = schema.postings.c
    found: dict[tuple[str, str], Item] = {}
    for channels in batches(sorted({turn.channel for turn in turns})):
        rows = connection.execute(
            select(columns.payload)
            .where(columns.kind == KIND, columns.state == POSTED, columns.channel.in_(channels))
            .order_by(columns.posted_at, columns.key)
        )
        for text in rows.scalars():
            found |= {_told_of(item): item for item in items_of(json.loads(text))}
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
        begun = followed = self.position
        found: dict[str, _Noticed] = {}
        while changes := self._store.changes_since(followed, _ARTICLES_A_BATCH):
            found |= self._noticed([change.article for change in changes])
            followed = changes[-1].number
        found |= self._noticed(self._outdated_of_late())
        put = self._put(found.values())
        if followed != begun:
            self._position.advance(begun, followed)
        return put

    def notes(self, payload: Mapping[str, Any]) -> list[CorrectionNote | Superseded]:
        """What is to be told now of what a posting noticed; what has changed again since then has
        a posting of its own."""
        found = [self._told_now(item) for item in items_of(payload)]
        return [note for note in found if note is not None]

    def _told_now(self, item: Item) -> CorrectionNote | Superseded | None:
        turn, article = str(item["turn"]), str(item["article"])
        if "by" in item:
            return self._superseded_by(turn, article, str(item["by"]))
        current = self._store.article(article)
        if current is None or not is_as_noticed(item, current):
            return None
        return self.note(turn, article)

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

    def _noticed(self, articles: Sequence[Article]) -> dict[str, _Noticed]:
        """What readers must be told of these articles, each under its own key."""
        current = {article.id: article for article in articles}
        columns = schema.turns.c
        recent = columns.asked_at >= self._clock() - self._oldest
        with reading(self._engine) as connection:
            turns = list(turns_citing(connection, list(current), recent))
            told = told_last(connection, turns)
            given_up = given_up_in(one for one in articles if one.withdrawn_at is None)
            announced = list(_announcing(connection, recent)) if given_up else []
            told |= told_last(connection, announced)
        found: dict[str, _Noticed] = {}
        for turn in turns:
            article = current[turn.article_id]
            if self._note(turn, article, told.get((turn.id, turn.article_id))) is not None:
                item = {
                    "turn": turn.id,
                    "thread": turn.thread,
                    "article": article.id,
                    "version": article.version,
                    "withdrawn": article.withdrawn_at is not None,
                }
                found[_item_key(item)] = _Noticed(turn, item)
        for turn in announced:
            # What was read before a digest was made was known to it.
            since = [one for one in given_up if current[one.article].first_read_at > turn.at]
            for by in self._giving_up(turn, since):
                item = {"turn": turn.id, "thread": turn.thread, "article": turn.article_id}
                item |= {"by": by.article}
                if _told_of(item) not in told:
                    found[_item_key(item)] = _Noticed(turn, item)
        return found

    def _giving_up(self, turn: PostedTurn, given_up: Sequence[GivenUp]) -> Iterator[GivenUp]:
        cited = self._store.version(turn.article_id, turn.version)
        if cited is not None:
            yield from (by for by in given_up if _announced_in(turn, cited, by))

    def _superseded_by(self, turn_id: str, article_id: str, by_id: str) -> Superseded | None:
        """What a digest announced from an article and another one gives up."""
        by, columns = self._store.article(by_id), schema.turns.c
        if by is None or by.withdrawn_at is not None:
            return None
        with reading(self._engine) as connection:
            turns = list(turns_citing(connection, [article_id], columns.id == turn_id))
            if (turn_id, f"{article_id}:by:{by_id}") in told_last(connection, turns):
                return None
        # A sentence tells more than a title.
        given_up = sorted(given_up_in([by]), key=lambda one: one.text == by.title)
        for turn in turns:
            cited = self._store.version(turn.article_id, turn.version)
            for one in given_up if cited is not None else ():
                if cited is not None and (said := _announced_in(turn, cited, one)):
                    return Superseded(turn, cited, said, by, one.text)
        return None

    def _put(self, noticed: Iterable[_Noticed]) -> int:
        """Put what was noticed into the outbox, what is read in one place as one posting."""
        by_place: dict[tuple[str, ...], list[_Noticed]] = {}
        for one in sorted(noticed, key=lambda one: (one.turn.at, one.turn.id, _item_key(one.item))):
            by_place.setdefault(_place_of(one.turn), []).append(one)
        return sum(self._outbox.put(self._posting(held)) for held in by_place.values())

    def _posting(self, noticed: Sequence[_Noticed]) -> Posting:
        newest = noticed[-1].turn
        keys = [_item_key(one.item) for one in noticed]
        name = keys[0] if len(keys) == 1 else sha256("\0".join(keys).encode()).hexdigest()
        return Posting(
            key=f"{KIND}:{name}",
            kind=KIND,
            reader=newest.reader,
            channel=newest.channel,
            follows=None,
            payload={"items": [one.item for one in noticed], "thread": newest.thread},
            due_at=self._clock(),
        )

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
    noticed = select(columns.payload).where(columns.kind == KIND, columns.reader == reader)
    noticed = noticed.where(columns.due_at >= since, columns.due_at < until)
    with reading(store.engine) as connection:
        payloads = [json.loads(text) for text in connection.scalars(noticed.order_by(columns.key))]
        # What gives up an announcement is news, which the digest tells as such.
        items = [item for held in payloads for item in items_of(held) if "by" not in item]
        articles = {str(item["article"]) for item in items}
        wanted = {str(item["turn"]) for item in items}
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


@dataclass(frozen=True, slots=True)
class _Noticed:
    """Something that the readers of a turn are to be told."""

    turn: PostedTurn
    item: Item


def is_as_noticed(item: Item, current: Article) -> bool:
    """Whether an article still stands as a posting noticed it."""
    noticed = (int(item["version"]), bool(item["withdrawn"]))
    return (current.version, current.withdrawn_at is not None) == noticed


def _item_key(item: Item) -> str:
    """Names an item for good: who follows the same change once more puts nothing more."""
    if "by" in item:
        return f"{item['turn']}:{item['article']}:by:{item['by']}"
    state = ":withdrawn" if item["withdrawn"] else ""
    return f"{item['turn']}:{item['article']}:{item['version']}{state}"


def _place_of(turn: PostedTurn) -> tuple[str, ...]:
    """Where its readers read it: a thread of a channel, or all that only one person reads."""
    shared = turn.channel[:1] in _SHARED
    return (turn.channel, turn.thread) if shared else (turn.channel,)


def _announcing(connection: Connection, condition: ColumnElement[bool]) -> Iterator[PostedTurn]:
    """Posted digests by the articles they cite where what is quoted announces something."""
    turns, cited = schema.turns.c, schema.turn_citations.c
    query = (
        select(cited.article_id, cited.quote)
        .distinct()
        .select_from(schema.turn_citations)
        .join(schema.turns, turns.id == cited.turn_id)
        .where(turns.kind == DIGEST, turns.posted_as.is_not(None), condition)
    )
    articles = {row.article_id for row in connection.execute(query) if announces(row.quote)}
    yield from turns_citing(connection, sorted(articles), and_(turns.kind == DIGEST, condition))


def _announced_in(turn: PostedTurn, cited: Article, by: GivenUp) -> str:
    """The sentence that a turn quotes of an article and that is given up; "" for none."""
    for place in turn.places:
        for sentence in split_sentences(place.quote):
            if is_superseded(sentence.text, cited, by):
                return sentence.text
    return ""


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
        notes = self._corrections.notes(payload)
        if not notes:
            return Skip("all reads as its readers were told, or has changed again since")
        with speaking(self._locale(claimed.posting.reader)):
            messages = tuple(correction_messages(notes, self._zone(claimed.posting)))
        return Composed(
            messages=messages, channel=notes[-1].turn.channel, thread_ts=str(payload["thread"])
        )

    def posted(self, claimed: Claimed) -> None:
        """Say above all that was corrected where more is told; whoever reads only that must."""
        payload, turns = claimed.posting.payload, schema.turns.c
        threads = {str(one["turn"]): str(one["thread"]) for one in items_of(payload)}
        posted = (turns.id.in_(threads), turns.posted_as.is_not(None))
        with reading(self._store.engine) as connection:
            places = connection.execute(select(turns.id, turns.posted_as).where(*posted)).all()
        for turn, place in places:
            channel, _, ts = place.partition(":")
            below = threads[turn] == payload["thread"]
            with speaking(self._locale(claimed.posting.reader)):
                marked = corrected_mark(below=below)
            try:
                self._mark(channel, threads[turn], ts, marked)
            except SlackError as error:
                log.info("a message goes without its mark: %s", error)

    def _locale(self, reader: str) -> str | None:
        """Of whoever asked; where a channel was told unasked, of whoever set that up."""
        if not is_person(reader):
            creators = [one.created_by for one in self._subscriptions.of_reader(reader)]
            creators += [one.created_by for one in self._watches.of_reader(reader)]
            reader = next(iter(creators), reader)
        return self._locale_of(reader) if is_person(reader) else None

    def _zone(self, posting: Posting) -> tzinfo:
        """The zone in which digests come where it is posted; UTC where that is not one."""
        of_reader = self._subscriptions.of_reader
        # Who asked in a channel is not alone in reading there.
        zones = {one.zone for one in of_reader(posting.channel) or of_reader(posting.reader)}
        return ZoneInfo(zones.pop()) if len(zones) == 1 else UTC

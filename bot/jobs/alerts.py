"""Composing alerts: what an article says where it met a watch, as it stands when it is posted.

    posting ─▶ watches still on? story not muted? article still there? ─▶ Alert ─▶ turn ─▶ messages

The sentence is taken anew from the article's current version, so that an alert which waited
through quiet hours never quotes what its source has taken back.

Alerts: new articles matched against watches, and put into the outbox once a story and reader.

    change numbers ─ is it news? ─ matches ─ by reader ─┬─ first of its story ── alert
                                                        ├─ a further article ─── alert_more, in
                                                        │                        the thread
                                                        └─ a copy, muted, told ─ nothing

Follows the store's change numbers under its own counter, behind the vector index and the stories.
What is put has a key that names it, so that what is followed twice, by another process or after a
crash, is put once. What an alert says is decided when it is posted (`bot.jobs.alerts`).

Quiet hours move an alert to their end. Beyond a reader's daily cap one line says so, and further
alerts of that day are listed in its thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.clock import Clock, parse_zone
from bot.db.outbox import SKIPPED, Claimed, Composed, Outbox, Posting, Recorded
from bot.db.turns import Turns
from bot.db.watches import Watches
from bot.jobs.delivery import Kind, Skip
from bot.records import Watch, is_person
from bot.render.answers import plain_message
from bot.render.catalogues import framed, ngettext, speaking
from bot.render.notes import Alert, alert_messages, further_messages
from bot.render.page import content_of_statements
from bot.render.wording import listed_words
from corpus.articles import Article, Paragraph
from corpus.store.articles import ArticleStore
from corpus.store.database import ChangePosition
from corpus.text.sentences import split_sentences
from retrieval.encoders.encoder import Vectors
from retrieval.outcomes import Citation, Statement
from retrieval.similarity import Encode
from retrieval.stories.story import moment_of
from retrieval.watches.matching import Watched, WatchMatcher
from retrieval.watches.texts import WatchMatch, words_of

COUNTER = "alerts"
ALERT = "alert"
FURTHER = "alert_more"
NEWS = timedelta(days=2)
"""How old an article may be, by its date and by when it was first read, to be told of at once."""

_STORIES_LAST = timedelta(days=30)
_ARTICLES_A_BATCH = 50


class FindsStories(Protocol):
    """What is asked which story an article belongs to: `retrieval.stories.registry`."""

    def of_article(self, article_id: str) -> str | None: ...


class KeepsVectors(Protocol):
    """What is asked for an article's vectors: `retrieval.index.vectors.VectorIndex`."""

    @property
    def languages(self) -> int: ...

    def of_article(self, article: Article) -> tuple[Vectors, list[int]]: ...


@dataclass(frozen=True, slots=True)
class Met:
    """A watch and where an article meets it."""

    watch: Watch
    match: WatchMatch


class Alerts:
    """Puts alerts into the outbox. Processes may follow side by side; threads take turns."""

    def __init__(
        self,
        store: ArticleStore,
        outbox: Outbox,
        watches: Watches,
        stories: FindsStories,
        vectors: KeepsVectors,
        encode: Encode,
        followed: Callable[[], int],
        clock: Clock,
    ) -> None:
        """`followed` gives the last change that is both indexed and grouped into a story."""
        self._store = store
        self._position = ChangePosition(store.engine, COUNTER)
        self._outbox = outbox
        self._watches = watches
        self._stories = stories
        self._vectors = vectors
        self._matchers = _Matchers(encode)
        self._followed = followed
        self._clock = clock

    @property
    def position(self) -> int:
        """Number of the last change of the store that was followed."""
        return self._position.value

    def catch_up(self) -> int:
        """Follow what has changed; the number of alerts put into the outbox."""
        put = 0
        while True:
            position, last = self.position, self._followed()
            # Asked after `last`: what changed up to there is older than a watch that is not here.
            watches = [watch for watch in self._watches.all() if not watch.paused]
            if last < position or (not watches and last > position):
                # A store that was put back to an earlier state, or nobody to be told.
                self._position.advance(position, last)
                return put
            changes = self._store.changes_since(position, _ARTICLES_A_BATCH)
            changes = [change for change in changes if change.number <= last]
            if not changes:
                return put
            matcher = self._matchers.of(watches, self._vectors.languages)
            for change in changes:
                for readers_met in self._met(change.article, watches, matcher):
                    put += self._tell(change.article, readers_met)
            if not self._position.advance(position, changes[-1].number):
                return put

    # -- one article -------------------------------------------------------------------------

    def _met(
        self, article: Article, watches: Sequence[Watch], matcher: WatchMatcher
    ) -> list[list[Met]]:
        """The watches that an article meets as news to them, reader by reader."""
        if article.withdrawn_at is not None or not is_news(article, self._clock()):
            return []
        matches = matcher.matches(article, *self._vectors.of_article(article))
        original = self._store.article(article.duplicate_of) if article.duplicate_of else None
        first = original or article
        if not matches or not is_news(first, self._clock()):
            return []
        by_id = {watch.id: watch for watch in watches}
        readers: dict[str, list[Met]] = {}
        for match in matches:
            watch = by_id[match.watch]
            if first.first_read_at >= watch.created_at:
                readers.setdefault(watch.reader, []).append(Met(watch, match))
        return list(readers.values())

    def _tell(self, article: Article, met: Sequence[Met]) -> bool:
        """Put what a reader is to be told of an article; False where that is nothing."""
        reader = met[0].watch.reader
        origin = article.duplicate_of or article.id
        story = self._stories.of_article(article.id) or origin
        told = self._told_of(reader, story)
        muted = self._watches.muted(reader)
        if story in muted or (told and told.posting.payload["story"] in muted):
            return False
        if told is None:
            return self._first(article, met, story)
        if article.duplicate_of or told.posting.payload["origin"] == origin:
            return False
        return self._outbox.put(
            Posting(
                key=f"{FURTHER}:{reader}:{article.id}",
                kind=FURTHER,
                reader=reader,
                channel=told.posting.channel,
                follows=told.posting.follows or told.posting.key,
                payload=_payload(article, met, story),
                due_at=max(self._due(met), told.posting.due_at),
            )
        )

    def _first(self, article: Article, met: Sequence[Met], story: str) -> bool:
        watch, due_at = met[0].watch, self._due(met)
        follows = None
        if self._alerts_of_day(watch, due_at) >= max(one.watch.daily_cap for one in met):
            follows = self._say_capped(watch, due_at)
        key = f"{ALERT}:{watch.reader}:{story}"
        if (known := self._outbox.find(key)) is not None and known.state == SKIPPED:
            # Its watch was paused then, or the place could not be reached.
            key = f"{key}:{article.id}"
        payload, place = _payload(article, met, story), (watch.reader, watch.channel)
        return self._outbox.put(Posting(key, ALERT, *place, follows, payload, due_at))

    def _due(self, met: Sequence[Met]) -> datetime:
        now = self._clock()
        return min(one.watch.out_of_quiet(now) for one in met)

    def _told_of(self, reader: str, story: str) -> Recorded | None:
        """The alert on a story that a reader has or is about to have, under whatever id the
        story had then: stories are joined and split."""
        since = self._clock() - _STORIES_LAST
        for told in reversed(self._outbox.of_reader(reader, ALERT, since)):
            payload = told.posting.payload
            if told.state == SKIPPED or "article" not in payload:
                continue
            if story in (payload["story"], self._stories.of_article(payload["article"])):
                return told
        return None

    def _alerts_of_day(self, watch: Watch, due_at: datetime) -> int:
        """How many alerts of their own a reader has on the local day of a moment."""
        zone = parse_zone(watch.zone)
        day = due_at.astimezone(zone).date()
        return sum(
            told.posting.due_at.astimezone(zone).date() == day
            for told in self._outbox.of_reader(watch.reader, ALERT, due_at - timedelta(days=2))
            if told.state != SKIPPED and told.posting.follows is None
            if "article" in told.posting.payload
        )

    def _say_capped(self, watch: Watch, due_at: datetime) -> str:
        """Put the line that says that the cap is reached; the key whose thread takes the rest."""
        day = due_at.astimezone(parse_zone(watch.zone)).date()
        key = f"alert_cap:{watch.reader}:{day.isoformat()}"
        cap = {"cap": watch.daily_cap}
        self._outbox.put(Posting(key, ALERT, watch.reader, watch.channel, None, cap, due_at))
        return key


class _Matchers:
    """The matcher of the watches as they last were; words are encoded once."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._rows: dict[str, Vectors] = {}
        self._made_for: tuple[tuple[Watched, ...], int] | None = None
        self._matcher: WatchMatcher | None = None

    def of(self, watches: Sequence[Watch], languages: int) -> WatchMatcher:
        wanted = tuple(Watched(watch.id, watch.criteria) for watch in watches)
        if self._matcher is None or (wanted, languages) != self._made_for:
            if self._made_for is not None and languages != self._made_for[1]:
                self._rows.clear()
            self._matcher = WatchMatcher(wanted, self._known)
            self._made_for = wanted, languages
        return self._matcher

    def _known(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        new = [text for text in texts if text not in self._rows]
        self._rows.update(zip(new, self._encode(new), strict=True))
        return np.stack([self._rows[text] for text in texts])


def is_news(article: Article, now: datetime) -> bool:
    """Whether an article is new to the world and to the store; a back catalogue is neither."""
    return min(article.first_read_at, moment_of(article)) >= now - NEWS


def _payload(article: Article, met: Sequence[Met], story: str) -> Mapping[str, object]:
    best = met[0].match
    return {
        "article": article.id,
        "origin": article.duplicate_of or article.id,
        "version": article.version,
        "story": story,
        "watches": [one.watch.id for one in met],
        "number": best.number,
        "sentence": best.sentence,
        "how": best.how.value,
        "score": round(best.score, 3),
    }


# What is a day late is no alert any more; the digest has told it.
_PATIENCE = timedelta(hours=24)


class AlertDelivery:
    """Composes alerts, and pauses the watches of a reader who cannot be reached any more."""

    def __init__(
        self, store: ArticleStore, clock: Clock, locale_of: Callable[[str], str] = lambda person: ""
    ) -> None:
        """`locale_of` tells the locale of a person's profile."""
        self._store = store
        self._watches = Watches(store.engine)
        self._turns = Turns(store.engine)
        self._clock = clock
        self._locale_of = locale_of

    def kinds(self) -> dict[str, Kind]:
        """The kinds of posting that are delivered here, by name."""
        kind = Kind(self.compose, _PATIENCE, self.place_gone)
        return {ALERT: kind, FURTHER: kind}

    def compose(self, claimed: Claimed) -> Composed | Skip:
        """The alert of a posting; skipped where nobody wants it any more."""
        posting = claimed.posting
        payload = posting.payload
        if "cap" in payload:
            with speaking(self._locale(self._watches.of_reader(posting.reader), posting.reader)):
                return Composed((plain_message(cap_line(payload["cap"])),))
        watches = self._still_on(posting)
        if not watches:
            return Skip("its watches were paused or removed")
        if payload["story"] in self._watches.muted(posting.reader):
            return Skip("the story was muted")
        article = self._store.article(payload["article"])
        if article is None or article.withdrawn_at is not None or not article.paragraphs:
            return Skip("the article was withdrawn")
        with speaking(self._locale(watches, posting.reader)):
            return self._composed(posting, self._alert(posting, article, watches))

    def place_gone(self, claimed: Claimed, reason: str) -> None:
        """Pause the watches whose alerts Slack does not take."""
        for watch in self._watches.of_reader(claimed.posting.reader):
            if watch.channel == claimed.posting.channel and not watch.paused:
                self._watches.pause(watch.id)

    def _locale(self, watches: Sequence[Watch], reader: str) -> str | None:
        """A person's own; a channel's alerts speak as whoever set its watch up."""
        person = reader if is_person(reader) or not watches else watches[0].created_by
        return self._locale_of(person) if is_person(person) else None

    def _still_on(self, posting: Posting) -> list[Watch]:
        watches = (self._watches.get(identity) for identity in posting.payload["watches"])
        return [watch for watch in watches if watch is not None and not watch.paused]

    def _alert(self, posting: Posting, article: Article, watches: Sequence[Watch]) -> Alert:
        paragraph, sentence = where_now(article, posting.payload)
        copies = self._store.copies([article.id]).get(article.id, [])
        standing = tuple(copy for copy in copies if copy.withdrawn_at is None)
        return Alert(
            watch_name=_named(watches),
            reader=posting.reader,
            story_id=posting.payload["story"],
            sentence=sentence,
            citation=Citation(1, article, paragraph, sentence, standing),
            zone=parse_zone(watches[0].zone),
            watches=tuple(watch.id for watch in watches),
        )

    def _composed(self, posting: Posting, alert: Alert) -> Composed:
        turn = self._turns.record_posting(
            ALERT,
            f"{posting.channel}:{posting.follows or posting.key}",
            posting.reader,
            self._clock(),
            alert.watch_name,
            [alert.sentence],
            [alert.citation],
            content_of_statements([Statement(alert.sentence, (alert.citation.mark,))]),
        )
        lay_out = further_messages if posting.kind == FURTHER else alert_messages
        return Composed(tuple(lay_out(alert, turn)), turn_id=turn)


def where_now(article: Article, payload: Mapping[str, Any]) -> tuple[Paragraph, str]:
    """The sentence that met the watch in the article as it reads now, or the one most like it."""
    sentence, number = payload["sentence"], payload["number"]
    numbered = article.paragraphs[number - 1 : number]
    for paragraph in (*numbered, *article.paragraphs):
        if sentence in paragraph.text:
            return paragraph, sentence
    wanted = set(words_of(sentence).stems)
    paragraph, found = max(
        (
            (paragraph, sentence)
            for paragraph in article.paragraphs
            for sentence in split_sentences(paragraph.text)
        ),
        key=lambda pair: len(wanted & set(words_of(pair[1].text).stems)),
    )
    return paragraph, found.text


def _named(watches: Sequence[Watch]) -> str:
    """ "Gharyan and Haftar in Libya"."""
    return listed_words(dict.fromkeys(watch.name for watch in watches))


def cap_line(cap: int) -> str:
    """What stands in place of alerts beyond the daily cap."""
    said = ngettext(
        "That was {count} alert today, as many as you asked for; further ones are in this thread.",
        "That was {count} alerts today, as many as you asked for; further ones are in this thread.",
        cap,
    )
    return framed(said)

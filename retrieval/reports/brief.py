"""From a story to what is told of it: headline, what happened, who said what, disputed, ahead.

    Story of a span, what was told before ─▶ passages ─▶ lines
        ─ BriefMaker ─▶ Draft: headline, happened, spoken, disputed, announced  pure but for vectors
        ─ Ledger ─▶ Brief: every sentence checked, its paragraph numbered

Drafts are made first and numbered afterwards, so that what is left out takes no mark. The ledger is
the document's: one list of citations, one mark a paragraph, from 1 in the order of reading. Every
sentence passes the checks of `retrieval.grounding.check` like that of any answer; one that does not
is withheld and counted.

Of an article that was told and has changed only the changes are told again: a sentence is put right
where its counterpart had other names, numbers or dates, said the opposite or was worded otherwise
in what it tells; added where it has no counterpart and says something. Punctuation, addresses,
boilerplate and the wording of a transcript are no news.

With a language model the headline and what happened are written by it, story by story beside each
other, from the paragraphs of the draft, and pass the checks of any answer. A run of sentences of
which something is not in what passed is told as it stands, so that a written brief tells no less.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from hashlib import sha256
from itertools import islice
from typing import Any, Protocol, runtime_checkable

from corpus.articles import Article
from corpus.quotations.extraction import Quotation
from corpus.text.sentences import split_sentences
from corpus.text.words import fold, names, numbers, paragraph_language
from retrieval.encoders.encoder import is_english
from retrieval.errors import RetrievalError
from retrieval.evidence import Evidence
from retrieval.grounding.check import Checking, Source, check, is_verbatim, translated
from retrieval.grounding.support import Support, Unverified, Verifier
from retrieval.outcomes import EXTRACTIVE, Citation, DraftSentence, Said, Statement, Withheld
from retrieval.passages import ParagraphKey, Passage
from retrieval.questions.understand import Asked, Question
from retrieval.reports.announcements import Announced, GivenUp, Outdated, announcements
from retrieval.reports.disputes import Disputed, disputes
from retrieval.reports.happened import Span, happened
from retrieval.reports.lines import (
    PARAGRAPHS_READ,
    Line,
    is_opinion,
    is_tellable,
    lines_of,
    names_only_form,
    passages_of,
    spoken_paragraphs,
)
from retrieval.reports.ranking import texts_of
from retrieval.reports.report import (
    Announcement,
    Brief,
    Dispute,
    Headline,
    Spoken,
    Told,
    headline_of,
)
from retrieval.reports.speech import MOST, Words, full_speaker, spoken_in
from retrieval.similarity import Sameness, adds_words, covered, overlap, stems
from retrieval.stories.story import Status, Story, moment_of

LONGEST_QUOTE = 600
"""Characters of a citation's quote; a longer stretch is cited by its first sentence."""
COUNTERPART = 0.5
"""Share of content words from which a sentence is another reading of one that was told."""
NEW_WORDS = 4
"""Content words that make a sentence without a counterpart worth telling."""
OTHER_WORDS = 3
"""Content words that differ where a sentence was worded otherwise."""
_NEGATION = re.compile(r"\b(?:not|no|never|nor|without|denie[sd]|n['’]t)\b|n['’]t\b")
ENOUGH = 2
"""Sentences of what happened from which a speaker is quoted once only."""
MOST_DISPUTES = 2
MOST_ANNOUNCED = 3
TOLD_SENTENCES = 400
TOLD_WORDS = 0.3
"""Share of a sentence's content words in a written one that tells it."""
MOST_WRITTEN = 10
"""Stories of a document that a model writes of: no reader's digest is longer by default, and a
request costs money."""
WRITTEN_AT_ONCE = 4
"""Providers limit how many requests come beside each other."""
DOCUMENT_TIMEOUTS = 2.0
"""How many times as long as an answer a document may take: its first stories are written at once,
then checked; somebody waits for a summary."""
LONGEST_DOCUMENT_SECONDS = 60.0
"""A digest that does not stand two minutes after it was claimed is made by another process."""
REST_SECONDS = 300.0
"""How long a model is left alone of which nothing came: about a round of deliveries."""
MOST_TRANSLATED = 20
MOST_REMEMBERED = 500
ONE_MATTER = 0.5
"""Cosine of what opens two stories from which they are of one matter: a war, its embargoes."""
MATTER_LINES = 6
"""Sentences that open a story's reports, which say what its speeches are about."""
Quoted = Callable[[Sequence[str]], Mapping[str, Sequence[Quotation]]]
"""The quotations of articles by their ids."""
Speaking = Callable[[Sequence[Passage]], list[Passage]]
Versions = Callable[[str, int], Article | None]
"""An article as it read in a version."""


@dataclass(frozen=True, slots=True)
class Window:
    """The span told of, [since, until), and the zone in which its days begin."""

    since: datetime
    until: datetime
    zone: tzinfo = UTC

    @property
    def span(self) -> Span:
        """Its days, the last one that is at least in part within it included."""
        last = datetime.fromtimestamp(self.until.timestamp() - 1, self.zone).date()
        return Span(self.since.astimezone(self.zone).date(), last)

    @property
    def next_day(self) -> date:
        """The day that the reader is on when the span is over."""
        return self.until.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Draft:
    """What could be told of a story, before it is checked and numbered.

    `story` holds all its articles, `told_of` those of the span that were not told before.
    """

    story: Story
    told_of: Story
    status: Status
    day: int
    headline: Headline
    happened: Sequence[tuple[Line, ...]]
    spoken: Sequence[Words]
    disputed: Sequence[Disputed]
    announced: Sequence[Announced] = field(default=())

    @property
    def says_anything(self) -> bool:
        return bool(self.happened or self.spoken)

    @property
    def sentences(self) -> list[str]:
        """What happened, as it will be read."""
        return [line.text for run in self.happened for line in run]

    @property
    def said(self) -> list[str]:
        """What happened and what was said, as it will be read."""
        return [*self.sentences, *(words.quote for words in self.spoken)]

    def with_first_of(self, other: Draft) -> Draft:
        """With what comes first of another story of its matter."""
        articles = (*self.told_of.articles, *other.told_of.articles)
        return replace(
            self,
            told_of=Story(self.told_of.id, tuple(sorted(articles, key=moment_of))),
            happened=[*self.happened, *other.happened[:1]],
            spoken=[*self.spoken, *(() if other.happened else other.spoken[:1])],
        )


class BriefMaker:
    """Drafts briefs; remembers vectors, so one maker serves one document."""

    def __init__(
        self,
        sameness: Sameness,
        quoted: Quoted,
        versions: Versions | None = None,
        speaking: Speaking | None = None,
        given_up: Sequence[GivenUp] = (),
    ) -> None:
        """`speaking` leaves of some passages those that speak of what is asked for; what is
        `given_up` in any story is told as planned in none."""
        self._sameness = sameness
        self._quoted = quoted
        self._versions = versions
        self._speaking = speaking or list
        self._given_up = given_up

    def draft(
        self, story: Story, window: Window, told: Told, heard: Iterable[str] = ()
    ) -> Draft | None:
        """What is new in a story within a window; None where nothing is.

        `heard` are sentences of other stories of the same document.
        """
        within = story.within(window.since, window.until)
        changed = self._changed(within, told) if within else {}
        news = _news(within, told, changed) if within else None
        if news is None:
            return None
        replaced = {text for one in changed.values() for text in one.replaced}
        known = [text for text in self._told_sentences(story, told) if text not in replaced]
        known += heard
        passages = self._speaking(passages_of(news))
        outdated = Outdated(window.next_day, self._given_up)
        titled = [a for a in _reported(news.articles) if not outdated.title(a)]
        if not titled:
            return None
        lines = [line for line in lines_of(passages) if _is_news(line, changed)]
        lines = [line for line in lines if not outdated(line.text, line.article)]
        # Of a story in several languages an English title is read by most; some have none.
        english = [one for one in titled if is_english(one.title, one.language)]
        headline = headline_of(english or titled, self._sameness)
        ahead = announcements(lines, window.next_day, self._sameness)
        disputed = disputes(passages, self._sameness)[:MOST_DISPUTES]
        disputed = [one for one in disputed if not self._sameness_told(one, known)]
        elsewhere = {one.line.place for one in ahead if not one.line.is_lead}
        elsewhere |= {
            line.place for one in disputed for acc in one.lines for line in acc if not line.is_lead
        }
        runs = happened(lines, headline, known, elsewhere, window.span, self._sameness)
        read = [line.text for run in runs for line in run]
        disputed = [one for one in disputed if not _told_in(one, read)]
        in_accounts = [line.text for one in disputed for acc in one.lines for line in acc]
        quotations = self._quoted([article.id for article in news.articles])
        spoken = spoken_in(
            [one for one in passages if one.article.id not in changed],
            quotations,
            [*known, *read, *in_accounts],
            self._sameness,
            _matter(headline, lines),
            of_one=MOST if len(read) < ENOUGH else 2 if news.origins == 1 else 1,
            outdated=outdated,
        )
        return Draft(
            story,
            news,
            status_of(story, news, told, changed),
            day_of(story, window, told),
            headline,
            runs,
            spoken,
            disputed,
            [one for one in ahead if one.line.text not in read][:MOST_ANNOUNCED],
        )

    def nearest(self, story: Story, others: Sequence[Story]) -> int | None:
        """Which of some stories one is of the matter of; None for none of them."""
        own = self._sameness.vectors(texts_of(story))
        near = [float((own @ self._sameness.vectors(texts_of(one)).T).max()) for one in others]
        best = max(range(len(near)), key=near.__getitem__, default=None)
        return best if best is not None and near[best] >= ONE_MATTER else None

    def _changed(self, within: Story, told: Told) -> dict[str, Changes]:
        """What differs in the articles that were told in an earlier version, by their ids; those
        whose earlier version is not at hand are not among them."""
        found: dict[str, Changes] = {}
        for article in within.articles:
            version = told.versions.get(article.id, article.version)
            if version < article.version and self._versions is not None:
                before = self._versions(article.id, version)
                if before is not None:
                    found[article.id] = changes(before, article)
        return found

    def _sameness_told(self, disputed: Disputed, known: Sequence[str]) -> bool:
        """Whether every account was told before."""
        texts = [line.text for account in disputed.lines for line in account]
        return bool(known) and all(self._sameness.repeats(text, known) for text in texts)

    def _told_sentences(self, story: Story, told: Told) -> list[str]:
        """The sentences of a story's articles as the reader was told of them, newest first."""
        found: list[str] = []
        for article in sorted(story.articles, key=moment_of, reverse=True):
            version = told.versions.get(article.id)
            if version is None:
                continue
            read = article
            if version != article.version and self._versions is not None:
                read = self._versions(article.id, version) or article
            elif version != article.version:
                continue
            for paragraph in read.paragraphs:
                found += [sentence.text for sentence in split_sentences(paragraph.text)]
        return found[:TOLD_SENTENCES]


def _news(within: Story, told: Told, changed: Mapping[str, Changes]) -> Story | None:
    """The articles that the reader was not told of, and those in which something told changed."""
    new = tuple(
        article
        for article in within.articles
        if told.versions.get(article.id, 0) < article.version
        and (article.id not in changed or changed[article.id].news)
    )
    # A copy of what was told is told; its origin's id stands for it.
    new = tuple(a for a in new if a.duplicate_of is None or a.duplicate_of not in told.versions)
    return Story(within.id, new) if new else None


def _is_news(line: Line, changed: Mapping[str, Changes]) -> bool:
    """Whether a line may be told: of an article that was told before, only what has changed."""
    of_it = changed.get(line.article.id)
    return of_it is None or line.text in of_it.news


def _matter(headline: Headline, lines: Sequence[Line]) -> list[str]:
    """What a story is about: its headline, unless that names a form, and what opens its reports."""
    found = [] if names_only_form(headline.text) else [headline.text]
    return [*found, *[line.text for line in lines if line.depth == 0][:MATTER_LINES]]


def _reported(articles: Sequence[Article]) -> Sequence[Article]:
    return [article for article in articles if not is_opinion(article)] or articles


def status_of(
    story: Story, news: Story, told: Told, changed: Mapping[str, Changes] | None = None
) -> Status:
    """New where the reader was not told of it; corrected where nothing but what was told has been
    put right; developing otherwise."""
    if story.id not in told.stories:
        return Status.NEW
    changed = changed or {}
    again = all(article.id in told.versions for article in news.articles)
    only_added = any(
        article.id in changed and not changed[article.id].put_right for article in news.articles
    )
    return Status.CORRECTED if again and not only_added else Status.DEVELOPING


def day_of(story: Story, window: Window, told: Told) -> int:
    """Which day of the story this is for the reader, counted in local days from 1."""
    began = told.stories.get(story.id)
    if began is None:
        return 1
    return max(1, (window.span.last - began.astimezone(window.zone).date()).days + 1)


def _told_in(disputed: Disputed, read: Sequence[str]) -> bool:
    """Whether what happened tells a dispute already."""
    return len(disputed.lines) == 1 and all(line.text in read for line in disputed.lines[0])


def brief_of(
    draft: Draft, ledger: Ledger, written: Written, *, with_announced: bool
) -> Brief | None:
    """The draft checked and numbered in the order of reading; None where nothing is left."""
    statements = list(_happened(draft.happened, ledger, written))
    articles = draft.told_of.articles
    spoken = [quoted for words in draft.spoken if (quoted := _spoken(words, ledger, articles))]
    if not statements and not spoken:
        return None
    disputed = [dispute for found in draft.disputed if (dispute := _dispute(found, ledger))]
    announced = announcements_of(draft.announced, ledger) if with_announced else ()
    return Brief(
        draft.told_of,
        draft.status,
        draft.day,
        written.headline or draft.headline.text,
        tuple(statements),
        tuple(spoken),
        tuple(disputed),
        announced,
    )


def written_briefs(
    drafts: Sequence[Draft], ledger: Ledger, writer: BriefWriter | None, *, with_announced: bool
) -> tuple[tuple[Brief, ...], Writing]:
    """The briefs of a document, without those of which nothing is left, as a writer writes them
    where there is one; and what it wrote."""
    writing = writer.write(drafts) if writer else Writing()
    found = (
        brief_of(one, ledger, writing.of(one), with_announced=with_announced) for one in drafts
    )
    briefs = tuple(brief for brief in found if brief is not None)
    return writer.translated(briefs, ledger.citations) if writer else briefs, writing


def _happened(
    runs: Sequence[tuple[Line, ...]], ledger: Ledger, written: Written
) -> Iterator[Statement]:
    """What happened in the order of the draft: each run as it was written, where all of it was,
    else as it stands."""
    ledger.withheld += written.withheld
    stated: set[str] = set()
    for run in runs:
        telling = [one for one in written.sentences if any(one.tells(line) for line in run)]
        if not all(any(one.tells(line) for one in telling) for line in run):
            if statement := ledger.state(run):
                yield statement
            continue
        for one in telling:
            if one.text not in stated:
                stated.add(one.text)
                yield ledger.state_written(one)


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence of a model that passed its checks, and what it cites."""

    text: str
    citations: tuple[Citation, ...]

    def tells(self, line: Line) -> bool:
        """Whether it says what a line says: it cites its paragraph and has its words."""
        cited = {citation.key for citation in self.citations}
        return line.passage.key in cited and covered(line.text, self.text) >= TOLD_WORDS


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote of one story; without a headline the story keeps its own."""

    headline: str = ""
    sentences: tuple[WrittenSentence, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    unverified: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """What a model wrote of the stories of a document, by their ids; `notice` says in words what
    it did not."""

    stories: Mapping[str, Written] = field(default_factory=dict)
    answerer: str = EXTRACTIVE
    notice: str | None = None

    def of(self, draft: Draft) -> Written:
        return self.stories.get(draft.told_of.id, Written())


@runtime_checkable
class BriefAuthor(Protocol):
    """A language model that writes of a story; RetrievalError where it cannot.

    `brief_version` changes with whatever a brief depends on beside its paragraphs.
    """

    name: str
    timeout_seconds: float
    brief_version: str

    def brief(
        self, evidence: Evidence, told: Sequence[str], seconds: float
    ) -> tuple[str, Sequence[DraftSentence]]: ...

    def translate(self, sentences: Sequence[str]) -> Sequence[str]: ...


class BriefWriter:
    """Has a language model write what happened in the stories of a document. Threads may share it.

    Two requests a story, one to write and one to verify, of `MOST_WRITTEN` stories at most; what is
    not there after `DOCUMENT_TIMEOUTS` times the model's own time is told extractively, and a model
    of which nothing came in that time is left alone for `REST_SECONDS`. What was written is
    remembered by its paragraphs, what of them is told, the model and its prompt.
    """

    def __init__(self, author: BriefAuthor, verifier: Verifier | None) -> None:
        self._author = author
        self._verifier = verifier
        self._remembered: dict[str, Written] = {}
        self._translations: dict[str, str] = {}
        self._rests_until = 0.0

    def write(self, drafts: Sequence[Draft]) -> Writing:
        """What it writes of the drafts that tell what happened; the notice says why not of all."""
        wanted = {one.told_of.id: _Telling.of(one.happened) for one in drafts if one.happened}
        found = {story: self._remembered.get(self._key(one)) for story, one in wanted.items()}
        written = {story: one for story, one in found.items() if one is not None}
        new = {story: one for story, one in wanted.items() if story not in written}
        failures = self._ask(dict(islice(new.items(), MOST_WRITTEN)), written) if new else []
        wrote = any(one.headline or one.sentences for one in written.values())
        if left := len(wanted) - len(written):
            form = Said("The stories are told in their sources' own sentences.")
            if written and left == 1:
                form = Said("{count} of {all} stories is told in their sources' own sentences.")
            elif written:
                form = Said("{count} of {all} stories are told in their sources' own sentences.")
            failures.append(Said(form, count=left, all=len(wanted)))
        elif wanted and not wrote:
            failures.append(Said("Nothing that the language model wrote passed its checks."))
        by_rules = (one.unverified for one in written.values() if one.unverified)
        failures += [Said("Checked by rules only: {error}", error=reason) for reason in by_rules]
        notice = Said.joined(dict.fromkeys(failures))
        return Writing(written, self._author.name if wrote else EXTRACTIVE, notice)

    def _ask(self, new: Mapping[str, _Telling], written: dict[str, Written]) -> list[str]:
        """Add what the model writes of stories to what is written; why it did not write of some."""
        begun = time.monotonic()
        model = Said("The language model {name}", name=self._author.name)
        seconds = min(DOCUMENT_TIMEOUTS * self._author.timeout_seconds, LONGEST_DOCUMENT_SECONDS)
        if begun < self._rests_until:
            return [Said("{model} was too slow a short while ago.", model=model)]
        pool = ThreadPoolExecutor(WRITTEN_AT_ONCE, thread_name_prefix="briefs")
        asked = {
            story: pool.submit(self._written, telling, begun + seconds)
            for story, telling in new.items()
        }
        wait(asked.values(), timeout=seconds)
        pool.shutdown(wait=False, cancel_futures=True)
        failures: list[str] = []
        for story, future in asked.items():
            if not future.done() or future.cancelled():
                form = Said("{model} was too slow ({seconds} s at most).")
                failures.append(Said(form, model=model, seconds=f"{seconds:g}"))
            elif isinstance(error := future.exception(), RetrievalError):
                failures.append(error.said)
            else:
                written[story] = future.result()
        # Other documents wait behind this one, and would each wait as long.
        if not written and time.monotonic() - begun >= self._author.timeout_seconds:
            self._rests_until = time.monotonic() + REST_SECONDS
        return failures

    def _written(self, telling: _Telling, until: float) -> Written:
        """What the model writes of a story and of that passes; it is to begin before `until`."""
        seconds = min(self._author.timeout_seconds, until - time.monotonic())
        evidence = Evidence(telling.passages)
        headline, sentences = self._author.brief(evidence, telling.texts, seconds)
        every = tuple(range(1, len(telling.passages) + 1))
        title = [DraftSentence(headline, every)] if headline else []
        checking = Checking(self._verifier)
        passed = list(checking.pass_through([*title, *sentences], _NO_QUESTION, evidence))
        kept = bool(title and passed and passed[0].text == headline)
        written = Written(
            headline if kept else "",
            tuple(
                WrittenSentence(one.text, checking.citations(one.citations))
                for one in passed[kept:]
            ),
            tuple(checking.withheld),
            checking.unverified,
        )
        # What no verifier could read is read when it is next asked for.
        if not written.unverified:
            self._remembered[self._key(telling)] = written
            _forget_oldest(self._remembered)
        return written

    def _key(self, telling: _Telling) -> str:
        parts = [self._author.brief_version, self._verifier.name if self._verifier else ""]
        for passage, text in zip(telling.passages, telling.texts, strict=True):
            article = passage.article
            known = (*passage.key, article.version, article.title, article.source)
            parts += [*map(str, known), str(article.published_at), passage.text, text]
        return sha256("\0".join(parts).encode()).hexdigest()

    def translated(
        self, briefs: Sequence[Brief], citations: Sequence[Citation]
    ) -> tuple[Brief, ...]:
        """The briefs with English beside what they quote in other languages, as far as the
        verifier finds that it says the same; two requests at most, raises nothing."""
        cited = {
            one.mark: one
            for one in citations
            if paragraph_language(one.paragraph.text, one.article.language) not in (None, "en")
        }
        said = [(one.text, one.citations[0]) for brief in briefs for one in brief.happened]
        said += [(one.quote, one.mark) for brief in briefs for one in brief.spoken]
        wanted = {
            text: cited[mark]
            for text, mark in said
            if mark in cited and is_verbatim(text, cited[mark].paragraph.text)
        }
        new = [text for text in wanted if text not in self._translations]
        if new and self._verifier is not None and time.monotonic() >= self._rests_until:
            with suppress(RetrievalError):
                self._translate({text: wanted[text] for text in new[:MOST_TRANSLATED]})
        english = {text: self._translations.get(text, "") for text in wanted}
        return tuple(_in_english(brief, english) for brief in briefs)

    def _translate(self, sentences: Mapping[str, Citation]) -> None:
        assert self._verifier is not None
        made = self._author.translate(list(sentences))
        items = [
            Unverified(translated(english, text), (Source.of(cited),))
            for (text, cited), english in zip(sentences.items(), made, strict=True)
        ]
        findings = self._verifier.verify(items)
        for text, english, finding in zip(sentences, made, findings, strict=True):
            supported = finding.support is Support.SUPPORTED
            self._translations[text] = english if supported else ""
        _forget_oldest(self._translations)


@dataclass(frozen=True, slots=True)
class _Telling:
    """The paragraphs of what happened in a story, and what of each is told."""

    passages: tuple[Passage, ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, runs: Sequence[tuple[Line, ...]]) -> _Telling:
        told: dict[ParagraphKey, list[Line]] = {}
        for run in runs:
            for line in run:
                told.setdefault(line.passage.key, []).append(line)
        texts = tuple(" ".join(line.text for line in lines) for lines in told.values())
        return cls(tuple(lines[0].passage for lines in told.values()), texts)


def _forget_oldest(held: dict[str, Any]) -> None:
    while len(held) > MOST_REMEMBERED:
        held.pop(next(iter(held)), None)


def _in_english(brief: Brief, english: Mapping[str, str]) -> Brief:
    return replace(
        brief,
        happened=tuple(
            replace(one, text=translated(said, one.text))
            if (said := english.get(one.text))
            else one
            for one in brief.happened
        ),
        spoken=tuple(replace(one, translation=english.get(one.quote, "")) for one in brief.spoken),
    )


_NO_QUESTION = Question("", datetime.min.replace(tzinfo=UTC), "", Asked.THING)


def announcements_of(found: Sequence[Announced], ledger: Ledger) -> tuple[Announcement, ...]:
    """Announcements checked and numbered."""
    return tuple(
        Announcement(one.first, one.last, statement)
        for one in found
        if (statement := ledger.state([one.line]))
    )


def _spoken(words: Words, ledger: Ledger, articles: Sequence[Article]) -> Spoken | None:
    mark = ledger.quote(words.quote, words.passage)
    if mark is None:
        return None
    quotation = words.quotation
    speaker, role = full_speaker(quotation, words.passage.article, articles)
    return Spoken(speaker, role, quotation.verb, words.quote, quotation.direct, mark)


def _dispute(found: Disputed, ledger: Ledger) -> Dispute | None:
    accounts = tuple(stated for account in found.lines if (stated := ledger.state(account)))
    return Dispute(found.about, accounts) if accounts else None


@dataclass(frozen=True, slots=True)
class Changes:
    """Sentences of an article as it is now: those that put one right, those that are added.

    `replaced` are the sentences as they were told that the first stand for.
    """

    put_right: frozenset[str] = field(default_factory=frozenset)
    added: frozenset[str] = field(default_factory=frozenset)
    replaced: frozenset[str] = field(default_factory=frozenset)

    @property
    def news(self) -> frozenset[str]:
        return self.put_right | self.added


def changes(told: Article, now: Article) -> Changes:
    """What differs between an article as the reader was told of it and as it is."""
    before, after = _sentences(told), _sentences(now)
    gone = {plain: text for plain, text in before.items() if plain not in after}
    put_right: set[str] = set()
    added: set[str] = set()
    replaced: set[str] = set()
    for plain, text in after.items():
        if plain in before:
            continue
        counterpart = max(gone.values(), key=lambda one: overlap(text, one), default=None)
        if counterpart is None or overlap(text, counterpart) < COUNTERPART:
            if len(adds_words(text, before.values())) >= NEW_WORDS:
                added.add(text)
        elif _tells_otherwise(counterpart, text):
            put_right.add(text)
            replaced.add(counterpart)
    return Changes(frozenset(put_right), frozenset(added), frozenset(replaced))


def _sentences(article: Article) -> dict[str, str]:
    """The sentences of an article's reports that can be told, by their bare words."""
    spoken = spoken_paragraphs(article)
    return {
        " ".join(re.findall(r"\w+", sentence.text.casefold())): sentence.text
        for paragraph in article.paragraphs[:PARAGRAPHS_READ]
        if paragraph.number not in spoken
        for sentence in split_sentences(paragraph.text)
        if is_tellable(sentence.text)
    }


def _tells_otherwise(before: str, after: str) -> bool:
    if _particulars(before) != _particulars(after):
        return True
    if len(_NEGATION.findall(before)) != len(_NEGATION.findall(after)):
        return True
    return len(stems(before) ^ stems(after)) >= OTHER_WORDS


def _particulars(text: str) -> set[str]:
    return {fold(name) for name in names(f"x {text}")} | numbers(text)


@dataclass(slots=True)
class Ledger:
    """The citations of one document as they are first used."""

    withheld: list[Withheld] = field(default_factory=list)
    _marks: dict[ParagraphKey, int] = field(default_factory=dict)
    _passages: list[Passage] = field(default_factory=list)
    _quotes: list[tuple[int, int]] = field(default_factory=list)

    def state(self, lines: Sequence[Line]) -> Statement | None:
        """The statement that neighbouring lines of one paragraph make; None where withheld."""
        passage = lines[0].passage
        start, end = lines[0].sentence.start, lines[-1].sentence.end
        text = passage.text[start:end]
        verdict = check(text, [Source.of(passage)])
        if verdict.support is not Support.SUPPORTED:
            self.withheld.append(Withheld(text, verdict.reason))
            return None
        return Statement(text, (self._mark(passage, start, end),))

    def state_written(self, sentence: WrittenSentence) -> Statement:
        """The statement of a sentence that was checked, under the marks of this document."""
        marks = []
        for cited in sentence.citations:
            passage = Passage(cited.article, cited.paragraph, 1.0, carried_by=cited.carried_by)
            start = max(0, passage.text.find(cited.quote))
            marks.append(self._mark(passage, start, start + len(cited.quote)))
        return Statement(sentence.text, tuple(marks))

    def quote(self, words: str, passage: Passage) -> int | None:
        """The mark of verbatim words; None, and withheld, where they do not stand there."""
        start = passage.text.find(words)
        if start < 0 or not is_verbatim(words, passage.text):
            self.withheld.append(Withheld(words, "the words do not stand there"))
            return None
        return self._mark(passage, start, start + len(words))

    def paragraph(self, article: Article, number: int) -> int | None:
        """The mark of a whole paragraph; None where the article has none of that number."""
        if not 1 <= number <= len(article.paragraphs):
            return None
        passage = Passage(article, article.paragraph(number), 1.0)
        sentences = split_sentences(passage.text)
        if not sentences:
            return None
        fits = [one for one in sentences if one.end - sentences[0].start <= LONGEST_QUOTE]
        return self._mark(passage, sentences[0].start, (fits or sentences)[-1 if fits else 0].end)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations so far, by mark."""
        return tuple(
            Citation(
                mark,
                passage.article,
                passage.paragraph,
                passage.text[start:end],
                passage.carried_by,
            )
            for mark, (passage, (start, end)) in enumerate(
                zip(self._passages, self._quotes, strict=True), start=1
            )
        )

    def _mark(self, passage: Passage, start: int, end: int) -> int:
        """The paragraph's mark; its quote grows to hold all that was said from it."""
        known = self._marks.get(passage.key)
        if known is None:
            self._passages.append(passage)
            self._quotes.append((start, end))
            self._marks[passage.key] = len(self._passages)
            return len(self._passages)
        first, last = self._quotes[known - 1]
        first, last = min(first, start), max(last, end)
        if last - first <= LONGEST_QUOTE:
            self._quotes[known - 1] = (first, last)
        return known

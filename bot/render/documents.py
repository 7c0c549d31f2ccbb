"""JSON forms of what is found and made: a contract that other programs rely on.

search --json    {"query", "results", …}      ask --json    statements, citations, what was withheld
check --json     {"claims", "counts", …}      summary --json  the same, and "stories" beside it
digest --json    {"from", "to", "stories", "announced", "corrections", "coverage", …}
quotes, timeline, stories --json              lists of one form each

They are made from what was found and not from its page: a program wants addresses, moments and
statuses that a page does not show, and none of the words that it does.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.render.answers import WIDTH
from bot.render.catalogues import comma, gettext, ngettext
from bot.render.page import Page, content_of_page
from bot.render.wording import articles_words, publisher, safe, short_date
from corpus.articles import Article
from corpus.quotations.speaker_names import Speaker
from corpus.store.articles import ArticleStore
from retrieval.answers.trace import trace
from retrieval.evidence import ENOUGH
from retrieval.grounding.claims import CheckedClaim
from retrieval.grounding.support import Support
from retrieval.outcomes import Answer, Citation, NoAnswer, Outcome, Statement, Withheld
from retrieval.passages import Passage
from retrieval.reports.quotes import Position, Positions
from retrieval.reports.report import (
    Announcement,
    Brief,
    Correction,
    Coverage,
    Digest,
    Dispute,
    Spoken,
    Summary,
)
from retrieval.reports.timeline import Event, Timeline
from retrieval.stories.grouping import central_article
from retrieval.stories.story import Story

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
    outcome: Outcome, seconds: float, current: Current | None = None, *, explain: bool = False
) -> dict[str, Any]:
    """`ask --json`: what was answered, what it rests on, what was withheld.

    `current` are the cited articles as they stand, where what is cited may be older. With
    `explain` the trace says how it came about.
    """
    answer = outcome if isinstance(outcome, Answer) else None
    nearest = outcome.nearest if isinstance(outcome, NoAnswer) else ()
    document: dict[str, Any] = {
        "question": outcome.question.text,
        "looked_for": outcome.question.looked_for,
        "status": "answered" if answer else "unanswered",
        **({"reason": outcome.reason} if isinstance(outcome, NoAnswer) else {}),
        "statements": [statement_document(one) for one in (answer.statements if answer else ())],
        "citations": [
            citation_document(one, current) for one in (answer.citations if answer else ())
        ],
        "nearest": [passage_document(passage) for passage in nearest],
        "unanswered": list(answer.unanswered) if answer else [],
        "differing": list(answer.differing) if answer else [],
        "withheld": [withheld_document(one) for one in outcome.withheld],
        "answerer": outcome.answerer,
        "intent": outcome.question.intent.value,
        "notice": outcome.notice,
        "confidence": round(max((found.confidence for _, found in outcome.parts), default=0.0), 3),
        "threshold": ENOUGH,
        "seconds": round(seconds, 4),
    }
    return document | {"trace": trace(outcome)} if explain else document


def page_document(page: Page, question: str, kind: str, seconds: float) -> dict[str, Any]:
    """`ask --json` of what a report answers: every sentence of its page in order."""
    statements = content_of_page(page).statements
    return {
        "question": question,
        "status": "answered" if statements else "unanswered",
        **({} if statements else {"reason": " ".join(page.lead)}),
        "statements": [statement_document(one) for one in statements],
        "citations": [citation_document(one) for one in page.citations],
        "nearest": [],
        "withheld": [],
        "answerer": page.answerer,
        "intent": kind,
        "seconds": round(seconds, 4),
    }


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


def claims_document(
    claims: Sequence[CheckedClaim],
    passed_over: Sequence[str],
    seconds: float,
    current: Current | None = None,
) -> dict[str, Any]:
    """`check --json`: {"claims", "counts", "passed_over", "seconds"}.

    A claim's "citations" carry it, its "nearest" do not and only come near it. "read_as" is what
    was looked up where a pronoun was read as its person; null where the text itself was.
    `passed_over` are the lines and sentences that claim nothing.
    """
    return {
        "claims": [_claim(claim, current) for claim in claims],
        "counts": {
            support.value: sum(claim.support is support for claim in claims) for support in Support
        },
        "passed_over": list(passed_over),
        "seconds": round(seconds, 4),
    }


def _claim(claim: CheckedClaim, current: Current | None) -> dict[str, Any]:
    return {
        "text": claim.text,
        "support": claim.support.value,
        "reason": claim.reason or None,
        "read_as": claim.read_as or None,
        "citations": [citation_document(one, current) for one in claim.citations],
        "nearest": [citation_document(one, current) for one in claim.nearest],
    }


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
        "answerer": digest.answerer,
        "notice": digest.notice,
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
        document["newest"] = moment(summary.newest)
    return document | {
        "statements": [
            statement_document(statement)
            for brief in summary.briefs
            for statement in statements_of(brief)
        ],
        "citations": [citation_document(citation, current) for citation in summary.citations],
        "nearest": [passage_document(passage) for passage in summary.nearest],
        "withheld": [withheld_document(one) for one in summary.withheld],
        "answerer": summary.answerer,
        "notice": summary.notice,
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
        **_span_document(brief.story),
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
        "translation": spoken.translation or None,
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
        "speaker": event.speaker,
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


ARTICLES_SHOWN = 3


def stories_document(stories: Sequence[Story]) -> dict[str, Any]:
    """`stories --json`: {"stories": [{"id", "headline", "urls", "origins", "from", "to"}]}.

    Newest first; `urls` from the oldest to the newest article, copies included, which `origins`
    does not count.
    """
    return {"stories": [story_document(story) for story in stories]}


def story_document(story: Story) -> dict[str, Any]:
    return {
        "id": story.id,
        "headline": central_article(story.articles).title,
        "urls": [article.url for article in story.articles],
        "origins": story.origins,
        **_span_document(story),
    }


def _span_document(story: Story) -> dict[str, Any]:
    first, last = story.published or (None, None)
    return {"from": moment(first), "to": moment(last)}


def stories_text(stories: Sequence[Story], left_out: int = 0) -> str:
    """Each story with its span, its id, which corrections name, and its latest articles."""
    articles = sum(len(story.articles) for story in stories)
    blocks = [_story_text(rank, story) for rank, story in enumerate(stories, start=1)]
    told = ngettext("{count} story", "{count} stories", len(stories))
    closing = f"{told}{comma()} {articles_words(articles)}"
    if left_out:
        closing = gettext("{told}; {count} more, see -k", told=closing, count=left_out)
    return safe("\n\n".join([*blocks, closing]))


def _story_text(rank: int, story: Story) -> str:
    headline = central_article(story.articles).title
    lines = [
        textwrap.fill(headline, WIDTH, initial_indent=f"{rank}. ", subsequent_indent="   "),
        f"   {articles_words(len(story.articles), story.origins)} · {_span(story)} · {story.id}",
    ]
    newest = story.articles[::-1]
    for article in newest[:ARTICLES_SHOWN]:
        about = f"{publisher(article)} · {short_date(article.published_at)} · {article.title}"
        lines.append(textwrap.shorten(about, WIDTH - 5, placeholder=" …").join(("   - ", "")))
        lines.append(f"     {article.url}")
    if len(newest) > ARTICLES_SHOWN:
        more = len(newest) - ARTICLES_SHOWN
        told = ngettext("and {count} earlier article", "and {count} earlier articles", more)
        lines.append(f"   - {told}")
    return "\n".join(lines)


def _span(story: Story) -> str:
    first, last = map(short_date, story.published or (None, None))
    return first if first == last else gettext("{first} to {last}", first=first, last=last)

"""Shortcuts on messages: *Add to corpus* and *Check claims*.

    add_to_corpus   links of a message ─ fetched, read, stored one by one ─▶ modal, audit trail
    check_claims    text of a message  ─ `retrieval.grounding.claims` ─▶ modal

Each opens its modal at once, since Slack lets one be opened for three seconds only. Adding reads
through the guarded fetcher and only writes to the store: the indexer follows it, as with what is
polled. The modal tells of each link what became of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App

from bot.clock import Clock
from bot.db.audit import Audit
from bot.failures import own_up
from bot.library import Library
from bot.render import claims as claims_view
from bot.render.blocks import Block, Element, context, link, paragraph, paragraphs, words
from bot.render.claims import counts_line
from bot.render.wording import counted, excerpt, long_date, publisher
from bot.slack.client import SlackGateway
from bot.slack.events import Chosen, chosen_of, links_of, text_of
from bot.slack.modals import ProgressModal, View
from corpus.articles import Article, ReadArticle
from corpus.errors import CorpusError
from corpus.fetch.client import Fetcher
from corpus.ingest import Receipt, ingest
from corpus.readers.folders import read_address
from corpus.store.articles import ArticleStore

TITLE = "Add to corpus"
LONGEST_TITLE = 200
LONGEST_ADDRESS = 120
LONGEST_REASON = 300
NO_LINK = "This message has no link to an article; links into Slack itself are not read."
SOON = "New articles can be asked about in a moment."


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a link: in a word or two (`became`), of which article, and more of it.

    `became` is empty while the link is still being read; a link with a `reason` was refused.
    """

    address: str
    became: str = ""
    title: str = ""
    detail: str = ""
    reason: str = ""


def reading_view(links: Sequence[Added], left_out: int = 0) -> View:
    """The modal while links are read; those that are done say so already."""
    left = sum(not one.became for one in links)
    return _modal([words(f"Reading {counted(left, 'link')}…", italic=True)], links, left_out)


def added_view(links: Sequence[Added], left_out: int = 0) -> View:
    """The modal once every link has been read."""
    return _modal([words(heading(links), bold=True)], links, left_out, done=True)


def no_link_view() -> View:
    """There was nothing to read."""
    return _view([paragraph([words(NO_LINK)])])


def failed_view(text: str) -> View:
    """One sentence in the place of what could not be done."""
    return _view([paragraph([words(text)])])


def heading(links: Sequence[Added]) -> str:
    """ "2 of 3 links read"."""
    read = sum(not one.reason for one in links)
    return f"{read} of {counted(len(links), 'link')} read"


def added_text(links: Sequence[Added]) -> str:
    """The same in plain lines, for whoever closed the modal."""
    return "\n".join([f"{heading(links)}.", *(_line_text(one) for one in links)])


def _modal(
    above: list[Element], links: Sequence[Added], left_out: int, *, done: bool = False
) -> View:
    blocks = [paragraph(above)]
    for one in links:
        blocks.append({"type": "divider"})
        blocks += paragraphs(_lines(one))
    notes = []
    if left_out:
        notes.append(f"{counted(left_out, 'more link')} not read: {len(links)} at a time.")
    if done and any(one.became.startswith(("new", "updated")) for one in links):
        notes.append(SOON)
    if notes:
        blocks.append(context(" ".join(notes)))
    return _view(blocks)


def _lines(one: Added) -> list[list[Element]]:
    address = excerpt(one.address, LONGEST_ADDRESS)
    if not one.became:
        return [[words("… "), link(one.address, address)]]
    if one.reason:
        return [
            [words("Refused: ", bold=True), link(one.address, address)],
            [words(excerpt(one.reason, LONGEST_REASON))],
        ]
    named = excerpt(one.title, LONGEST_TITLE)
    became = f"{one.became[0].upper()}{one.became[1:]}"
    lines = [[words(f"{became}: ", bold=True), link(one.address, named or address)]]
    if one.detail:
        lines.append([words(one.detail)])
    return lines


def _line_text(one: Added) -> str:
    if one.reason:
        return f"• Refused: {excerpt(one.address, LONGEST_ADDRESS)}: {one.reason}"
    named = excerpt(one.title, LONGEST_TITLE) or excerpt(one.address, LONGEST_ADDRESS)
    became = f"{one.became[:1].upper()}{one.became[1:]}"
    return f"• {became}: {named}" + (f" ({one.detail})" if one.detail else "")


def _view(blocks: list[Block]) -> View:
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": TITLE},
        "close": {"type": "plain_text", "text": "Close"},
        "blocks": blocks,
    }


MOST_LINKS = 10
"""Links of one message that are read; more in one message is a list, not reading."""
MOST_ARTICLES = 500
"""Articles of one address, which may be a file of article lines."""
LONGEST_SUBJECT = 200


class Adding:
    """Reads articles from addresses that people name. Any number of threads may call it."""

    def __init__(self, store: ArticleStore, fetcher: Fetcher, clock: Clock) -> None:
        self._store = store
        self._fetcher = fetcher
        self._clock = clock
        self._audit = Audit(store.engine)

    def add(self, addresses: Sequence[str], by: str) -> Iterator[Added]:
        """What became of each address, as it is read; `by` is who asked for it."""
        for address in addresses:
            yield self._add(address, by)

    def _add(self, address: str, by: str) -> Added:
        articles: list[ReadArticle] = []
        refused = ""
        for outcome in read_address(address, self._fetcher):
            if isinstance(outcome, ReadArticle):
                articles.append(outcome)
            else:
                refused = refused or outcome.reason
            if len(articles) >= MOST_ARTICLES:
                break
        if not articles:
            return Added(address, "refused", reason=refused or "nothing to read was found")
        try:
            receipt = ingest(self._store, articles, self._clock)
        except CorpusError as error:
            return Added(address, "refused", reason=str(error))
        if receipt.new or receipt.updated:
            self._record(address, by, receipt)
        if len(articles) > 1:
            return _several(address, receipt)
        return self._one(address, articles[0], receipt)

    def _one(self, address: str, read: ReadArticle, receipt: Receipt) -> Added:
        stored = self._store.article(read.id)
        title = stored.title if stored else read.title
        if stored is None:
            return Added(address, "read", title)
        if receipt.new:
            return Added(address, "new", title, self._described(stored))
        if receipt.updated and stored.version > 1:
            became = f"updated to version {stored.version}"
            return Added(address, became, title, self._described(stored))
        if receipt.updated:
            return Added(address, "known already, its particulars updated", title)
        return Added(address, "known already", title, f"read on {long_date(stored.read_at)}")

    def _described(self, stored: Article) -> str:
        parts = [counted(len(stored.paragraphs), "paragraph"), publisher(stored)]
        parts.append(long_date(stored.published_at))
        if stored.duplicate_of and (origin := self._store.article(stored.duplicate_of)):
            parts.append(f"a copy of what {publisher(origin)} carried")
        return " · ".join(parts)

    def _record(self, address: str, by: str, receipt: Receipt) -> None:
        detail = f"{receipt.new} new, {receipt.updated} updated"
        subject = excerpt(address, LONGEST_SUBJECT)
        self._audit.record(by, "articles read", subject, detail, self._clock())


def _several(address: str, receipt: Receipt) -> Added:
    found = (
        (receipt.new, "new"),
        (receipt.updated, "updated"),
        (receipt.unchanged, "known already"),
    )
    parts = [f"{count} {word}" for count, word in found if count]
    became = "new" if receipt.new else "updated" if receipt.updated else "known already"
    return Added(address, became, f"{receipt.read} articles", ", ".join(parts))


log = logging.getLogger("chancery.listeners")

LONGEST_TEXT = 20_000
"""Characters of a message or command that are looked at for claims."""


class Shortcuts:
    """What the shortcuts on messages do. Any number of threads may call it."""

    def __init__(
        self, library: Library, slack: SlackGateway, fetcher: Fetcher, clock: Clock
    ) -> None:
        self._library = library
        self._slack = slack
        self._clock = clock
        self._adding = Adding(library.corpus, fetcher, clock)

    def add_to_corpus(self, chosen: Chosen) -> None:
        """Read the articles that a message links to, and tell of each what became of it."""
        links = links_of(chosen.message)
        if not links:
            self._open(chosen, no_link_view())
            return
        wanted, left_out = links[:MOST_LINKS], len(links) - len(links[:MOST_LINKS])
        waiting = [Added(address) for address in wanted]
        modal = self._open(chosen, reading_view(waiting, left_out))
        if modal is None:
            return

        def work() -> None:
            done: list[Added] = []
            for added in self._adding.add(wanted, chosen.user):
                done.append(added)
                if len(done) < len(wanted):
                    modal.show(reading_view([*done, *waiting[len(done) :]], left_out))
            modal.end(added_view(done, left_out), added_text(done))

        self._guarded(work, modal, failed_view)

    def check_claims(self, chosen: Chosen) -> None:
        """Check the claims of a message against what has been read."""
        self.check_text(text_of(chosen.message), chosen)

    def check_text(self, text: str, chosen: Chosen) -> None:
        """Check the claims of a text; `chosen` says for whom, and with which trigger."""
        # Loads what retrieval stands on; a process that serves has it already.
        from retrieval.grounding.claims import check_claims, claims_of

        text = text[:LONGEST_TEXT]
        found = claims_of(text)
        if not found.claims:
            self._open(chosen, claims_view.no_claim_view())
            return
        most = min(len(found.claims), claims_view.MOST_CLAIMS)
        left_out, passed_over = len(found.claims) - most, len(found.passed_over)
        modal = self._open(chosen, claims_view.checking_view(most))
        if modal is None:
            return

        def work() -> None:
            claims = check_claims(
                text,
                self._library.search,
                self._clock(),
                most=most,
                verifier=self._library.verifier,
            )
            view = claims_view.claims_view(claims, left_out, passed_over)
            modal.end(view, f"{counts_line(claims)}. Check again to see the sources.")

        self._guarded(work, modal, claims_view.failed_view)

    def _open(self, chosen: Chosen, view: View) -> ProgressModal | None:
        """The modal, or None where Slack did not open one and the person was told so."""
        try:
            return ProgressModal(
                self._slack, chosen.trigger_id, view, chosen.user, chosen.response_url
            )
        except Exception as error:  # Whoever chose it must not be left in silence.
            own_up(error, lambda text: self._tell(chosen, text))
            return None

    def _guarded(
        self, work: Callable[[], None], modal: ProgressModal, failed: Callable[[str], View]
    ) -> None:
        try:
            work()
        except Exception as error:  # Nor before a modal that never changes.
            own_up(error, lambda text: modal.end(failed(text), text))

    def _tell(self, chosen: Chosen, text: str) -> None:
        if chosen.channel and not chosen.channel.startswith("D"):
            self._slack.tell(chosen.channel, chosen.user, chosen.thread, text)
        else:
            from bot.render.answers import plain_message

            direct = self._slack.direct_channel(chosen.user)
            self._slack.post(direct, None, [plain_message(text)])


ADD_TO_CORPUS = "add_to_corpus"
CHECK_CLAIMS = "check_claims"


def register(app: App, shortcuts: Shortcuts) -> None:
    def add_to_corpus(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        shortcuts.add_to_corpus(chosen_of(body))

    def check_claims(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        shortcuts.check_claims(chosen_of(body))

    app.shortcut({"type": "message_action", "callback_id": ADD_TO_CORPUS})(add_to_corpus)
    app.shortcut({"type": "message_action", "callback_id": CHECK_CLAIMS})(check_claims)

"""Shortcuts on messages: *Add to corpus* and *Check claims*; buttons under files and addresses.

    add_to_corpus   links of a message ─ fetched, read, stored one by one ─▶ modal, audit trail
    check_claims    text of a message  ─ `retrieval.grounding.claims` ─▶ modal
    read, add       addresses or files that were sent ─ read as above ─▶ the thread
    known of it     one address ─ looked up, nothing fetched ─▶ the thread

A link that was read already says so and is fetched again only for whoever wants that. A shortcut
opens its modal at once, since Slack lets one be opened for three seconds only. Adding reads
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
from bot.failures import SlackError, own_up
from bot.library import Library
from bot.render import claims as claims_view
from bot.render.blocks import (
    Element,
    Message,
    actions,
    button,
    context,
    escape,
    link,
    modal,
    note_view,
    paragraph,
    paragraphs,
    say,
    words,
)
from bot.render.catalogues import N_, comma, framed, gettext, ngettext
from bot.render.claims import counts_line
from bot.render.people import ADD_FILES, KNOWN_OF, READ_LINKS
from bot.render.report_wording import origins_words
from bot.render.wording import articles_words, excerpt, isolated, kind_name, long_date, publisher
from bot.slack.client import SlackGateway
from bot.slack.events import Chosen, chosen_of, links_of, text_of
from bot.slack.modals import Click, Modals, ProgressModal, View, on_click
from corpus.articles import Article, ReadArticle, article_id
from corpus.errors import CorpusError, ReadError
from corpus.fetch.client import Fetched, Fetcher
from corpus.fetch.urls import canonical_url
from corpus.ingest import Receipt, ingest
from corpus.readers.folders import read_address, read_document
from corpus.store.articles import ArticleStore
from retrieval.stories.registry import StoryRegister

TITLE = N_("Add to corpus")
LONGEST_TITLE = 200
LONGEST_ADDRESS = 120
LONGEST_REASON = 300
NO_LINK = N_("This message has no link to an article; links into Slack itself are not read.")
SOON = N_("New articles can be asked about in a moment.")


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a link: in a word or two (`became`), of which article, and more of it.

    `became` is empty while the link is still being read; a link with a `reason` was refused.
    `unfetched` tells that it was read before, and not asked for again; `fresh`, that there is
    something new to ask about.
    """

    address: str
    became: str = ""
    title: str = ""
    detail: str = ""
    reason: str = ""
    unfetched: bool = False
    fresh: bool = False


def reading_view(links: Sequence[Added], left_out: int = 0) -> View:
    """The modal while links are read; those that are done say so already."""
    left = sum(not one.became for one in links)
    told = ngettext("Reading {count} link…", "Reading {count} links…", left)
    return _modal([words(framed(told), italic=True)], links, left_out)


def added_view(links: Sequence[Added], left_out: int = 0) -> View:
    """The modal once every link has been read."""
    return _modal([words(framed(heading(links)), bold=True)], links, left_out, done=True)


def failed_view(text: str) -> View:
    """One sentence in the place of what could not be done."""
    return note_view(gettext(TITLE), [[words(framed(text))]])


def heading(links: Sequence[Added]) -> str:
    """ "2 of 3 links read"."""
    read = sum(not one.reason for one in links)
    return ngettext(
        "{read} of {count} link read", "{read} of {count} links read", len(links), read=read
    )


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
        if done and one.unfetched and len(one.address) <= LONGEST_VALUE:
            blocks.append(actions([button(gettext("Read it again"), READ_AGAIN, one.address)]))
    notes = []
    if left_out:
        more = ngettext(
            "{count} more link not read: {most} at a time.",
            "{count} more links not read: {most} at a time.",
            left_out,
            most=len(links),
        )
        notes.append(more)
    if done and any(one.fresh for one in links):
        notes.append(gettext(SOON))
    if notes:
        blocks.append(context(framed(" ".join(notes))))
    return modal(gettext(TITLE), blocks)


def added_message(links: Sequence[Added]) -> Message:
    """The same for everybody in a thread."""
    found = heading(links)
    blocks = [paragraph([words(framed(found), bold=True)])]
    for one in links:
        blocks += paragraphs(_lines(one))
    known = [one.address for one in links if not one.reason and len(one.address) <= LONGEST_VALUE]
    if any(one.fresh for one in links):
        blocks.append(context(framed(gettext(SOON))))
    if len(known) == 1:
        blocks.append(actions([button(gettext("What do we know about it?"), KNOWN_OF, known[0])]))
    return Message(escape(found), tuple(blocks))


def _lines(one: Added) -> list[list[Element]]:
    address = excerpt(one.address, LONGEST_ADDRESS)
    if not one.became:
        return [[words("… "), link(one.address, address)]]
    if one.reason:
        return [
            [words(framed(f"{gettext('Refused:')} "), bold=True), link(one.address, address)],
            [words(framed(isolated(excerpt(one.reason, LONGEST_REASON))))],
        ]
    named = excerpt(one.title, LONGEST_TITLE)
    became = f"{one.became[0].upper()}{one.became[1:]}"
    lines = [[words(framed(f"{became}: "), bold=True), link(one.address, named or address)]]
    if one.detail:
        lines.append([words(framed(one.detail))])
    return lines


def _line_text(one: Added) -> str:
    if one.reason:
        address = isolated(excerpt(one.address, LONGEST_ADDRESS))
        return f"• {gettext('Refused:')} {address}: {isolated(one.reason)}"
    named = excerpt(one.title, LONGEST_TITLE) or excerpt(one.address, LONGEST_ADDRESS)
    became = f"{one.became[:1].upper()}{one.became[1:]}"
    return f"• {became}: {named}" + (f" ({one.detail})" if one.detail else "")


MOST_LINKS = 10
"""Links of one message that are read; more in one message is a list, not reading."""
MOST_ARTICLES = 500
"""Articles of one address, which may be a file of article lines."""
LONGEST_SUBJECT = 200
READ_AGAIN = "link:read-again"
LONGEST_VALUE = 2_000


class Adding:
    """Reads articles from addresses that people name. Any number of threads may call it."""

    def __init__(self, store: ArticleStore, fetcher: Fetcher, clock: Clock) -> None:
        self._store = store
        self._fetcher = fetcher
        self._clock = clock
        self._audit = Audit(store.engine)

    def add(self, addresses: Sequence[str], by: str, *, again: bool = False) -> Iterator[Added]:
        """What became of each address, as it is read; `by` is who asked for it.

        What was read before is read once more only `again`.
        """
        for address in addresses:
            known = None if again else self.known(address)
            yield self._known_already(address, known) if known else self._add(address, by)

    def add_document(self, fetched: Fetched, by: str) -> Added:
        """What became of a file that was sent."""
        try:
            articles = read_document(fetched)
            receipt = ingest(self._store, articles, self._clock)
        except CorpusError as error:
            reason = getattr(error, "reason", str(error))
            return Added(fetched.url, gettext("refused"), reason=reason)
        if receipt.new or receipt.updated:
            self._record(fetched.url, by, receipt)
        return self._one(fetched.url, articles[0], receipt)

    def known(self, address: str) -> Article | None:
        """The article at an address, if it was read."""
        try:
            return self._store.article(article_id(canonical_url(address)))
        except ReadError:
            return None

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
            reason = refused or gettext("nothing to read was found")
            return Added(address, gettext("refused"), reason=reason)
        try:
            receipt = ingest(self._store, articles, self._clock)
        except CorpusError as error:
            return Added(address, gettext("refused"), reason=str(error))
        if receipt.new or receipt.updated:
            self._record(address, by, receipt)
        if len(articles) > 1:
            return _several(address, receipt)
        return self._one(address, articles[0], receipt)

    def _one(self, address: str, read: ReadArticle, receipt: Receipt) -> Added:
        stored = self._store.article(read.id)
        title = stored.title if stored else read.title
        if stored is None:
            return Added(address, gettext("read"), title)
        if receipt.new:
            return Added(address, gettext("new"), title, self._described(stored), fresh=True)
        if receipt.updated and stored.version > 1:
            became = gettext("updated to version {number}", number=stored.version)
            return Added(address, became, title, self._described(stored), fresh=True)
        if receipt.updated:
            return Added(address, gettext("known already, its particulars updated"), title)
        since = gettext("read on {date}", date=long_date(stored.read_at))
        return Added(address, gettext("unchanged"), title, since)

    def _known_already(self, address: str, stored: Article) -> Added:
        read = gettext("read on {date}", date=long_date(stored.read_at))
        return Added(address, gettext("known already"), stored.title, read, unfetched=True)

    def _described(self, stored: Article) -> str:
        parts = [_paragraphs_counted(stored), publisher(stored)]
        parts.append(long_date(stored.published_at))
        if stored.duplicate_of and (origin := self._store.article(stored.duplicate_of)):
            parts.append(gettext("a copy of what {source} carried", source=publisher(origin)))
        return " · ".join(parts)

    def _record(self, address: str, by: str, receipt: Receipt) -> None:
        detail = f"{receipt.new} new, {receipt.updated} updated"
        subject = excerpt(address, LONGEST_SUBJECT)
        self._audit.record(by, "articles read", subject, detail, self._clock())


def _several(address: str, receipt: Receipt) -> Added:
    found = (
        (receipt.new, gettext("{count} new")),
        (receipt.updated, gettext("{count} updated")),
        (receipt.unchanged, gettext("{count} known already")),
    )
    parts = [said.format(count=count) for count, said in found if count]
    became = gettext("updated") if receipt.updated else gettext("known already")
    if receipt.new:
        became = gettext("new")
    told, fresh = articles_words(receipt.read), bool(receipt.new or receipt.updated)
    return Added(address, became, told, f"{comma()} ".join(parts), fresh=fresh)


def _paragraphs_counted(article: Article) -> str:
    return ngettext("{count} paragraph", "{count} paragraphs", len(article.paragraphs))


log = logging.getLogger("chancery.listeners")

LONGEST_TEXT = 20_000
"""Characters of a message or command that are looked at for claims."""


class Shortcuts:
    """What the shortcuts on messages do. Any number of threads may call it."""

    def __init__(
        self, library: Library, slack: SlackGateway, modals: Modals, fetcher: Fetcher, clock: Clock
    ) -> None:
        self._library = library
        self._slack = slack
        self._modals = modals
        self._clock = clock
        self._largest = fetcher.max_bytes
        self._adding = Adding(library.corpus, fetcher, clock)

    def add_to_corpus(self, chosen: Chosen) -> None:
        """Read the articles that a message links to, and tell of each what became of it."""
        links = links_of(chosen.message)
        if not links:
            self._open(chosen, failed_view(gettext(NO_LINK)))
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

    def read_again(self, click: Click) -> None:
        """Fetch a link once more that was read before, and show what became of it."""
        wanted, read = [click.value], self._adding.add
        self._modals.turn(click, lambda: added_view(list(read(wanted, click.user, again=True))))

    def read_links(self, click: Click) -> None:
        """Read addresses that were sent alone."""
        wanted = click.value.split("\n")[:MOST_LINKS]
        self._told(click, lambda: added_message(list(self._adding.add(wanted, click.user))))

    def add_files(self, click: Click) -> None:
        """Read files that were sent."""
        wanted = click.value.split("\n")[:MOST_LINKS]
        self._told(click, lambda: added_message([self._file(one, click.user) for one in wanted]))

    def known_of(self, click: Click) -> None:
        """What is known of an address; nothing is fetched."""
        self._told(click, lambda: self._known_of(click.value))

    def _told(self, click: Click, make: Callable[[], Message]) -> None:
        """Say it in the thread; raises nothing."""
        channel, thread = click.channel or "", click.thread_ts or ""
        try:
            self._slack.show_status(channel, thread, gettext("is reading…"))
            self._slack.post(channel, click.thread_ts, [make()])
        except Exception as error:  # Whoever clicked must not be left in silence.
            self._modals.own_up(click, error)
        finally:
            self._slack.show_status(channel, thread, "")

    def _file(self, identity: str, by: str) -> Added:
        try:
            sent = self._slack.file(identity, self._largest)
        except SlackError as error:
            name = gettext("file {name}", name=identity)
            return Added(name, gettext("refused"), reason=str(error))
        fetched = Fetched(sent.link, sent.link, sent.kind, sent.content, 200)
        return self._adding.add_document(fetched, by)

    def _known_of(self, address: str) -> Message:
        article = self._adding.known(address)
        if article is None:
            text = gettext("Nothing from this address has been read so far.")
            reading = actions([button(gettext("Read it"), READ_LINKS, address)])
            return Message(text, (paragraph([words(framed(text))]), reading))
        read = gettext("read on {date}", date=long_date(article.read_at))
        dated, counted = long_date(article.published_at), _paragraphs_counted(article)
        told = " · ".join([publisher(article), kind_name(article.kind), dated, counted, read])
        title = excerpt(article.title, LONGEST_TITLE)
        lines = [[link(article.url, title)], [words(framed(told))]]
        stories = StoryRegister(self._library.corpus)
        identity = stories.of_article(article.id)
        story = stories.story(identity) if identity else None
        offers = []
        if story is not None:
            rests = gettext("Its story: {counts}.", counts=origins_words(story))
            lines.append([words(framed(rests))])
            summary = gettext("Summary of the story")
            offers.append(say(summary, f"summary of story {story.id}"))
        blocks = [*paragraphs(lines), *([actions(offers)] if offers else ())]
        return Message(escape(f"{title} · {told}"), tuple(blocks))

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
            self._open(chosen, claims_view.failed_view(gettext(claims_view.NO_CLAIM)))
            return
        most = min(len(found.claims), claims_view.MOST_CLAIMS)
        left_out, passed_over = len(found.claims) - most, len(found.passed_over)
        modal = self._open(chosen, claims_view.checking_view(most))
        if modal is None:
            return

        def work() -> None:
            search, verifier = self._library.search, self._library.verifier
            claims = check_claims(text, search, self._clock(), most=most, verifier=verifier)
            view = claims_view.claims_view(claims, left_out, passed_over)
            again = gettext("Check again to see the sources.")
            modal.end(view, f"{counts_line(claims)}. {again}")

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

    on_click(app, READ_LINKS, shortcuts.read_links)
    on_click(app, READ_AGAIN, shortcuts.read_again)
    on_click(app, ADD_FILES, shortcuts.add_files)
    on_click(app, KNOWN_OF, shortcuts.known_of)
    app.shortcut({"type": "message_action", "callback_id": ADD_TO_CORPUS})(add_to_corpus)
    app.shortcut({"type": "message_action", "callback_id": CHECK_CLAIMS})(check_claims)

"""Adding linked articles to the corpus, one by one, and telling of each what became of it.

    address ─ `corpus.files.read_address` (guarded fetch) ─▶ `corpus.ingest` ─▶ Added

Only the store is written to: the indexer follows it, as with what is polled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.audit import Audit
from bot.clock import Clock
from bot.rendering.added_view import Added
from bot.rendering.wording import counted, excerpt, long_date, publisher
from corpus.articles import Article, ReadArticle
from corpus.errors import CorpusError
from corpus.fetch import Fetcher
from corpus.files import read_address
from corpus.ingest import Receipt, ingest
from corpus.store.article_store import ArticleStore

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

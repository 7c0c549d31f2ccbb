"""Grouping articles into stories as the store changes.

    store.changes_since(stand) -> StoryMemory.take -> StoryRegister.write

The position moves in the transaction that writes the assignments, and only from where this
follower knew it: of two processes that did one batch a single one writes it, a crash leaves the
batch to be done again, and whoever came second reads anew what the first has written.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from corpus.store.articles import ArticleStore
from retrieval.index.embedding import SentenceEmbeddings
from retrieval.stories.memory import MOST_TEXTS, KeepsParagraphs, LeadVectors, StoryMemory
from retrieval.stories.registry import Stand, StoryRegister

ARTICLES_A_BATCH = 200


class StoryFollower:
    """Brings the stories up to the store. Threads take turns; processes may follow side by side."""

    def __init__(
        self,
        store: ArticleStore,
        embeddings: SentenceEmbeddings,
        *,
        index: KeepsParagraphs | None = None,
        articles_a_batch: int = ARTICLES_A_BATCH,
        most_texts: int = MOST_TEXTS,
    ) -> None:
        """What `index` has encoded need not be encoded again.

        `most_texts` are held in memory, beyond which stories far from a batch are let go."""
        self._store = store
        self._leads = LeadVectors(embeddings.encode, index)
        self._register = StoryRegister(store)
        self._articles_a_batch = articles_a_batch
        self._most_texts = most_texts
        self._memory: StoryMemory | None = None
        self._remembered: Stand | None = None
        self._turn = threading.Lock()

    def catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        """Group whatever has changed; the number of articles looked at.

        `progress` is called with the number of articles since the last call.
        """
        looked_at = 0
        with self._turn:
            while (count := self._follow()) is not None:
                looked_at += count
                if progress is not None:
                    progress(count)
        return looked_at

    def _follow(self) -> int | None:
        """One batch: how many articles were looked at, 0 where another process was first; None
        where nothing is left."""
        stand = self._register.stand()
        changes = self._store.changes_since(stand.position, self._articles_a_batch)
        if not changes:
            return None
        memory = self._memory_of(stand)
        # What was taken is true only once it is written.
        self._memory = self._remembered = None
        position = changes[-1].number
        taken = memory.take([change.article for change in changes], position)
        if not self._register.write(stand, position, taken):
            return 0
        self._memory, self._remembered = memory, replace(stand, position=position)
        return len(changes)

    def _memory_of(self, stand: Stand) -> StoryMemory:
        if self._memory is not None and self._remembered == stand:
            return self._memory
        return StoryMemory(
            self._store,
            self._register,
            self._leads,
            stand,
            most_texts=self._most_texts,
        )

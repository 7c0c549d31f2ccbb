"""What can go wrong while searching and answering.

    RetrievalError
    ├── IndexUnavailable    an index cannot be opened or reached
    │   ├── IndexOwned      another process owns the embedded index
    │   ├── ModelMismatch   another embedding model made the index
    │   ├── OtherStore      the index follows another article store
    │   └── DiskFull        there is no room to index more
    ├── EmbeddingModelError the embedding model cannot be loaded
    ├── RerankerModelError  the reader that was named cannot be loaded
    ├── CheckerModelError   the entailment model cannot be loaded or run
    ├── WeightsError        a packaged model file is missing, damaged or of another release
    └── AnswererError       the language model failed; `retry` tells whether it may pass

Every error reads as one sentence that names what it is about and what to do next.
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Base of all errors of this package; `retry` is True where trying again may help."""

    retry = False

    @property
    def said(self) -> str:
        """The sentence, which may be `outcomes.Said`; `str` of an error is plain English."""
        return str(self) if not self.args else self.args[0]


class IndexUnavailable(RetrievalError):
    """An index cannot be opened or reached."""


class IndexOwned(IndexUnavailable):
    """Another process owns the embedded index; two writers would destroy it."""

    retry = True


class ModelMismatch(IndexUnavailable):
    """The index was made by another embedding model than the one that is configured."""


ANOTHER_STORE = (
    "The index is of another article store. Give each store a Chroma of its own; to build "
    "this store's index in the place of the other's, run: chancery reindex --replace"
)


class OtherStore(IndexUnavailable):
    """The index follows another article store than the one that is configured."""


class DiskFull(IndexUnavailable):
    """There is no room to index more; what is indexed still answers."""

    retry = True


class EmbeddingModelError(RetrievalError):
    """The embedding model cannot be loaded."""


class RerankerModelError(RetrievalError):
    """The cross-encoder that reorders passages cannot be loaded."""


class WeightsError(RetrievalError):
    """A packaged model file is missing, of another release, damaged or not what it should be."""


class CheckerModelError(RetrievalError):
    """The model that checks drafts by entailment cannot be loaded or run."""


class AnswererError(RetrievalError):
    """The language model could not write a draft."""

    def __init__(self, message: str, *, retry: bool = False) -> None:
        super().__init__(message)
        self.retry = retry

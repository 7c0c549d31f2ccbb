"""What can go wrong while articles are read and stored.

    CorpusError
    ├── ReadError          a document could not be turned into an article
    │   ├── Overstepped    it is larger than is taken, or reading it costs more than is allowed
    │   └── FetchError     an address could not be fetched
    │       └── Forbidden  an address that must not be fetched (internal, not http)
    └── StoreError         the article store cannot be used
        └── SchemaError    the database belongs to another version of Chancery

Every error names the resource it is about, reads as one sentence for the person who
asked, and says whether trying again may help.
"""

from __future__ import annotations


class CorpusError(Exception):
    """Base of all errors of this package.

    `resource` is the path, address or database the error is about, `reason` the plain words.
    `retry` is True where the same call may succeed later without anybody changing anything.
    """

    retry = False

    def __init__(self, resource: str, reason: str) -> None:
        # The reason alone is a part of other sentences, the whole is one of its own.
        stop = "" if reason.endswith((".", "!", "?")) else "."
        super().__init__(f"{resource}: {reason}{stop}")
        self.resource = resource
        self.reason = reason


class ReadError(CorpusError):
    """A document holds no article that can be read."""


class Overstepped(ReadError):
    """A document that is larger, or costs more to read, than is taken: it is set aside."""


class FetchError(ReadError):
    """An address could not be fetched; `retry` says whether that may pass.

    `retry_after` is how many seconds the server asked to be left alone, where it did; `status`
    its HTTP status, where it answered.
    """

    def __init__(
        self,
        resource: str,
        reason: str,
        *,
        retry: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(resource, reason)
        self.retry = retry
        self.retry_after = retry_after
        self.status = status


class Forbidden(FetchError):
    """An address that is never fetched: not http(s), or inside a network."""


class StoreError(CorpusError):
    """The article store cannot be opened or written."""


class SchemaError(StoreError):
    """The database was written by another version of Chancery."""

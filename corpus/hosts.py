"""Who speaks at an address: a table of hosts (`data/hosts.txt`).

Only publishers whose standing is a matter of record are listed. A public broadcaster (BBC, DW,
France 24, NPR) is not state media: its editors do not answer to the government; a state's own
broadcaster that calls itself independent and is run by the government (TRT World, Al Ekhbariya)
is. Who is not listed stays unknown, and opinion is never told by the host.
"""

from __future__ import annotations

from functools import cache

from corpus.articles import SourceKind
from corpus.fetch.urls import host_of, site_of
from corpus.text.tables import entries, words


def kind_of(name: str | None, url: str) -> SourceKind:
    """Who speaks at `url`, or, for a document without a web host, under `name`.

    An explicitly given kind is the caller's to prefer. Unknown where the table says nothing.
    """
    host = host_of(url)
    if not url.startswith(("http://", "https://")):
        return _kinds_by_name().get((name or "").strip().casefold(), SourceKind.UNKNOWN)
    parents = _parents(host)
    if not _hosts("not official").isdisjoint(parents):
        return SourceKind.UNKNOWN
    for kind in (SourceKind.STATE_MEDIA, SourceKind.WIRE, SourceKind.OFFICIAL):
        if not _hosts(kind.value).isdisjoint(parents):
            return kind
    return SourceKind.OFFICIAL if _is_government(host) else SourceKind.UNKNOWN


def _parents(host: str) -> list[str]:
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def _is_government(host: str) -> bool:
    """`.gov`, `.mil` and `.int`, and registries such as `.gov.xx` under a country's domain."""
    labels = host.split(".")
    if len(labels) < 2:
        return False
    if labels[-1] in ("gov", "mil", "int"):
        return True
    return len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _hosts("registries")


def _hosts(section: str) -> frozenset[str]:
    return words(__package__, "hosts", section)


@cache
def _kinds_by_name() -> dict[str, SourceKind]:
    listed = entries(__package__, "hosts", "names")
    return {name.casefold(): SourceKind(kind) for kind, names in listed for name in names}


def publishes_at(address: str, *places: str | None) -> bool | None:
    """Whether a source at one of these places publishes at that address itself.

    None where nothing is known of where it publishes.
    """
    sites = {site_of(place) for place in places if place}
    return site_of(address) in sites if sites else None

"""One spelling for an address, and links that open at a paragraph.

`canonical_url` decides when two addresses name one article, so it changes only what no server
tells apart: case of scheme and host, default ports, the fragment, parameters that exist to
follow readers, and the spelling of percent-escapes. A trailing slash is left as it stands,
since servers do tell it apart; only the empty path becomes `/`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote as percent_encode
from urllib.parse import unquote, urlsplit

from corpus.errors import ReadError
from corpus.text import tables

_AROUND = "".join(map(chr, range(0x21)))
_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_IN_PATH = _UNRESERVED | frozenset("!$&'()*+,;=:@/")
_IN_QUERY = _IN_PATH | frozenset("?")
_ESCAPE_OR_CHARACTER = re.compile(r"%([0-9A-Fa-f]{2})|.", re.DOTALL)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_-])?\Z")
_IPV6_HOST = re.compile(r"\[[0-9a-f:.]+\]\Z")

# A range of first and last words survives a paragraph that the page breaks with a link or a
# footnote mark; a short quotation stands whole, because its ends alone would match elsewhere.
_WHOLE_WORDS = 10
_WHOLE_CHARACTERS = 90
_END_WORDS = 4
_END_CHARACTERS = 24


def canonical_url(url: str) -> str:
    """The one spelling of an http, https or file address; idempotent.

    Credentials are dropped, so that none is stored or cited. Raises ReadError for anything
    that is not such an address.
    """
    text = re.sub(r"[\t\r\n]", "", url).strip(_AROUND).strip()
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in ("http", "https", "file"):
        raise ReadError(url, "not a web address; one begins with https:// or http://")
    before_query, mark, after = rest.partition("?")
    if "#" in before_query:
        before_query, mark, after = before_query.partition("#")[0], "", ""
    # Browsers read a backslash as a slash, which moves the end of the host.
    before_query = before_query.replace("\\", "/")
    if not before_query.startswith("//"):
        raise ReadError(url, "not a web address; // and a host are missing after the scheme")
    authority, slash, path = before_query[2:].partition("/")
    path = _without_dot_segments(_escaped(slash + path, _IN_PATH)) or "/"
    if scheme == "file":
        return f"file://{re.sub('^/+', '/', path)}"
    host = _canonical_authority(url, scheme, authority)
    query = _without_tracking(after.partition("#")[0]) if mark else ""
    return f"{scheme}://{host}{path}" + (f"?{query}" if query else "")


def without_credentials(url: str) -> str:
    """An address without user name and password, and otherwise as it was written."""
    return re.sub(r"\A(\s*\w+:[\\/]{2})[^\\/?#]*@", r"\1", url)


def file_url(path: Path | str) -> str:
    """The file: address of a path: absolute, percent-encoded, symbolic links not followed."""
    absolute = os.fsencode(os.path.abspath(path))
    return canonical_url("file://" + percent_encode(absolute, safe="/!$&'()*+,;=:@~"))


def host_of(url: str) -> str:
    """The lower-case host name of an address without its port; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def site_of(url: str) -> str | None:
    """The domain somebody registered, example.org.uk of www.example.org.uk; None for a file."""
    from courlan import extract_domain

    if not url.startswith(("http://", "https://")):
        return None
    domain = extract_domain(url)
    return str(domain) if domain else host_of(url) or None


def _canonical_authority(url: str, scheme: str, authority: str) -> str:
    host_and_port = authority.rpartition("@")[2]
    name, colon, port = host_and_port.rpartition(":")
    if not colon or "]" in port:
        name, port = host_and_port, ""
    host = _canonical_host(url, name)
    if port and not (port.isascii() and port.isdigit() and int(port[:6]) <= 65535):
        raise ReadError(url, f"not a web address; {port!r} is not a port")
    if not port or int(port) == _DEFAULT_PORTS[scheme]:
        return host
    return f"{host}:{int(port)}"


def _canonical_host(url: str, name: str) -> str:
    host = unquote(name).lower()
    if _IPV6_HOST.match(host):
        return host
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError) as error:
            raise ReadError(url, "not a web address; its host name is not valid") from error
    host = host.rstrip(".")
    if not _HOST.match(host) or ".." in host:
        raise ReadError(url, "not a web address; its host name is not valid")
    return host


def _escaped(text: str, allowed: frozenset[str]) -> str:
    """Percent-escapes in one spelling: upper-case digits, none for unreserved characters."""

    def spell(match: re.Match[str]) -> str:
        digits = match.group(1)
        if digits is None:
            character = match.group()
            return (
                character
                if character in allowed
                else percent_encode(character, safe="", errors="replace")
            )
        character = chr(int(digits, 16))
        return character if character in _UNRESERVED else f"%{digits.upper()}"

    return _ESCAPE_OR_CHARACTER.sub(spell, text)


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for number, segment in enumerate(segments):
        if segment not in (".", ".."):
            kept.append(segment)
            continue
        if segment == ".." and len(kept) > 1:
            kept.pop()
        if number == len(segments) - 1:
            kept.append("")
    return "/".join(kept)


def _without_tracking(query: str) -> str:
    prefixes = tuple(tables.words(__package__, "tracking", "prefixes"))
    parts = ((unquote(one.partition("=")[0]).lower(), one) for one in query.split("&") if one)
    names = tables.words(__package__, "tracking", "parameters")
    kept = (one for name, one in parts if name not in names and not name.startswith(prefixes))
    return _escaped("&".join(kept), _IN_QUERY)

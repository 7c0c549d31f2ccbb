"""Connections that can only leave the network: the checked transport below `corpus.fetch.client`.

A name is resolved here, every address it resolves to is checked, and the connection goes to
one of the addresses that were checked. Between check and connection no name is asked again, so
a name server that changes its answer gains nothing. TLS is verified against the name.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from corpus.errors import FetchError, Forbidden

_INSIDE = "it lies inside a network, so it is not fetched"

# IANA special-purpose registries, RFC 6890 and updates, with multicast and reserved space.
_INSIDE_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        str.split("""0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
        192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16
        192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3"""),
    )
)
_OUTSIDE_V6 = ipaddress.IPv6Network("2000::/3")
_INSIDE_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        # Teredo and the other protocol assignments, documentation, documentation, SRv6.
        str.split("2001::/23 2001:db8::/32 3fff::/20 5f00::/16"),
    )
)
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_INSIDE_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
_LAST_LABEL_IS_NUMBER = re.compile(r"(?:.*\.)?(?:0x[0-9a-f]*|[0-9]+)\Z")


def is_outside(address: str) -> bool:
    """Whether an IP address belongs to the public internet.

    IPv6 forms that carry an IPv4 address (mapped, NAT64, 6to4) are judged by that address.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in _INSIDE_V4)
    if carried := _carried(parsed):
        return is_outside(str(carried))
    return parsed in _OUTSIDE_V6 and not any(parsed in network for network in _INSIDE_V6)


def check_host(url: str, host: str) -> None:
    """Raises Forbidden for a name that says by itself that it lies inside a network.

    Numbers that are not plain dotted addresses (127.1, 2130706433, 0x7f000001, 0177.0.0.1) are
    refused, since resolvers read them as addresses and people do not.
    """
    name = host.lower().strip("[]").rstrip(".")
    try:
        if not is_outside(name):
            raise Forbidden(url, _INSIDE)
        return
    except ValueError:
        pass
    if not name or _LAST_LABEL_IS_NUMBER.match(name):
        raise Forbidden(url, "its host is not a name, so it is not fetched")
    if "." not in name or any(name == one or name.endswith(f".{one}") for one in _INSIDE_NAMES):
        raise Forbidden(url, _INSIDE)


def resolve(url: str, host: str, port: int, *, checked: bool) -> list[str]:
    """The addresses of a host; Forbidden if `checked` and any of them lies inside a network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        later = error.errno == socket.EAI_AGAIN
        reason = "its name cannot be resolved now" if later else "there is no such host"
        raise FetchError(url, reason, retry=later) from error
    except (UnicodeError, OSError) as error:
        raise FetchError(url, "its host name is not valid") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if checked and not all(map(is_outside, addresses)):
        raise Forbidden(url, _INSIDE)
    return addresses


class Deadline:
    """A moment after which every read, write and connection attempt times out."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, timeout: float | None = None) -> float:
        """Seconds until the deadline, at most `timeout`; httpcore.ReadTimeout once it passed."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline passed")
        return left if timeout is None else min(left, timeout)


class OutsideTransport(httpx.BaseTransport):
    """An httpx transport for one fetch of `url`, bound to outside addresses and a deadline.

    Hosts for which `is_allowed(host, port)` holds are connected to wherever they are. Raises
    Forbidden and FetchError as they are, httpcore's errors for the rest.
    """

    def __init__(
        self, url: str, tls: ssl.SSLContext, deadline: Deadline, allowed: frozenset[str]
    ) -> None:
        backend = _OutsideBackend(url, deadline, allowed)
        self._pool = httpcore.ConnectionPool(ssl_context=tls, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        target = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=target,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response.stream)
        )

    def close(self) -> None:
        self._pool.close()


def is_allowed(allowed: frozenset[str], host: str, port: int) -> bool:
    """Whether `allowed`, a set of `host` and `host:port`, names this host."""
    name = host.lower().strip("[]").rstrip(".")
    return name in allowed or f"{name}:{port}" in allowed


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return ipaddress.IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return None


class _OutsideBackend(httpcore.NetworkBackend):
    def __init__(self, url: str, deadline: Deadline, allowed: frozenset[str]) -> None:
        self._url = url
        self._deadline = deadline
        self._allowed = allowed
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        checked = not is_allowed(self._allowed, host, port)
        if checked:
            check_host(self._url, host)
        failure: Exception = httpcore.ConnectError("no address")
        for address in resolve(self._url, host, port, checked=checked):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, self._deadline.left(timeout), local_address, socket_options
                )
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        raise Forbidden(self._url, _INSIDE)


class _Stream(httpcore.NetworkStream):
    """A network stream whose every operation ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()

"""Finds the address and scheme of a client behind trusted proxies. No I/O.

Forwarded headers count only when the peer is a configured proxy, and are read from the right: a
client can write any entries on the left.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import islice
from typing import Protocol

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A household or a server has a whole /64 (RFC 6177), so limits count per /64.
IPV6_SITE_PREFIX = 64
# An address with brackets, a zone and a port; longer texts are no address.
LONGEST_CHARACTERS = 80
# The client of a trusted proxy that forwards an unreadable address. All such are one address.
UNKNOWN = "unknown"
# Entries further left are not read.
HOPS_AT_MOST = 32

FORWARDED_FOR, FORWARDED_PROTO = "X-Forwarded-For", "X-Forwarded-Proto"
# A request that has one of these passed a proxy, whether that is a trusted one or not.
PROXY_HEADERS = (
    FORWARDED_FOR,
    FORWARDED_PROTO,
    "X-Forwarded-Host",
    "X-Real-IP",
    "Forwarded",
    "Via",
)

PORT = re.compile(r":[0-9]{1,5}")
SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class Headers(Protocol):
    """The headers of a request: a name may have several lines."""

    def getall(self, name: str, default: list[str], /) -> list[str]: ...


def client_address(headers: Headers, peer: str | None, trusted_proxies: tuple[str, ...]) -> str:
    """The address of the client: the nearest one that is not a trusted proxy.

    `trusted_proxies` are addresses or CIDR networks. Returns UNKNOWN where a trusted proxy
    forwards an unreadable address, the proxy's own address where it forwards none, and "" without
    a peer (a Unix socket).
    """
    lines = headers.getall(FORWARDED_FOR, [])
    nearest = _address(peer) if lines else None
    if nearest is None:
        return _plain(peer)
    client, _ = _followed(nearest, lines, _networks(trusted_proxies))
    return UNKNOWN if client is None else str(client)


def is_trusted(peer: str | None, trusted_proxies: tuple[str, ...]) -> bool:
    """Whether `peer` is a trusted proxy, whose forwarded headers count."""
    address = _address(peer)
    return address is not None and _within(address, _networks(trusted_proxies))


def is_loopback(peer: str | None) -> bool:
    """Whether `peer` is a program of this machine."""
    address = _address(peer)
    return address is not None and address.is_loopback


def client_scheme(
    headers: Headers, peer: str | None, own_scheme: str, trusted_proxies: tuple[str, ...]
) -> str:
    """`http` or `https` as the browser sees it; X-Forwarded-Proto counts from a trusted proxy.

    Each proxy appends the scheme it was asked by, so the outermost trusted proxy's entry is as far
    from the right as there are trusted proxies in X-Forwarded-For.
    """
    lines = headers.getall(FORWARDED_PROTO, [])
    nearest = _address(peer) if lines else None
    if nearest is None or not _within(nearest, networks := _networks(trusted_proxies)):
        return own_scheme
    chain = headers.getall(FORWARDED_FOR, [])
    # Without X-Forwarded-For all entries are the proxies'.
    hops = _followed(nearest, chain, networks)[1] if chain else HOPS_AT_MOST
    claimed = list(islice(_from_the_right(lines), hops))
    return SCHEMES.get(claimed[-1].lower(), own_scheme)


def site_of(address: str) -> str:
    """The key that limits count by: an IPv4 address itself, the /64 network of an IPv6 one."""
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), IPV6_SITE_PREFIX), strict=False))
    return address


def _followed(
    peer: Address, lines: list[str], networks: tuple[Network, ...]
) -> tuple[Address | None, int]:
    """The client at the end of a chain of trusted proxies (None where it can't be read), and the
    number of these proxies."""
    nearest, hops = peer, 0
    for entry in _from_the_right(lines):
        if not _within(nearest, networks):
            return nearest, hops
        hops += 1
        claimed = _entry(entry)
        if claimed is None or hops > HOPS_AT_MOST:
            return None, hops
        nearest = claimed
    return nearest, hops + _within(nearest, networks)


def _from_the_right(lines: list[str]) -> Iterator[str]:
    """The entries of all header lines as if they were one, the last one first."""
    for line in reversed(lines):
        rest: str | None = line
        while rest is not None:
            before, comma, entry = rest.rpartition(",")
            rest = before if comma else None
            yield entry.strip(" \t")


def _entry(text: str) -> Address | None:
    """The address of one entry, with or without port, brackets and quotes (RFC 7239, section 6)."""
    if len(text) > LONGEST_CHARACTERS:
        return None
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    host, rest = text, ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or ":" not in host:
            return None
    elif text.count(":") == 1:
        host, colon, port = text.partition(":")
        rest = colon + port
    return _address(host) if not rest or PORT.fullmatch(rest) else None


def _address(text: str | None) -> Address | None:
    return _parsed(text) if text and len(text) <= LONGEST_CHARACTERS else None


@lru_cache(maxsize=4096)
def _plain(peer: str | None) -> str:
    address = _address(peer)
    return peer or "" if address is None else str(address)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Address | None:
    """Cached: each request parses the same few addresses several times."""
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=16)
def _networks(trusted_proxies: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(proxy, strict=False) for proxy in trusted_proxies)

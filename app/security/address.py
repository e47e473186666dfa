"""Where a request comes from, told apart from where it claims to come from.

Forwarded headers count only when the peer is a configured proxy, read from the right: the
leftmost entries are whatever the client wrote.
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A home or a data centre customer holds a whole /64: limits count per such network.
IPV6_SITE_PREFIX = 64
# With a zone; nothing longer is worth remembering.
LONGEST_CHARACTERS = 80


def client_address(
    request_headers: Mapping[str, str], peer: str | None, trusted_proxies: tuple[str, ...]
) -> str:
    """The address of the client: the nearest one that is not a trusted proxy.

    `trusted_proxies` holds addresses or CIDR networks. Without a peer (a Unix socket): "".
    """
    nearest = _address(peer) if "X-Forwarded-For" in request_headers else None
    if nearest is None:
        return _plain(peer)
    networks = _networks(trusted_proxies)
    for hop in reversed(request_headers.get("X-Forwarded-For", "").split(",")):
        if not _within(nearest, networks):
            break
        claimed = _address(hop.strip())
        if claimed is None:
            break
        nearest = claimed
    return str(nearest)


def is_trusted(peer: str | None, trusted_proxies: tuple[str, ...]) -> bool:
    """Whether what `peer` says of others is believed."""
    address = _address(peer)
    return address is not None and _within(address, _networks(trusted_proxies))


def client_scheme(
    request_headers: Mapping[str, str],
    peer: str | None,
    own_scheme: str,
    trusted_proxies: tuple[str, ...],
) -> str:
    """`http` or `https` as the browser sees it; X-Forwarded-Proto counts from a trusted proxy."""
    if "X-Forwarded-Proto" not in request_headers:
        return own_scheme
    claimed = request_headers.get("X-Forwarded-Proto", "").split(",")[-1].strip().lower()
    nearest = _address(peer)
    if claimed in ("http", "https") and nearest and _within(nearest, _networks(trusted_proxies)):
        return claimed
    return own_scheme


def site_of(address: str) -> str:
    """What a limit counts by: the IPv4 address itself, the /64 network of an IPv6 one."""
    parsed = _address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), IPV6_SITE_PREFIX), strict=False))
    return address


def _address(text: str | None) -> Address | None:
    return _parsed(text) if text and len(text) <= LONGEST_CHARACTERS else None


@lru_cache(maxsize=4096)
def _plain(peer: str | None) -> str:
    address = _address(peer)
    return peer or "" if address is None else str(address)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Address | None:
    """Asked several times for each request, of few who ask."""
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=16)
def _networks(trusted_proxies: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(proxy, strict=False) for proxy in trusted_proxies)

"""Checks values of settings beyond their types; each problem is a sentence. No I/O.

A value that can never take effect, such as an origin that no browser sends, stops the start: found
later, it would look like a fault of Parley.
"""

import math
import re
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, urlsplit

from app.outbound.public_addresses import is_numeric
from app.security.origins import DEFAULT_PORTS

Problems = Iterator[str]

# A name as browsers send it: ASCII, labels between dots.
LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
LONGEST_NAME = 253
# Beyond this a list is a mistake, and each of its entries is looked at for each request.
LONGEST_LIST = 1_000
EMAIL = re.compile(r"mailto:[^@\s]+@[^@\s]+")
MAPPED = IPv6Network("::ffff:0:0/96")
EXAMPLE = "expected an origin such as https://chat.example.org"


def problems(name: str, value: Any) -> Problems:
    """Yield each problem of `value` as the setting `name`; nothing where it is fine."""
    if isinstance(value, float) and not math.isfinite(value):
        yield "expected a finite number of seconds"
    if isinstance(value, str) and name != "secret" and not value.isprintable():
        yield "expected no line breaks and no invisible characters"
    if isinstance(value, tuple) and len(value) > LONGEST_LIST:
        yield f"expected at most {LONGEST_LIST:,} entries"
    elif value is not None and name in _RULES:
        yield from _RULES[name](value)


def _host(host: str) -> Problems:
    if not _is_address(host) and not _is_name(host):
        yield f"expected an address such as 127.0.0.1, ::1 or 0.0.0.0, or a name, got {host}"


def _secret(secret: str) -> Problems:
    if len(secret) < 8:
        yield "expected at least 8 characters"


def _origins(origins: tuple[str, ...]) -> Problems:
    for origin in origins:
        if (problem := _of_origin(origin)) is not None:
            yield f"{problem}, got {origin}"


def _of_origin(origin: str) -> str | None:
    """Why no browser sends `origin`, None where one does."""
    if not origin.isascii():
        return f"{EXAMPLE}, with a name as browsers send it (xn--…)"
    if "*" in origin:
        return f"{EXAMPLE}; a wildcard matches nothing, name each origin"
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return f"{EXAMPLE}, with a port from 1 to 65535 if any"
    if port == 0 or parts.netloc.endswith(":"):
        return f"{EXAMPLE}, with a port from 1 to 65535 if any"
    if parts.scheme not in DEFAULT_PORTS or any(c in origin for c in " \\?#"):
        return EXAMPLE
    if parts.path:
        return f"{EXAMPLE}, without a path and without a slash at its end"
    return None if _is_sent_by_browsers(parts) else EXAMPLE


def _is_sent_by_browsers(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if "@" in parts.netloc or not host:
        return False
    is_bracketed = parts.netloc.startswith("[")
    # Browsers write each address in its one canonical way.
    if is_bracketed or is_numeric(host):
        return _is_address(host) and str(ip_address(host)) == host
    return _is_name(host)


def _proxies(proxies: tuple[str, ...]) -> Problems:
    for proxy in proxies:
        try:
            network = ip_network(proxy, strict=False)
        except ValueError:
            yield f"expected an address or a network such as 10.0.0.0/8, got {proxy}"
            continue
        if network.prefixlen == 0:
            yield f"expected the addresses of your proxies; {proxy} would believe everybody"
        if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
            yield f"expected {proxy} as an IPv4 address or network"


def _mongodb(url: str) -> Problems:
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        yield "expected an address that starts with mongodb:// or mongodb+srv://"


def _redis(url: str) -> Problems:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        yield "expected an address that starts with redis://, rediss:// or unix://"


def _contact(contact: str) -> Problems:
    if not EMAIL.fullmatch(contact) and not _is_https(contact):
        yield "expected an address such as mailto:admin@example.org or https://example.org/contact"


def _is_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and " " not in address


def _is_address(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return not isinstance(address, IPv6Address) or address.scope_id is None


def _is_name(host: str) -> bool:
    name = host.removesuffix(".")
    is_short = 0 < len(name) <= LONGEST_NAME
    return is_short and not is_numeric(name) and all(map(LABEL.fullmatch, name.split(".")))


_RULES: dict[str, Callable[[Any], Problems]] = {
    "host": _host,
    "secret": _secret,
    "allowed_origins": _origins,
    "trusted_proxies": _proxies,
    "mongodb_url": _mongodb,
    "redis_url": _redis,
    "push_contact": _contact,
}

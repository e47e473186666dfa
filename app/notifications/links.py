"""Sorts the links of notifications: pages of this server, and other sites. No I/O."""

import re

from msgspec import Struct
from yarl import URL

from app.web.route_helpers import local_path

SCHEMES = ("http://", "https://")
# An encoded host name or an IPv6 address. Browsers would decode a percent sign.
HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


class ExternalLink(Struct, frozen=True):
    """A link to another site. Both fields are ASCII, so that no character looks like another one.

    `address` is the URL as a browser normalises the link, `host` the name of the site.
    """

    address: str
    host: str


def is_good_link(link: str) -> bool:
    """Whether a link is a path of this server or a web address, and nothing that browsers run."""
    return local_path(link, "") == link != "" or external_link(link) is not None


def external_link(link: str) -> ExternalLink | None:
    """The link as one to another site; None if it is not a web address."""
    url = _web_address(link)
    if url is None or url.raw_host is None:
        return None
    return ExternalLink(str(url), url.raw_host)


def internal_path(link: str, origin: str) -> str | None:
    """The path of a link to this server, whose origin is `origin`; None for other links."""
    if local_path(link, "") == link != "":
        return link
    url = _web_address(link)
    if url is None or str(url.origin()) != origin:
        return None
    return local_path(str(url.relative()), "/")


def _web_address(link: str) -> URL | None:
    """The URL, or None if browsers might read it in another way."""
    if not link.lower().startswith(SCHEMES) or "\\" in link:
        return None
    if any(ord(c) <= 0x20 or ord(c) == 0x7F for c in link):
        return None
    try:
        url = URL(link)
    except ValueError:
        return None
    return url if url.raw_host and HOST.fullmatch(url.raw_host) else None

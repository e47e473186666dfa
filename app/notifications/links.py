"""Where the link of a notification leads: to a page here, or to another site. No I/O."""

import re

from msgspec import Struct
from yarl import URL

from app.web.http import local_path

SCHEMES = ("http://", "https://")
# A name as it goes over the wire, or an IPv6 address; a percent sign would be decoded by browsers.
HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")


class ExternalLink(Struct, frozen=True):
    """Another site. Both parts are ASCII, so that no character stands for another one: `address`
    is what a browser makes of the link, `host` the site that answers there."""

    address: str
    host: str


def is_good_link(link: str) -> bool:
    """A path here, or a web address; nothing that a browser would run or misread."""
    return local_path(link, "") == link != "" or external_link(link) is not None


def external_link(link: str) -> ExternalLink | None:
    """The other site of a web address; None for what is no such address."""
    url = _web_address(link)
    if url is None or url.raw_host is None:
        return None
    return ExternalLink(str(url), url.raw_host)


def internal_path(link: str, origin: str) -> str | None:
    """The path on this server that a link leads to, where it does; `origin` is this server's."""
    if local_path(link, "") == link != "":
        return link
    url = _web_address(link)
    if url is None or str(url.origin()) != origin:
        return None
    return local_path(str(url.relative()), "/")


def _web_address(link: str) -> URL | None:
    """As both we and browsers read it, or None where they might differ."""
    if not link.lower().startswith(SCHEMES) or "\\" in link:
        return None
    if any(ord(c) <= 0x20 or ord(c) == 0x7F for c in link):
        return None
    try:
        url = URL(link)
    except ValueError:
        return None
    return url if url.raw_host and HOST.fullmatch(url.raw_host) else None

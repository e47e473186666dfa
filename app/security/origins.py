"""The origins (RFC 6454) whose pages may call this server: exact matches, for HTTP and handshakes.

A prefix or suffix match would let `https://yourdomain.com.evil` in.
"""

from urllib.parse import urlsplit

from app.settings import Settings

DEFAULT_PORTS = {"http": 80, "https": 443}


class Origins:
    """The configured origins, and by default the server's own address."""

    def __init__(self, settings: Settings) -> None:
        self._allowed = {_normal(origin) for origin in settings.allowed_origins} - {None}
        self._behind_tls = settings.behind_tls

    def allows(self, origin: str | None, host: str, scheme: str) -> bool:
        """Whether a page of `origin` may call the server reached as `scheme`://`host`.

        `host` is the Host header, with its port. No origin at all is a program, not a page.
        """
        if origin is None:
            return True
        asked = _normal(origin)
        if asked is None:
            return False
        return asked in self._allowed or asked == self._own(host, scheme)

    def _own(self, host: str, scheme: str) -> tuple[str, str, int] | None:
        return _normal(f"{'https' if self._behind_tls else scheme}://{host}")


def _normal(origin: str) -> tuple[str, str, int] | None:
    """`(scheme, host, port)`, or None for what is no plain origin (`null`, a path, a user)."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    # An empty query or fragment still counts as more than an origin.
    if parts.path or "?" in origin or "#" in origin or " " in origin or not origin.isprintable():
        return None
    return scheme, host, DEFAULT_PORTS[scheme] if port is None else port

"""The headers that keep a page from doing what we never meant it to do."""

import re
from functools import lru_cache

# A Host header is the client's word: only what can be a host goes into a header of ours.
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

# aiohttp would tell its own version and that of Python.
SERVER = "Parley"

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

# Of an answer that aiohttp gives before any middleware runs. It holds a sentence and nothing else.
OUTSIDE_MIDDLEWARE = {
    **COMMON,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Server": SERVER,
}

# The longest name with a port; what is longer is none.
LONGEST_HOST = 260
NONCE = "<nonce>"

# Over https only, where a browser heeds it: for a year it comes by nothing else. Not for names
# below ours: what runs there isn't ours to decide.
LASTING_TLS = "max-age=31536000"


def content_security_policy(nonce: str, host: str) -> str:
    """The Content-Security-Policy of one response, for the scripts that carry `nonce`.

    `host` (the Host header) is named for WebSockets, which 'self' misses in older browsers.
    """
    before, after = _around_nonce(host[:LONGEST_HOST])
    return f"{before}{nonce}{after}"


@lru_cache(maxsize=64)
def _around_nonce(host: str) -> tuple[str, str]:
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    before, _, after = "; ".join(
        (
            "default-src 'none'",
            "object-src 'none'",
            f"script-src 'nonce-{NONCE}'",
            # Only the push worker; without this it would need the nonce, which it can't have.
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            f"connect-src 'self'{sockets}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types parley",
        )
    ).partition(NONCE)
    return before, after

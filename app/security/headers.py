"""The security headers and the Content-Security-Policy of every response. No I/O."""

import re
from functools import lru_cache

# The client chooses the Host header: it goes into our header only where it looks like a host.
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")

# In place of aiohttp's, which has its version and Python's.
SERVER = "Parley"

COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

# For answers that are no page: nothing of them is ever run or shown in a frame.
DATA = {
    **COMMON,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
# For the answers that aiohttp gives before any middleware runs.
OUTSIDE_MIDDLEWARE = {**DATA, "Server": SERVER}

# The longest host name (RFC 1035) with a port.
LONGEST_HOST = 260
NONCE = "<nonce>"

# HSTS (RFC 6797) for a year, sent over https only. Without includeSubDomains: other services may
# run on names below this one.
LASTING_TLS = "max-age=31536000"


def content_security_policy(nonce: str, host: str) -> str:
    """The Content-Security-Policy (CSP Level 3) of one response; scripts need the `nonce`.

    `host` (the Host header) is named for WebSockets, which 'self' misses in older browsers.
    """
    before, after = _around_nonce(host[: LONGEST_HOST + 1])
    return f"{before}{nonce}{after}"


def shell_policy(host: str) -> str:
    """The policy of the page that a browser keeps for times without a network.

    A nonce that is kept would be the same each time, so the scripts are those of our own folder.
    """
    usual = content_security_policy("", host)
    own = f"{host}/static/" if _is_host(host) else "'self'"
    return usual.replace("script-src 'nonce-'", f"script-src {own}")


def _is_host(text: str) -> bool:
    """Whether all of it looks like a host; its length is looked at first."""
    return len(text) <= LONGEST_HOST and _HOST.fullmatch(text) is not None


@lru_cache(maxsize=64)
def _around_nonce(host: str) -> tuple[str, str]:
    sockets = f" ws://{host} wss://{host}" if _is_host(host) else ""
    before, _, after = "; ".join(
        (
            "default-src 'none'",
            "object-src 'none'",
            f"script-src 'nonce-{NONCE}'",
            # For the push worker, which can't carry a nonce.
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

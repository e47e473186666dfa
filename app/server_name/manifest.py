"""The web manifest: how the server shows where it is installed like an app. No I/O."""

from collections.abc import Callable
from typing import Any

Address = Callable[[str], str]


def manifest(name: str, address: Address) -> dict[str, Any]:
    """The manifest (W3C Web Application Manifest) of a server of this name.

    `address` returns the address of a static file.
    """
    return {
        "id": "/",
        "name": name,
        "short_name": name,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": "#0b6b5d",
        "icons": [
            _icon(address("icons/favicon.svg"), "any", "image/svg+xml"),
            _icon(address("icons/icon-192.png"), "192x192"),
            _icon(address("icons/icon-512.png"), "512x512"),
            _icon(address("icons/icon-maskable-512.png"), "512x512") | {"purpose": "maskable"},
        ],
    }


def _icon(source: str, sizes: str, kind: str = "image/png") -> dict[str, str]:
    return {"src": source, "sizes": sizes, "type": kind}

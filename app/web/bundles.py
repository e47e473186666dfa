"""The bundles of `scripts/bundle.js`: one script and one sheet for each page.

They stand for their sources only as long as these are what the bundles were made from, so that
nobody is given old code.
"""

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

FOLDER = "dist"
MANIFEST = "manifest.json"
_SOURCE = re.compile(r"(?:js|css|vendor)/.*\.(?:js|css)")

log = structlog.get_logger("web")


class Bundle(Struct, frozen=True):
    """A page's file, the scripts that it imports at once, and those when something is opened."""

    file: str
    imports: tuple[str, ...] = ()
    lazy: tuple[str, ...] = ()


class Manifest(Struct, frozen=True):
    """The bundles of one build: `pages` by the path of the source that they begin with."""

    sources: str
    pages: dict[str, Bundle]


def digest(etags: Iterable[tuple[str, str]]) -> str:
    """The digest of the sources among these files, given as path and etag."""
    lines = (f"{path}\0{etag}\n" for path, etag in sorted(etags) if _SOURCE.fullmatch(path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def fresh_bundles(folder: Path, sources: str) -> dict[str, Bundle]:
    """The bundles in the static `folder`; none where they were made from other sources."""
    try:
        manifest = msgspec.json.decode((folder / FOLDER / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        log.info("pages load each module by itself: `make bundle` makes them faster")
        return {}
    if manifest.sources != sources:
        log.warning("pages load each module by itself: the bundles are old; run `make bundle`")
        return {}
    return manifest.pages

"""Serves static files from memory, under a path that changes with their content.

`/static/<version>/…` may be cached for ever. ES modules import each other relatively within it, so
a browser gets all files of one release. Without the version a browser asks each time.
`/static/dist/…` are the bundles of `scripts/bundle.js`, which have a hash in their names.
"""

import gzip
import hashlib
import mimetypes
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from aiohttp import hdrs, web
from msgspec import Struct

from app.errors import NotFound
from app.web.bundles import FOLDER, Bundle, digest, fresh_bundles
from app.web.routing import Route

IMMUTABLE = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"
# Smaller files gain nothing.
WORTH_COMPRESSING_BYTES = 1024
BROTLI = ".br"
_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
}
_COMPRESSIBLE = ("text/", "application/json", "image/svg+xml", "application/manifest+json")


class StaticFile(Struct, frozen=True, kw_only=True):
    """One file, ready to send."""

    body: bytes
    gzip: bytes | None
    brotli: bytes | None
    kind: str
    etag: str

    def encoded(self, accepted: str) -> tuple[bytes, str | None]:
        """The smallest body that a client with this Accept-Encoding takes, and its encoding."""
        accepted = accepted.lower()
        if self.brotli and "br" in accepted:
            return self.brotli, "br"
        if self.gzip and "gzip" in accepted:
            return self.gzip, "gzip"
        return self.body, None


class PageFile(Struct, frozen=True):
    """A page's script or sheet: its address, and those of what it imports at once, and later."""

    address: str
    imports: tuple[str, ...] = ()
    lazy: tuple[str, ...] = ()


class StaticFiles:
    """The files of the static folder; with `reload` they are read again when one has changed."""

    def __init__(self, folder: Path, *, reload: bool = False) -> None:
        self._folder = folder
        self.is_reloading = reload
        self._state: list[tuple[str, int, int]] = []
        self._files: dict[str, StaticFile] = {}
        self._bundles: dict[str, Bundle] = {}
        self.version = ""
        self._load()

    def address(self, path: str) -> str:
        """The address of a file: `address("css/app.css")`."""
        if self.is_reloading:
            self._load()
        return f"/static/{self.version}/{path}"

    def bundle(self, path: str) -> PageFile | None:
        """The bundle of a page's script or sheet; None where the page loads each file by itself."""
        found = self._bundles.get(path)
        if found is None:
            return None
        return PageFile(
            _in_dist(found.file),
            tuple(map(_in_dist, found.imports)),
            tuple(map(_in_dist, found.lazy)),
        )

    def routes(self) -> list[Route]:
        return [Route("GET", "/static/{path:.+}", self._serve, is_quiet=True)]

    def find(self, path: str) -> tuple[StaticFile, bool]:
        """The file at `path`, with or without a version, and whether it may be cached for ever.

        Raises NotFound.
        """
        if self.is_reloading:
            self._load()
        first, _, rest = path.partition("/")
        if first == self.version and rest in self._files:
            return self._files[rest], not self.is_reloading
        if first == FOLDER and path in self._files:
            return self._files[path], True
        # A page from before an upgrade asks for its version, and gets the present file.
        found = self._files.get(path) or self._files.get(rest if _is_version(first) else path)
        if found is None:
            raise NotFound("There is no such file.")
        return found, False

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        asset, is_final = self.find(request.match_info["path"])
        headers = {
            hdrs.CACHE_CONTROL: IMMUTABLE if is_final else ASK_EACH_TIME,
            hdrs.ETAG: f'"{asset.etag}"',
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if any(tag.value in (asset.etag, "*") for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        headers[hdrs.CONTENT_TYPE] = asset.kind
        body, encoding = asset.encoded(request.headers.get(hdrs.ACCEPT_ENCODING, ""))
        if encoding:
            headers[hdrs.CONTENT_ENCODING] = encoding
        return web.Response(body=body, headers=headers)

    def _load(self) -> None:
        state = sorted(_state_of(self._folder))
        if state == self._state and self.version:
            return
        self._state = state
        self._files = {
            name: _asset(self._folder / name, changed_ns, size) for name, changed_ns, size in state
        }
        whole = hashlib.sha256()
        for name, asset in self._files.items():
            whole.update(f"{name}\0{asset.etag}\0".encode())
        self.version = whole.hexdigest()[:12]
        # While developing, each change has to show at once.
        if not self.is_reloading:
            etags = ((name, asset.etag) for name, asset in self._files.items())
            self._bundles = fresh_bundles(self._folder, digest(etags))


STATIC_FILES: web.AppKey[StaticFiles] = web.AppKey("static_files", StaticFiles)


def _state_of(folder: Path | str, within: str = "") -> Iterator[tuple[str, int, int]]:
    """Relative path, time of change (ns) and size (bytes) of each file below `folder`.

    Without pathlib, which takes ten times as long: a page in development asks several times.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _state_of(entry.path, f"{within}{entry.name}/")
            elif (
                entry.is_file()
                and not entry.name.startswith(".")
                and not entry.name.endswith(BROTLI)
            ):
                stat = entry.stat()
                yield within + entry.name, stat.st_mtime_ns, stat.st_size


def _in_dist(file: str) -> str:
    return f"/static/{FOLDER}/{file}"


def _is_version(part: str) -> bool:
    return len(part) == 12 and set(part) <= set("0123456789abcdef")


# Only files that have changed are compressed again.
@lru_cache(1_000)
def _asset(path: Path, _changed_ns: int, _size: int) -> StaticFile:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    kind = kind or "application/octet-stream"
    brotli = path.with_name(path.name + BROTLI)
    is_worth_it = len(body) >= WORTH_COMPRESSING_BYTES and kind.startswith(_COMPRESSIBLE)
    return StaticFile(
        body=body,
        gzip=gzip.compress(body, 9, mtime=0) if is_worth_it else None,
        brotli=brotli.read_bytes() if brotli.exists() else None,
        kind=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        etag=hashlib.sha256(body).hexdigest()[:16],
    )

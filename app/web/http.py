"""What a route needs: the caller, the decoded request, and an answer."""

from typing import Any, TypeVar

import msgspec
from aiohttp import hdrs, web

from app.errors import Invalid, TooLarge
from app.web import strict
from app.web.identity import caller
from app.web.pages import render

__all__ = [
    "MAX_BODY_BYTES",
    "caller",
    "decode",
    "form",
    "local_path",
    "query",
    "render",
    "reply",
    "see_other",
]

# A message of 64 KB can be six times as long in JSON, a binary is 1 MB: for `client_max_size`.
MAX_BODY_BYTES = 2 * 1024 * 1024

T = TypeVar("T")
F = TypeVar("F", bound=msgspec.Struct)


async def decode(request: web.Request, kind: type[T]) -> T:
    """The JSON body as a `kind`; Invalid names the field, TooLarge beyond MAX_BODY_BYTES."""
    if request.content_type != "application/json":
        # Other types can be sent by any web page without asking first.
        raise Invalid("Send JSON, with the header Content-Type: application/json.")
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise _too_large() from error
    return strict.decode(raw, kind)


def query(request: web.Request, kind: type[T]) -> T:
    """The query of the address as a `kind`; Invalid names the field."""
    return strict.convert(dict(request.query), kind)


async def form(request: web.Request, kind: type[F]) -> F:
    """The fields of a posted form as a `kind`; a field that `kind` has as a list takes many."""
    try:
        posted = await request.post()
    except web.HTTPRequestEntityTooLarge as error:
        raise _too_large() from error
    except (ValueError, LookupError) as error:
        raise Invalid("This form can't be read. Please reload the page and try again.") from error
    many = {f.name for f in msgspec.structs.fields(kind) if _is_list(f.type)}
    fields = {n: posted.getall(n) if n in many else posted[n] for n in posted}
    return strict.convert({n: v for n, v in fields.items() if isinstance(v, str | list)}, kind)


def reply(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


def see_other(path: str) -> web.Response:
    """Send the browser on to a path of this server, as after a form was done.

    The one place that redirects: what would lead elsewhere leads home.
    """
    return web.Response(status=303, headers={hdrs.LOCATION: local_path(path)})


def local_path(target: str | None, otherwise: str = "/") -> str:
    """`target` where it is a path on this server, so that no link can lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    # Browsers drop tabs and line breaks and read a backslash as a slash.
    if "\\" in target or any(ord(c) < 0x21 or ord(c) == 0x7F for c in target):
        return otherwise
    return target


def _is_list(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is list


def _too_large() -> TooLarge:
    return TooLarge(f"The request is larger than {MAX_BODY_BYTES // 1024 // 1024} MB.")

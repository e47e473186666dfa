"""The functions that routes use: decode a request, reply, render, redirect."""

from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec
from aiohttp import hdrs, web

from app.errors import Invalid
from app.web import decoding
from app.web.authentication import caller
from app.web.request_body import FORM, FORM_BYTES, body, fields_of
from app.web.templates import render

__all__ = [
    "FORM",
    "MAX_BODY_BYTES",
    "body",
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

UTF_8 = "utf-8"

T = TypeVar("T")
F = TypeVar("F", bound=msgspec.Struct)


async def decode(request: web.Request, kind: type[T]) -> T:
    """Decode the JSON body as a `kind`.

    Raises Invalid naming the field, and TooLarge beyond MAX_BODY_BYTES.
    """
    if request.content_type != "application/json":
        # Other types can be sent by any web page without asking first.
        raise Invalid("Send JSON, with the header Content-Type: application/json.")
    return decoding.from_json(await body(request, MAX_BODY_BYTES), kind)


def query(request: web.Request, kind: type[T]) -> T:
    """Decode the query string as a `kind`. Raises Invalid naming the field."""
    return decoding.from_fields(dict(request.query), kind)


async def form(request: web.Request, kind: type[F], most_bytes: int = FORM_BYTES) -> F:
    """Decode a posted form as a `kind`; a list field takes all values of its name.

    Raises Invalid, naming the field, and TooLarge.
    """
    if request.content_type != FORM or (request.charset or UTF_8).lower() != UTF_8:
        raise Invalid(f"Send the form as {FORM}.")
    posted = fields_of(await body(request, most_bytes))
    many = {f.encode_name for f in msgspec.structs.fields(kind) if _is_list(f.type)}
    return decoding.from_fields({n: v if n in many else v[0] for n, v in posted.items()}, kind)


def reply(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


def see_other(path: str) -> web.Response:
    """Redirect to a path of this server (303), as after a form.

    Every redirect is made here: a target elsewhere is replaced by `/`.
    """
    return web.Response(status=303, headers={hdrs.LOCATION: local_path(path)})


def local_path(target: str | None, otherwise: str = "/") -> str:
    """Return `target` where it is a path on this server, else `otherwise`."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    # Browsers drop tabs and line breaks and read a backslash as a slash.
    if "\\" in target or any(ord(c) < 0x21 or ord(c) == 0x7F for c in target):
        return otherwise
    return target


def _is_list(kind: Any) -> bool:
    return get_origin(get_args(kind)[0] if get_origin(kind) is Annotated else kind) is list

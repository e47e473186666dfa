"""Where text from outside goes in: every route of the application, every event of its tables."""

import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import msgspec
from aiohttp import web
from msgspec import Struct
from msgspec import inspect as types

from app.server.application import Application
from tests.harness.described_api import OPERATIONS
from tests.web.request_types import Kind, parts

# Existing things, so that a request gets further than its first step.
KNOWN: Mapping[str, Any] = {
    "room": "hallway",
    "topic": "news",
    "metric": "events",
    "username": "ana",
    "user": "ana",
    "user_id": "ana",
    "password": "correct horse battery",
    "direction": "incoming",
    "kind": "open",
}
# The functions of routes that decode, by where in a request they look.
DECODERS = {
    "form": "form",
    "admin_form": "form",
    "personal_form": "form",
    "_sent": "form",
    "query": "query",
    "decode": "json",
}
HEADERS = (
    *("User-Agent", "Accept", "Accept-Language", "Accept-Encoding", "Authorization", "Cookie"),
    *("Origin", "Referer", "X-Forwarded-For", "X-Forwarded-Proto", "Last-Event-ID", "Host"),
    *("Idempotency-Key", "If-None-Match", "Sec-Fetch-Site", "Sec-Purpose", "Content-Type"),
    "X-Forwarded-Host",
)
# A line or a header of a request is at most 8,190 bytes; percent-encoded, a character takes nine.
LINE_CHARACTERS = 800
HEADER_CHARACTERS = 8_000


class Place(Struct, frozen=True):
    """One part of one request: where, of which route, and the longest text that it takes."""

    method: str
    path: str
    where: str
    name: str
    longest: int | None = None
    kind: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.where} {self.name}".strip()


def routes(site: Application) -> list[web.AbstractRoute]:
    """Every route that is served."""
    return [r for r in site.web.router.routes() if r.method != "HEAD"]


def places(route: web.AbstractRoute) -> Iterator[Place]:
    """Every part of this route's requests."""
    resource = route.resource
    assert resource is not None
    method, path = route.method, resource.canonical
    for name in re.findall(r"{(\w+)}", path):
        yield Place(method, path, "path", name)
    yield Place(method, path, "query", "unknown")
    for where, kind in decoded(route).items():
        for name, longest in texts(kind):
            yield Place(method, path, where, name, longest, kind)
    if method in ("POST", "PUT", "PATCH", "DELETE"):
        yield Place(method, path, "body", "as JSON")
        yield Place(method, path, "body", "as a form")


def decoded(route: web.AbstractRoute) -> dict[str, Kind]:
    """The types that a handler decodes requests into, by where they come from."""
    found = dict(_in_source(route.handler))
    method, path = route.method, route.resource.canonical if route.resource else ""
    for operation in OPERATIONS:
        if (operation.method, operation.path) == (method, path):
            found |= {"json": operation.body} if operation.body is not None else {}
            found |= {"query": operation.query} if operation.query is not None else {}
    return found


def _in_source(handler: Any) -> Iterator[tuple[str, Kind]]:
    function = inspect.unwrap(getattr(handler, "__func__", handler))
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
        for argument in call.args:
            kind = function.__globals__.get(getattr(argument, "id", ""))
            if name in DECODERS and inspect.isclass(kind) and issubclass(kind, Struct):
                yield DECODERS[name], kind


def texts(kind: Kind) -> list[tuple[str, int | None]]:
    """The text fields of a type with their longest, each once; `Any` takes text too."""
    found: dict[str, int | None] = {}
    for path, info in parts(kind):
        if path and isinstance(info, types.StrType | types.AnyType):
            found.setdefault(path, getattr(info, "max_length", None))
        elif path and isinstance(info, types.DateTimeType | types.IntType):
            found.setdefault(path, None)
    return list(found.items())


def sample(kind: Kind) -> Any:
    """The least that decodes as this type, as JSON."""
    return _sample(types.type_info(kind), "")


def _sample(info: types.Type, name: str) -> Any:
    match info:
        case types.StructType():
            needed = [f for f in info.fields if f.required]
            return {f.encode_name: _sample(f.type, f.encode_name) for f in needed}
        case types.UnionType():
            some = [t for t in info.types if not isinstance(t, types.NoneType)]
            return _sample(some[0], name)
        case types.ListType():
            return [_sample(info.item_type, name) for _ in range(info.min_length or 0)]
        case types.DictType():
            return {}
        case _:
            return _simple(info, name)


def _simple(info: types.Type, name: str) -> Any:
    match info:
        case types.LiteralType():
            return KNOWN[name] if KNOWN.get(name) in info.values else info.values[0]
        case types.IntType():
            return info.ge or 1
        case types.BoolType():
            return False
        case types.StrType():
            return KNOWN.get(name, "x" * max(1, info.min_length or 1))
        case _:
            return "x"


def with_text(kind: Kind, path: str, text: Any) -> Any:
    """A sample of `kind` with `text` at `path`, such as `members[]` or `properties{}`."""
    whole = sample(kind)
    # A list of them is taken where one is.
    target = whole[0] if isinstance(whole, list) and whole else whole
    *steps, last = path.split(".")
    for step in steps:
        name = step.rstrip("[]{}")
        inner = target.setdefault(name, {})
        if step.endswith("[]"):
            inner = target[name] = [_first(kind, path, step)]
            inner = inner[0]
        target = inner
    name = last.rstrip("[]{}")
    if last.endswith("[]"):
        target[name] = [text]
    elif last.endswith("{}"):
        target[name] = {str(text)[:200]: text}
    else:
        target[name] = text
    return whole


def _first(kind: Kind, path: str, step: str) -> Any:
    """A sample of what a list on the way holds."""
    for at, info in parts(kind):
        if at == path[: path.index(step) + len(step)] and isinstance(info, types.StructType):
            return _sample(info, "")
    return {}


def many(kind: Kind) -> Kind:
    """One of the types where a body may be several."""
    return next((one for one in get_args(kind) if inspect.isclass(one)), kind)


def as_form(whole: Any) -> list[tuple[str, str]]:
    """The fields of a form that say the same."""
    return [
        (name, each if isinstance(each, str) else json.dumps(each))
        for name, value in whole.items()
        for each in (value if isinstance(value, list) else [value])
    ]


def encoded(whole: Any) -> bytes:
    return msgspec.json.encode(whole)

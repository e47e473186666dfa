"""The HTTP API as an OpenAPI 3.1 document, made from the routes that have a summary."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from aiohttp import web

from app import __version__
from app.web.routing import Route

ADDRESS = "/api/openapi.json"
SCHEMAS = "#/components/schemas/{name}"

Json = dict[str, Any]

ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "field": {"type": "string"},
                "retry_after": {"type": "number"},
            },
        }
    },
}


def openapi_route(routes: Iterable[Route]) -> Route:
    """The route of the document of `routes`. It is open to everyone and says no secret."""
    shown = described(routes)

    @cache
    def encoded() -> bytes:
        return msgspec.json.encode(document(shown))

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=encoded(), content_type="application/json")

    return Route("GET", ADDRESS, show)


def described(routes: Iterable[Route]) -> list[Route]:
    """Those of `routes` that are in the document."""
    return [route for route in routes if route.summary]


def document(routes: Sequence[Route]) -> Json:
    """The whole document of `routes`, which all have a summary."""
    kinds = [r.body for r in routes if r.body] + [r.query for r in routes if r.query]
    shown, components = msgspec.json.schema_components(kinds, ref_template=SCHEMAS)
    schemas = dict(zip(map(_key, kinds), shown, strict=True))
    paths: dict[str, Json] = {}
    for route in routes:
        operations = paths.setdefault(route.path, {})
        operations[route.method.lower()] = _operation(route, schemas, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Parley", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "parley_session"},
            },
        },
    }


def _operation(route: Route, schemas: Mapping[str, Any], components: Mapping[str, Any]) -> Json:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query is not None:
        parameters += _query(components[route.query.__name__])
    operation: Json = {
        "summary": route.summary,
        "parameters": parameters,
        "responses": {
            str(route.status): {"description": "Done", "content": {"application/json": {}}},
            "default": {
                "description": "Refused, with a sentence that says why",
                "content": {"application/json": {"schema": {"$ref": SCHEMAS.format(name="Error")}}},
            },
        },
        "security": [] if route.is_public else [{"token": []}, {"session": []}],
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[_key(route.body)]}},
        }
    return operation


def _query(schema: Mapping[str, Any]) -> list[Json]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in schema["properties"].items()
    ]


def _key(kind: Any) -> str:
    return repr(kind)

"""The HTTP API as an OpenAPI 3.1 document, made from the structs that decode its requests.

Beside the composition root: like that it sees all features. A test holds it against the routes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from app import __version__
from app.accounts.routes import Credentials
from app.analytics.models import Event
from app.analytics.requests import (
    BreakdownRequest,
    FunnelRequest,
    MetricsRequest,
    RetentionRequest,
    SeriesRequest,
)
from app.chat.models import CreateRoom
from app.chat.routes import NewMessage, PageOfMessages
from app.hooks.incoming_payload import IncomingPayload
from app.hooks.models import NewHook
from app.notifications.authorized_sender import SendNotification
from app.notifications.models import ListInbox, Preferences
from app.notifications.push.models import Subscribe, Unsubscribe
from app.topics.models import Create, NewEvent, NewSettings, PageOfEvents

ADDRESS = "/api/openapi.json"
SCHEMAS = "#/components/schemas/{name}"


class Operation(Struct, frozen=True):
    """One method of one path. `body` and `query` are what a request is decoded into."""

    method: str
    path: str
    summary: str
    body: Any = None
    query: type[Struct] | None = None
    status: int = 200
    is_public: bool = False


OPERATIONS = (
    Operation("post", "/api/session", "Sign in", Credentials, is_public=True),
    Operation("delete", "/api/session", "Sign out"),
    Operation("get", "/api/me", "Who is calling"),
    Operation("get", "/api/config/websocket", "How to connect a WebSocket"),
    Operation("get", "/api/config/sse", "How to follow Server-Sent Events"),
    Operation("get", "/api/rooms", "Rooms of mine and open ones"),
    Operation("post", "/api/rooms", "Make a room", CreateRoom, status=201),
    Operation("get", "/api/rooms/{room}", "One room"),
    Operation("get", "/api/rooms/{room}/messages", "A page of messages", query=PageOfMessages),
    Operation("post", "/api/rooms/{room}/messages", "Send a message", NewMessage, status=201),
    Operation("get", "/api/notifications", "A page of my inbox", query=ListInbox),
    Operation(
        "post", "/api/notifications", "Notify one, many or all", SendNotification, status=201
    ),
    Operation("post", "/api/notifications/read-all", "Mark all of mine as read"),
    Operation("get", "/api/notifications/preferences", "What I want to hear of"),
    Operation("put", "/api/notifications/preferences", "Choose what to hear of", Preferences),
    Operation("post", "/api/notifications/{id}/read", "Mark one as read"),
    Operation("post", "/api/notifications/{id}/archive", "Put one away"),
    Operation("get", "/api/push/key", "The key to subscribe to Web Push with"),
    Operation("get", "/api/push/subscriptions", "Browsers of mine that are woken"),
    Operation("post", "/api/push/subscriptions", "Have this browser woken", Subscribe, status=201),
    Operation("delete", "/api/push/subscriptions", "Have it woken no more", Unsubscribe),
    Operation(
        "post",
        "/api/analytics/events",
        "Count what happened",
        Event | list[Event],
        status=202,
        is_public=True,
    ),
    Operation("get", "/api/analytics/metrics", "Figures of a range", query=MetricsRequest),
    Operation("get", "/api/analytics/series", "One figure over time", query=SeriesRequest),
    Operation("get", "/api/analytics/breakdown", "Values of a property", query=BreakdownRequest),
    Operation("get", "/api/analytics/funnel", "How many went how far", query=FunnelRequest),
    Operation("get", "/api/analytics/retention", "Who came back", query=RetentionRequest),
    Operation("get", "/api/topics", "Topics that I may use"),
    Operation("post", "/api/topics", "Make a topic", Create, status=201),
    Operation("patch", "/api/topics/{topic}", "Change a topic's settings", NewSettings),
    Operation("delete", "/api/topics/{topic}", "Delete a topic with its events"),
    Operation("post", "/api/topics/{topic}/events", "Publish an event", NewEvent, status=201),
    Operation("get", "/api/topics/{topic}/events", "A page of events", query=PageOfEvents),
    Operation("get", "/api/hooks", "Webhooks that I decide on"),
    Operation("post", "/api/hooks", "Make a webhook", NewHook, status=201),
    Operation(
        "post",
        "/api/hooks/{hook}",
        "Post, with its secret for `hook`",
        IncomingPayload,
        is_public=True,
    ),
    Operation("delete", "/api/hooks/{hook}", "Delete a webhook"),
    Operation("post", "/api/hooks/{hook}/adopt", "Adopt a webhook that has stopped"),
)

ERROR: Mapping[str, Any] = {
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


def routes() -> list[web.RouteDef]:
    """The document, open to everyone: it says nothing that the manual does not."""
    encoded = msgspec.json.encode(document(OPERATIONS))

    async def show(_: web.Request) -> web.Response:
        return web.Response(body=encoded, content_type="application/json")

    return [web.get(ADDRESS, show)]


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """The whole of it."""
    kinds = [o.body for o in operations if o.body] + [o.query for o in operations if o.query]
    described, components = msgspec.json.schema_components(kinds, ref_template=SCHEMAS)
    schemas = dict(zip(map(_key, kinds), described, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        known = paths.setdefault(operation.path, {})
        known[operation.method] = _operation(operation, schemas, components)
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


def _operation(
    operation: Operation, schemas: Mapping[str, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    names = re.findall(r"{(\w+)}", operation.path)
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    if operation.query is not None:
        parameters += _query(components[operation.query.__name__])
    described: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": parameters,
        "responses": {
            str(operation.status): {"description": "Done", "content": {"application/json": {}}},
            "default": {
                "description": "Refused, with a sentence that says why",
                "content": {"application/json": {"schema": {"$ref": SCHEMAS.format(name="Error")}}},
            },
        },
        "security": [] if operation.is_public else [{"token": []}, {"session": []}],
    }
    if operation.body is not None:
        schema = schemas[_key(operation.body)]
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return described


def _query(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": kind}
        for name, kind in schema["properties"].items()
    ]


def _key(kind: Any) -> str:
    return repr(kind)

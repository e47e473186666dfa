"""The admins' page of the audit trail."""

from collections.abc import Mapping
from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta, Struct

from app.accounts.users import Users
from app.audit.store import AuditStore
from app.web.authorization import admin
from app.web.route_helpers import query, render
from app.web.routing import Route

ADDRESS = "/admin/audit"
PAGE = 50

Text = Annotated[str, Meta(max_length=64)]


class Listing(Struct):
    """The query of `GET /admin/audit`.

    `who` is a username, `refused` is anything to see refused ones only, `before` an entry's id.
    """

    who: Text = ""
    kind: Text = ""
    refused: Text = ""
    before: Text = ""


class AuditPages:
    """Read only. `words` has a sentence for each kind of audited action."""

    def __init__(self, store: AuditStore, users: Users, words: Mapping[str, str]) -> None:
        self._store = store
        self._users = users
        self._words = words

    def routes(self) -> list[Route]:
        return [Route("GET", ADDRESS, self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """A page of entries, newest first."""
        admin(request)
        asked = query(request, Listing)
        found = await self._store.list(_wanted(asked), asked.before or None, PAGE + 1)
        people = await self._users.many({e["about"] for e in found if e["about"]})
        entries = [
            {**entry, "target": people[entry["about"]].username}
            if entry["about"] in people
            else {**entry, "target": entry["about"]}
            for entry in found[:PAGE]
        ]
        return await render(
            request,
            "admin/audit.html",
            entries=entries,
            more=found[PAGE - 1]["_id"] if len(found) > PAGE else None,
            words=self._words,
            asked=asked,
        )


def _wanted(asked: Listing) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if asked.who.strip():
        wanted["name"] = asked.who.strip().lower().removeprefix("@")
    if asked.kind:
        wanted["kind"] = asked.kind
    if asked.refused:
        wanted["allowed"] = False
    return wanted

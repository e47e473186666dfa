"""A house with inboxes: devices that hold a copy by the cursor rule, and HTTP calls."""

from typing import Any

import aiohttp
import socketio

from app.accounts.models import User
from app.notifications.models import inbox_of
from app.storage.mongo import Database
from app.streams.log import Log
from tests.chat.house import House
from tests.harness.client import connect, python_client
from tests.harness.waiting import WITHIN_S, eventually

NAMESPACE = "/notifications"

Payload = dict[str, Any]


class Device:
    """One connection of somebody to their inbox."""

    def __init__(self, user: User, client: socketio.AsyncClient) -> None:
        self.user = user
        self.client = client
        self.heard: list[tuple[str, Payload]] = []
        self.items: dict[str, Payload] = {}
        self.cursor: int | None = None
        self.unread: int | None = None
        self.gaps = 0
        # The rev, the count that was sent, and the count of a complete copy, where they differ.
        self.wrong_counts: list[tuple[int, int, int]] = []
        client.on("*", self._hear, namespace=NAMESPACE)

    def _hear(self, event: str, payload: Payload) -> None:
        self.heard.append((event, payload))
        if event == "inbox":
            self.cursor, self.unread = payload["rev"], payload["unread"]
            self._take(payload["items"])
        elif event == "notifications":
            self._follow(payload)

    def _follow(self, batch: Payload) -> None:
        assert self.cursor is not None, "a batch came before the inbox"
        if batch["prev"] > self.cursor:
            self.gaps += 1
            return
        self._take(batch["items"])
        self.cursor = max(self.cursor, batch["rev"])
        self.unread = batch["unread"]
        held = sum(not item["read"] for item in self.items.values())
        if held != batch["unread"]:
            self.wrong_counts.append((batch["rev"], batch["unread"], held))

    def _take(self, items: list[Payload]) -> None:
        for item in items:
            if item["rev"] > self.items.get(item["id"], {"rev": 0})["rev"]:
                self.items[item["id"]] = item

    @property
    def titles(self) -> list[str]:
        """The titles that are shown, in display order."""
        shown = [i for i in self.items.values() if not i.get("deleted") and not i.get("archived")]
        return [i["title"] for i in sorted(shown, key=lambda i: i["seq"])]

    @property
    def unread_titles(self) -> list[str]:
        unread = {i["title"] for i in self.items.values() if not i["read"]}
        return [title for title in self.titles if title in unread]

    async def calls(self, event: str, **fields: Any) -> Payload:
        answer = await self.client.call(event, fields, namespace=NAMESPACE, timeout=20)
        assert isinstance(answer, dict)
        return answer

    async def does(self, event: str, **fields: Any) -> Payload:
        answer = await self.calls(event, **fields)
        assert answer["ok"], (event, fields, answer)
        return answer

    async def fails(self, event: str, **fields: Any) -> str:
        answer = await self.calls(event, **fields)
        assert answer["ok"] is False, (event, fields, answer)
        return str(answer["error"]["code"])

    async def shows(self, unread: int, within_s: float = WITHIN_S) -> None:
        """Wait till this device's badge says so."""
        what = f"{self.user.name}'s device shows {unread} unread"
        await eventually(lambda: self.unread == unread, what, within_s)

    async def sees(self, title: str) -> Payload:
        """Wait till the notification is there by itself."""
        await eventually(lambda: title in self.titles, f"{self.user.name} sees {title!r}", WITHIN_S)
        return next(i for i in self.items.values() if i.get("title") == title)

    async def syncs(self) -> None:
        """Ask for what was missed, page after page."""
        assert self.cursor is not None
        while True:
            answer = await self.does("inbox:sync", cursor=self.cursor)
            if answer["reset"]:
                self.items.clear()
            self._take(answer["items"])
            self.cursor, self.unread = answer["rev"], answer["unread"]
            if not answer["more"]:
                return

    def told(self, event: str) -> list[Payload]:
        return [payload for name, payload in self.heard if name == event]

    async def leaves(self) -> None:
        await self.client.disconnect()


class Inboxes:
    """The house's inboxes, and HTTP with somebody's token."""

    def __init__(self, house: House, database: Database) -> None:
        self.house = house
        self.sender = house.services.notifications.sender
        self._database = database

    async def opens(self, user: User, *, polling: bool = False, **token: Any) -> Device:
        """A new connection, which has been sent its inbox."""
        device = await self.connects(user, polling=polling, **token)
        await eventually(lambda: device.cursor is not None, f"{user.name} gets the inbox", WITHIN_S)
        return device

    async def connects(self, user: User, *, polling: bool = False, **token: Any) -> Device:
        client = python_client()
        device = Device(user, client)
        proof = await self.house.services.tokens.create(user.id, **token)
        await connect(client, self.house.address, proof, NAMESPACE, polling=polling)
        self.house._stack.push_async_callback(client.disconnect)
        return device

    async def http(
        self,
        method: str,
        path: str,
        by: User | str,
        *,
        scopes: list[str] | None = None,
        **more: Any,
    ) -> tuple[int, Any]:
        """One request with a token, or a new one of this person: status and JSON answer."""
        token = (
            by if isinstance(by, str) else await self.house.services.tokens.create(by.id, scopes)
        )
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.house.address + path, **more) as answer,
        ):
            return answer.status, await answer.json()

    async def head(self, user: User) -> int:
        """The rev of the latest change of this inbox."""
        return await Log(self._database).head(inbox_of(user.id))

    async def counted(self, user: User) -> int:
        """How many unread ones the collection has."""
        unread = {"stream": inbox_of(user.id), "kind": "item", "body.unread": True}
        count: int = await self._database.collection("entries").count_documents(unread)
        return count

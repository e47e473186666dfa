"""The house with its topics: connections to `/topics`, and HTTP with somebody's token."""

from collections.abc import Callable
from typing import Any

import aiohttp
import socketio

from app.accounts.models import User
from tests.chat.house import House
from tests.harness.client import connect, python_client
from tests.harness.waiting import WITHIN_S, eventually

NAMESPACE = "/topics"

Payload = dict[str, Any]


class TopicClient:
    """One connection of somebody, and a copy of each topic by the cursor rule."""

    def __init__(self, user: User, client: socketio.AsyncClient) -> None:
        self.user = user
        self.client = client
        self.heard: list[Payload] = []
        self.cursors: dict[str, int] = {}
        self.items: dict[str, dict[str, Payload]] = {}
        self.gaps = 0
        client.on("events", self._hear, namespace=NAMESPACE)

    def _hear(self, batch: Payload) -> None:
        self.heard.append(batch)
        topic = batch["topic"]
        if batch["prev"] > self.cursors.get(topic, 0):
            self.gaps += 1
            return
        self._take(topic, batch["items"])
        self.cursors[topic] = max(self.cursors.get(topic, 0), batch["rev"])

    def _take(self, topic: str, items: list[Payload]) -> None:
        held = self.items.setdefault(topic, {})
        for item in items:
            held.setdefault(item["id"], item)

    async def subscribes(self, topic: str, **fields: Any) -> Payload:
        """One answer, applied."""
        answer = await self.does("subscribe", topic=topic, **fields)
        for name, each in answer.get("topics", {topic: answer}).items():
            if each["reset"]:
                self.items[name] = {}
            self._take(name, each["items"])
            self.cursors[name] = max(self.cursors.get(name, 0), each["rev"])
        return answer

    async def resumes(self, topic: str) -> None:
        """Ask for what was missed, page after page."""
        while (await self.subscribes(topic, cursor=self.cursors[topic]))["more"]:
            pass

    def has(self, topic: str) -> list[Any]:
        """The data of the events held, in order."""
        held = self.items.get(topic, {}).values()
        return [event["data"] for event in sorted(held, key=lambda event: event["seq"])]

    async def sees(self, topic: str, data: Any) -> None:
        await eventually(
            lambda: data in self.has(topic), f"{self.user.name} sees {data!r}", WITHIN_S
        )

    async def hears(self, where: Callable[[Payload], bool]) -> Payload:
        """The first batch for which `where` holds."""
        what = f"{self.user.name} hears it"
        await eventually(lambda: any(map(where, self.heard)), what, WITHIN_S)
        return next(filter(where, self.heard))

    async def publishes(self, topic: str, data: Any, **fields: Any) -> Payload:
        return await self.does("publish", topic=topic, data=data, **fields)

    async def calls(self, event: str, **fields: Any) -> Payload:
        answer = await self.client.call(event, fields, namespace=NAMESPACE, timeout=20)
        assert isinstance(answer, dict)
        return answer

    async def does(self, event: str, **fields: Any) -> Payload:
        answer = await self.calls(event, **fields)
        assert answer["ok"], (event, fields, answer)
        return answer

    async def fails(self, event: str, **fields: Any) -> Payload:
        answer = await self.calls(event, **fields)
        assert answer["ok"] is False, (event, fields, answer)
        error: Payload = answer["error"]
        return error

    async def leaves(self) -> None:
        await self.client.disconnect()


class TopicClients:
    """Where people publish and listen."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def opens(self, user: User, scopes: list[str] | None = None) -> TopicClient:
        """A new connection of this person."""
        client = python_client()
        listener = TopicClient(user, client)
        token = await self.house.services.tokens.create(user.id, scopes)
        await connect(client, self.house.address, token, NAMESPACE)
        self.house._stack.push_async_callback(client.disconnect)
        return listener

    async def http(
        self, method: str, path: str, user: User, *, scopes: list[str] | None = None, **more: Any
    ) -> tuple[int, Any]:
        """One request with a new token of this person: status and JSON answer."""
        token = await self.house.services.tokens.create(user.id, scopes)
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.request(method, self.house.address + path, **more) as answer,
        ):
            return answer.status, await answer.json()

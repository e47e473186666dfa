"""The house with its figures: connections to `/analytics`, and HTTP with somebody's proof."""

from typing import Any

import aiohttp
import socketio

from app.accounts.models import User
from tests.chat.house import House
from tests.harness.client import connect, python_client
from tests.harness.waiting import WITHIN_S, eventually

NAMESPACE = "/analytics"

Payload = dict[str, Any]


class AnalyticsClient:
    """One connection of somebody, and everything it was told."""

    def __init__(self, user: User, client: socketio.AsyncClient) -> None:
        self.user = user
        self.client = client
        self.heard: list[tuple[str, Payload]] = []
        client.on("*", self._hear, namespace=NAMESPACE)

    def _hear(self, event: str, payload: Payload) -> None:
        self.heard.append((event, payload))

    def told(self, event: str) -> list[Payload]:
        return [payload for name, payload in self.heard if name == event]

    async def hears(self, event: str, times: int = 1) -> Payload:
        """The newest of `event`, once there were so many."""
        what = f"{self.user.name} hears {event} {times} times"
        await eventually(lambda: len(self.told(event)) >= times, what, WITHIN_S)
        return self.told(event)[-1]

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

    @property
    def items(self) -> list[Payload]:
        """Everything that the feed showed."""
        return [item for batch in self.told("events") for item in batch["items"]]


class AnalyticsClients:
    """Where figures are looked at."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def opens(self, user: User, scopes: list[str] | None = None) -> AnalyticsClient:
        """A new connection of this person."""
        client = python_client()
        looker = AnalyticsClient(user, client)
        token = await self.house.services.tokens.create(user.id, scopes)
        await connect(client, self.house.address, token, NAMESPACE)
        self.house._stack.push_async_callback(client.disconnect)
        return looker

    async def asks(
        self,
        path: str,
        user: User | None,
        method: str = "GET",
        *,
        scopes: list[str] | None = None,
        **more: Any,
    ) -> tuple[int, str]:
        """One request, with a new token where there is somebody: status and text."""
        headers = dict(more.pop("headers", {}))
        if user is not None:
            token = await self.house.services.tokens.create(user.id, scopes)
            headers["Authorization"] = f"Bearer {token}"
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(
                method, self.house.address + path, allow_redirects=False, **more
            ) as answer,
        ):
            return answer.status, await answer.text()

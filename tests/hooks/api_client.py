"""Somebody who signed in over HTTP, and a program that posts to Parley without doing so."""

from typing import Any

import aiohttp

from tests.chat.house import PASSWORD

Answer = tuple[int, Any]


class ApiClient:
    """Requests of one person to the API."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._session = aiohttp.ClientSession()
        self._headers: dict[str, str] = {}

    async def __aenter__(self) -> "ApiClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    def forgets(self) -> None:
        """Be nobody again."""
        self._headers = {}

    async def enters(self, username: str) -> "ApiClient":
        status, body = await self.calls(
            "POST", "/api/session", json={"username": username, "password": PASSWORD}
        )
        assert status == 200, body
        self._headers = {"Authorization": f"Bearer {body['token']}"}
        self._session.cookie_jar.clear()
        return self

    async def calls(self, method: str, path: str, **more: Any) -> Answer:
        headers = self._headers | more.pop("headers", {})
        async with self._session.request(
            method, self.address + path, headers=headers, **more
        ) as answer:
            return answer.status, await answer.json()

    async def makes(self, **asked: Any) -> dict[str, Any]:
        """A new hook, which has to be made."""
        status, hook = await self.calls("POST", "/api/hooks", json={"name": "Builds", **asked})
        assert status == 201, hook
        made: dict[str, Any] = hook
        return made

    async def shown(self, hook_id: str) -> dict[str, Any]:
        """The entry of a hook in the list."""
        _, listed = await self.calls("GET", "/api/hooks")
        found: dict[str, Any] = next(h for h in listed["items"] if h["id"] == hook_id)
        return found

    async def posts(self, hook: dict[str, Any], **more: Any) -> Answer:
        """Post to an incoming hook as a program that is not signed in."""
        if "text" in more:
            more["json"] = {"text": more.pop("text")}
        async with aiohttp.ClientSession() as stranger:
            path = f"/api/hooks/{hook['secret']}"
            async with stranger.post(self.address + path, **more) as answer:
                return answer.status, await answer.json() | {
                    "retry_after": answer.headers.get("Retry-After")
                }

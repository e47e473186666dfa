"""The one way out: posts to addresses that were checked, follows nobody, and reads no answer."""

from collections.abc import Mapping
from typing import Self

import aiohttp
from msgspec import Struct
from yarl import URL

from app.outbound.endpoints import Endpoints


class Response(Struct, frozen=True):
    """What came back: the HTTP `status`, or None where nothing did, for the `reason`."""

    status: int | None
    retry_after: str | None = None
    reason: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class HttpClient:
    """Use it as a context: it holds the connections, `connections` at most, each post within
    `within_s` seconds from the looking up of the name to the answer's head."""

    def __init__(self, endpoints: Endpoints, *, within_s: float, connections: int) -> None:
        self._endpoints = endpoints
        self._within_s = within_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # The names are looked up by what checks them: nothing is connected to unchecked.
                resolver=self._endpoints.resolver,
                limit=self._connections,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._within_s),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(self, url: URL, body: bytes, headers: Mapping[str, str]) -> Response:
        """What became of it. `url` is one that the endpoints have checked."""
        if self._session is None:
            raise RuntimeError("The HTTP client is closed.")
        try:
            # A redirect could lead to where the address itself may not.
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                reason = f"status {answer.status}"
                return Response(answer.status, answer.headers.get("Retry-After"), reason)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Response(None, reason=type(error).__name__)

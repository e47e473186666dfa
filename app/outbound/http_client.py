"""The only HTTP client: it posts to allowed addresses, follows no redirect, reads no body."""

from collections.abc import Mapping
from typing import Self

import aiohttp
from msgspec import Struct

from app.errors import Invalid
from app.outbound.endpoints import Endpoints
from app.translation_marks import N_

NOT_ALLOWED = "NotAllowed"

# Explanations of failures for admins, by the name of the error.
EXPLANATIONS = {
    NOT_ALLOWED: N_("its address is not a public one with https"),
    "ClientConnectorDNSError": N_("its name is not found, or leads to no public address"),
    "ClientConnectorError": N_("nobody answers at its address"),
    "ClientConnectorCertificateError": N_("its certificate is not valid"),
    "ClientConnectorSSLError": N_("it speaks no TLS that is good enough"),
    "ServerDisconnectedError": N_("it hung up"),
    "TimeoutError": N_("it did not answer in time"),
}


class Response(Struct, frozen=True):
    """The HTTP `status`, or None where there was none; then `reason` is the name of the error."""

    status: int | None
    retry_after: str | None = None
    reason: str = ""

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def explained(self) -> str:
        """The reason as the end of a sentence for admins."""
        return EXPLANATIONS.get(self.reason, self.reason)


class HttpClient:
    """An async context manager that holds up to `connections` connections.

    Each post has `within_s` seconds, from the name lookup to the headers of the response.
    """

    def __init__(self, endpoints: Endpoints, *, within_s: float, connections: int) -> None:
        self._endpoints = endpoints
        self._within_s = within_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # It leaves private addresses out, so no connection goes to an unchecked one.
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

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Post once. Network errors and forbidden addresses are responses without a status."""
        if self._session is None:
            raise RuntimeError("The HTTP client is closed.")
        try:
            # The rule may have become stricter since somebody gave this address.
            address = self._endpoints.check(url)
            # A redirect could lead to an address that is not allowed.
            async with self._session.post(
                address, data=body, headers=headers, allow_redirects=False
            ) as answer:
                reason = f"status {answer.status}"
                return Response(answer.status, answer.headers.get("Retry-After"), reason)
        except Invalid:
            return Response(None, reason=NOT_ALLOWED)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Response(None, reason=type(error).__name__)

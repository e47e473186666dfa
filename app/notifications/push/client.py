"""Hands one message to one push service: encrypted for the browser (RFC 8291), signed as ours."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Self

import msgspec
from pywebpush import WebPusher
from yarl import URL

from app.errors import Invalid
from app.notifications.push.models import Subscription
from app.notifications.push.outcome import Outcome, outcome_of
from app.notifications.push.payload import PushMessage
from app.notifications.push.vapid_key import VapidKey, VapidKeys
from app.outbound.endpoints import Endpoints
from app.outbound.http_client import HttpClient

WITHIN_S = 15.0
CONNECTIONS = 32

# Push services want to know whom to write to about a sender; an address that nobody has otherwise.
NOBODY = "mailto:parley@localhost"


class PushClient:
    """Use it as a context: it holds the connections. `contact` overrides the site's own address."""

    def __init__(
        self,
        keys: VapidKeys,
        endpoints: Endpoints,
        clock: Callable[[], datetime],
        contact: str | None = None,
    ) -> None:
        self._keys = keys
        self._endpoints = endpoints
        self._clock = clock
        self._contact = contact
        self._http = HttpClient(endpoints, within_s=WITHIN_S, connections=CONNECTIONS)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.__aexit__()

    async def send(self, subscription: Subscription, message: PushMessage) -> Outcome:
        """What became of it. Raises what the database does."""
        try:
            url = self._endpoints.check(subscription.endpoint)
        except Invalid:
            # The rule has become stricter since it subscribed.
            return Outcome("gone", reason="address not allowed")
        key = await self._keys.key()
        # Some milliseconds of arithmetic at times, and hundreds of letters at once.
        body, headers = await asyncio.to_thread(self._sealed, key, url, subscription, message)
        answer = await self._http.post(url, body, headers)
        if answer.status is None:
            return Outcome("later", reason=answer.reason)
        return outcome_of(answer.status, answer.retry_after, self._clock())

    def _sealed(
        self, key: VapidKey, url: URL, subscription: Subscription, message: PushMessage
    ) -> tuple[bytes, dict[str, str]]:
        browser = {
            "endpoint": subscription.endpoint,
            "keys": msgspec.to_builtins(subscription.keys),
        }
        body: bytes = WebPusher(browser).encode(message.payload, "aes128gcm")["body"]
        contact = self._contact or contact_of(subscription.site)
        return body, {
            "Authorization": key.authorization(
                str(url.origin()), contact, self._clock().timestamp()
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_s),
            "Topic": message.topic,
            "Urgency": message.urgency,
        }


def contact_of(site: str) -> str:
    """Where people use Parley, where that is an address that others can reach."""
    return site if site.startswith("https://") else NOBODY

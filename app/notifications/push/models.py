"""Push subscriptions of browsers, and the jobs that wait for them. No I/O."""

import base64
import binascii
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Meta, Struct

from app.errors import Invalid
from app.times import rfc3339

# An older notification is not pushed any more, neither by Parley nor by push services.
GIVEN_UP_AFTER = timedelta(days=1)

ENDPOINT_CHARACTERS = 2_000
AUTH_BYTES = 16

Endpoint = Annotated[str, Meta(min_length=1, max_length=ENDPOINT_CHARACTERS)]
Key = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+=*$(?!\n)")]


class Keys(Struct, frozen=True, kw_only=True):
    """The keys that a browser's messages are encrypted with (RFC 8291), as base64url."""

    p256dh: Key
    auth: Key


class Subscribe(Struct, kw_only=True):
    """`POST /api/push/subscriptions`: the result of `PushSubscription.toJSON()`."""

    endpoint: Endpoint
    keys: Keys


class Unsubscribe(Struct, kw_only=True):
    """`DELETE /api/push/subscriptions`."""

    endpoint: Endpoint


class Subscription(Struct, frozen=True, kw_only=True):
    """One browser of the person `user`, signed in as `session`, on the origin `site`.

    Jobs exist for the person's inbox up to `rev`. `failures` in a row of its push service began at
    `failing_since`, and nothing is sent before `retry_at`.
    """

    id: str
    user: str
    session: str
    endpoint: str
    keys: Keys
    site: str
    created: datetime
    rev: int
    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None


class Job(Struct, frozen=True, kw_only=True):
    """A notification to push to one browser, when it is `due` and before `until`."""

    id: str
    subscription: str
    user: str
    notification: str
    due: datetime
    until: datetime


def subscription_id(endpoint: str) -> str:
    """The id of a browser: subscribing twice replaces the first subscription."""
    return blake2b(endpoint.encode()).hexdigest()[:24]


def job_of(subscription: Subscription, notification: str, at: datetime, due: datetime) -> Job:
    """The job of a notification, sent `at`, for a browser; its id is the same on every node."""
    return Job(
        id=f"{notification}.{subscription.id}",
        subscription=subscription.id,
        user=subscription.user,
        notification=notification,
        due=due,
        until=at + GIVEN_UP_AFTER,
    )


def check_keys(keys: Keys) -> None:
    """Raises Invalid for keys that can't be used for encryption."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(keys.p256dh))
    except ValueError:
        raise Invalid("This is not a browser's public key.", field="keys.p256dh") from None
    if len(_bytes(keys.auth)) != AUTH_BYTES:
        raise Invalid("This is not a browser's secret: it has 16 bytes.", field="keys.auth")


def _bytes(text: str) -> bytes:
    """The bytes of base64url, padded or not; no bytes for other text."""
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return b""


def to_wire(subscription: Subscription) -> dict[str, str]:
    """The wire form, for the person's own pages."""
    return {
        "id": subscription.id,
        "endpoint": subscription.endpoint,
        "created": rfc3339(subscription.created),
        "session": subscription.session,
    }

"""Builds the request to a push service: encrypted for the browser, signed with our key.

Sources: RFC 8030 (headers), RFC 8291 (encryption), RFC 8292 (VAPID).
"""

import msgspec
from pywebpush import WebPusher
from yarl import URL

from app.notifications.push.models import Subscription
from app.notifications.push.payload import PushMessage
from app.notifications.push.vapid_key import VapidKey
from app.outbound.delivery_worker import Request

# RFC 8292, 2.1 wants a contact of the sender. This one is nobody's address.
NO_CONTACT = "mailto:parley@localhost"


def encrypted_request(
    subscription: Subscription,
    message: PushMessage,
    key: VapidKey,
    contact: str | None,
    now_s: float,
) -> Request:
    """The request that carries `message`. Takes some milliseconds of arithmetic.

    `contact` is an address that push services may write to, or None for that of the site.
    """
    browser = {"endpoint": subscription.endpoint, "keys": msgspec.to_builtins(subscription.keys)}
    audience = str(URL(subscription.endpoint).origin())
    return Request(
        url=subscription.endpoint,
        body=WebPusher(browser).encode(message.payload, "aes128gcm")["body"],
        headers={
            "Authorization": key.authorization(
                audience, contact or contact_of(subscription.site), now_s
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_s),
            "Topic": message.topic,
            "Urgency": message.urgency,
        },
        failures=subscription.failures,
        failing_since=subscription.failing_since,
    )


def contact_of(site: str) -> str:
    """The address of the site, if others can reach it."""
    return site if site.startswith("https://") else NO_CONTACT

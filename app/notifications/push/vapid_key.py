"""The key that Parley signs with, so that push services know who sends (VAPID, RFC 8292).

Made at first start and kept in the database, not in a file: every browser's subscription is bound
to it for ever, so all nodes must sign with the same one, and a backup must hold both or neither.
Whoever can read the database could read the notifications themselves anyway.
"""

import base64
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from app.notifications.push.store import KeyStore

SIGNED_FOR_S = 12 * 3_600


class VapidKey:
    """Never shown: its `repr` is the object's own."""

    def __init__(self, private: str) -> None:
        # Not strict: its pattern for contacts refuses addresses with a port.
        self._vapid = Vapid02.from_raw(private.encode())
        self._vapid.conf = {"no-strict": True}

    @property
    def public(self) -> str:
        """What browsers subscribe with: the uncompressed point as base64url."""
        point = self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return _base64url(point)

    def authorization(self, audience: str, contact: str, now_s: float) -> str:
        """The header that says who sends to the push service `audience` (an origin)."""
        claims = {"aud": audience, "sub": contact, "exp": int(now_s) + SIGNED_FOR_S}
        signed: str = self._vapid.sign(claims)["Authorization"]
        return signed


class VapidKeys:
    """The one key of this installation."""

    def __init__(self, store: KeyStore, mint: Callable[[], str] | None = None) -> None:
        self._store = store
        self._mint = mint or new_private_key
        self._key: VapidKey | None = None

    async def key(self) -> VapidKey:
        """The key; made now where there is none. Two nodes that start at once get the same."""
        if self._key is None:
            self._key = VapidKey(await self._store.kept(self._mint()))
        return self._key


def new_private_key() -> str:
    """32 random bytes that are a key of this curve, as base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _base64url(number.to_bytes(32, "big"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

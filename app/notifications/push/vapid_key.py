"""The key that identifies this server to push services (VAPID, RFC 8292).

It is made once and kept in the database, not in a file: every browser's subscription is bound to
it, so all nodes must sign with the same key, and a backup must hold both or neither. Readers of
the database could read the notifications themselves, so it protects nothing more there.
"""

import base64
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from app.notifications.push.store import KeyStore

SIGNED_FOR_S = 12 * 3_600


class VapidKey:
    """A private key on the curve P-256, given as base64url."""

    def __init__(self, private: str) -> None:
        # The strict pattern for contacts refuses addresses with a port.
        self._vapid = Vapid02.from_raw(private.encode())
        self._vapid.conf = {"no-strict": True}

    @property
    def public(self) -> str:
        """The public key for browsers: the uncompressed point as base64url."""
        point = self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return _base64url(point)

    def authorization(self, audience: str, contact: str, now_s: float) -> str:
        """The `Authorization` header for the push service `audience` (an origin)."""
        claims = {"aud": audience, "sub": contact, "exp": int(now_s) + SIGNED_FOR_S}
        signed: str = self._vapid.sign(claims)["Authorization"]
        return signed


class VapidKeys:
    """Reads the one key of this installation, and remembers it."""

    def __init__(self, store: KeyStore, mint: Callable[[], str] | None = None) -> None:
        self._store = store
        self._mint = mint or new_private_key
        self._key: VapidKey | None = None

    async def key(self) -> VapidKey:
        """The key; it is made if there is none. Nodes that start at once get the same one."""
        if self._key is None:
            self._key = VapidKey(await self._store.kept(self._mint()))
        return self._key


def new_private_key() -> str:
    """A new private key on P-256 as base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _base64url(number.to_bytes(32, "big"))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

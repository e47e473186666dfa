"""Allows outbound requests to public addresses over https only (protection against SSRF).

Otherwise people with an account could reach the server's own network. A name is looked up once for
each connection, and the connection goes to an address that was checked.
"""

import re
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from app.errors import Invalid
from app.outbound.public_addresses import is_numeric, is_public

# Names of the machine itself (RFC 6761, 6.3).
LOCAL = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
# A host name as yarl encodes it. URLs may hold characters that no resolver takes.
NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.\-]*[a-z0-9_])?\.?")
LONGEST_NAME = 254  # with the dot at its end
# The host of an address with its port. The library takes 0.3 s to encode one of 2,000 signs.
AUTHORITY = re.compile(r"[^:/?#]*://([^/?#]*)")
LONGEST_AUTHORITY = LONGEST_NAME + len(":65535")


class PrivateAddress(OSError):
    """A name has no public address."""


class Endpoints:
    """With `allow_private` every address is allowed, also without TLS.

    `field` is the name of the request's field that an error names.
    """

    def __init__(
        self, field: str, *, allow_private: bool, resolver: AbstractResolver | None = None
    ) -> None:
        self._field = field
        self._allow_private = allow_private
        self.resolver: AbstractResolver = resolver or ThreadedResolver()
        if not allow_private:
            self.resolver = PublicResolver(self.resolver)

    async def admit(self, endpoint: str) -> None:
        """Look the name up. Raises Invalid if `endpoint` is not allowed or not found."""
        url = self.check(endpoint)
        try:
            found = await self.resolver.resolve(url.raw_host or "", url.port or 443)
        except PrivateAddress as error:
            raise self._refused() from error
        except (OSError, ValueError) as error:
            raise Invalid(
                "This address is not found. Correct it, or try again later.", field=self._field
            ) from error
        if not found:
            raise self._refused()

    def check(self, endpoint: str) -> URL:
        """The parsed address. Raises Invalid if it is refused without looking the name up."""
        named = AUTHORITY.match(endpoint)
        if named and len(named[1]) > LONGEST_AUTHORITY:
            raise self._refused()
        try:
            url = URL(endpoint)
        except ValueError:
            raise self._refused() from None
        if not url.raw_host or url.user or url.password:
            raise self._refused()
        if self._allow_private and url.scheme == "http":
            return url
        # A numeric address is never looked up, so it must be refused here.
        if url.scheme != "https" or not (self._allow_private or _may_be_public(url.raw_host)):
            raise self._refused()
        return url

    def _refused(self) -> Invalid:
        return Invalid("Parley only posts to public addresses over https.", field=self._field)


class PublicResolver(AbstractResolver):
    """Looks names up and leaves out addresses that are not public."""

    def __init__(self, names: AbstractResolver) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The public addresses of `host`. Raises PrivateAddress if there is none, and OSError."""
        found = await self._names.resolve(host, port, family)
        public = [each for each in found if is_public(each["host"])]
        if not public:
            raise PrivateAddress(f"{host} has no public address.")
        return public

    async def close(self) -> None:
        await self._names.close()


def _may_be_public(host: str) -> bool:
    """Whether a host is a name that may have public addresses, or a public numeric address."""
    if is_numeric(host):
        return is_public(host)
    if len(host) > LONGEST_NAME or not NAME.fullmatch(host):
        return False
    name = host.removesuffix(".")
    return name not in LOCAL and not name.endswith(".localhost")

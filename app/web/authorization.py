"""Whether the caller of a request may do what it asks for: signed in, in person, an admin."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from msgspec import Struct

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin, must_be_in_person
from app.errors import ParleyError
from app.web.authentication import caller
from app.web.request_body import FORM_BYTES
from app.web.route_helpers import form

F = TypeVar("F", bound=Struct)
T = TypeVar("T")


def in_person(request: web.Request) -> tuple[Caller, str]:
    """The caller and their session; Unauthenticated for a program's token."""
    present = caller(request)
    return present, must_be_in_person(present)


def admin(request: web.Request) -> Caller:
    """The caller, an admin who signed in; Forbidden for others."""
    present = caller(request)
    must_be_admin(present)
    return present


async def admin_form(
    request: web.Request, kind: type[F], most_bytes: int = FORM_BYTES
) -> tuple[Caller, F]:
    """The caller and the form that they sent to a page of admins.

    The service asks whether they are an admin, so that its refusal is audited. Raises as `admin`
    and `form` do.
    """
    present = caller(request)
    sent = form(request, kind, most_bytes)
    return present, await readable(sent, lambda: must_be_admin(present))


async def personal_form(request: web.Request, kind: type[F]) -> tuple[Caller, F]:
    """The caller and the form about their own account. The service asks whether they signed in."""
    present = caller(request)
    sent = form(request, kind)
    return present, await readable(sent, lambda: must_be_in_person(present))


async def readable(sent: Awaitable[T], must: Callable[[], object]) -> T:
    """Await `sent`. Where it can't be decoded, `must` is called first and may raise its own error:
    a caller without the right then learns nothing about the form."""
    try:
        return await sent
    except ParleyError:
        must()
        raise

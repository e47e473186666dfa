"""What the account routes share: who asks from where, and how a session gets into a browser."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from aiohttp import web
from msgspec import Struct

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin, must_be_in_person
from app.accounts.signin import SignedIn, Visitor
from app.errors import ParleyError
from app.web import visitor
from app.web.bodies import FORM_BYTES
from app.web.http import form, see_other
from app.web.identity import CALLER, caller

F = TypeVar("F", bound=Struct)
T = TypeVar("T")


def visitor_of(request: web.Request) -> Visitor:
    """Where the request comes from; its cookie's session is the one that a new one replaces."""
    present: Caller | None = request.get(CALLER)
    is_by_cookie = present is not None and visitor.session_cookie(request) is not None
    return Visitor(
        address=visitor.address(request),
        agent=visitor.agent(request),
        session=present.session if present and is_by_cookie else None,
    )


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
    """The caller, who signed in, and the form that they sent to a page of admins.

    The service asks whether they are an admin, so that its refusal is audited. Raises as `admin`
    and `form` do.
    """
    present, _ = in_person(request)
    sent = form(request, kind, most_bytes)
    return present, await readable(sent, lambda: must_be_admin(present))


async def readable(sent: Awaitable[T], must: Callable[[], object]) -> T:
    """The decoded `sent`. Where it can't be decoded, `must` may raise its own refusal first, so
    that somebody without the right learns nothing else."""
    try:
        return await sent
    except ParleyError:
        must()
        raise


def enter(request: web.Request, signed_in: SignedIn, target: str = "/") -> web.Response:
    """Go on to `target` with the new session."""
    response = see_other(target)
    visitor.set_session_cookie(request, response, signed_in.cookie)
    return response


def beside(error: ParleyError | None, fields: tuple[str, ...]) -> Mapping[str, str]:
    """The sentences of a form: beside one of its `fields`, else above it (under "form")."""
    sentences: defaultdict[str, str] = defaultdict(str)
    if error is not None:
        sentences[error.field if error.field in fields else "form"] = error.message
    return sentences


def own_address(request: web.Request, path: str) -> str:
    """The full address of a page, to hand on."""
    return f"{visitor.scheme(request)}://{request.host}{path}"

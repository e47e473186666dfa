"""What the account routes share: who asks from where, and how a session gets into a browser."""

from collections import defaultdict
from collections.abc import Mapping

from aiohttp import web

from app.accounts.models import Caller
from app.accounts.signin import SignedIn, Visitor
from app.errors import Forbidden, ParleyError, Unauthenticated
from app.web import visitor
from app.web.http import see_other
from app.web.identity import CALLER, caller


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
    """The caller and their session; Unauthenticated for a token that belongs to none.

    Accounts are managed by people who signed in: a token for a program can't make more of itself.
    """
    present = caller(request)
    if present.session is None:
        raise Unauthenticated("This needs a session. Please sign in.")
    return present, present.session


def admin(request: web.Request) -> Caller:
    """The caller, an admin who signed in; Forbidden for others."""
    present, _ = in_person(request)
    if not present.user.is_admin:
        raise Forbidden("This page is for the admins of this server.")
    return present


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

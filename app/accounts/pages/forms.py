"""Shared by the pages and routes of accounts: the client, its new session, errors of a form."""

from collections import defaultdict
from collections.abc import Mapping

from aiohttp import web
from msgspec import Struct

from app.accounts.models import Caller
from app.accounts.sign_in import SignedIn
from app.accounts.sign_in_limits import Client
from app.errors import ParleyError
from app.lengths import Short
from app.web import request_info, session_cookie
from app.web.authentication import CALLER
from app.web.route_helpers import see_other


class Which(Struct):
    """The form of a button: the id of what it is about."""

    id: Short = ""


class Done(Struct):
    """The query of a page to which a form leads back: what has just been done."""

    done: Short = ""


def client_of(request: web.Request) -> Client:
    """The client of a request; a new session replaces the one of its cookie."""
    present: Caller | None = request.get(CALLER)
    is_by_cookie = present is not None and session_cookie.read(request) is not None
    return Client(
        address=request_info.address(request),
        agent=request_info.agent(request),
        session=present.session if present and is_by_cookie else None,
    )


def enter(request: web.Request, signed_in: SignedIn, target: str = "/") -> web.Response:
    """Set the cookie of a new session and redirect to `target`."""
    response = see_other(target)
    session_cookie.put(request, response, signed_in.cookie)
    return response


def beside(error: ParleyError | None, fields: tuple[str, ...]) -> Mapping[str, str]:
    """The error of a form by the name of its field, or under "form" for any other field."""
    sentences: defaultdict[str, str] = defaultdict(str)
    if error is not None:
        sentences[error.field if error.field in fields else "form"] = error.message
    return sentences


def own_address(request: web.Request, path: str) -> str:
    """The absolute URL of `path` on this server."""
    return f"{request_info.scheme(request)}://{request.host}{path}"

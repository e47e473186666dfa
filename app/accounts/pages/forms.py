"""What the account routes share: who asks from where, and how a session gets into a browser."""

from collections import defaultdict
from collections.abc import Mapping

from aiohttp import web

from app.accounts.models import Caller
from app.accounts.sign_in import SignedIn
from app.accounts.sign_in_limits import Client
from app.errors import ParleyError
from app.web import request_info, session_cookie
from app.web.authentication import CALLER
from app.web.http import see_other


def client_of(request: web.Request) -> Client:
    """Where the request comes from; its cookie's session is the one that a new one replaces."""
    present: Caller | None = request.get(CALLER)
    is_by_cookie = present is not None and session_cookie.read(request) is not None
    return Client(
        address=request_info.address(request),
        agent=request_info.agent(request),
        session=present.session if present and is_by_cookie else None,
    )


def enter(request: web.Request, signed_in: SignedIn, target: str = "/") -> web.Response:
    """Go on to `target` with the new session."""
    response = see_other(target)
    session_cookie.put(request, response, signed_in.cookie)
    return response


def beside(error: ParleyError | None, fields: tuple[str, ...]) -> Mapping[str, str]:
    """The sentences of a form: beside one of its `fields`, else above it (under "form")."""
    sentences: defaultdict[str, str] = defaultdict(str)
    if error is not None:
        sentences[error.field if error.field in fields else "form"] = error.message
    return sentences


def own_address(request: web.Request, path: str) -> str:
    """The full address of a page, to hand on."""
    return f"{request_info.scheme(request)}://{request.host}{path}"

"""Answers a raised error with an error object for programs or a page for people."""

from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from urllib.parse import quote

import jinja2
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from app.errors import Invalid, ParleyError, Unauthenticated, Unavailable
from app.translation_marks import N_
from app.web.access_log import CODE, REQUEST_ID
from app.web.http_server import UNREADABLE, is_unreadable
from app.web.request_info import route
from app.web.route_helpers import see_other
from app.web.templates import render

MACHINE_PATHS = ("/api/", "/ws", "/socket.io/", "/metrics", "/healthz", "/readyz")

INTERNAL = "internal"
INTERNAL_MESSAGE = N_("Something went wrong on our side. Please try again.")

HEADINGS = {
    400: N_("That didn’t work"),
    403: N_("You can’t go in there"),
    404: N_("There is nothing here"),
    405: N_("That didn’t work"),
    408: N_("That took too long"),
    409: N_("That didn’t work"),
    413: N_("That is too large"),
    429: N_("Just a moment, please"),
    500: N_("Something broke on our side"),
    503: N_("Parley is taking a short break"),
}

_BY_STATUS = {kind.status: kind for kind in ParleyError.__subclasses__()}
_SENTENCES = {
    404: N_("There is nothing at this address."),
    405: N_("This address doesn't take such a request."),
    408: N_("The request did not arrive in time."),
    413: N_("The request is too large."),
}
# The page where a template fails.
_BARE = "<!doctype html><title>Parley</title><h1>{heading}</h1><p>{message}</p>"

# A longer address, quoted, would be refused as a request line.
LONGEST_RETURN = 2_000

STARTED: web.RequestKey[web.StreamResponse] = web.RequestKey("started", web.StreamResponse)

log = structlog.get_logger("web")

Translate = Callable[[BaseException], ParleyError | None]
Failed = Callable[[str], None]


async def note_start(request: web.Request, response: web.StreamResponse) -> None:
    """Remember that a response has begun (`on_response_prepare`), so that no second one does."""
    request[STARTED] = response


def answer_errors(translate: Translate) -> Middleware:
    """The middleware. `translate` turns the database's errors into ours, others into None."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001  # answered, and logged where unexpected
            return await _answered(request, error, translate)

    return middleware


async def _answered(
    request: web.Request, error: Exception, translate: Translate
) -> web.StreamResponse:
    """The answer to `error`. Raises it where aiohttp has to handle it: redirects, lost clients."""
    match error:
        case ParleyError():
            return await _answer(request, error, error.status)
        case web.HTTPException() if error.status >= HTTPStatus.BAD_REQUEST:
            return await _answer(request, _from_http(error), error.status, _kept(error))
        case _ if is_unreadable(error):
            unreadable = Invalid(UNREADABLE)
            return await _answer(request, unreadable, unreadable.status)
        case ConnectionResetError() if _has_left(request):
            # The client has gone; without an answer aiohttp would log an error.
            return request.get(STARTED) or web.Response()
        case web.HTTPException() | ConnectionResetError():
            raise error
    known = translate(error)
    if known is not None:
        return await _answer(request, known, known.status)
    log.error("unexpected_error", route=route(request), exc_info=error)
    return await _answer(request, None, 500)


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def count_errors(failed: Failed) -> Middleware:
    """The middleware around `answer_errors`: calls `failed` with the code of each answer."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if CODE in request:
            failed(request[CODE])
        return response

    return middleware


async def _answer(
    request: web.Request,
    error: ParleyError | None,
    status: int,
    headers: dict[str, str] | None = None,
) -> web.StreamResponse:
    is_sent_to_sign_in = isinstance(error, Unauthenticated) and not _wants_json(request)
    if not is_sent_to_sign_in:
        request[CODE] = error.code if error else INTERNAL
    if STARTED in request:
        return request[STARTED]
    headers = headers or {}
    if error is not None and error.retry_after is not None:
        headers["Retry-After"] = str(max(1, ceil(error.retry_after)))
    if _wants_json(request):
        response = web.json_response({"error": _object(error)}, status=status)
    elif is_sent_to_sign_in:
        response = see_other(_sign_in(request))
    else:
        response = await _page(request, error, status)
    response.headers.update(headers)
    return response


def _object(error: ParleyError | None) -> dict[str, object]:
    return error.as_error() if error else {"code": INTERNAL, "message": INTERNAL_MESSAGE}


async def _page(request: web.Request, error: ParleyError | None, status: int) -> web.Response:
    heading = HEADINGS.get(status, HEADINGS[400 if status < 500 else 500])
    message = error.message if error else N_("It isn’t your fault. Please try again.")
    try:
        return await render(
            request,
            "errors/error.html",
            status=status,
            code=status,
            heading=heading,
            message=message,
            is_general=message in _SENTENCES.values(),
            request_id=request.get(REQUEST_ID) if error is None else None,
        )
    except (jinja2.TemplateError, LookupError):
        log.exception("error_page_failed")
        text = _BARE.format(heading=heading, message=INTERNAL_MESSAGE)
        return web.Response(text=text, status=status, content_type="text/html")


def _wants_json(request: web.Request) -> bool:
    if request.path.startswith(MACHINE_PATHS):
        return True
    accept = request.headers.get(hdrs.ACCEPT, "")
    return "application/json" in accept and "text/html" not in accept


def _sign_in(request: web.Request) -> str:
    """The sign-in page, and from there back to the page that was asked for."""
    if request.method not in ("GET", "HEAD") or request.path == "/":
        return "/login"
    if len(request.path_qs) > LONGEST_RETURN:
        return "/login"
    return f"/login?next={quote(request.path_qs, safe='/')}"


def _from_http(error: web.HTTPException) -> ParleyError:
    kind = _BY_STATUS.get(error.status, Invalid if error.status < 500 else Unavailable)
    return kind(_SENTENCES.get(error.status, f"{error.reason}."))


def _kept(error: web.HTTPException) -> dict[str, str]:
    """The headers that HTTP requires with some statuses (RFC 9110, sections 15.5.6 and 15.5.22)."""
    return {h: error.headers[h] for h in (hdrs.ALLOW, hdrs.UPGRADE) if h in error.headers}

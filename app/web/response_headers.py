"""The headers of every response: the security headers, with the Content-Security-Policy of its
page, and the request's id. Each function is for aiohttp's `on_response_prepare`.
"""

from aiohttp import hdrs, web

from app.security.headers import COMMON, DATA, LASTING_TLS, SERVER, content_security_policy
from app.web import request_info
from app.web.access_log import REQUEST_ID
from app.web.templates import nonce

JSON = "application/json"
REQUEST_ID_HEADER = "X-Request-ID"


async def add_request_id(request: web.Request, response: web.StreamResponse) -> None:
    """Add the id that a person can quote when something went wrong."""
    if REQUEST_ID in request:
        response.headers.setdefault(REQUEST_ID_HEADER, request[REQUEST_ID])


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that limit what a browser does with the response; also to streams."""
    response.headers[hdrs.SERVER] = SERVER
    if isinstance(response, web.WebSocketResponse):
        return  # It is never displayed, framed or cached, and its headers stay in memory.
    headers = response.headers
    is_data = response.content_type == JSON
    for name, value in (DATA if is_data else COMMON).items():
        headers.setdefault(name, value)
    if request_info.scheme(request) == "https":
        headers.setdefault("Strict-Transport-Security", LASTING_TLS)
    if is_data:
        return  # Without scripts it needs no nonce.
    headers.setdefault(
        "Content-Security-Policy", content_security_policy(nonce(request), request.host)
    )
    # Pages and answers hold what only this person may see: nothing of it stays in a cache.
    headers.setdefault(hdrs.CACHE_CONTROL, "no-store")

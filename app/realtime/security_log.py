"""Lines of the log for what is refused on a WebSocket, where no answer to a request tells it."""

from http import HTTPStatus

import structlog
from aiohttp import WebSocketError, WSCloseCode, web

from app.errors import Invalid, TooLarge
from app.web import request_info
from app.web.request_info import route

SLOW = HTTPStatus.REQUEST_TIMEOUT.name.lower()

security = structlog.get_logger("security")


def log_refused_frame(request: web.Request, refused: BaseException | None) -> None:
    """A frame that breaks the protocol and ends the connection. Its content is not logged."""
    if isinstance(refused, WebSocketError):
        is_large = refused.code == WSCloseCode.MESSAGE_TOO_BIG
        security.warning(
            "frame_refused",
            error=TooLarge.code if is_large else Invalid.code,
            close_code=int(refused.code),
            place=route(request),
            address=request_info.address(request),
        )


def log_slow_handshake(address: str, place: str) -> None:
    """A client connected and did not sign in in time."""
    security.warning("slow_handshake", error=SLOW, place=place, address=address)

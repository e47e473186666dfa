"""Structured logs: JSON lines for machines, colours on a terminal, a request id on every line.

Log lines should hold no secrets; the values of keys that name one are masked in any case.
"""

import atexit
import json
import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import msgspec
import structlog
from structlog.typing import Processor

from app.telemetry.log_throttle import LogThrottle

SECRET_KEYS = frozenset(
    {"password", "secret", "token", "cookie", "authorization", "code", "url", "mongodb_url"}
)
MASK = "•••"


def configure(*, as_json: bool | None = None, level: int = logging.INFO) -> None:
    """Set up logging of the process, once, at its start. `as_json` None decides by the terminal."""
    if as_json is None:
        as_json = not sys.stderr.isatty()
    floods = LogThrottle()
    atexit.register(floods.sum_up)
    structlog.configure(
        processors=[floods, *_processors(), *_ends(as_json, as_bytes)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=(
            structlog.BytesLoggerFactory(sys.stderr.buffer)
            if as_json
            else structlog.PrintLoggerFactory(sys.stderr)
        ),
        cache_logger_on_first_use=True,
    )
    _take_in_the_libraries(as_json, level)


def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide the values of keys that name a secret."""
    for key in event.keys() & SECRET_KEYS:
        event[key] = MASK
    return event


def as_bytes(event: MutableMapping[str, Any], **options: Any) -> bytes:
    """JSON in ASCII, so that no character of the input can end a line."""
    try:
        line = msgspec.json.encode(event, enc_hook=options.get("default"))
    except (TypeError, ValueError, OverflowError):
        return json.dumps(event, **options).encode()
    # The slow way, ten times as long, escapes what is not ASCII.
    return line if line.isascii() else json.dumps(event, **options).encode()


def as_line(event: MutableMapping[str, Any], **options: Any) -> str:
    """The same for the standard library's handlers, which write text."""
    return as_bytes(event, **options).decode()


def _processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask,
    ]


def _ends(as_json: bool, serializer: Callable[..., str | bytes]) -> list[Processor]:
    if as_json:
        # Without the values of local variables: passwords and tokens are among them.
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(serializer),
        ]
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _take_in_the_libraries(as_json: bool, level: int) -> None:
    """Send the standard library's log records, from warnings on, the same way."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_processors(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_ends(as_json, as_line),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))

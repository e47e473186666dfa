"""The errors a caller can be told of, with the codes and HTTP statuses of the protocol.

Services raise them, each transport turns them into its own answer; nothing else reaches a client.
"""

from typing import ClassVar


class ParleyError(Exception):
    """An expected failure. `message` is a sentence for a person and never shows internals."""

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 400

    def __init__(
        self, message: str, *, field: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after

    def as_error(self) -> dict[str, object]:
        """The `error` object of the protocol: `{code, message, field?, retry_after?}`."""
        error: dict[str, object] = {"code": self.code, "message": self.message}
        if self.field is not None:
            error["field"] = self.field
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        return error

    def as_result(self) -> dict[str, object]:
        """The acknowledgement `{ok: false, error}`."""
        return {"ok": False, "error": self.as_error()}


class Invalid(ParleyError):
    """A field is malformed or missing, or its content is refused; `field` names it."""

    code, status = "invalid", 400


class Unauthenticated(ParleyError):
    """No session, one that has ended, or a bad token."""

    code, status = "unauthenticated", 401


class Forbidden(ParleyError):
    """It is known to exist, but the caller may not do this; or the origin is not allowed."""

    code, status = "forbidden", 403


class NotFound(ParleyError):
    """There is no such thing, or none that the caller may know of."""

    code, status = "not_found", 404


class Conflict(ParleyError):
    """The name is taken, or `client_id` was used with other content."""

    code, status = "conflict", 409


class TooLarge(ParleyError):
    """Text over 65,536 bytes of UTF-8, or a binary over 1 MB."""

    code, status = "too_large", 413


class RateLimited(ParleyError):
    """Too often; `retry_after` says in how many seconds it goes on."""

    code, status = "rate_limited", 429


class Unavailable(ParleyError):
    """The database is away, a queue is full or the server stops; come back after `retry_after`."""

    code, status = "unavailable", 503

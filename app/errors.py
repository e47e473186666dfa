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
    code, status = "invalid", 400


class Unauthenticated(ParleyError):
    code, status = "unauthenticated", 401


class Forbidden(ParleyError):
    code, status = "forbidden", 403


class NotFound(ParleyError):
    code, status = "not_found", 404


class Conflict(ParleyError):
    code, status = "conflict", 409


class TooLarge(ParleyError):
    code, status = "too_large", 413


class RateLimited(ParleyError):
    code, status = "rate_limited", 429


class Unavailable(ParleyError):
    code, status = "unavailable", 503

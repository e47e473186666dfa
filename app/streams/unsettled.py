"""Which errors leave a commit's outcome unknown, or only want another try."""

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)

TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
SHUTTING_DOWN = {91, 11600, 11602, 189, 10107, 13435}


def is_contention(error: Exception) -> bool:
    """A transaction that lost against another one: nothing of it is stored, try again at once."""
    return (
        isinstance(error, PyMongoError)
        and error.has_error_label(TRANSIENT)
        and not isinstance(error, ConnectionFailure)
    )


def is_unsettled(error: Exception) -> bool:
    """The change may be on disk, may be lost, may still come: only submitting it again will tell."""
    if isinstance(error, BulkWriteError):
        details = error.details
        codes = {e.get("code") for e in details.get("writeErrors", [])}
        return bool(details.get("writeConcernErrors")) or bool(codes & SHUTTING_DOWN)
    if isinstance(error, ConnectionFailure | WTimeoutError | WriteConcernError | ExecutionTimeout):
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label(TRANSIENT)
        or error.has_error_label(UNKNOWN_COMMIT)
        or getattr(error, "code", None) in SHUTTING_DOWN
    )

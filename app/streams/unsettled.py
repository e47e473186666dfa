"""Which errors leave a commit's outcome unknown, or only want another try."""

from pymongo.errors import ConnectionFailure, PyMongoError

from app.storage.mongo import as_parley_error

TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"


def is_contention(error: Exception) -> bool:
    """A transaction that lost against another one: nothing of it is stored, try again at once."""
    return (
        isinstance(error, PyMongoError)
        and error.has_error_label(TRANSIENT)
        and not isinstance(error, ConnectionFailure)
    )


def is_unsettled(error: Exception) -> bool:
    """It may be on disk, may be lost, may still come: only submitting it again will tell."""
    if as_parley_error(error) is not None:
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label(TRANSIENT) or error.has_error_label(UNKNOWN_COMMIT)
    )

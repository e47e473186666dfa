"""The database's errors as the committer sees them: lost a race, fate unknown, met an index."""

from pymongo.errors import BulkWriteError, ConnectionFailure, PyMongoError

from app.storage.errors import DUPLICATE_KEY, as_parley_error

TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"


def is_contention(error: Exception) -> bool:
    """Whether a transaction lost against another: nothing of it is stored, it can be retried."""
    return (
        isinstance(error, PyMongoError)
        and error.has_error_label(TRANSIENT)
        and not isinstance(error, ConnectionFailure)
    )


def is_unsettled(error: Exception) -> bool:
    """Whether the write may be on disk, lost, or still to come: only submitting it again tells."""
    if as_parley_error(error) is not None:
        return True
    return isinstance(error, PyMongoError) and (
        error.has_error_label(TRANSIENT) or error.has_error_label(UNKNOWN_COMMIT)
    )


def clash_index(error: BulkWriteError) -> int:
    """The index of the operation that met a unique index. Raises any other error again."""
    details = error.details
    errors = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or not errors or errors[0]["code"] != DUPLICATE_KEY:
        raise error
    index: int = errors[0]["index"]
    return index


def is_of_rev(error: BulkWriteError) -> bool:
    """Whether the unique index that a write met is `claims`."""
    return "rev" in error.details["writeErrors"][0]["keyPattern"]

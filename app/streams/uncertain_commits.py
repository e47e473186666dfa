"""Changes that may be on disk without our knowing, and the errors that leave them so."""

from collections.abc import Iterable

from pymongo.errors import BulkWriteError, ConnectionFailure, PyMongoError

from app.storage.errors import DUPLICATE_KEY, as_parley_error
from app.streams.models import Change

TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"


class Unsettled:
    """The changes that were sent to the database and whose fate is not known yet.

    They are not refused, and their guards are not asked again: they may be stored already, or a
    request that is still on its way may store them.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def note(self, changes: Iterable[Change]) -> set[str]:
        """Note changes about to be sent; returns the ids of those that were never sent before."""
        handed = {change.id for change in changes} - self._ids
        self._ids |= handed
        return handed

    def take_back(self, handed: set[str]) -> None:
        """Undo a `note`: the changes were certainly not stored by the request that followed."""
        self._ids -= handed

    def settle(self, changes: Iterable[Change]) -> None:
        """Forget changes whose fate is known."""
        self._ids.difference_update(change.id for change in changes)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, change: Change) -> bool:
        return change.id in self._ids


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

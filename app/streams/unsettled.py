"""Which changes may be on disk unknown to us, and which errors leave a commit in that state."""

from collections.abc import Iterable

from pymongo.errors import BulkWriteError, ConnectionFailure, PyMongoError

from app.storage.errors import DUPLICATE_KEY, as_parley_error
from app.streams.models import Change

TRANSIENT = "TransientTransactionError"
UNKNOWN_COMMIT = "UnknownTransactionCommitResult"


class Unsettled:
    """The changes that were handed to the database and whose fate is not known yet.

    They are neither refused nor asked for their guard again: they may be stored already, or a
    request that is still on its way may store them.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()

    def note(self, changes: Iterable[Change]) -> set[str]:
        """These are about to be handed over; the ids of those that never were before."""
        handed = {change.id for change in changes} - self._ids
        self._ids |= handed
        return handed

    def take_back(self, handed: set[str]) -> None:
        """What `note` returned was certainly not stored by what followed, or is known to be."""
        self._ids -= handed

    def settle(self, changes: Iterable[Change]) -> None:
        """The fate of these is known."""
        self._ids.difference_update(change.id for change in changes)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, change: Change) -> bool:
        return change.id in self._ids


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


def clash_index(error: BulkWriteError) -> int:
    """Where an ordered write met a unique index; raises again what is anything else."""
    details = error.details
    errors = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or not errors or errors[0]["code"] != DUPLICATE_KEY:
        raise error
    index: int = errors[0]["index"]
    return index


def is_of_rev(error: BulkWriteError) -> bool:
    """Whether the unique index that a write met is the one of claims."""
    return "rev" in error.details["writeErrors"][0]["keyPattern"]

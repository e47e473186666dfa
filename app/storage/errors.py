"""The errors of the database, under the names that features catch.

Stores, `app/streams` and `app/storage` see the driver; all other code imports its errors from here.
"""

import errno

from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
    WTimeoutError,
)

from app.errors import ParleyError, Unavailable

DatabaseError = PyMongoError
"""Any error of the driver; the base of the two below."""

CommandRefused = OperationFailure
"""The database answered, and refused: missing rights, a failed command."""

RETRY_AFTER_S = 2.0
OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})
CAUSES_AT_MOST = 10
DUPLICATE_KEY = 11000
# A server that shuts down or is no longer the primary answers with one of these codes:
# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
GOING_AWAY = frozenset({91, 189, 10058, 10107, 11600, 11602, 13435, 13436})


class StorageError(Exception):
    """The database can't be used as it is; the message says what to do."""


class NoAnswer(StorageError):
    """No MongoDB answers at the address, or not yet."""


def as_parley_error(error: BaseException) -> ParleyError | None:
    """The error for clients: Unavailable where the database is away or could not promise
    durability, or this process can open no connection to it; else None."""
    if not isinstance(error, PyMongoError):
        return None
    if is_out_of_descriptors(error):
        message = "The server has too many open files at the moment. Try again shortly."
    elif _is_away(error):
        message = "The database does not answer at the moment. Try again shortly."
    else:
        return None
    return Unavailable(message, retry_after=RETRY_AFTER_S)


def is_out_of_descriptors(error: BaseException | None) -> bool:
    """Whether `error`, or one of its causes, is that this process can open no more files.

    To the caller, that looks like a lost database or a dead process, and is neither.
    """
    for _ in range(CAUSES_AT_MOST):
        if error is None:
            return False
        if isinstance(error, OSError) and error.errno in OUT_OF_DESCRIPTORS:
            return True
        error = error.__cause__ or error.__context__
    return False


def is_duplicate_key(error: BaseException) -> bool:
    """Whether a write, alone or among others, met a unique index."""
    if isinstance(error, BulkWriteError):
        return DUPLICATE_KEY in _codes(error)
    return isinstance(error, OperationFailure) and error.code == DUPLICATE_KEY


def _is_away(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        return bool((error.details or {}).get("writeConcernErrors")) or bool(
            _codes(error) & GOING_AWAY
        )
    if isinstance(
        error,
        # At work, ConfigurationError says that a member knows no sessions: it starts or rolls back.
        ConfigurationError
        | ConnectionFailure
        | AutoReconnect
        | WTimeoutError
        | WriteConcernError
        | ExecutionTimeout,
    ):
        return True
    return isinstance(error, OperationFailure) and error.code in GOING_AWAY


def _codes(error: BulkWriteError) -> set[int]:
    return {failed.get("code") for failed in (error.details or {}).get("writeErrors", [])}

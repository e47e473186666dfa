"""The collections of accounts, their indexes, and the queries on each."""

from pymongo import ASCENDING, IndexModel

from app.accounts.store.one_time_codes import INVITES, RESETS
from app.accounts.store.preferences import PREFERENCES
from app.accounts.store.sessions import SESSIONS
from app.accounts.store.tokens import TOKENS
from app.accounts.store.users import OPEN_ACCOUNT, USERS
from app.storage.name_lookup import name_indexes

# MongoDB removes expired documents some time later, so every query compares `ends` too.
_ENDED = IndexModel([("ends", ASCENDING)], name="ended", expireAfterSeconds=0)

INDEXES: dict[str, list[IndexModel]] = {
    USERS: [
        IndexModel([("username", ASCENDING)], unique=True, name="username"),
        IndexModel([("role", ASCENDING)], name="role"),
        IndexModel([("by", ASCENDING)], name="by", sparse=True),
        *name_indexes(OPEN_ACCOUNT),
    ],
    SESSIONS: [
        IndexModel([("key", ASCENDING)], unique=True, name="key"),
        IndexModel([("user", ASCENDING)], name="user"),
        _ENDED,
    ],
    TOKENS: [
        IndexModel([("key", ASCENDING)], unique=True, name="key"),
        IndexModel([("user", ASCENDING)], name="user"),
        IndexModel([("session", ASCENDING)], name="session", sparse=True),
        IndexModel([("by", ASCENDING)], name="by", sparse=True),
        _ENDED,
    ],
    PREFERENCES: [],
    INVITES: [IndexModel([("key", ASCENDING)], unique=True, name="key"), _ENDED],
    RESETS: [
        IndexModel([("key", ASCENDING)], unique=True, name="key"),
        _ENDED,
    ],
}

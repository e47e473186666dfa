"""The users as they are stored. A deleted one stays, so that messages keep their author's id."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.accounts.models import FORMER_MEMBER, Account, User
from app.accounts.names import FORMER_USERNAME
from app.errors import Conflict, NotFound
from app.name_keys import name_keys
from app.storage.batched_lookup import BatchedLookup
from app.storage.mongo import Database
from app.storage.name_lookup import NameLookup
from app.storage.transactions import Transaction

USERS = "users"
GUARDS = "account_guards"

OPEN_ACCOUNT = {"disabled": False, "deleted": False}
# A stage that puts the account of a credential's `user` beside it, for `owner_of`: one query in
# place of two.
WITH_OWNER: Mapping[str, Any] = {
    "$lookup": {"from": USERS, "localField": "user", "foreignField": "_id", "as": "owner"}
}
_ACTIVE_ADMIN = {"role": "admin", **OPEN_ACCOUNT}


class UserStore:
    """Queries on the users. Every change raises `rev`."""

    def __init__(self, database: Database) -> None:
        self._users = database.collection(USERS)
        self._guards = database.collection(GUARDS)
        self._gathered = BatchedLookup(self._by_ids)
        self._by_name = NameLookup(self._users, OPEN_ACCOUNT)

    async def insert(
        self, user: User, password: str | None, created: object, within: Transaction | None = None
    ) -> Account:
        """Add a new user; Conflict when the username is taken, also by a deleted one."""
        document: dict[str, object] = {
            "_id": user.id,
            "username": user.username,
            "name": user.name,
            "role": user.role,
            "time_zone": user.time_zone,
            "password": password,
            "disabled": False,
            "deleted": False,
            "created": created,
            "rev": 1,
            **name_keys(user.username, user.name),
        }
        if user.is_bot:
            document["bot"] = True
        if user.made_by is not None:
            document["by"] = user.made_by
        try:
            await self._users.insert_one(document, session=within)
        except DuplicateKeyError as taken:
            raise Conflict(
                "This username is taken. Please choose another one.", field="username"
            ) from taken
        return account_from(document)

    async def by_id(self, user_id: str) -> Account | None:
        return await self._gathered.get(user_id)

    async def read(self, user_id: str, within: Transaction) -> Account:
        """The account as this transaction sees it. Raises NotFound."""
        found = await self._users.find_one({"_id": user_id}, session=within)
        if found is None:
            raise NotFound("There is no such person.")
        return account_from(found)

    async def _by_ids(self, ids: list[str]) -> dict[str, Account]:
        return {account.user.id: account for account in await self.many(ids)}

    async def by_username(self, username: str) -> Account | None:
        found = await self._users.find_one({"username": username, "deleted": False})
        return account_from(found) if found else None

    async def many(self, ids: Iterable[str]) -> list[Account]:
        found = await self._users.find({"_id": {"$in": list(ids)}}).to_list(None)
        return [account_from(document) for document in found]

    async def page(self, limit: int, after: str | None) -> list[Account]:
        """Up to `limit` users that aren't deleted, with a username behind `after`, by username."""
        query: dict[str, Any] = {"deleted": False}
        if after is not None:
            query["username"] = {"$gt": after}
        found = await self._users.find(query, sort=[("username", ASCENDING)], limit=limit).to_list(
            None
        )
        return [account_from(document) for document in found]

    async def search(
        self, query: str, at_most: int, among: Sequence[str] | None = None
    ) -> list[Account]:
        """Up to `at_most` users with an open account whose name or username contains each word of
        `query`; the best matches first. `among` has the ids to look at."""
        return [
            account_from(found) for found in await self._by_name.find(query, at_most, among=among)
        ]

    async def open_page(self, skip: int, limit: int) -> list[Account]:
        """Users with an open account, by username."""
        found = self._users.find(OPEN_ACCOUNT, sort=[("username", ASCENDING)], skip=skip)
        return [account_from(document) for document in await found.limit(limit).to_list(None)]

    async def disabled(self, limit: int) -> list[Account]:
        """Disabled users, by username."""
        closed = {"disabled": True, "deleted": False}
        found = self._users.find(closed, sort=[("username", ASCENDING)], limit=limit)
        return [account_from(document) for document in await found.to_list(None)]

    async def exist(self, within: Transaction | None = None) -> bool:
        """Whether there is any user, so that set-up is over."""
        return await self._users.find_one({}, {"_id": 1}, session=within) is not None

    async def change(
        self, user_id: str, fields: Mapping[str, object], within: Transaction | None = None
    ) -> Account:
        """Set the stored `fields` of a user that isn't deleted; NotFound without one."""
        changed = await self._users.find_one_and_update(
            {"_id": user_id, "deleted": False},
            {"$set": dict(fields), "$inc": {"rev": 1}},
            return_document=ReturnDocument.AFTER,
            session=within,
        )
        if changed is None:
            raise NotFound("There is no such person.")
        return account_from(changed)

    async def rehash(self, user_id: str, was: str, now: str) -> None:
        """Store the same password's newer hash, unless the password has changed meanwhile."""
        await self._users.update_one({"_id": user_id, "password": was}, {"$set": {"password": now}})

    async def bots_of(self, user_id: str, within: Transaction) -> list[str]:
        """The ids of the bots that this person answers for."""
        found = await self._users.find(
            {"by": user_id, "deleted": False}, {"_id": 1}, session=within
        ).to_list(None)
        return [document["_id"] for document in found]

    async def hold_admin(self, user_id: str, within: Transaction) -> bool:
        """Whether this is an admin whose account is open.

        It writes to the user, so that this transaction and one that changes their role conflict.
        """
        found = await self._users.find_one_and_update(
            {"_id": user_id, **_ACTIVE_ADMIN}, {"$inc": {"makes": 1}}, {"_id": 1}, session=within
        )
        return found is not None

    async def guard_admins(self, within: Transaction) -> None:
        """Let one change of who is admin commit at a time; the others conflict and run again."""
        await self._guards.update_one(
            {"_id": "admins"}, {"$inc": {"changes": 1}}, upsert=True, session=within
        )

    async def has_admin(self, within: Transaction) -> bool:
        """Whether there is an admin whose account is open."""
        return await self._users.find_one(_ACTIVE_ADMIN, {"_id": 1}, session=within) is not None


def owner_of(document: Mapping[str, Any]) -> Account | None:
    """The account beside a document that was read by WITH_OWNER."""
    return next(map(account_from, document["owner"]), None)


def account_from(document: Mapping[str, Any]) -> Account:
    """The account of a stored document; a deleted one shows no name of its own."""
    gone = document["deleted"]
    user = User(
        id=document["_id"],
        username=FORMER_USERNAME if gone else document["username"],
        name=FORMER_MEMBER if gone else document["name"],
        role=document["role"],
        time_zone=document["time_zone"],
        is_bot=document.get("bot", False),
        made_by=document.get("by"),
        is_disabled=document["disabled"],
        is_deleted=gone,
    )
    return Account(user=user, password=document["password"], rev=document["rev"])

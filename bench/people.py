"""Many people at once: accounts, tokens, rooms and memberships, for the load to be them.

Rooms are made by the application's own services. Accounts and memberships are written as those
would write them, in bulk: thousands of passwords would have to be hashed otherwise. Each connection
is a person of its own.
"""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pymongo
from pymongo.database import Database

from app.accounts.feature import Accounts
from app.accounts.secrets import fingerprint
from app.accounts.tokens import PREFIX
from app.accounts.users import Users
from app.chat.feature import Chat
from app.chat.room_names import HALLWAY
from app.chat.rooms import Rooms
from app.chat.store import membership_id
from app.server.features import open_features
from app.settings_loader import load_settings
from app.storage.mongo import Database as ParleyDatabase
from tests.harness.server import SHARED, Server

BATCH = 5_000


@dataclass(frozen=True)
class Human:
    """Somebody with an account."""

    id: str
    username: str
    token: str


class Settlement:
    """Fills the database of a running server, which looks at each room only when it is used."""

    def __init__(self, database: Database[Any], rooms: Rooms, users: Users) -> None:
        self.database = database
        self._rooms = rooms
        self._users = users
        self._people = database["users"].count_documents({})
        self._made = database["rooms"].count_documents({})

    async def people(self, count: int, *, in_hallway: bool = True) -> list[Human]:
        """New accounts that nobody can sign in to, with a token each; in the first room, as all,
        or as if they had left it."""
        first, self._people = self._people, self._people + count
        humans = settle(self.database, [f"person-{n}" for n in range(first, first + count)])
        hallway = self.database["rooms"].find_one({"slug": HALLWAY})
        if hallway is None:
            await self._rooms.welcome(await self._users.get(humans[0].id))
            hallway = self.database["rooms"].find_one({"slug": HALLWAY})
            assert hallway is not None
            settle_in(self.database, hallway["_id"], humans[1:])
        else:
            settle_in(self.database, hallway["_id"], humans, is_in=in_hallway)
        return humans

    async def room(self, members: list[Human]) -> str:
        """A new open room with these people in it; its id."""
        self._made += 1
        owner = await self._users.get(members[0].id)
        view = await self._rooms.create(f"Room {self._made}", "open", owner)
        settle_in(self.database, view.room.id, members[1:])
        return view.room.id


@asynccontextmanager
async def settlement(server: Server) -> AsyncIterator[Settlement]:
    """Access to the database of a running server."""
    url = (await server.runs("db", "url"))["url"]
    client: pymongo.MongoClient[Any] = pymongo.MongoClient(url)
    settings = load_settings({"data_dir": server.data}, os.environ | SHARED)
    database = await ParleyDatabase.open(url)
    try:
        async with open_features(settings, database) as features:
            yield Settlement(client["parley"], features[Chat].rooms, features[Accounts].users)
    finally:
        await database.close()
        client.close()


def settle(database: Database[Any], names: list[str]) -> list[Human]:
    """Accounts that nobody can sign in to, with a token each."""
    at = datetime.now(UTC)
    humans = [Human(secrets.token_hex(12), name, secrets.token_urlsafe(32)) for name in names]
    insert(database, "users", [account(human.id, human.username, at) for human in humans])
    insert(database, "tokens", [_token(human, at) for human in humans])
    return [Human(human.id, human.username, PREFIX + human.token) for human in humans]


def account(user_id: str, username: str, at: datetime) -> dict[str, Any]:
    """The document of a member without a password, made at `at`."""
    return {
        "_id": user_id,
        "username": username,
        "name": username.capitalize(),
        "role": "member",
        "time_zone": "UTC",
        "password": None,
        "disabled": False,
        "deleted": False,
        "created": at,
        "rev": 1,
    }


def _token(human: Human, at: datetime) -> dict[str, Any]:
    return {
        "_id": secrets.token_hex(12),
        "key": fingerprint(human.token),
        "user": human.id,
        "label": "bench",
        "scopes": None,
        "created": at,
    }


def settle_in(
    database: Database[Any], room_id: str, humans: list[Human], *, is_in: bool = True
) -> None:
    """Make these members of a room that the server has not looked at yet, or former members."""
    at = datetime.now(UTC)
    insert(
        database,
        "memberships",
        [
            {
                "_id": membership_id(room_id, human.id),
                "room": room_id,
                "user": human.id,
                "is_in": is_in,
                "joined_at": at,
                "read_seq": 0,
            }
            for human in humans
        ],
    )


def insert(database: Database[Any], collection: str, documents: list[dict[str, Any]]) -> None:
    """Insert many documents, BATCH at a time."""
    for start in range(0, len(documents), BATCH):
        database[collection].insert_many(documents[start : start + BATCH], ordered=False)

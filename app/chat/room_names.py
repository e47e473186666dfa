"""Rules for the names and topics of rooms, and slugs: their parts of addresses."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Collection

from app import text_checks
from app.accounts.models import User
from app.chat.models import Kind
from app.chat.store import ChatStore
from app.errors import Conflict

NAME_CHARACTERS = 80
TOPIC_CHARACTERS = 250
HALLWAY = "hallway"
TAKEN = "There is a room with this name already. Choose another name."
LIKE_AN_ID = re.compile(r"(d-)?[0-9a-f]{24}")


class RoomNames:
    """Names and slugs of rooms. `check` raises Invalid for text that this server refuses.

    A name counts as taken when the caller can see a room whose name reads the same: an open one, or
    one that they are in. Other rooms make no difference, or a conflict would reveal them.
    """

    def __init__(
        self,
        store: ChatStore,
        check: Callable[[str, str], None],
        token: Callable[[], str] = lambda: secrets.token_hex(4),
    ) -> None:
        self._store = store
        self._check = check
        self._token = token

    def name(self, typed: str) -> str:
        """The name in the form that is stored. Raises Invalid."""
        name = text_checks.name(typed, "name", NAME_CHARACTERS)
        self._check(name, "name")
        return name

    def topic(self, typed: str) -> str:
        """The topic in the form that is stored; it may be empty. Raises Invalid."""
        topic = text_checks.line(typed, "topic", TOPIC_CHARACTERS, may_be_empty=True)
        self._check(topic, "topic")
        return topic

    async def must_be_free(self, name: str, caller: User, besides: str | None = None) -> None:
        """Raises Conflict where `caller` can see a room of this name other than `besides`."""
        key = text_checks.comparable(name)
        mine = await self._store.readings(caller.id)
        if await self._store.is_named(
            key, [r for r, seq in mine.items() if seq is not None], besides
        ):
            raise Conflict(TAKEN, field="name")

    async def slug(self, name: str, kind: Kind, room_id: str) -> str:
        """A free slug for a new room. That of a private room ends with a random part, so that it
        can't be guessed and no open room can have it."""
        base = slug_of(name)
        if not base:
            return room_id
        if kind == "private":
            return f"{base}-{self._token()}"
        return free_slug(base, await self._store.slugs_like(base))


def slug_of(name: str) -> str:
    """The slug for `name`: lower case letters, marks and digits of any script, and dashes.

    Empty where nothing is left of the name.
    """
    folded = unicodedata.normalize("NFKC", text_checks.comparable(name)).casefold()
    kept = "".join(c if _is_in_slug(c) else " " for c in unicodedata.normalize("NFC", folded))
    slug = "-".join(kept.split()).strip("-_")[:NAME_CHARACTERS].rstrip("-_")
    if not text_checks.is_visible(slug):  # such as a mark that is left of an emoji
        return ""
    # A slug that looks like an id could be another room's id, and requests name either.
    return f"room-{slug}" if LIKE_AN_ID.fullmatch(slug) else slug


def _is_in_slug(character: str) -> bool:
    return character == "_" or unicodedata.category(character)[0] in "LMN"


def free_slug(base: str, taken: Collection[str]) -> str:
    """`base`, or `base` with the first number from 2 that is not `taken`. The hallway keeps its."""
    if base not in taken and base != HALLWAY:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"

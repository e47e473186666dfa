"""From the text that somebody typed to the stored body of a message: checked and rendered."""

from collections.abc import Callable

from cachetools import LRUCache

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.group_mentions import GROUP_NAMES, HERE, expand, groups, named
from app.chat.markup.mentions import Names
from app.chat.markup.quote_colours import NONE, Bars
from app.chat.markup.renderers import Renderers
from app.chat.profile_changes import ProfileChanges
from app.chat.room_view import RoomView
from app.chat.subscribers import Subscribers
from app.errors import Invalid, TooLarge
from app.streams.models import Body
from app.text_checks import must_be_visible

TEXT_BYTES = 65_536
NAMES_OF_ROOMS = 20


class MessageBodies:
    """Makes bodies of messages. `check` raises Invalid for text that this server refuses;
    `profile_changes` tell when names of members have to be gathered anew."""

    def __init__(
        self,
        users: Users,
        profile_changes: ProfileChanges,
        subscribers: Subscribers,
        renderers: Renderers,
        check: Callable[[str, str], None],
    ) -> None:
        self._users = users
        self._profile_changes = profile_changes
        self._large: LRUCache[str, tuple[tuple[int, int], Names]] = LRUCache(NAMES_OF_ROOMS)
        self._subscribers = subscribers
        self._renderers = renderers
        self._check = check

    def checked(self, text: str) -> str:
        """The text as it is stored. Raises TooLarge, Invalid."""
        text = checked_text(text)
        self._check(text, "text")
        return text

    async def body(self, view: RoomView, by: User, text: str, bars: Bars = NONE) -> Body:
        """`text`, its `html`, and the ids of those whom it `mentions`; `bars` colour quotations.

        In a large room groups are kept as `mention_groups`, and of `here` the ids in one string.
        """
        names = await self._names(view) if "@" in text else {}
        html, mentions = await self._renderers.render(text, names, by.id, bars)
        body: Body = {"text": text, "html": html, "mentions": mentions}
        if not mentions:
            return body
        here = self._subscribers.present(view.members.keys()) if HERE in mentions else ()
        if not view.is_large:
            body["mentions"] = expand(mentions, view.members, here)
            return body
        if called := groups(mentions):
            body["mention_groups"] = called
        body["mentions"] = named(mentions)
        if HERE in mentions:
            body["here"] = " ".join(here)
        return body

    def mentioned(self, view: RoomView, body: Body) -> tuple[str, ...]:
        """The ids of all whom a new message mentions, those of its groups too."""
        called = body.get("mention_groups", ())
        people = dict.fromkeys(body["mentions"])
        if "here" in called:
            people |= dict.fromkeys(body["here"].split())
        if "everyone" in called:
            people |= dict.fromkeys(view.members)
        return tuple(people)

    async def _names(self, view: RoomView) -> Names:
        """Those who can be mentioned, by username; in a room of more than two also groups. Those of
        a large room are kept until somebody comes, goes or is renamed."""
        if not view.is_large:
            return await self._gathered(view)
        state = (view.membership.count, self._profile_changes.count)
        known = self._large.get(view.room.id)
        if known is None or known[0] != state:
            known = self._large[view.room.id] = state, await self._gathered(view)
        return known[1]

    async def _gathered(self, view: RoomView) -> Names:
        missing = [user_id for user_id in view.members if self._users.known(user_id) is None]
        if missing:
            await self._users.load(missing)
        known = filter(None, map(self._users.known, view.members))
        people = {user.username: (user.id, user.name) for user in known if not user.is_deleted}
        return people if view.room.kind == "direct" else {**GROUP_NAMES, **people}


def checked_text(text: str) -> str:
    """The text of a message. Raises TooLarge, or Invalid for one of which nothing shows."""
    return must_be_visible(measured_text(text), "Write something first.", "text")


def measured_text(text: str) -> str:
    """A text of a length that a message may have, or none. Raises TooLarge, Invalid."""
    if len(text) > TEXT_BYTES or len(text.encode()) > TEXT_BYTES:
        raise TooLarge(
            f"A message has at most {TEXT_BYTES:,} bytes; this one is longer.", field="text"
        )
    if "\0" in text:
        raise Invalid("A message can't hold the character NUL.", field="text")
    return text

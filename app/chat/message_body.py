"""From the text that somebody typed to the stored body of a message: checked and rendered."""

from collections.abc import Callable

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.group_mentions import GROUP_NAMES, HERE, expand
from app.chat.markup.mentions import Names
from app.chat.markup.quote_colours import NONE, Bars
from app.chat.markup.renderers import Renderers
from app.chat.room_view import RoomView
from app.chat.subscribers import Subscribers
from app.errors import Invalid, TooLarge
from app.streams.models import Body
from app.text_checks import must_be_visible

TEXT_BYTES = 65_536


class MessageBodies:
    """Makes bodies of messages. `check` raises Invalid for text that this server refuses."""

    def __init__(
        self,
        users: Users,
        subscribers: Subscribers,
        renderers: Renderers,
        check: Callable[[str, str], None],
    ) -> None:
        self._users = users
        self._subscribers = subscribers
        self._renderers = renderers
        self._check = check

    def checked(self, text: str) -> str:
        """The text as it is stored. Raises TooLarge, Invalid."""
        text = checked_text(text)
        self._check(text, "text")
        return text

    async def body(self, view: RoomView, by: User, text: str, bars: Bars = NONE) -> Body:
        """`text`, its `html`, and the ids of those whom it `mentions`; `bars` colour quotations."""
        names = await self._names(view) if "@" in text else {}
        html, mentions = await self._renderers.render(text, names, by.id, bars)
        if mentions:
            here = self._subscribers.present(view.members.keys()) if HERE in mentions else ()
            mentions = expand(mentions, view.members, here)
        return {"text": text, "html": html, "mentions": mentions}

    async def _names(self, view: RoomView) -> Names:
        """Those who can be mentioned, by username; in a room of more than two also groups."""
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

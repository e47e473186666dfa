"""The pages of notifications: the inbox, following a link, preferences, snooze."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from aiohttp import web
from msgspec import Meta, Struct, field
from msgspec.structs import replace

from app.accounts.models import User
from app.chat.payload_types import RoomEntry
from app.errors import Invalid, NotFound, ParleyError
from app.lengths import Short
from app.notifications.inbox import Inbox
from app.notifications.links import external_link, internal_path
from app.notifications.models import ListInbox, MarkRead, Preferences
from app.notifications.preferences import PreferenceBook, to_wire
from app.notifications.routes import reader
from app.times import Clock
from app.web import decoding, request_info
from app.web.route_helpers import form, query, render, see_other
from app.web.routing import Route

PAGE = 50
PAGE_OF_ALL = "/notifications"
MORNING_HOUR = 8
# A person can be in so many rooms, each of them a field of the form.
ROOMS_AT_MOST = 2_000
PREFERENCES_BYTES = 256 * 1024
# Between name and level of a choice: `mention=app`, `<room id>=muted`.
SEPARATOR = "="

Choices = Annotated[list[Short], Meta(max_length=ROOMS_AT_MOST)]
RoomsOf = Callable[[User], Awaitable[list[RoomEntry]]]


class Filter(Struct, kw_only=True):
    """`GET /notifications`: filters of the list."""

    category: Short = ""
    unread: bool = False


class Done(Struct):
    """`GET /settings/notifications`: the action that was just done."""

    done: Short = ""


class Chosen(Struct, kw_only=True):
    """The form of preferences: categories and rooms are `name=level`."""

    categories: Choices = field(default_factory=list)
    rooms: Choices = field(default_factory=list)
    quiet: Short = ""
    quiet_from: Short = ""
    quiet_to: Short = ""


class Snooze(Struct, kw_only=True):
    """The form of the snooze."""

    until: Literal["hour", "tomorrow", "end"] = "end"


class NotificationPages:
    """Handlers. `rooms_of` lists a person's rooms, `{id, name, kind}` each."""

    def __init__(
        self,
        inbox: Inbox,
        book: PreferenceBook,
        rooms_of: RoomsOf,
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._book = book
        self._rooms_of = rooms_of
        self._clock = clock

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/notifications", self.show),
            Route("GET", "/notifications/{id}", self.follow),
            Route("GET", "/settings/notifications", self.show_preferences),
            Route("POST", "/settings/notifications", self.save_preferences),
            Route("POST", "/settings/notifications/snooze", self.snooze),
        ]

    async def show(self, request: web.Request) -> web.Response:
        user, wanted = reader(request), query(request, Filter)
        known = wanted.category if wanted.category not in ("", "other") else None
        asked = decoding.from_value(
            {"limit": PAGE, "unread": wanted.unread, "category": known}, ListInbox
        )
        return await render(
            request,
            "notifications/inbox.html",
            category=wanted.category,
            unread=wanted.unread,
            page=await self._inbox.list(user.id, asked),
        )

    async def follow(self, request: web.Request) -> web.Response:
        """Mark a notification as read and redirect to its link.

        For a link to another site, a page names the site first: a program chose the link.
        """
        user = reader(request)
        item = await self._inbox.find(user.id, request.match_info["id"])
        if item is None:
            raise NotFound("There is no such notification any more.")
        if not item["read"]:
            await self._inbox.read(user.id, MarkRead(ids=[item["id"]]))
        link = item.get("link") or PAGE_OF_ALL
        here = internal_path(link, f"{request_info.scheme(request)}://{request.host}")
        elsewhere = external_link(link) if here is None else None
        if elsewhere is None:
            return see_other(here or PAGE_OF_ALL)
        return await render(
            request,
            "notifications/external_link.html",
            host=elsewhere.host,
            address=elsewhere.address,
        )

    async def show_preferences(self, request: web.Request) -> web.Response:
        return await self._preferences(request, done=query(request, Done).done)

    async def _preferences(
        self, request: web.Request, error: ParleyError | None = None, *, done: str = ""
    ) -> web.Response:
        user = reader(request)
        chosen = await self._book.of(user.id)
        until = chosen.snooze_until
        return await render(
            request,
            "notifications/preferences.html",
            status=error.status if error else 200,
            error=error.message if error else "",
            done=done,
            chosen=to_wire(chosen),
            rooms=await self._rooms_of(user),
            snoozed=until if until is not None and until > self._clock() else None,
        )

    async def save_preferences(self, request: web.Request) -> web.Response:
        user, given = reader(request), await form(request, Chosen, PREFERENCES_BYTES)
        try:
            held = await self._book.of(user.id)
            await self._book.set(user.id, _merged(held, given))
        except Invalid as error:
            return await self._preferences(request, error)
        return see_other("/settings/notifications?done=saved")

    async def snooze(self, request: web.Request) -> web.Response:
        user, given = reader(request), await form(request, Snooze)
        held = await self._book.of(user.id)
        until = ending(given.until, self._clock(), user.zone)
        await self._book.set(user.id, replace(held, snooze_until=until))
        return see_other("/settings/notifications?done=snooze")


def ending(until: str, now: datetime, zone: str) -> datetime | None:
    """When a snooze ends: in an hour, or at eight tomorrow in the person's zone; else None."""
    if until == "hour":
        return now + timedelta(hours=1)
    if until == "tomorrow":
        tomorrow = now.astimezone(ZoneInfo(zone)) + timedelta(days=1)
        return tomorrow.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0)
    return None


def _merged(held: Preferences, given: Chosen) -> Preferences:
    """The present preferences with those of the form. Raises Invalid, naming the field.

    The form shows the person's present rooms; the levels of other rooms stay.
    """
    quiet = {"from": given.quiet_from, "to": given.quiet_to} if given.quiet else None
    fields = {
        "categories": {**held.categories, **_pairs(given.categories)},
        "rooms": {**held.rooms, **_pairs(given.rooms)},
        "quiet": quiet,
    }
    merged = decoding.from_value(fields, Preferences)
    rooms = {room: level for room, level in merged.rooms.items() if level != "mentions"}
    return replace(merged, rooms=rooms, snooze_until=held.snooze_until)


def _pairs(choices: list[str]) -> dict[str, str]:
    return {name: level for name, _, level in (each.partition(SEPARATOR) for each in choices)}

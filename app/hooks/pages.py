"""The admins' page of webhooks: list, make, test, turn off and on, adopt, delete."""

from typing import Annotated, Literal, TypeVar

from aiohttp import web
from msgspec import Meta, Struct

from app.accounts.models import Caller, User
from app.accounts.pages.forms import beside
from app.accounts.users import Users
from app.chat.access import Access
from app.errors import Invalid, NotFound, ParleyError
from app.hooks.hook_testing import HookTesting
from app.hooks.models import STOPPED, Direction, Hook, NewHook, direction_of
from app.hooks.place_labels import PlaceLabel, place_labels
from app.hooks.registry import Made, Registry
from app.hooks.routes import secrets_of
from app.lengths import Medium, Short
from app.web.authorization import admin, admin_form, in_person
from app.web.route_helpers import form, query, render, see_other
from app.web.routing import Route

ADDRESS = "/admin/hooks"
FIELDS = ("name", "place", "url")
ROWS_A_PAGE = 50

F = TypeVar("F", bound=Struct)


class Row(Struct, frozen=True, kw_only=True):
    """A hook in the list, as the template shows it."""

    hook: Hook
    direction: Direction
    place: str
    may_use: bool
    by: str
    why_stopped: str


class Look(Struct):
    """`GET /admin/hooks`: the action that was just `done`, and the `page` of the list."""

    done: Short = ""
    page: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Draft(Struct):
    """`POST /admin/hooks`: an outgoing hook if it has a `url`. `place` is the name of a room or
    topic."""

    name: Short = ""
    kind: Literal["room", "topic"] = "room"
    place: Short = ""
    url: Medium = ""


class Which(Struct):
    """The id of the hook to change; `off` is the wanted state of a switch."""

    id: Short = ""
    off: Short = ""


class HookPages:
    """Plain forms, like the other pages of admins."""

    def __init__(
        self, registry: Registry, testing: HookTesting, access: Access, users: Users
    ) -> None:
        self._registry = registry
        self._testing = testing
        self._access = access
        self._users = users

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.show),
            Route("POST", ADDRESS, self.make),
            Route("POST", f"{ADDRESS}/delete", self.delete),
            Route("POST", f"{ADDRESS}/switch", self.switch),
            Route("POST", f"{ADDRESS}/adopt", self.adopt),
            Route("POST", f"{ADDRESS}/adopt-all", self.adopt_all),
            Route("POST", f"{ADDRESS}/test", self.test),
        ]

    async def show(self, request: web.Request) -> web.Response:
        admin(request)
        look = query(request, Look)
        return await self._page(request, Draft(), done=look.done, page=look.page)

    async def _sent(self, request: web.Request, kind: type[F], action: str) -> tuple[Caller, F]:
        """The caller and their form. A member's refusal is counted as one of `action`."""
        caller, given = await admin_form(request, kind)
        await self._registry.must_be_admin(caller, action)
        return caller, given

    async def make(self, request: web.Request) -> web.Response:
        caller, given = await self._sent(request, Draft, "hook_made")
        try:
            made = await self._registry.make(caller, _asked(given))
        except ParleyError as error:
            return await self._page(request, given, error)
        return await self._page(request, Draft(), made=made)

    async def delete(self, request: web.Request) -> web.Response:
        caller, given = await self._sent(request, Which, "hook_deleted")
        await self._registry.delete(caller, given.id)
        return see_other(f"{ADDRESS}?done=deleted")

    async def switch(self, request: web.Request) -> web.Response:
        caller, given = await self._sent(request, Which, "hook_switched")
        try:
            await self._registry.switch(caller, given.id, off=bool(given.off))
        except ParleyError as error:
            return await self._page(request, Draft(), error)
        return see_other(f"{ADDRESS}?done={'off' if given.off else 'on'}")

    async def adopt(self, request: web.Request) -> web.Response:
        """Make the admin the maker of a hook that has stopped."""
        caller, given = await self._sent(request, Which, "hook_adopted")
        try:
            await self._registry.adopt(caller, given.id)
        except ParleyError as error:
            return await self._page(request, Draft(), error)
        return see_other(f"{ADDRESS}?done=adopted")

    async def adopt_all(self, request: web.Request) -> web.Response:
        """Adopt all stopped hooks that this admin could make, for instance after a restore."""
        caller, _ = in_person(request)
        await self._registry.must_be_admin(caller, "hook_adopted")
        adopted = await self._registry.adopt_all(caller)
        said = f"You adopted {adopted} {'webhook' if adopted == 1 else 'webhooks'}."
        return await self._page(request, Draft(), said=said)

    async def test(self, request: web.Request) -> web.Response:
        """Post once, and say on the page what the receiver answered."""
        caller, given = admin(request), await form(request, Which)
        hook = await self._registry.find(caller.user, given.id)
        try:
            response = await self._testing.test(hook, caller.user)
        except ParleyError as error:
            return await self._page(request, Draft(), error)
        if response is None:
            return await self._page(request, Draft(), said="The test is posted.")
        verb = "took it" if response.is_success else "did not take it"
        said = f"The receiver {verb}: {response.explained}."
        return await self._page(request, Draft(), said=said)

    async def _page(
        self,
        request: web.Request,
        given: Draft,
        error: ParleyError | None = None,
        *,
        done: str = "",
        said: str = "",
        made: Made | None = None,
        page: int = 1,
    ) -> web.Response:
        user = admin(request).user
        # Stopped hooks come first: they wait to be adopted.
        everything = sorted(await self._registry.listed(user), key=lambda h: h.stopped is None)
        hooks = everything[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        makers = await self._users.many({hook.by for hook in hooks})
        labels = await place_labels(self._access, user, hooks)
        return await render(
            request,
            "admin/hooks.html",
            status=error.status if error else 200,
            errors=beside(_on_the_form(error), FIELDS),
            given=given,
            done=done,
            said=said,
            made=secrets_of(request, made) if made else None,
            stopped=sum(hook.stopped is not None for hook in everything),
            page=page,
            more=len(everything) > page * ROWS_A_PAGE,
            rows=[_row(hook, labels[hook.id], makers.get(hook.by)) for hook in hooks],
        )


def _row(hook: Hook, place: PlaceLabel, maker: User | None) -> Row:
    return Row(
        hook=hook,
        direction=direction_of(hook),
        place=place.label,
        may_use=place.may_use,
        by=maker.name if maker else hook.by,
        why_stopped=STOPPED[hook.stopped] if hook.stopped else "",
    )


def _asked(given: Draft) -> NewHook:
    """The form as a request of the API. Raises Invalid."""
    place, url = given.place.strip(), given.url.strip()
    if not 1 <= len(place) <= 100:
        raise Invalid("Name a room or a topic, in at most 100 characters.", field="place")
    return NewHook(
        direction="outgoing" if url else "incoming",
        name=given.name,
        room=place.removeprefix("#") if given.kind == "room" else None,
        topic=place if given.kind == "topic" else None,
        url=url or None,
    )


def _on_the_form(error: ParleyError | None) -> ParleyError | None:
    """The error with the form's own field, which is one for rooms and topics."""
    if isinstance(error, NotFound) or (error and error.field in ("room", "topic")):
        error.field = "place"
    return error

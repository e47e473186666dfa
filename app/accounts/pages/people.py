"""The admins' page of people, with their roles and invites."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from app.accounts.account_services import AccountServices
from app.accounts.models import Role
from app.accounts.pages.forms import own_address
from app.accounts.pages.qr_code import qr_code
from app.errors import Conflict, Invalid, ParleyError
from app.lengths import Short
from app.web.authorization import admin, admin_form
from app.web.route_helpers import query, render, see_other
from app.web.routing import Route

PAGE = 50


class Listing(Struct):
    """`GET /admin/people`: people behind the username `after`, or those whose name has the words
    of `who`, and what has just been done."""

    after: Short | None = None
    who: Short = ""
    page: Annotated[int, Meta(ge=1, le=100)] = 1
    done: Short = ""


class Whom(Struct):
    """An account, and where the answer leads: back to the list, or to the person's own page."""

    id: Short = ""
    back: Literal["", "person"] = ""

    def page(self, done: str) -> str:
        place = f"/admin/people/{self.id}" if self.back else "/admin/people"
        return f"{place}?done={done}"


class Appointment(Whom, kw_only=True):
    role: Role


class NewInvite(Struct):
    uses: int = 1


class PeoplePages:
    """The list of people and invites, and the forms on it."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/admin/people", self.show),
            Route("POST", "/admin/people/role", self.appoint),
            Route("POST", "/admin/people/disable", self.disable),
            Route("POST", "/admin/people/enable", self.enable),
            Route("POST", "/admin/people/reset", self.reset),
            Route("POST", "/admin/invites", self.invite),
            Route("POST", "/admin/invites/withdraw", self.withdraw),
        ]

    async def page(
        self,
        request: web.Request,
        error: ParleyError | None = None,
        link: dict[str, str] | None = None,
        listing: Listing | None = None,
    ) -> web.Response:
        """The list; `link` is what was just made, which is shown only now."""
        admin(request)
        listing = listing or Listing()
        who, skip = listing.who.strip(), (listing.page - 1) * PAGE
        if who:
            found = await self._accounts.users.search_all(who, PAGE + 1, skip)
        else:
            found = await self._accounts.users.all(PAGE + 1, listing.after)
        return await render(
            request,
            "accounts/people.html",
            status=error.status if error else 200,
            error=error.message if error else "",
            here="/admin/people",
            link=link,
            done=listing.done,
            who=who,
            page=listing.page,
            is_behind=listing.after is not None,
            people=found[:PAGE],
            waiting=await self._accounts.bots.waiting(found[:PAGE]),
            more=found[PAGE - 1].username if len(found) > PAGE else None,
            invites=await self._accounts.invites.open(),
        )

    async def show(self, request: web.Request) -> web.Response:
        admin(request)
        return await self.page(request, listing=query(request, Listing))

    async def appoint(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Appointment)
        try:
            await self._accounts.administration.appoint(caller, given.id, given.role)
        except Conflict as error:
            return await self.page(request, error)
        return see_other(given.page("role"))

    async def disable(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Whom)
        try:
            await self._accounts.administration.disable(caller, given.id)
        except Conflict as error:
            return await self.page(request, error)
        return see_other(given.page("disabled"))

    async def enable(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Whom)
        await self._accounts.administration.enable(caller, given.id)
        return see_other(given.page("enabled"))

    async def reset(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Whom)
        try:
            user, code = await self._accounts.administration.make_reset_link(caller, given.id)
        except Invalid as error:
            return await self.page(request, error)
        address = own_address(request, f"/reset/{code}")
        return await self.page(
            request, link={"kind": "reset", "for": user.name, "address": address}
        )

    async def invite(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, NewInvite)
        try:
            code = await self._accounts.administration.invite(caller, given.uses)
        except Invalid as error:
            return await self.page(request, error)
        address = own_address(request, f"/join/{code}")
        return await self.page(
            request,
            link={
                "kind": "invite",
                "for": str(given.uses),
                "address": address,
                "qr": qr_code(address),
            },
        )

    async def withdraw(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Whom)
        await self._accounts.administration.withdraw_invite(caller, given.id)
        return see_other("/admin/people?done=withdrawn")

"""The settings page of a person: profile, password, sessions, tokens, deleting the account."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct, field

from app.accounts.account_services import AccountServices
from app.accounts.names import time_zones
from app.accounts.pages.forms import Done, Which, beside
from app.accounts.scopes import grantable
from app.accounts.user_agents import describe
from app.errors import Conflict, Invalid, ParleyError, RateLimited
from app.lengths import Medium, Short
from app.web import session_cookie
from app.web.authorization import in_person, personal_form
from app.web.route_helpers import form, query, render, see_other
from app.web.routing import Route

FIELDS = ("name", "present", "password", "label", "scopes", "farewell")


class Profile(Struct):
    name: Short = ""


class NewPassword(Struct):
    present: Medium = ""
    password: Medium = ""


class NewToken(Struct):
    label: Short = ""
    scopes: Annotated[list[Short], Meta(max_length=100)] = field(default_factory=list)


class Farewell(Struct):
    farewell: Medium = ""


class SettingsPages:
    """The page, and the forms on it."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/settings", self.show),
            Route("POST", "/settings/profile", self.profile),
            Route("POST", "/settings/password", self.password),
            Route("POST", "/settings/sessions/end", self.end_session),
            Route("POST", "/settings/tokens", self.make_token),
            Route("POST", "/settings/tokens/revoke", self.revoke_token),
            Route("POST", "/settings/delete", self.leave),
        ]

    async def _page(
        self,
        request: web.Request,
        error: ParleyError | None = None,
        *,
        profile: Profile | None = None,
        token: str = "",
        done: str = "",
    ) -> web.Response:
        caller, session = in_person(request)
        user = caller.user
        return await render(
            request,
            "accounts/settings.html",
            status=error.status if error else 200,
            errors=beside(error, FIELDS),
            done=done,
            profile=profile or Profile(name=user.name),
            token=token,
            session=session,
            sessions=await self._accounts.sessions.of(user.id),
            tokens=await self._accounts.tokens.of(user.id),
            scopes=grantable(is_admin=user.is_admin),
            time_zones=list(time_zones()),
            describe=describe,
        )

    async def show(self, request: web.Request) -> web.Response:
        return await self._page(request, done=query(request, Done).done)

    async def profile(self, request: web.Request) -> web.Response:
        caller, _ = in_person(request)
        given = await form(request, Profile)
        try:
            await self._accounts.users.describe(caller.user.id, name=given.name)
        except Invalid as error:
            return await self._page(request, error, profile=given)
        return see_other("/settings?done=profile")

    async def password(self, request: web.Request) -> web.Response:
        present, given = await personal_form(request, NewPassword)
        try:
            await self._accounts.own.change_password(present, given.present, given.password)
        except (Invalid, RateLimited) as error:
            return await self._page(request, error)
        return see_other("/settings?done=password")

    async def end_session(self, request: web.Request) -> web.Response:
        present, given = await personal_form(request, Which)
        await self._accounts.own.end_session(present, given.id)
        return see_other("/settings?done=session")

    async def make_token(self, request: web.Request) -> web.Response:
        present, given = await personal_form(request, NewToken)
        try:
            token = await self._accounts.own.make_token(present, given.scopes, given.label)
        except Invalid as error:
            return await self._page(request, error)
        # Shown in this answer and never again, so there is no address to send the browser to.
        return await self._page(request, token=token)

    async def revoke_token(self, request: web.Request) -> web.Response:
        present, given = await personal_form(request, Which)
        await self._accounts.own.revoke_token(present, given.id)
        return see_other("/settings?done=token")

    async def leave(self, request: web.Request) -> web.Response:
        present, given = await personal_form(request, Farewell)
        try:
            await self._accounts.own.delete(present, given.farewell)
        except (Invalid, RateLimited, Conflict) as error:
            return await self._page(request, error)
        response = see_other("/login")
        session_cookie.remove(request, response)
        return response

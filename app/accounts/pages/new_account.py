"""Coming in: the first set-up, an invite, open registration, a reset link."""

from aiohttp import web
from msgspec import Struct

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.accounts.pages.forms import beside, client_of, enter
from app.errors import Conflict, Invalid, ParleyError
from app.lengths import Medium, Short
from app.web.route_helpers import form, query, render
from app.web.routing import Route


class SetupQuery(Struct):
    """`GET /setup`."""

    code: Medium = ""


class NewAccount(Struct):
    """The form of a new account; `code` is sent by the set-up page."""

    username: Short = ""
    name: Short = ""
    password: Medium = ""
    code: Medium = ""


class NewPassword(Struct):
    """The form of a reset link."""

    password: Medium = ""


class NewAccountPages:
    """The pages by which people come in."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/setup", self.show_setup),
            Route("POST", "/setup", self.set_up),
            Route("GET", "/join/{code}", self.show_invite),
            Route("POST", "/join/{code}", self.join),
            Route("GET", "/register", self.show_register),
            Route("POST", "/register", self.register),
            Route("GET", "/reset/{code}", self.show_reset),
            Route("POST", "/reset/{code}", self.reset),
        ]

    async def _page(
        self,
        request: web.Request,
        kind: str,
        given: NewAccount,
        error: ParleyError | None = None,
        by: str = "",
    ) -> web.Response:
        return await render(
            request,
            "accounts/new.html",
            status=error.status if error else 200,
            kind=kind,
            by=by,
            given=given,
            errors=beside(error, ("username", "name", "password")),
        )

    async def _arrive(self, request: web.Request, user: User) -> web.Response:
        return enter(request, await self._accounts.sign_in.begin(user, client_of(request)))

    async def show_setup(self, request: web.Request) -> web.Response:
        code = query(request, SetupQuery).code
        await self._accounts.setup.check(code)
        return await self._page(request, "setup", NewAccount(code=code))

    async def set_up(self, request: web.Request) -> web.Response:
        given = await form(request, NewAccount)
        try:
            user = await self._accounts.registration.set_up(
                client_of(request), given.code, given.username, given.password, given.name or None
            )
        except (Invalid, Conflict) as error:
            return await self._page(request, "setup", given, error)
        return await self._arrive(request, user)

    async def show_invite(self, request: web.Request) -> web.Response:
        inviter = await self._accounts.invites.inviter(request.match_info["code"])
        return await self._page(request, "join", NewAccount(), by=inviter.name)

    async def join(self, request: web.Request) -> web.Response:
        code, given = request.match_info["code"], await form(request, NewAccount)
        try:
            user = await self._accounts.registration.join(
                client_of(request), code, given.username, given.password, given.name or None
            )
        except (Invalid, Conflict) as error:
            inviter = await self._accounts.invites.inviter(code)
            return await self._page(request, "join", given, error, by=inviter.name)
        return await self._arrive(request, user)

    async def show_register(self, request: web.Request) -> web.Response:
        await self._accounts.registration.must_be_open()
        return await self._page(request, "register", NewAccount())

    async def register(self, request: web.Request) -> web.Response:
        await self._accounts.registration.admit(client_of(request))
        given = await form(request, NewAccount)
        try:
            user = await self._accounts.registration.register(
                client_of(request), given.username, given.password, given.name or None
            )
        except (Invalid, Conflict) as error:
            return await self._page(request, "register", given, error)
        return await self._arrive(request, user)

    async def show_reset(self, request: web.Request) -> web.Response:
        user = await self._accounts.password_changes.reset_owner(request.match_info["code"])
        return await render(request, "accounts/reset.html", user=user, errors=beside(None, ()))

    async def reset(self, request: web.Request) -> web.Response:
        code, given = request.match_info["code"], await form(request, NewPassword)
        try:
            user = await self._accounts.registration.reset_password(
                client_of(request), code, given.password
            )
        except Invalid as error:
            user = await self._accounts.password_changes.reset_owner(code)
            errors = beside(error, ("password",))
            return await render(
                request, "accounts/reset.html", status=error.status, user=user, errors=errors
            )
        return await self._arrive(request, user)

"""The sign-in page and signing out; plain forms that work without JavaScript."""

from aiohttp import web
from msgspec import Struct

from app.accounts.account_services import AccountServices
from app.accounts.pages.forms import beside, client_of, enter
from app.errors import Invalid, ParleyError, RateLimited, Unauthenticated
from app.lengths import Medium, Short
from app.web import session_cookie
from app.web.authentication import CALLER
from app.web.route_helpers import form, local_path, query, render, see_other
from app.web.routing import Route


class Asked(Struct):
    """`GET /login`: where to go afterwards."""

    next: Medium = "/"


class SignInForm(Struct):
    """`POST /login`."""

    username: Short = ""
    password: Medium = ""
    next: Medium = "/"


class SignInPages:
    """Signing in and out."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/login", self.show),
            Route("POST", "/login", self.begin),
            Route("POST", "/logout", self.end),
        ]

    async def _page(
        self, request: web.Request, given: SignInForm, error: ParleyError | None = None
    ) -> web.Response:
        return await render(
            request,
            "accounts/login.html",
            status=error.status if error else 200,
            username=given.username,
            next=local_path(given.next),
            errors=beside(error, ("username", "password")),
            is_open=self._accounts.settings.registration == "open",
            is_set_up=await self._accounts.users.exist(),
        )

    async def show(self, request: web.Request) -> web.Response:
        target = local_path(query(request, Asked).next)
        if CALLER in request:
            return see_other(target)
        return await self._page(request, SignInForm(next=target))

    async def begin(self, request: web.Request) -> web.Response:
        try:
            self._accounts.sign_in.limits.must_be_free(client_of(request))
        except RateLimited as error:
            return await self._page(request, SignInForm(), error)
        given = await form(request, SignInForm)
        try:
            signed_in = await self._accounts.sign_in.attempt(
                given.username, given.password, client_of(request)
            )
        except (Unauthenticated, Invalid, RateLimited) as error:
            return await self._page(request, given, error)
        return enter(request, signed_in, local_path(given.next))

    async def end(self, request: web.Request) -> web.Response:
        if client_of(request).session is not None:
            await self._accounts.own.sign_out(request[CALLER])
        response = see_other("/login")
        session_cookie.remove(request, response)
        return response

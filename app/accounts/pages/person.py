"""The admins' page of one person: role, state, open sessions; a bot's tokens."""

from aiohttp import web

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.accounts.pages.forms import Done, Which
from app.accounts.user_agents import describe
from app.errors import NotFound
from app.web.authorization import admin, admin_form
from app.web.route_helpers import caller, query, render, see_other
from app.web.routing import Route

ADDRESS = "/admin/people/{user}"


class PersonPage:
    """Role and disabling are posted to the page of people, which leads back here."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.show),
            Route("POST", f"{ADDRESS}/sessions/end", self.end),
            Route("POST", f"{ADDRESS}/sessions/end-all", self.end_all),
        ]

    async def show(self, request: web.Request) -> web.Response:
        admin(request)
        return await self.page(request)

    async def page(self, request: web.Request, token: str = "") -> web.Response:
        """The page for an admin; `token` is a bot's new one, which is shown only now."""
        present = admin(request)
        person = await self._person(request)
        return await render(
            request,
            "accounts/person.html",
            person=person,
            sessions=await self._accounts.sessions.of(person.id),
            session=present.session,
            waiting=await self._accounts.bots.waiting([person]),
            token=token,
            tokens=await self._accounts.tokens.of(person.id) if person.is_bot else [],
            done=query(request, Done).done,
            describe=describe,
        )

    async def _person(self, request: web.Request) -> User:
        person = await self._accounts.users.get(request.match_info["user"])
        if person.is_deleted:
            raise NotFound("This account was deleted.")
        return person

    async def end(self, request: web.Request) -> web.Response:
        (present, given), person = await admin_form(request, Which), request.match_info["user"]
        await self._accounts.administration.end_session(present, person, given.id)
        return see_other(f"/admin/people/{person}?done=session")

    async def end_all(self, request: web.Request) -> web.Response:
        """All of them; of my own all but the one that asks."""
        present, person = caller(request), request.match_info["user"]
        await self._accounts.administration.end_sessions(present, person)
        return see_other(f"/admin/people/{person}?done=sessions")

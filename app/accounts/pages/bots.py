"""Admins make bots and their tokens here; each token is shown in one answer and never again."""

from aiohttp import web
from msgspec import Struct

from app.accounts.account_services import AccountServices
from app.accounts.pages.forms import Which
from app.accounts.pages.people import PeoplePages
from app.accounts.pages.person import PersonPage
from app.errors import Conflict, Invalid
from app.lengths import Short
from app.web.authorization import admin_form
from app.web.route_helpers import caller, see_other
from app.web.routing import Route

TOKENS = "/admin/people/{user}/tokens"


class NewBot(Struct):
    username: Short = ""
    name: Short = ""


class BotPages:
    """The forms of bots, on the page of people and on a bot's own page."""

    def __init__(self, accounts: AccountServices) -> None:
        self._accounts = accounts
        self._people = PeoplePages(accounts)
        self._person = PersonPage(accounts)

    def routes(self) -> list[Route]:
        return [
            Route("POST", "/admin/bots", self.make),
            Route("POST", "/admin/bots/adopt", self.adopt),
            Route("POST", "/admin/bots/delete", self.delete),
            Route("POST", TOKENS, self.make_token),
            Route("POST", f"{TOKENS}/revoke", self.revoke_token),
        ]

    async def make(self, request: web.Request) -> web.Response:
        present, given = await admin_form(request, NewBot)
        try:
            bot, token = await self._accounts.administration.make_bot(
                present, given.username, given.name or None
            )
        except (Invalid, Conflict) as error:
            return await self._people.page(request, error)
        link = {"kind": "bot", "for": bot.name, "address": token}
        return await self._people.page(request, link=link)

    async def adopt(self, request: web.Request) -> web.Response:
        present, given = await admin_form(request, Which)
        try:
            await self._accounts.administration.adopt_bot(present, given.id)
        except Conflict as error:
            return await self._people.page(request, error)
        return see_other(f"/admin/people/{given.id}?done=adopted")

    async def delete(self, request: web.Request) -> web.Response:
        present, given = await admin_form(request, Which)
        await self._accounts.administration.delete_bot(present, given.id)
        return see_other("/admin/people?done=deleted")

    async def make_token(self, request: web.Request) -> web.Response:
        present, bot = caller(request), request.match_info["user"]
        token = await self._accounts.administration.make_bot_token(present, bot)
        return await self._person.page(request, token=token)

    async def revoke_token(self, request: web.Request) -> web.Response:
        (present, given), bot = await admin_form(request, Which), request.match_info["user"]
        await self._accounts.administration.revoke_bot_token(present, bot, given.id)
        return see_other(f"/admin/people/{bot}?done=token")

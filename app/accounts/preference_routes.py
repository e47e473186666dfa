"""The caller's preferences: over JSON, and as the form of the settings page."""

from aiohttp import web

from app.accounts.personal_preferences import PeoplePreferences, must_be_allowed
from app.accounts.preference_table import PreferenceChanges
from app.web.route_helpers import caller, decode, form, reply, see_other
from app.web.routing import Route

ADDRESS = "/api/me/preferences"


class PreferenceRoutes:
    """Handlers; each calls one service method."""

    def __init__(self, preferences: PeoplePreferences) -> None:
        self._preferences = preferences

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.show, "How Parley looks and behaves for me"),
            Route("PATCH", ADDRESS, self.change, "Change some of it", body=PreferenceChanges),
            Route("POST", "/settings/preferences", self.submit),
        ]

    async def show(self, request: web.Request) -> web.Response:
        return reply(await self._preferences.of(must_be_allowed(caller(request))))

    async def change(self, request: web.Request) -> web.Response:
        present, changes = caller(request), await decode(request, PreferenceChanges)
        return reply(await self._preferences.change(present, changes))

    async def submit(self, request: web.Request) -> web.Response:
        present, changes = caller(request), await form(request, PreferenceChanges)
        await self._preferences.change(present, changes)
        return see_other("/settings?done=preferences")

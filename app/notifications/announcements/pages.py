"""The admins' page of announcements: write, preview, send, and list those sent."""

from aiohttp import web
from msgspec import Struct

from app.accounts.pages.forms import beside
from app.errors import Conflict, Invalid, ParleyError
from app.lengths import Short
from app.notifications.announcements.service import Announcements, Draft
from app.web.authorization import admin, admin_form
from app.web.route_helpers import query, render, see_other
from app.web.routing import Route

FIELDS = ("title", "body", "link", "people")
ADDRESS = "/admin/announcements"
# Ten thousand recipients by name.
FORM_BYTES = 512 * 1024


class Sent(Struct):
    """`GET /admin/announcements`: the number of recipients of the one just sent."""

    sent: int | None = None


class Submitted(Draft, kw_only=True):
    """`POST /admin/announcements`: `step` is look, change or send."""

    step: Short = "look"
    key: Short = ""


class AnnouncementPages:
    """Plain forms. Nothing is sent without a preview that says how many people it reaches."""

    def __init__(self, announcements: Announcements) -> None:
        self._announcements = announcements

    def routes(self) -> list[Route]:
        return [Route("GET", ADDRESS, self.show), Route("POST", ADDRESS, self.submit)]

    async def _page(
        self,
        request: web.Request,
        draft: Draft,
        error: ParleyError | None = None,
        *,
        reach: int | None = None,
        key: str = "",
        sent: int | None = None,
    ) -> web.Response:
        admin(request)
        return await render(
            request,
            "notifications/announcements.html",
            status=error.status if error else 200,
            errors=beside(error, FIELDS),
            draft=draft,
            reach=reach,
            key=key,
            sent=sent,
            announcements=await self._announcements.sent(),
        )

    async def show(self, request: web.Request) -> web.Response:
        admin(request)
        return await self._page(request, Draft(), sent=query(request, Sent).sent)

    async def submit(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Submitted, FORM_BYTES)
        if given.step == "change":
            return await self._page(request, given)
        try:
            if given.step == "send" and given.key:
                count = await self._announcements.send(caller, given, given.key)
                return see_other(f"{ADDRESS}?sent={count}")
            reach = await self._announcements.reach(caller, given)
        except (Invalid, Conflict) as error:
            return await self._page(request, given, error)
        key = self._announcements.new_key()
        return await self._page(request, given, reach=reach, key=key)

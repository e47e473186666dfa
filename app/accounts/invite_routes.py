"""Invite links over JSON."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from app.accounts.administration import Administration
from app.accounts.pages.forms import own_address
from app.accounts.pages.qr_code import qr_rows
from app.web.route_helpers import caller, decode, reply
from app.web.routing import Route


class NewInvite(Struct):
    """`POST /api/invites`: how many people may come in by the link."""

    uses: Annotated[int, Meta(ge=1, le=100)] = 1


class InviteRoutes:
    """Handlers; each calls one service method."""

    def __init__(self, administration: Administration) -> None:
        self._administration = administration

    def routes(self) -> list[Route]:
        made = "Make an invite link"
        return [Route("POST", "/api/invites", self.make, made, body=NewInvite, status=201)]

    async def make(self, request: web.Request) -> web.Response:
        """201 `{link, uses, qr}`: the link is shown only now. `qr` has the rows of its QR code."""
        present, given = caller(request), await decode(request, NewInvite)
        code = await self._administration.invite(present, given.uses)
        link = own_address(request, f"/join/{code}")
        return reply({"link": link, "uses": given.uses, "qr": qr_rows(link)}, status=201)

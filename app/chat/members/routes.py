"""The members of a room over HTTP as JSON."""

from aiohttp import web

from app.chat.members.member_pages import MemberPages
from app.chat.members.models import ListMembers, ListReaders, MembersQuery, ReadersQuery
from app.chat.routes import chat_user
from app.web.route_helpers import query, reply
from app.web.routing import Route


class MemberRoutes:
    """The handlers; each calls one service method."""

    def __init__(self, pages: MemberPages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return [
            Route(
                "GET",
                "/api/rooms/{room}/members",
                self.members,
                "The members of a room",
                query=MembersQuery,
            ),
            Route(
                "GET",
                "/api/rooms/{room}/readers",
                self.readers,
                "Who has read a message",
                query=ReadersQuery,
            ),
        ]

    async def members(self, request: web.Request) -> web.Response:
        user, asked = chat_user(request), query(request, MembersQuery)
        sought = ListMembers(
            room=request.match_info["room"],
            query=asked.query,
            after=asked.after,
            limit=asked.limit,
        )
        return reply((await self._pages.page(user, sought))[1])

    async def readers(self, request: web.Request) -> web.Response:
        user, asked = chat_user(request), query(request, ReadersQuery)
        sought = ListReaders(room=request.match_info["room"], seq=asked.seq)
        return reply((await self._pages.readers(user, sought))[1])

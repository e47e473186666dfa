"""The directory over HTTP as JSON."""

from aiohttp import web

from app.chat.directory.directory import Directory
from app.chat.directory.models import FindPeople, FindRooms, OpenRoomsQuery, PeopleQuery
from app.chat.routes import chat_user
from app.web.route_helpers import query, reply
from app.web.routing import Route


class DirectoryRoutes:
    """The handlers; each calls one service method."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/people", self.people, "Find people", query=PeopleQuery),
            Route("GET", "/api/people/{user}", self.person, "The card of a person"),
            Route("GET", "/api/open-rooms", self.rooms, "Find open rooms", query=OpenRoomsQuery),
        ]

    async def people(self, request: web.Request) -> web.Response:
        user, asked = chat_user(request), query(request, PeopleQuery)
        sought = FindPeople(query=asked.q, room=asked.room, limit=asked.limit, offset=asked.offset)
        return reply(await self._directory.people(user, sought))

    async def person(self, request: web.Request) -> web.Response:
        chat_user(request)
        return reply(await self._directory.person(request.match_info["user"]))

    async def rooms(self, request: web.Request) -> web.Response:
        user, asked = chat_user(request), query(request, OpenRoomsQuery)
        sought = FindRooms(
            query=asked.q, archived=asked.archived, limit=asked.limit, offset=asked.offset
        )
        return reply(await self._directory.rooms(user, sought))

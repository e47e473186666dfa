"""Topics over HTTP: create, change, delete, list, publish, read."""

from aiohttp import web

from app.streams.page_reads import PageReads
from app.topics.directory import Directory
from app.topics.history import TopicHistory
from app.topics.models import Create, NewEvent, NewSettings, PageOfEvents, Publish, Topic
from app.topics.publisher import Publisher
from app.topics.serializer import event_of, events_of, topic_of
from app.web.idempotency import client_id
from app.web.route_helpers import caller, decode, query, reply
from app.web.routing import Route


class TopicRoutes:
    """Handlers; each calls one service method."""

    def __init__(
        self,
        directory: Directory,
        history: TopicHistory,
        publisher: Publisher,
        reads: PageReads,
    ) -> None:
        self._directory = directory
        self._history = history
        self._publisher = publisher
        self._reads = reads

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/api/topics", self.list, "Topics that I may use"),
            Route("POST", "/api/topics", self.create, "Make a topic", body=Create, status=201),
            Route(
                "PATCH",
                "/api/topics/{topic}",
                self.update,
                "Change a topic's settings",
                body=NewSettings,
            ),
            Route("DELETE", "/api/topics/{topic}", self.delete, "Delete a topic with its events"),
            Route(
                "POST",
                "/api/topics/{topic}/events",
                self.publish,
                "Publish an event",
                body=NewEvent,
                status=201,
                own_limit="person",
            ),
            Route(
                "GET",
                "/api/topics/{topic}/events",
                self.events,
                "A page of events",
                query=PageOfEvents,
            ),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """The topics that the caller may read or publish in, all in one answer."""
        usable = self._directory.usable(caller(request))
        topics = [topic_of(topic, self._history.count(topic)) for topic in usable]
        return reply({"items": topics, "more": False})

    async def create(self, request: web.Request) -> web.Response:
        present, asked = caller(request), await decode(request, Create)
        topic, is_new = await self._directory.create(present, asked)
        shown = topic_of(topic, self._history.count(topic))
        return reply(shown, status=201 if is_new else 200)

    async def update(self, request: web.Request) -> web.Response:
        """Settings that are left out stay."""
        present, asked = caller(request), await decode(request, NewSettings)
        topic = await self._directory.update(present, request.match_info["topic"], asked)
        return reply(topic_of(topic, self._history.count(topic)))

    async def delete(self, request: web.Request) -> web.Response:
        await self._directory.delete(caller(request), request.match_info["topic"])
        return reply({"ok": True})

    async def publish(self, request: web.Request) -> web.Response:
        present, name = caller(request), request.match_info["topic"]
        asked = await decode(request, NewEvent)
        done = await self._publisher.publish(
            present,
            Publish(topic=name, data=asked.data, client_id=client_id(request, asked.client_id)),
        )
        answer: dict[str, object] = {"status": "published", "event": event_of(done.item)}
        if not done.is_durable:
            answer["durable"] = False
        return reply(answer, status=200 if done.is_repeat else 201)

    async def events(self, request: web.Request) -> web.Response:
        """The newest events, or those between two exclusive seqs, in seq order; with `reset` and
        `lagged` where events after `after` are gone."""
        present, asked = caller(request), query(request, PageOfEvents)
        topic = await self._directory.readable(present, request.match_info["topic"])
        async with self._reads.hold(present.user.id):
            return await self._page(topic, asked)

    async def _page(self, topic: Topic, asked: PageOfEvents) -> web.Response:
        if asked.after is None:
            page = await (
                self._history.newest(topic, asked.limit)
                if asked.before is None
                else self._history.earlier(topic, asked.before, asked.limit)
            )
            newest = {"items": events_of(page.items), "more": page.older, "rev": page.rev}
            return reply({**newest, "reset": False})
        served = await self._history.sync(topic, asked.after, asked.limit)
        answer = (served if asked.before is None else served.up_to(asked.before)).shown()
        del answer["older"]
        return reply(answer)

"""The admin page of topics: the list with rates, the newest events, settings, a test event."""

from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from app.accounts.models import Caller
from app.accounts.pages.forms import beside
from app.accounts.rights import must_be_in_person
from app.accounts.users import Users
from app.errors import Invalid, NotFound, ParleyError
from app.lengths import Long, Short
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.event_rates import EventRates
from app.topics.history import TopicHistory
from app.topics.live_delivery import LiveDelivery
from app.topics.models import NewSettings, Publish, Topic
from app.topics.publisher import Publisher
from app.topics.serializer import WireEvent, event_of, events_of
from app.web import decoding
from app.web.authorization import admin, admin_form
from app.web.route_helpers import form, query, render, see_other
from app.web.routing import Route
from app.web.templates import inert

ADDRESS = "/admin/topics"
TAIL = 50
# 64 KB of data, percent-encoded.
DATA_FORM_BYTES = 256 * 1024
FIELDS = ("topic", "data", "count", "age_s", "read", "publish")


class Look(Struct):
    """`GET /admin/topics`: the topic whose newest events are shown, and what was just done."""

    topic: Short = ""
    done: Short = ""


class Draft(Struct):
    """`POST /admin/topics`: an event to publish; `data` is JSON, or else plain text. To delete a
    topic, only `topic` is sent."""

    topic: Short = ""
    data: Long = ""


class SettingsDraft(Struct):
    """`POST /admin/topics/settings`: settings as typed; an empty field is not set."""

    topic: Short = ""
    count: Short = ""
    age_s: Short = ""
    read: Short = "members"
    publish: Short = "members"


class TopicPages:
    """Works without JavaScript; with it the newest events are live."""

    def __init__(
        self,
        directory: Directory,
        history: TopicHistory,
        publisher: Publisher,
        ephemeral: EphemeralTopics,
        delivery: LiveDelivery,
        rates: EventRates,
        users: Users,
    ) -> None:
        self._directory = directory
        self._history = history
        self._publisher = publisher
        self._ephemeral = ephemeral
        self._delivery = delivery
        self._rates = rates
        self._users = users

    def routes(self) -> list[Route]:
        return [
            Route("GET", ADDRESS, self.show),
            Route("POST", ADDRESS, self.publish),
            Route("POST", f"{ADDRESS}/settings", self.update),
            Route("POST", f"{ADDRESS}/delete", self.delete),
        ]

    async def show(self, request: web.Request) -> web.Response:
        admin(request)
        asked = query(request, Look)
        return await self._page(request, Draft(topic=asked.topic), done=asked.done)

    async def publish(self, request: web.Request) -> web.Response:
        caller, given = admin(request), await form(request, Draft, DATA_FORM_BYTES)
        try:
            await self._publish(caller, given)
        except ParleyError as error:
            return await self._page(request, given, error)
        return see_other(f"{ADDRESS}?topic={given.topic.strip()}&done=published")

    async def update(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, SettingsDraft)
        must_be_in_person(caller)
        known = self._directory.known(given.topic)
        try:
            asked = settings_of(given, keeps=known is None or not known.ephemeral)
            topic = await self._directory.update(caller, given.topic, asked)
        except ParleyError as error:
            return await self._page(request, Draft(topic=given.topic), error, settings=given)
        return see_other(f"{ADDRESS}?topic={topic.name}&done=changed")

    async def delete(self, request: web.Request) -> web.Response:
        caller, given = await admin_form(request, Draft, DATA_FORM_BYTES)
        must_be_in_person(caller)
        try:
            await self._directory.delete(caller, given.topic)
        except ParleyError as error:
            return await self._page(request, given, error)
        return see_other(f"{ADDRESS}?done=deleted")

    async def _publish(self, caller: Caller, given: Draft) -> None:
        name = given.topic.strip()
        if not name or len(name) > 100:
            raise Invalid("Name a topic, in at most 100 characters.", field="topic")
        await self._publisher.publish(caller, Publish(topic=name, data=value_of(given.data)))

    async def _page(
        self,
        request: web.Request,
        given: Draft,
        error: ParleyError | None = None,
        done: str = "",
        settings: SettingsDraft | None = None,
    ) -> web.Response:
        admin(request)
        topic = await self._looked_at(given.topic.strip())
        tail = await self._tail(topic) if topic else []
        people = await self._users.many({event["sender"] for event in tail})
        names = {user.id: user.name for user in people.values()}
        snapshot = {"topic": topic.name if topic else None, "items": tail, "names": names}
        return await render(
            request,
            "admin/topics.html",
            status=error.status if error else 200,
            errors=beside(error, FIELDS),
            given=given,
            done=done,
            topic=topic,
            settings=settings or (topic and draft_of(topic)),
            usual_count=self._history.usual_count,
            tail=[(event, names.get(event["sender"]), _written(event)) for event in tail],
            topics=[self._line(each) for each in self._directory.all()],
            snapshot_json=inert(msgspec.json.encode(snapshot)).decode(),
        )

    async def _looked_at(self, name: str) -> Topic | None:
        """The topic called `name`, or None."""
        try:
            return await self._directory.get(name) if name else None
        except (NotFound, Invalid):
            return None

    async def _tail(self, topic: Topic) -> list[WireEvent]:
        """The newest events, newest first."""
        if topic.ephemeral:
            newest = self._ephemeral.newest(topic.name)
            return [event_of(newest)] if newest else []
        return events_of(reversed((await self._history.newest(topic, TAIL)).items))

    def _line(self, topic: Topic) -> dict[str, Any]:
        return {
            "name": topic.name,
            "ephemeral": topic.ephemeral,
            "count": self._history.count(topic),
            "age_s": topic.keep.age_s,
            "read": topic.read,
            "publish": topic.publish,
            "rate": self._rates.of(topic.name),
            "subscribers": self._delivery.count(topic),
        }


def settings_of(given: SettingsDraft, *, keeps: bool) -> NewSettings:
    """The typed settings; of a topic that `keeps` events also how many. Raises Invalid."""
    wanted: dict[str, object] = {"read": given.read, "publish": given.publish}
    if keeps:
        typed = {"count": given.count.strip(), "age_s": given.age_s.strip()}
        wanted["keep"] = {field: text or None for field, text in typed.items()}
    try:
        return decoding.from_fields(wanted, NewSettings)
    except Invalid as error:
        field = (error.field or "").removeprefix("keep.")
        raise Invalid(error.message, field=field) from None


def draft_of(topic: Topic) -> SettingsDraft:
    """The settings of `topic`, as the form shows them."""
    return SettingsDraft(
        topic=topic.name,
        count=str(topic.keep.count or ""),
        age_s=str(topic.keep.age_s or ""),
        read=topic.read,
        publish=topic.publish,
    )


def value_of(text: str) -> object:
    """The typed text decoded as JSON, or the text itself where it is none."""
    try:
        return decoding.from_json(text, object)
    except Invalid:
        return text


def _written(event: WireEvent) -> str:
    return msgspec.json.encode(event["data"]).decode()

"""A person cannot read, mark or list another's notifications, on any transport."""

import aiohttp
import pytest
import socketio

from app.accounts.models import User
from app.notifications.models import Notice
from tests.harness.client import connect, python_client
from tests.notifications.inboxes import Inboxes


@pytest.fixture
async def bens(inboxes: Inboxes, ben: User) -> str:
    """The id of a notification of ben's."""
    return (await inboxes.sender.send([ben.id], Notice(title="for ben only"))).ids[0]


@pytest.mark.parametrize("polling", [False, True])
async def test_over_socket_io(
    inboxes: Inboxes, ben: User, cleo: User, bens: str, polling: bool
) -> None:
    hers, his = await inboxes.opens(cleo, polling=polling), await inboxes.opens(ben)
    assert await hers.fails("notification:read", ids=[bens]) == "not_found"
    assert await hers.fails("notification:archive", ids=[bens]) == "not_found"
    await hers.does("notification:read", all=True)
    # Fields that the protocol does not have do not open another's inbox either.
    for event in ("inbox:sync", "inbox:list"):
        answer = await hers.does(event, cursor=0, user_id=ben.id, stream=f"inbox:{ben.id}")
        assert answer["items"] == []
    await his.does("notification:read", ids=[bens])
    await inboxes.sender.send([ben.id], Notice(title="more for ben"))
    await his.sees("more for ben")
    await inboxes.sender.send([cleo.id], Notice(title="for cleo"))
    await hers.sees("for cleo")
    assert hers.titles == ["for cleo"]
    assert all("ben" not in str(payload) for _, payload in hers.heard)


async def test_over_http(inboxes: Inboxes, ana: User, ben: User, cleo: User, bens: str) -> None:
    for stranger in (cleo, ana):
        for call in ("read", "archive"):
            path = f"/api/notifications/{bens}/{call}"
            assert (await inboxes.http("POST", path, stranger))[0] == 404
        await inboxes.http("POST", "/api/notifications/read-all", stranger)
        _, page = await inboxes.http("GET", f"/api/notifications?user_id={ben.id}", stranger)
        assert page["items"] == []
    assert await inboxes.counted(ben) == 1


async def test_nobody_is_told_without_signing_in(inboxes: Inboxes, ben: User, bens: str) -> None:
    client = python_client()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await connect(client, inboxes.house.address, None, "/notifications")
    async with aiohttp.ClientSession() as session:
        for method, path in (
            ("GET", ""),
            ("POST", ""),
            ("POST", "/read-all"),
            ("PUT", "/preferences"),
        ):
            url = f"{inboxes.house.address}/api/notifications{path}"
            async with session.request(method, url, json={}) as answer:
                assert answer.status == 401


async def test_preferences_are_ones_own(inboxes: Inboxes, ben: User, cleo: User) -> None:
    path = "/api/notifications/preferences"
    off = {"categories": {"reply": "off"}, "user_id": ben.id}
    assert (await inboxes.http("PUT", path, cleo, json=off))[0] == 200
    assert (await inboxes.http("GET", path, ben))[1]["categories"]["reply"] == "desktop"
    assert (await inboxes.http("GET", path, cleo))[1]["categories"]["reply"] == "off"


async def test_a_message_of_the_hallway_is_no_notification_of_anybodys(
    inboxes: Inboxes, ben: User, cleo: User, bens: str
) -> None:
    """An id of another kind of stream is not found either."""
    writer = await inboxes.house.enters(cleo)
    await writer.joins()
    message = await writer.sends("hello")
    device = await inboxes.opens(cleo)
    assert await device.fails("notification:read", ids=[message["id"]]) == "not_found"
    assert "deleted" not in await writer.sees("hello")

"""Notifications and their titles show the current name of the person who caused them."""

from app.accounts.models import User
from app.chat.models import SendMessage
from tests.notifications.inboxes import Inboxes
from tests.notifications.test_authorized_sender import PATH, post


async def titles(inboxes: Inboxes, user: User) -> list[str]:
    _, page = await inboxes.http("GET", PATH, user)
    return [item["title"] for item in page["items"]]


async def test_a_new_name_shows_in_what_was_told_before(
    inboxes: Inboxes, ana: User, ben: User
) -> None:
    services = inboxes.house.services
    view = await services.rooms.create("Workshop", "open", ben, [ana.id])
    for text in ("hello @ana", "Ben was here, @ana"):
        await services.chat.messages.send(ben, SendMessage(room=view.room.id, text=text))
    direct = await services.rooms.direct(ben, ana.id)
    await services.chat.messages.send(ben, SendMessage(room=direct.room.id, text="psst"))
    await post(inboxes, ana, user_id=ana.id, title="Ana wrote this title")
    mine = "Ana wrote this title"
    told = ["Ben added you to Workshop", *["Ben mentioned you in Workshop"] * 2, "Ben", mine]
    assert await titles(inboxes, ana) == told
    await services.users.describe(ben.id, name="Benjamin")
    await services.users.describe(ana.id, name="Anastasia")
    now = [title.replace("Ben", "Benjamin") for title in told]
    assert await titles(inboxes, ana) == now
    state = await services.notifications.inbox.sync(ana.id, 0)
    assert [item["title"] for item in state["items"]] == now
    assert {item["actor"]["name"] for item in state["items"]} == {"Benjamin", "Anastasia"}
    await services.accounts.disabling.delete(ben.id)
    assert (await titles(inboxes, ana))[:2] == [
        "former member added you to Workshop",
        "former member mentioned you in Workshop",
    ]

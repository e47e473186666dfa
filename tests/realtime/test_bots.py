"""A bot may by its token what a member may, by each way in, and everyone sees that it is one."""

import aiohttp

from tests.chat.house import House, Member
from tests.realtime.plain import Plain


async def test_a_bot_talks_by_socket_io_ws_and_http_and_is_marked(
    house: House, ana: Member
) -> None:
    bot, token = await house.services.accounts.bots.make("echo", "Echo")
    by_socket = await house.enters_with(token, bot)
    await by_socket.hears("welcome")
    await ana.joins()
    await by_socket.sends("by Socket.IO")
    async with Plain(house.address, token) as plain:
        assert (await plain.does("message:send", room="hallway", client_id="w", text="by ws"))["ok"]
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(house.address, headers=headers) as http:
        sent = await http.post("/api/rooms/hallway/messages", json={"text": "by HTTP"})
        assert sent.status == 201
        assert (await sent.json())["by"] == {"id": bot.id, "name": "Echo", "bot": True}
    for text in ("by Socket.IO", "by ws", "by HTTP"):
        assert (await ana.sees(text))["by"]["bot"] is True


async def test_members_tell_bots_from_people(house: House, ana: Member) -> None:
    bot, token = await house.services.accounts.bots.make("echo")
    await (await house.enters_with(token, bot)).hears("welcome")
    members = {m["username"]: m for m in (await ana.joins())["members"]}
    assert members["echo"]["bot"] is True
    assert "bot" not in members["ana"]
    room = (await ana.does("direct:open", user="echo"))["room"]
    assert room["with"]["bot"] is True
    await ana.sends("hello")
    assert "bot" not in (await ana.sees("hello"))["by"]


async def test_a_bot_may_what_a_member_may_and_no_more(house: House, ana: Member) -> None:
    bot, token = await house.services.accounts.bots.make("echo")
    echo = await house.enters_with(token, bot)
    await echo.hears("welcome")
    room = (await echo.does("room:create", name="Workshop", kind="open"))["room"]
    assert room["owner"] == bot.id
    posted = await ana.sends("mine")
    assert await echo.fails("message:delete", room="hallway", id=posted["id"]) == "forbidden"
    await house.services.accounts.disabling.disable(bot.id)
    await echo.is_cut_off()

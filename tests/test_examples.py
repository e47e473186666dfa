"""The programs in `examples/` do what they say, each run as it is against a real server."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, expect

from app.accounts.models import User
from app.realtime.socketio.namespace import SocketIOConnection
from app.storage.mongo import Database
from tests.browser import chromium
from tests.chat.conftest import ana, house
from tests.chat.house import House, Member, open_house
from tests.harness.server import free_port
from tests.harness.waiting import eventually

__all__ = ["ana", "house"]

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PIPE = asyncio.subprocess.PIPE


async def bot_of(house: House) -> tuple[User, str]:
    return await house.services.accounts.bots.make("echo", "Echo")


@asynccontextmanager
async def echo_bot(house: House, token: str, file: Path) -> AsyncIterator[None]:
    """The bot runs in the hallway, and has said so."""
    command = (str(EXAMPLES / "echo_bot.py"), house.address, "hallway", str(file))
    environ = os.environ | {"PARLEY_TOKEN": token}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=PIPE, env=environ
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"Listening in hallway\n"
        yield
        assert process.returncode is None
    finally:
        process.kill()
        await process.wait()


async def test_echo_bot_answers_once_also_what_was_said_while_it_was_away(
    house: House, ana: Member, tmp_path: Path
) -> None:
    bot, token = await bot_of(house)
    await ana.joins()
    await ana.sends("echo before it came")
    async with echo_bot(house, token, tmp_path / "cursor"):
        asked = await ana.sends("echo hello")
        assert (await ana.sees("hello"))["reply_to"] == asked["id"]
        await ana.sends("no question")
    await ana.sends("echo while it was away")
    async with echo_bot(house, token, tmp_path / "cursor"):
        await ana.sees("while it was away")
        await eventually(lambda: bool(house.connections("chat").of(bot.id)), "the bot is there")
        for connection in house.connections("chat").of(bot.id):
            connection.close()
        await ana.sends("echo when it was cut off")
        await ana.sees("when it was cut off")
    echoed = [m["text"] for m in ana.live() if m["by"]["id"] == bot.id and "system" not in m]
    assert echoed == ["hello", "while it was away", "when it was cut off"]


async def test_a_room_in_the_terminal_shows_and_says_everything_once(
    house: House, ana: Member
) -> None:
    bot, token = await bot_of(house)
    await ana.joins()
    await ana.sends("before it came")
    process = await asyncio.create_subprocess_exec(
        "node", str(EXAMPLES / "room_terminal.mjs"), house.address, "hallway",
        stdin=PIPE, stdout=PIPE, env=os.environ | {"PARLEY_TOKEN": token},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"Ana: before it came\n"
            process.stdin.write(b"hello from a terminal\n")
            assert await process.stdout.readline() == b"Echo: hello from a terminal\n"
            for connection in house.connections("chat").of(bot.id):
                assert isinstance(connection, SocketIOConnection)
                connection._socket.line.abort()
            await ana.sends("while it was cut off")
            assert await process.stdout.readline() == b"Ana: while it was cut off\n"
            process.stdin.write(b"back again\n")
            assert await process.stdout.readline() == b"Echo: back again\n"
    finally:
        process.kill()
        await process.wait()
    said = [m["text"] for m in ana.live() if m["by"]["id"] == bot.id and "system" not in m]
    assert said == ["hello from a terminal", "back again"]


async def test_post_says_it_once_whatever_is_in_it(house: House, ana: Member) -> None:
    _, token = await bot_of(house)
    await ana.joins()
    text = 'Build 17:\n"done" \\o/\tüber\n'
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(
            str(EXAMPLES / "post.sh"), house.address, "hallway", text, "build-17",
            stdout=PIPE, env=os.environ | {"PARLEY_TOKEN": token},
        )  # fmt: skip
        await asyncio.wait_for(process.wait(), 20)
        assert process.returncode == 0
    await ana.sees(text)
    assert len(ana.texts()) == 1


@asynccontextmanager
async def served_examples(port: int) -> AsyncIterator[None]:
    """As examples/README.md says it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1",
        "--directory", str(EXAMPLES), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    try:
        yield
    finally:
        process.kill()
        await process.communicate()


async def enters(page: Page, house: House, token: str) -> None:
    server = house.address.replace("http://", "ws://") + "/ws"
    await page.get_by_label("Server").fill(server)
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Connect").click()


async def test_page_of_another_origin_talks_and_comes_back(database: Database) -> None:
    port = free_port()
    origin = f"http://localhost:{port}"
    async with (
        open_house(database, allowed_origins=(origin,)) as house,
        served_examples(port),
        chromium.running() as browser,
    ):
        ana = await house.welcomes("ana", role="admin")
        await ana.joins()
        _, token = await bot_of(house)
        page = await browser.new_page()
        await page.goto(f"{origin}/page.html")
        await enters(page, house, token)
        await expect(page.get_by_role("status")).to_have_text("Connected as Echo")
        await page.get_by_label("Message").fill("<b>from the page</b>")
        await page.get_by_role("button", name="Send").click()
        assert (await ana.sees("<b>from the page</b>"))["by"]["name"] == "Echo"
        await ana.sends("to the page")
        await expect(page.get_by_text("Ana: to the page")).to_be_visible()
        await expect(page.get_by_text("Echo: <b>from the page</b>")).to_have_count(1)
        await house.site.gateway.send_away()
        await ana.sends("while it was away")
        await expect(page.get_by_text("Ana: while it was away")).to_have_count(1)
        assert len(await page.get_by_text("to the page").all()) == 1


async def test_page_of_an_origin_that_is_not_allowed_stays_outside(
    house: House, ana: Member
) -> None:
    port = free_port()
    _, token = await bot_of(house)
    async with served_examples(port), chromium.running() as browser:
        page = await browser.new_page()
        await page.goto(f"http://localhost:{port}/page.html")
        await enters(page, house, token)
        await expect(page.get_by_role("status")).to_contain_text("Closed: 1006")

"""A bot on plain WebSocket: who says `echo …` in its room is answered once, whatever breaks.

    PARLEY_TOKEN=… python examples/echo_bot.py http://127.0.0.1:8000 hallway echo.cursor

`python -m app bots create echo` prints a token. Needs aiohttp, as Parley itself does. The bot
stores its position in `echo.cursor`, and goes on there after it or the server restarts.
"""

import asyncio
import os
import sys
from collections import deque
from pathlib import Path
from typing import Any

import aiohttp

RETRY_S = 1.0
UNAUTHENTICATED = 4401
WORD = "echo "

Message = dict[str, Any]


class Gone(Exception):
    """The connection has ended; `code` says why."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class Line:
    """One connection: asks and waits for the answer; what is told meanwhile is kept for later."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._told: deque[Message] = deque()
        self._number = 0

    async def hear(self) -> Message:
        received = await self._socket.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            raise Gone(self._socket.close_code)
        message: Message = received.json()
        return message

    async def next(self) -> Message:
        return self._told.popleft() if self._told else await self.hear()

    async def say(self, kind: str, **envelope: Any) -> None:
        await self._socket.send_json({"type": kind, **envelope})

    async def ask(self, kind: str, **payload: Any) -> Message:
        """The answer; one that was refused because it was too much is asked again in time."""
        while True:
            self._number += 1
            await self.say(kind, id=self._number, payload=payload)
            while (message := await self.hear())["type"] != "ack":
                self._told.append(message)
            answer: Message = message["payload"]
            if answer["ok"]:
                return answer
            if "retry_after" not in answer["error"]:
                sys.exit(answer["error"]["message"])
            await asyncio.sleep(answer["error"]["retry_after"])


class EchoBot:
    """`cursor` is the highest rev of the room that was dealt with; None is the very first time."""

    def __init__(self, room: str, file: Path) -> None:
        self.room = room
        self.file = file
        self.cursor = int(file.read_text()) if file.exists() else None
        self.me = ""

    async def visit(self, line: Line, token: str) -> None:
        """Answer until the connection ends."""
        await line.say("auth", token=token)
        while (message := await line.next())["type"] != "ready":
            pass
        resume = {} if self.cursor is None else {"cursor": self.cursor}
        joined = await line.ask("room:join", room=self.room, **resume)
        if self.cursor is None:
            self._remember(joined["rev"])  # Older messages are not answered.
        room, self.me = joined["room"]["id"], message["payload"]["user"]["id"]
        print(f"Listening in {joined['room']['name']}", flush=True)
        await self._take_all(line, joined)
        while True:
            message = await line.next()
            if message["type"] == "chat" and message["payload"]["room"] == room:
                await self._take_batch(line, message["payload"])

    async def _take_batch(self, line: Line, batch: Message) -> None:
        if batch["prev"] > (self.cursor or 0):  # Something is missing between.
            batch = await line.ask("room:sync", room=self.room, cursor=self.cursor)
        await self._take_all(line, batch)

    async def _take_all(self, line: Line, answer: Message) -> None:
        await self._take(line, answer)
        while answer.get("more"):
            answer = await line.ask("room:sync", room=self.room, cursor=self.cursor)
            await self._take(line, answer)

    async def _take(self, line: Line, answer: Message) -> None:
        if answer.get("reset"):  # The cursor could not be served: begin anew from here.
            self._remember(answer["rev"])
        for item in answer["items"]:
            # A lower `seq` is a change of something that was dealt with.
            if item["seq"] > (self.cursor or 0) and self._is_for_me(item):
                await self._answer(line, item)
        self._remember(max(self.cursor or 0, answer["rev"]))

    def _is_for_me(self, item: Message) -> bool:
        is_of_program = item["by"].get("bot", False) or item["by"]["id"] == self.me
        return not is_of_program and item.get("text", "").startswith(WORD)

    async def _answer(self, line: Line, item: Message) -> None:
        # The same `client_id` for the same question: asked again, it is not said again.
        said = {"client_id": f"echo-{item['id']}", "text": item["text"].removeprefix(WORD)}
        await line.ask("message:send", room=self.room, reply_to=item["id"], **said)

    def _remember(self, cursor: int) -> None:
        self.cursor = cursor
        # Whole or not at all: it may be killed at any moment.
        draft = self.file.with_suffix(".new")
        draft.write_text(str(cursor))
        draft.replace(self.file)


async def main(server: str, room: str, file: str) -> None:
    bot = EchoBot(room, Path(file))
    async with aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.ws_connect(f"{server}/ws", max_msg_size=0) as socket:
                    await bot.visit(Line(socket), os.environ["PARLEY_TOKEN"])
            except Gone as gone:
                if gone.code == UNAUTHENTICATED:
                    sys.exit("This token isn't valid.")
            except aiohttp.ClientError:
                pass  # The server is away, or is full.
            await asyncio.sleep(RETRY_S)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))

"""TCP links that can be cut, slowed and made half-open: small proxies in a process of their own.

    with running_links() as links:
        link = links.leads_to(redis.port)   # connect to link.port instead
        link.becomes(State(cut=True))       # until the next state
        link.becomes(State())               # as a good link again

A client of MongoDB names itself in its first message. Of a link that several processes use, a state
can therefore be that of one process alone: `link.becomes(state, process=server.process.pid)`.

The process belongs to no event loop, so that it can serve a whole module of tests.
"""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvloop
from msgspec import Struct, json

from app.storage.mongo import client_name

ROOT = Path(__file__).resolve().parents[2]
PIECE = 65_536
# The name of a Parley process in the first message of each of its connections to MongoDB.
NAME = re.compile(re.escape(client_name("").encode()) + rb"\d+")
EVERYBODY = ""


class State(Struct, frozen=True):
    """How a link is. All zero is a good one.

    `cut`: connections end, and new ones too. `delay_s`: each piece comes so much later, each way.
    `bytes_a_second`: no faster than that, 0 for no limit. `half_open`: connections stay, also new
    ones, and everything that is sent over them is swallowed; those that lost something end when
    the link is good again, as no byte of it comes later.
    """

    cut: bool = False
    delay_s: float = 0.0
    bytes_a_second: float = 0.0
    half_open: bool = False


class Order(Struct, frozen=True):
    """A line to the process of the links: a new link to the port `to`, or the state of `link`."""

    to: int = 0
    link: int = 0
    name: str = EVERYBODY
    state: State = State()


class Links:
    """The process of the links, as tests use it."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process

    def leads_to(self, port: int) -> "Link":
        """A new link from a free port to this one, both of the loopback address."""
        return Link(self, self.tells(Order(to=port)))

    def tells(self, order: Order) -> int:
        """Have an order carried out; the answer is the port of its link."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.encode(order) + b"\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process of the links has ended"
        return int(answer)


class Link:
    """One link; it listens on `port`."""

    def __init__(self, links: Links, port: int) -> None:
        self.port = port
        self._links = links

    def becomes(self, state: State, *, process: int | None = None) -> None:
        """Have the link in this state for all clients, or for one process alone, from now on."""
        name = EVERYBODY if process is None else client_name(process)
        self._links.tells(Order(link=self.port, name=name, state=state))


@contextmanager
def running_links() -> Iterator[Links]:
    """The process, from its start to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.harness.links"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Links(process)
    finally:
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.close()
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


# In the process of the links.


class Listener:
    """One link where it listens: its connections, and its state for each name of a client."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._states: dict[str, State] = {}
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def state_for(self, name: str) -> State:
        """The state for a client of this name at this moment."""
        return self._states.get(name) or self._states.get(EVERYBODY) or State()

    def becomes(self, name: str, state: State) -> None:
        """Take another state, and end the connections that can't outlive it."""
        self._states.pop(name, None)
        if state != State():
            self._states[name] = state
        for connection in list(self._connections):
            now = self.state_for(connection.name)
            if now.cut or (connection.has_lost and not now.half_open):
                connection.end()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a new connection, in a task."""
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.state_for(EVERYBODY).cut:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        connection = Connection(self, [writer.transport, back.transport])
        self._connections.add(connection)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(connection.forward(reader, back, is_named_here=True))
                both.create_task(connection.forward(there, writer))
        except* (OSError, Ended):
            pass  # One end closed: so does the other.
        finally:
            connection.end()
            self._connections.discard(connection)


class Ended(Exception):
    """One direction of a connection is at its end."""


class Connection:
    """One connection over a link. `name` is the client's, once it has said it; `has_lost` is
    whether something of it was swallowed."""

    def __init__(self, listener: Listener, ends: list[asyncio.WriteTransport]) -> None:
        self.name = EVERYBODY
        self.has_lost = False
        self._listener = listener
        self._ends = ends

    def end(self) -> None:
        """Reset both ends."""
        for each in self._ends:
            each.abort()

    async def forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        is_named_here: bool = False,
    ) -> None:
        """Pass on one direction in its order, as the state of the link lets it."""
        while data := await reader.read(PIECE):
            if is_named_here:
                is_named_here = False
                if found := NAME.search(data):
                    self.name = found[0].decode()
            state = self._listener.state_for(self.name)
            if state.cut:
                break
            if state.half_open:
                self.has_lost = True
                continue
            wait_s = state.delay_s
            if state.bytes_a_second:
                wait_s += len(data) / state.bytes_a_second
            if wait_s:
                await asyncio.sleep(wait_s)
            writer.write(data)
            await writer.drain()
        raise Ended


async def _obey() -> None:
    """Carry out the orders on stdin, until it ends."""
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin
    )
    decode = json.Decoder(Order).decode
    listeners: dict[int, Listener] = {}
    while line := await orders.readline():
        order = decode(line)
        port = order.link
        if order.to:
            listener = Listener(order.to)
            server = await asyncio.start_server(listener.accept, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            listeners[port] = listener
        else:
            listeners[port].becomes(order.name, order.state)
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(_obey())

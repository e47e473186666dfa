"""The links of the storms do to connections what they say."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.harness.links import Link, Links, State, running_links
from tests.harness.waiting import WITHIN_S

GREETING = b"hello, I am parley process 4711"
LOOKS_S = 0.2


@pytest.fixture(scope="module")
def links() -> Iterator[Links]:
    with running_links() as links:
        yield links


@pytest.fixture
async def link(links: Links) -> AsyncIterator[Link]:
    """A link to a server that sends back what it gets."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield links.leads_to(server.sockets[0].getsockname()[1])
    server.close()


class Line:
    """A connection over the link."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def opens(self) -> "Line":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._link.port)
        return self

    async def answers(self, text: bytes = b"again", within_s: float = WITHIN_S) -> bytes:
        """The bytes that come back; none where the connection ended. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            try:
                self._writer.write(text)
                return await self._reader.read(1024)
            except ConnectionError:
                return b""

    async def hangs(self) -> bool:
        """Whether nothing comes back, and not the end either."""
        try:
            await self.answers(within_s=LOOKS_S)
        except TimeoutError:
            return True
        return False


async def test_a_cut_link_ends_its_connections_and_takes_none(link: Link) -> None:
    line = await Line(link).opens()
    assert await line.answers() == b"again"
    link.becomes(State(cut=True))
    assert await line.answers() == b""
    assert await (await Line(link).opens()).answers() == b""
    link.becomes(State())
    assert await (await Line(link).opens()).answers() == b"again"


async def test_a_half_open_link_swallows_and_ends_later_what_lost_something(link: Link) -> None:
    idle, busy = await Line(link).opens(), await Line(link).opens()
    assert await idle.answers() == await busy.answers() == b"again"
    link.becomes(State(half_open=True))
    assert await busy.hangs()
    assert await (await Line(link).opens()).hangs()
    link.becomes(State())
    assert await busy.answers() == b""
    assert await idle.answers() == b"again"


async def test_a_slow_link_is_late_each_way(link: Link) -> None:
    line = await Line(link).opens()
    link.becomes(State(delay_s=0.05))
    began = time.monotonic()
    assert await line.answers() == b"again"
    assert time.monotonic() - began >= 0.1
    link.becomes(State(bytes_a_second=100))
    began = time.monotonic()
    assert await line.answers(b"12345") == b"12345"
    assert time.monotonic() - began >= 0.1


async def test_a_state_may_be_that_of_one_process_alone(link: Link) -> None:
    named, other = await Line(link).opens(), await Line(link).opens()
    assert await named.answers(GREETING) == GREETING
    assert await other.answers() == b"again"
    link.becomes(State(cut=True), process=4711)
    assert await named.answers() == b""
    assert await other.answers() == b"again"
    again = await Line(link).opens()
    assert await again.answers(GREETING) == b""
    link.becomes(State(), process=4711)
    assert await (await Line(link).opens()).answers(GREETING) == GREETING

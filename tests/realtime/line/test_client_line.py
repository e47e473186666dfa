"""One line to a client: what waits, what goes straight, what is taken back, and how it ends."""

import asyncio
import math
from collections.abc import Sequence

import pytest

from app.loop_pacing import Pace
from app.realtime.line.client_line import Line
from app.realtime.line.frame import Chunk, Frame
from app.realtime.line.outbox import NOTHING, TURN_BYTES, Outbox
from tests.harness.waiting import eventually


class Way:
    """The short way to a client, who `takes` what comes or can't at the moment."""

    def __init__(self, said: list[bytes]) -> None:
        self.takes = True
        self._said = said

    def write(self, data: bytes) -> bool:
        if self.takes:
            self._said.append(data)
        return self.takes


class Wire:
    """Carries to `said`, once `flows` is set."""

    buffered_bytes = 3
    is_gone = False

    def __init__(self) -> None:
        self.said: list[bytes] = []
        self.flows = asyncio.Event()
        self.is_aborted = False

    async def carry(self, frames: Sequence[Frame]) -> None:
        await self.flows.wait()
        self.said += [frame.data for frame in frames]

    async def part(self) -> None:
        self.said.append(b"goodbye")

    def abort(self) -> None:
        self.is_aborted = True
        self.flows.set()


class Owner:
    """Notes why it was asked to end its line."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def gives_up_slow(self) -> None:
        self.reasons.append("slow")

    def gives_up_silent(self) -> None:
        self.reasons.append("silent")


PING = Frame(b"ping")


def line_of(owner: Owner, outbox: Outbox | None = None) -> Line:
    return Line(owner, PING, 60.0, 120.0, Pace(at_once=10), outbox)


def frame(text: str, stream: str | None = None, instead: str | None = None) -> Frame:
    return Frame(text.encode(), stream, None if instead is None else lambda: frame(instead))


async def test_what_waits_is_never_overtaken() -> None:
    line, wire = line_of(Owner()), Wire()
    way = Way(wire.said)
    line.write(frame("first"))
    line.begin(wire, way)  # type: ignore[arg-type]  # as far as it is used
    line.write(frame("second"))
    wire.flows.set()
    await line.drained()
    line.write(Chunk(b"straight"))
    way.takes = False
    line.write(frame("too much"))
    way.takes = True
    line.write(frame("after it"))
    await line.drained()
    assert wire.said == [b"first", b"second", b"8\r\nstraight\r\n", b"too much", b"after it"]


async def test_nothing_is_said_after_the_end() -> None:
    line, wire = line_of(Owner()), Wire()
    line.begin(wire, Way(wire.said))  # type: ignore[arg-type]  # as far as it is used
    wire.flows.set()
    line.end(frame("farewell"))
    line.write(frame("late"))
    await line.close()
    assert wire.said == [b"farewell", b"goodbye"]


@pytest.mark.parametrize("keeps_waiting", [True, False])
async def test_what_waits_at_the_end_is_kept_or_forgotten(keeps_waiting: bool) -> None:
    line, wire = line_of(Owner()), Wire()
    line.write(frame("waits"))
    line.end(keeps_waiting=keeps_waiting)
    wire.flows.set()
    line.begin(wire, None)
    await line.close()
    assert wire.said == [b"waits"] * keeps_waiting + [b"goodbye"]


async def test_client_that_reads_nothing_is_cut_in_the_end() -> None:
    line, wire = line_of(Owner()), Wire()
    line.begin(wire, None)
    line.write(frame("stuck"))
    line.end(keeps_waiting=True, within_s=0.01)
    await eventually(lambda: wire.is_aborted, "it is cut")
    await line.close()


async def test_nobody_writes_to_a_client_that_has_left() -> None:
    line, wire = line_of(Owner()), Wire()
    line.begin(wire, None)
    wire.is_gone = True
    before = asyncio.all_tasks()
    line.end(frame("farewell"), keeps_waiting=True)
    assert asyncio.all_tasks() == before
    await line.close()
    assert wire.said == []


async def test_who_falls_behind_is_given_up_once_and_keeps_nothing() -> None:
    owner = Owner()
    line = line_of(owner, Outbox(frames_at_most=2))
    for number in range(6):
        line.write(frame(str(number)))
    assert (owner.reasons, len(line.outbox)) == (["slow"], 0)
    heavy = line_of(owner, Outbox(bytes_at_most=10))
    heavy.write(frame("x" * 10))
    assert heavy.buffered_bytes == 10
    heavy.write(frame("x"))
    assert owner.reasons == ["slow", "slow"]


async def test_events_are_dropped_and_answers_revoked() -> None:
    line, wire = line_of(Owner()), Wire()
    said = [frame("hello", "room"), frame("other", "another"), frame("page", "room", "no room")]
    for each in said:
        line.write(each)
    line.outbox.drop("room")
    assert line.outbox.size == len("otherpage")
    line.outbox.revoke("room")
    line.outbox.revoke("nowhere")
    line.begin(wire, None)
    wire.flows.set()
    await line.drained()
    assert wire.said == [b"other", b"no room"]
    assert line.buffered_bytes == Wire.buffered_bytes


async def test_newer_state_takes_the_place_of_an_older_one_that_waits() -> None:
    line, wire = line_of(Owner()), Wire()
    for text in ("1", "2"):
        line.replace(frame(text, "figures"))
    line.begin(wire, None)
    wire.flows.set()
    await line.drained()
    assert wire.said == [b"2"]


async def test_peer_is_asked_and_given_up() -> None:
    owner, wire = Owner(), Wire()
    line = Line(owner, PING, 0.01, 0.5, Pace(at_once=10))
    line.begin(wire, Way(wire.said))  # type: ignore[arg-type]  # as far as it is used
    line.heartbeat.begin()
    await eventually(lambda: owner.reasons == ["silent"], "it was silent for too long")
    assert PING.wire in wire.said


async def test_peer_that_never_answers_is_told_again_and_again() -> None:
    owner, wire = Owner(), Wire()
    line = Line(owner, PING, 0.01, math.inf, Pace(at_once=10))
    line.begin(wire, Way(wire.said))  # type: ignore[arg-type]  # as far as it is used
    line.heartbeat.begin()
    await eventually(lambda: wire.said.count(PING.wire) > 2, "it hears heartbeats")
    line.heartbeat.stop()


async def test_an_outbox_with_nothing_in_it_takes_no_room() -> None:
    outbox = Outbox()
    outbox.put(frame("x"))
    outbox.turn()
    assert outbox._frames is NOTHING
    outbox.put(frame("x", "room"))
    outbox.drop("room")
    assert outbox._frames is NOTHING


async def test_a_turn_takes_what_a_transport_would_buffer() -> None:
    outbox = Outbox()
    for _ in range(5):
        outbox.put(frame("x" * (TURN_BYTES // 2)))
    assert [len(await outbox.next_turn()) for _ in range(3)] == [2, 2, 1]
    waiting = asyncio.create_task(outbox.next_turn())
    await asyncio.sleep(0)
    outbox.end()
    assert await waiting == []


async def test_room_is_there_when_less_than_half_waits() -> None:
    outbox = Outbox(frames_at_most=4)
    for _ in range(3):
        outbox.put(frame("x" * TURN_BYTES))
    waiting = [asyncio.create_task(outbox.wait_for_space()) for _ in range(2)]
    outbox.turn()
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    outbox.turn()
    async with asyncio.timeout(1):
        await asyncio.gather(*waiting)

"""RFC 6455 on `/ws` and `/ws/echo`, asked with frames that are made by hand."""

import json

import pytest

from app.realtime.line.frame_rules import FrameRules, Violation
from tests.chat.house import House, open_house
from tests.harness.waiting import eventually
from tests.realtime.framed import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Framed,
    frame,
)

MEGABYTE = 1_048_576
both = pytest.mark.parametrize("path", ["/ws", "/ws/echo"])


# Valid frames.


async def test_fragments_are_one_message(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        peer.writes(frame(TEXT, b"one ", final=False), frame(CONTINUATION, b"two ", final=False))
        peer.writes(frame(PING, b"between"), frame(PONG, b"unasked"), frame(CONTINUATION, b"three"))
        assert await peer.hears() == (PONG, b"between")
        assert await peer.hears() == (TEXT, b"Echo: one two three")
        peer.writes(frame(BINARY, b"\x00", final=False), frame(CONTINUATION, b"\xff"))
        assert await peer.hears() == (BINARY, b"\x00\xff")
        peer.writes(frame(TEXT, final=False), frame(CONTINUATION, final=False))
        peer.writes(frame(CONTINUATION))
        assert await peer.hears() == (TEXT, b"Echo: ")


async def test_frames_arrive_byte_by_byte(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        for each in frame(TEXT, b"x" * 200) + frame(PING, b"?"):
            peer.writes(bytes([each]))
        assert await peer.hears() == (TEXT, b"Echo: " + b"x" * 200)
        assert await peer.hears() == (PONG, b"?")


async def test_character_may_be_split_over_fragments(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        for cut in range(1, 4):
            whole = "𝄞".encode()
            peer.writes(frame(TEXT, whole[:cut], final=False), frame(CONTINUATION, whole[cut:]))
            assert await peer.hears() == (TEXT, b"Echo: " + whole)


@both
async def test_ping_of_every_size_is_answered(house: House, path: str) -> None:
    async with Framed(house.address, path) as peer:
        for payload in (b"", b"\x00\xff", b"x" * 125):
            peer.writes(frame(PING, payload))
            assert await peer.hears() == (PONG, payload)


async def test_fragmented_message_over_ws(house: House) -> None:
    user = await house.invites("ana", role="admin")
    token = await house.services.tokens.create(user.id)
    said = json.dumps({"type": "auth", "token": token}).encode()
    async with Framed(house.address, "/ws") as peer:
        peer.writes(frame(TEXT, said[:9], final=False), frame(PING), frame(CONTINUATION, said[9:]))
        assert await peer.hears() == (PONG, b"")
        assert json.loads((await peer.hears()).payload)["type"] == "ready"


@pytest.mark.parametrize(
    "pieces",
    [
        [frame(BINARY, b"x" * MEGABYTE)],
        [frame(BINARY, b"x" * (MEGABYTE - 1), final=False), frame(CONTINUATION, b"x")],
    ],
    ids=["whole", "in fragments"],
)
async def test_message_of_exactly_the_limit_passes(house: House, pieces: list[bytes]) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        peer.writes(*pieces)
        assert await peer.hears() == (BINARY, b"x" * MEGABYTE)


@both
async def test_close_is_answered_with_its_code(house: House, path: str) -> None:
    for code in (1000, 1001, 1008, 1011, 1013, 3000, 3999, 4000, 4999):
        async with Framed(house.address, path) as peer:
            peer.writes(frame(CLOSE, code.to_bytes(2, "big") + "grüß".encode()))
            assert (await peer.hears()).code == code
            assert await peer.is_cut()


async def test_close_without_a_code_is_answered(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        peer.writes(frame(CLOSE))
        assert (await peer.hears()).opcode == CLOSE
        assert await peer.is_cut()


# Invalid frames, each with the close code.

REFUSED = {
    "not masked": (1002, [frame(TEXT, b"hello", masked=False)]),
    "empty and not masked": (1002, [frame(TEXT, masked=False)]),
    "ping not masked": (1002, [frame(PING, masked=False)]),
    "first reserved bit": (1002, [frame(TEXT, b"x", reserved=4)]),
    "second reserved bit": (1002, [frame(TEXT, b"x", reserved=2)]),
    "third reserved bit": (1002, [frame(BINARY, b"x", reserved=1)]),
    "reserved bit of a ping": (1002, [frame(PING, b"x", reserved=4)]),
    "opcode 3": (1002, [frame(0x3, b"x")]),
    "opcode 15": (1002, [frame(0xF)]),
    "ping in fragments": (1002, [frame(PING, final=False)]),
    "ping of 126 bytes": (1002, [frame(PING, b"x" * 126)]),
    "close of 126 bytes": (1002, [frame(CLOSE, b"\x03\xe8" + b"x" * 124)]),
    "nothing to continue": (1002, [frame(CONTINUATION, b"x")]),
    "message within a message": (1002, [frame(TEXT, b"x", final=False), frame(TEXT, b"y")]),
    "within an empty one": (1002, [frame(TEXT, final=False), frame(TEXT, b"y")]),
    "length in too many bytes": (1002, [frame(TEXT, b"x", long=2)]),
    "length in far too many bytes": (1002, [frame(TEXT, b"x" * 126, long=8)]),
    "invalid UTF-8": (1007, [frame(TEXT, b"\xff")]),
    "surrogate": (1007, [frame(TEXT, b"\xed\xa0\x80")]),
    "overlong UTF-8": (1007, [frame(TEXT, b"\xc0\xaf")]),
    "cut UTF-8": (1007, [frame(TEXT, "é".encode()[:1])]),
    "invalid UTF-8 over fragments": (
        1007,
        [frame(TEXT, b"\xf0\x9d", final=False), frame(CONTINUATION, b"\x84\x41")],
    ),
    "invalid UTF-8 as a reason": (1007, [frame(CLOSE, b"\x03\xe8\xff")]),
    "close of one byte": (1002, [frame(CLOSE, b"\x03")]),
    **{
        f"close with {code}": (1002, [frame(CLOSE, code.to_bytes(2, "big"))])
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535)
    },
    "one byte too large": (1009, [frame(BINARY, b"x" * (MEGABYTE + 1))]),
    "too large in fragments": (
        1009,
        [frame(TEXT, b"x" * MEGABYTE, final=False), frame(CONTINUATION, b"x")],
    ),
    "said to be endless": (1009, [frame(TEXT)[:1] + b"\xff" + b"\x7f" + b"\xff" * 7 + b"mask"]),
}


@both
async def test_what_the_rfc_forbids_is_closed_with_its_code(house: House, path: str) -> None:
    for what, (code, pieces) in REFUSED.items():
        async with Framed(house.address, path) as peer:
            peer.writes(*pieces)
            assert await peer.is_closed_with(code), what
    await eventually(lambda: len(house.site.gateway) == 0, "its place is free")


async def test_what_came_before_is_answered_first(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        peer.writes(frame(TEXT, b"good") + frame(TEXT, b"bad", masked=False))
        assert await peer.hears() == (TEXT, b"Echo: good")
        assert await peer.is_closed_with(1002)


async def test_nothing_is_left_to_continue_after_a_whole_message(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        peer.writes(frame(TEXT, final=False), frame(CONTINUATION), frame(CONTINUATION))
        assert await peer.hears() == (TEXT, b"Echo: ")
        assert await peer.is_closed_with(1002)


async def test_nothing_is_answered_after_a_close(house: House) -> None:
    async with Framed(house.address, "/ws/echo") as peer:
        peer.writes(frame(CLOSE, b"\x03\xe8") + frame(TEXT, b"late") + frame(PING))
        assert (await peer.hears()).code == 1000
        assert await peer.is_cut()


# Peers that stop in the middle.


@both
async def test_half_closed_peer_is_let_go(house: House, path: str) -> None:
    async with Framed(house.address, path) as peer:
        peer.half_closes()
        await eventually(lambda: len(house.site.gateway) == 0, "its place is free")


async def test_peer_that_stalls_within_a_frame_is_cut_off(database: object) -> None:
    beat = {"heartbeat_interval": 0.1, "connection_timeout": 0.3}
    async with (
        open_house(database, **beat) as house,
        Framed(house.address, "/ws/echo") as peer,
    ):
        peer.writes(frame(TEXT, b"x" * 1_000)[:500])
        assert (await peer.hears()).opcode == PING
        await eventually(lambda: len(house.site.gateway) == 0, "its place is free")


# The same rules, without a network.


def test_rules_see_the_same_in_every_piece_of_the_stream() -> None:
    good = frame(TEXT, b"x" * 300, final=False) + frame(PING, b"y") + frame(CONTINUATION, b"z")
    stream = good + frame(TEXT, b"bad", masked=False)
    for size in range(1, len(stream) + 1):
        pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
        rules = FrameRules()
        fed = 0
        while (at := refused_at(rules, pieces.pop(0))) is None:
            fed += size
        # Where the header began in an earlier piece, aiohttp has that of it, and no more.
        assert fed + at == max(len(good), fed)


def refused_at(rules: FrameRules, piece: bytes) -> int | None:
    """Where a violation begins in this piece."""
    try:
        rules.examine(piece)
    except Violation as wrong:
        return wrong.at
    return None

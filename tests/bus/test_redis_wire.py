"""A wire to a real Redis: answers in order and in portions, and its failures."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import ResponseError

from app.bus.redis_wire import ANSWERS_A_TURN, packed, wire
from tests.harness.redis_server import RedisServer
from tests.harness.waiting import eventually


async def test_answers_come_in_the_order_of_the_commands(redis: RedisServer) -> None:
    answers: list[Any] = []
    async with wire(redis.url, answers.append) as line:
        line.send("ECHO", [("one",), (b"two\r\n$3",)])
        line.send("PING", [()])
        await eventually(lambda: len(answers) == 3, "all are answered")
    assert answers == [b"one", b"two\r\n$3", b"PONG"]


async def test_many_answers_are_taken_in_portions_between_which_others_get_a_turn(
    redis: RedisServer,
) -> None:
    count = 5 * ANSWERS_A_TURN
    turns: list[int] = []
    taken = 0

    def take(_: Any) -> None:
        nonlocal taken
        taken += 1

    async def looks_on() -> None:
        while taken < count:
            turns.append(taken)
            await asyncio.sleep(0)

    async with wire(redis.url, take) as line:
        looking = asyncio.create_task(looks_on())
        # All at once, as behind a busy turn of the loop.
        line.data_received(b":1\r\n" * count)
        await looking
    portions = [after - before for before, after in pairwise(turns)]
    assert taken == count
    assert max(portions) == ANSWERS_A_TURN


async def test_what_arrives_meanwhile_comes_behind_what_waits(redis: RedisServer) -> None:
    answers: list[Any] = []
    async with wire(redis.url, answers.append) as line:
        line.data_received(b":1\r\n" * (ANSWERS_A_TURN + 1))
        assert answers == [1] * ANSWERS_A_TURN
        line.data_received(b":2\r\n")
        await eventually(lambda: len(answers) == ANSWERS_A_TURN + 2, "all are taken")
    assert answers[ANSWERS_A_TURN:] == [1, 2]


async def test_an_error_of_redis_ends_the_wire(redis: RedisServer) -> None:
    async with wire(redis.url, lambda _: None) as line:
        line.send("NOSUCHTHING", [()])
        with pytest.raises(ResponseError):
            await line.ends()


async def test_an_error_of_the_taker_ends_the_wire_and_nothing_more_is_taken(
    redis: RedisServer,
) -> None:
    answers: list[Any] = []

    def take(answer: Any) -> None:
        answers.append(answer)
        raise LookupError

    async with wire(redis.url, take) as line:
        line.data_received(b":1\r\n:2\r\n")
        line.data_received(b":3\r\n")
        with pytest.raises(LookupError):
            await line.ends()
    assert answers == [1]


async def test_the_end_of_the_connection_is_raised(redis: RedisServer) -> None:
    async with wire(redis.url, lambda _: None) as line:
        line.send("QUIT", [()])
        async with asyncio.timeout(5):
            with pytest.raises(NoConnection):
                await line.ends()


def test_a_command_is_an_array_of_strings_with_their_lengths_in_bytes() -> None:
    assert packed("PUBLISH", ("ä", b"\r\n")) == (
        b"*3\r\n$7\r\nPUBLISH\r\n$2\r\n\xc3\xa4\r\n$2\r\n\r\n\r\n"
    )

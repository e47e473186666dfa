"""Node that does Parley's work takes part in the benchmarks: it checks, keeps and delivers."""

import secrets
from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from pymongo.database import Database

from bench.generator import Generator, LoadFailedError, NoCompilerError, Outcome, Peer, built
from bench.history import fill_rival
from bench.page import slower
from bench.people import Human, settle, settle_in
from bench.report import Comparison
from bench.rivals import FORMS, NODE_MODULES, Rival, durable

MEMBERS, MISSED = 3, 700
SHORT = {"warm_ms": 20, "seconds_ms": 150, "drain_ms": 5_000}


@pytest.fixture(autouse=True)
def _can_run() -> None:
    try:
        built("load/load.c")
    except NoCompilerError as error:
        pytest.skip(str(error))
    if not NODE_MODULES.is_dir():
        pytest.skip("The packages of bench/package.json are not installed.")


@pytest.fixture
def people(mongo_url: str) -> Iterator[Database[Any]]:
    """The database that the rivals read people from, as empty as before at the end."""
    with pymongo.MongoClient[dict[str, Any]](mongo_url) as client:
        yield client["parley"]
        client.drop_database("parley")
        client.drop_database("rival")


def room_of(people: Database[Any], humans: list[Human]) -> str:
    room = secrets.token_hex(12)
    people["rooms"].insert_one({"_id": room, "name": "Kitchen"})
    settle_in(people, room, humans)
    return room


async def run(rival: Rival, peers: list[Peer], **options: int) -> Outcome:
    async with Generator(rival.port, peers, **SHORT, **options) as generator:
        await generator.connects()
        return await generator.runs()


@pytest.mark.parametrize("form", FORMS)
async def test_delivers_and_keeps_what_members_send(
    people: Database[Any], mongo_url: str, form: str
) -> None:
    humans = settle(people, [f"{form}-{n}" for n in range(MEMBERS + 1)])
    room = room_of(people, humans[:MEMBERS])
    fill_rival(people.client["rival"], room, humans[0].id, MISSED)
    members = [Peer("rival", room, human.token) for human in humans[:MEMBERS]]
    async with durable(mongo_url, form) as rival:
        missed = [Peer("rival", room, human.token, cursor=0) for human in humans[:MEMBERS]]
        resumed = await run(rival, missed, missed=MISSED)
        senders = [Peer("rival", room, humans[0].token, sends=True), *members[1:]]
        talked = await run(rival, senders, window=4)
        path = f"/api/rooms/{room}/messages"
        posted = await run(rival, [Peer("post", path, humans[0].token, sends=True)])
        for stranger in (humans[MEMBERS].token, "parley_forged"):
            with pytest.raises(LoadFailedError):
                await run(rival, [Peer("rival", room, stranger)])
    assert resumed.found["deliveries"] == MEMBERS * MISSED
    assert min(talked.found["deliveries"], posted.found["messages"]) > 0
    kept = {
        name: people.client["rival"][name].count_documents({"room": room, "html": {"$gt": ""}})
        for name in FORMS
    }
    # The cases run several forms in one room, and each numbers its messages by itself.
    assert [kept[name] for name in FORMS if name != form] == [MISSED] * (len(FORMS) - 1)
    assert kept[form] >= MISSED + talked.found["messages"] + posted.found["messages"]


def test_is_compared_with_its_best_form() -> None:
    rivals = {"plain": 100.0, "gathered": 200.0}
    assert Comparison("many", "a second", 300.0, rivals).value == 1.5
    assert Comparison("quick", "ms", 50.0, rivals, is_more_better=False).value == 2.0
    assert Comparison("missing", "ms", 50.0, {}).value is None


def test_page_says_first_where_parley_is_slower() -> None:
    slow = Comparison("posts", "a second", 100.0, {"plain": 200.0}, node=50.0)
    quick = Comparison("handshakes", "µs", 100.0, {"plain": 200.0}, node=80.0, is_more_better=False)
    title, lines = slower([slow, quick])
    assert title == "## Where Parley is slower"
    assert lines.splitlines() == [
        "- posts: 0.50 × as good as Node with MongoDB",
        "- handshakes: 0.80 × as good as Node that keeps nothing",
    ]
    assert slower([]) == []

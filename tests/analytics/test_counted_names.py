"""Which names are counted as themselves: strangers have a share, and what is unused lapses."""

import pytest

from app.analytics.counted_names import MOST, MOST_ANONYMOUS, UNUSED_DAYS, CountedNames, extended
from app.analytics.models import Event
from app.analytics.name_budget import NEW_NAMES, NameBudget
from app.analytics.store.flushes import NameStore, StoredNames
from app.analytics.tally import Name
from app.security.rate_limiter import RateLimiter
from app.storage.mongo import Database
from tests.analytics.conftest import NOW

TODAY = 20_000


def types(count: int, prefix: str = "t") -> set[str]:
    return {f"{prefix}{n:05}" for n in range(count)}


def test_strangers_use_up_their_own_share_only() -> None:
    flooded = extended("event", StoredNames(), set(), types(1_100), TODAY)
    assert len(flooded.strangers) == MOST_ANONYMOUS["event"]
    after = extended("event", flooded, {"signup"}, set(), TODAY)
    assert "signup" in after.names


def test_a_strangers_name_that_people_use_too_gives_its_place_back() -> None:
    one = extended("event", StoredNames(), set(), {"signup"}, TODAY)
    two = extended("event", one, {"signup"}, {"signup"}, TODAY)
    assert (dict(two.names), dict(two.strangers)) == ({"signup": TODAY}, {})
    assert extended("event", two, set(), {"signup"}, TODAY + 1).names == {"signup": TODAY + 1}


def test_names_that_were_not_used_for_a_month_make_room() -> None:
    full = extended("event", StoredNames(), types(2_000), types(2_000, "s"), TODAY)
    assert len(full.names) == MOST["event"]
    later = TODAY + UNUSED_DAYS
    assert "new" not in extended("event", full, {"new"}, set(), later - 1).names
    renewed = extended("event", full, {"new", "t00000"}, {"fresh", "s00000"}, later)
    assert renewed.names == {"new": later, "t00000": later}
    assert renewed.strangers == {"fresh": later, "s00000": later}


async def test_what_another_node_or_an_earlier_version_stored_is_kept(database: Database) -> None:
    await database.collection("analytics_names").insert_one(
        {"_id": "event", "names": ["old", "a.b"]}
    )
    one, two = CountedNames(NameStore(database)), CountedNames(NameStore(database))
    for names, vouched, proposed in ((one, "one", "$x"), (two, "two", "y.z")):
        admission = await names.admit([("event", vouched)], [("event", proposed)], NOW, None)
        names.keep(admission)
    assert admission.names["event"] == {"old", "a.b", "one", "two", "$x", "y.z"}
    assert two.knows("event", "old")
    assert not one.knows("event", "two")


async def test_a_settled_flush_does_not_ask_the_database(database: Database) -> None:
    names = CountedNames(NameStore(database))
    names.keep(await names.admit([("event", "a")], [("event", "b")], NOW, None))
    await database.collection("analytics_names").delete_many({})
    admission = await names.admit([("event", "a")], [("event", "b"), ("event", "a")], NOW, None)
    assert admission.names["event"] == {"a", "b"}
    assert await database.collection("analytics_names").count_documents({}) == 0


def test_one_network_and_one_person_add_a_bounded_number_of_names_a_day() -> None:
    known: set[Name] = {("event", "page_view")}
    clock = [0.0]
    budget = NameBudget(lambda kind, name: (kind, name) in known, RateLimiter(lambda: clock[0]))

    def naming(event_type: str, user_id: str | None = None, address: str = "192.0.2.1") -> str:
        return budget.naming([Event(event_type=event_type)], user_id, address)

    for n in range(NEW_NAMES.amount):
        assert naming(f"t{n}") == "proposed"
    assert naming("one more") == "none"
    assert naming("page_view") == "proposed"
    assert naming("one more", address="192.0.2.2") == "proposed"
    assert naming("one more", user_id="ana") == "vouched"
    clock[0] += 86_400
    assert naming("one more") == "proposed"


def test_a_name_that_comes_again_before_it_is_counted_is_paid_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.analytics.name_budget.PAID_AT_MOST", 3)
    budget = NameBudget(lambda *_: False, RateLimiter(lambda: 0.0))
    again = [budget.naming([Event(event_type="again")], None, "192.0.2.1") for _ in range(1_000)]
    assert set(again) == {"proposed"}
    for n in range(NEW_NAMES.amount - 1):
        assert budget.naming([Event(event_type=f"t{n}")], None, "192.0.2.1") == "proposed"
    assert len(budget._paid) == 3
    assert budget.naming([Event(event_type="more")], None, "192.0.2.1") == "none"


def test_paths_and_referrers_are_names_too() -> None:
    budget = NameBudget(lambda *_: False, RateLimiter(lambda: 0.0))
    view = {
        "event_type": "page_view",
        "properties": {"path": "/a", "referrer": "https://b.example"},
    }
    events = [Event(**view)] * 5 + [
        Event(event_type="page_view", properties={"path": f"/{n}"}) for n in range(NEW_NAMES.amount)
    ]
    assert budget.naming(events[:5], None, "192.0.2.1") == "proposed"
    assert budget.naming(events, None, "192.0.2.1") == "none"

"""Reactions: one spelling of each emoji, each person once, room for everybody."""

import pytest

from app.chat.reactions import SYMBOLS_PER_PERSON, emoji_of, grouped, reacted, shown
from app.errors import Invalid
from tests.chat.house import Member


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("👍", "👍"),
        ("👍\ufe0f", "👍"),
        ("❤", "❤️"),
        ("❤️", "❤️"),
        ("❤\ufe0e", "❤️"),
        ("☎", "☎️"),
        ("1⃣", "1️⃣"),
        ("🏳‍🌈", "🏳️‍🌈"),
        ("👁‍🗨", "👁️‍🗨️"),
        ("👍🏿", "👍🏿"),
        ("🏽", "🏽"),
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",) * 2,
    ],
    ids=ascii,
)
def test_each_emoji_has_one_spelling(typed: str, kept: str) -> None:
    assert emoji_of(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "a", "1", "\ufe0f", "👍👍", "👍 ", "👍a", "👩\u200d", ":+1:"]
)
def test_what_is_not_one_emoji_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        emoji_of(typed)
    assert refused.value.field == "emoji"


def test_reactions_that_were_kept_under_two_spellings_are_one() -> None:
    assert grouped(
        {"❤": ["ana", "ben"], "❤️": ["ben", "cleo"], "👍🏻": ["ana"], "👍🏿": ["ana"]}
    ) == {
        "❤️": ["ana", "ben", "cleo"],
        "👍🏻": ["ana"],
        "👍🏿": ["ana"],
    }
    assert reacted({"❤": ["ana"]}, "❤️", "ana", True) == {"❤️": ["ana"]}
    assert reacted({"❤": ["ana"], "❤️": ["ana"]}, "❤️", "ana", False) == {}


def test_reactions_are_one_for_each_person_and_symbol() -> None:
    one = reacted({}, "👍", "ana", True)
    assert reacted(one, "👍", "ana", True) == one == {"👍": ["ana"]}
    two = reacted(one, "👍", "ben", True)
    assert two == {"👍": ["ana", "ben"]}
    assert reacted(two, "👍", "ana", False) == {"👍": ["ben"]}
    assert reacted(one, "👍", "ana", False) == {}
    assert reacted(one, "🎉", "ana", False) == one
    full = {str(n): ["ben"] for n in range(50)}
    with pytest.raises(Invalid):
        reacted(full, "👍", "ana", True)
    assert len(reacted(full, "7", "ana", True)["7"]) == 2
    many = {str(n): ["ana"] for n in range(SYMBOLS_PER_PERSON)}
    with pytest.raises(Invalid):
        reacted(many, "👍", "ana", True)
    assert reacted(many, "👍", "ben", True)["👍"] == ["ben"]
    crowd = {"👍": [f"u{n}" for n in range(5_000)]}
    with pytest.raises(Invalid):
        reacted(crowd, "👍", "ana", True)
    assert len(reacted(crowd, "👍", "u7", False)["👍"]) == 4_999


async def test_two_people_with_two_spellings_give_one_reaction(ana: Member, ben: Member) -> None:
    await ben.joins()
    there = {"room": "hallway", "id": (await ana.sends("I love it"))["id"]}
    await ana.does("reaction:add", **there, emoji="❤")
    await ben.does("reaction:add", **there, emoji="❤️")
    await ben.does("reaction:add", **there, emoji="👍\ufe0f")
    given = {"❤️": [ana.id, ben.id], "👍": [ben.id]}
    await ben.hears("messages", lambda batch: batch["items"][-1].get("reactions") == given)
    await ben.does("reaction:remove", **there, emoji="❤")
    page = await ben.does("room:history", room="hallway", before=100, limit=1)
    assert page["items"][-1]["reactions"] == {"❤️": [ana.id], "👍": [ben.id]}


def test_a_large_room_names_the_newest_and_the_reader() -> None:
    many = [f"p{number}" for number in range(60)]
    cut, counts = shown({"👍": many, "🎉": ["ana"]}, "p3")
    assert (cut["👍"], cut["🎉"]) == (["p3", *many[11:]], ["ana"])
    assert counts == {"👍": 60}
    assert shown({"👍": many}, "p59")[0]["👍"] == many[10:]

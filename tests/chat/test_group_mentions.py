"""`@here` and `@everyone` stand for members."""

from app.chat.group_mentions import EVERYONE, HERE, expand

MEMBERS = ["ana", "ben", "cleo"]


def test_everyone_is_all_members_and_nobody_twice() -> None:
    assert expand(["cleo", EVERYONE, "ben"], MEMBERS, []) == ["cleo", "ana", "ben"]


def test_here_is_those_members_who_are_online() -> None:
    assert expand([HERE], MEMBERS, ["dan", "ben"]) == ["ben"]
    assert expand([HERE], MEMBERS, []) == []

"""`@here` and `@everyone` stand for members."""

from app.chat.group_mentions import EVERYONE, HERE, expand, mentions_of

MEMBERS = ["ana", "ben", "cleo"]


def test_everyone_is_all_members_and_nobody_twice() -> None:
    assert expand(["cleo", EVERYONE, "ben"], MEMBERS, []) == ["cleo", "ana", "ben"]


def test_here_is_those_members_who_are_online() -> None:
    assert expand([HERE], MEMBERS, ["dan", "ben"]) == ["ben"]
    assert expand([HERE], MEMBERS, []) == []


def test_a_message_of_an_earlier_version_that_names_all_is_shown_as_a_call() -> None:
    everyone = [f"p{number}" for number in range(300)]
    html = (
        '<p><span class="mention" data-user="@everyone">@everyone</span> '
        '<span class="mention" data-user="p7">@P7</span></p>'
    )
    assert mentions_of({"mentions": everyone, "html": html}) == (["p7"], ["everyone"])
    assert mentions_of({"mentions": ["p1"], "html": html}) == (["p1"], ())

"""Many who come at once: into the first room, and into one that many are in."""

from tests.chat.house import House, soon

AT_ONCE = 30


async def test_all_get_in_who_come_before_there_is_a_first_room(house: House) -> None:
    house.services.users.created.clear()
    people = [await house.invites(f"person-{n}") for n in range(AT_ONCE)]
    members = await soon(*map(house.enters, people))
    for member in members:
        (hallway,) = (await member.hears("welcome"))["rooms"]
        assert hallway["slug"] == "hallway"
        assert hallway["member"]
    joined = await members[0].joins()
    assert {found["id"] for found in joined["members"]} == {user.id for user in people}

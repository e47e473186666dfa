"""The index holds none, one or several objects of a user, in the order of adding."""

from hypothesis import given
from hypothesis import strategies as st

from app.realtime.user_index import UserIndex


class Thing:
    """Equal only to itself."""


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.booleans())))
def test_it_is_like_a_list_for_each_person(steps: list[tuple[str, int, bool]]) -> None:
    things = [Thing() for _ in range(5)]
    kept, model = UserIndex[Thing](), dict[str, list[Thing]]()
    for person, number, adds in steps:
        thing, mine = things[number], model.setdefault(person, [])
        if adds and thing not in mine:
            kept.add(person, thing)
            mine.append(thing)
        elif not adds:
            assert kept.remove(person, thing) == (thing in mine)
            if thing in mine:
                mine.remove(thing)
    model = {person: mine for person, mine in model.items() if mine}
    assert {person: list(kept.of(person)) for person in kept} == model
    assert len(kept) == len(model)
    assert kept.of("dana") == ()
    for asked in ({"a", "b"}, {"a", "b", "c", "d", "e", "f"}):
        assert set(kept.among(asked)) == model.keys() & asked
        assert set(kept.of_all(asked)) == {
            t for p, mine in model.items() if p in asked for t in mine
        }
        assert all((person in kept) == (person in model) for person in asked)

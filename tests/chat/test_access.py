"""The rights of people in rooms, also at the moment at which a change is numbered."""

from contextlib import nullcontext

import pytest
from msgspec.structs import replace

from app.accounts.models import User
from app.chat.access import membership_guard, must_be_live, must_be_member, must_manage
from app.chat.models import Membership, Room
from app.chat.room_view import RoomObserver, RoomView
from app.errors import Forbidden, NotFound

ANA = User(id="ana", username="ana", name="Ana")
BEN = User(id="ben", username="ben", name="Ben")
ADMIN = User(id="cleo", username="cleo", name="Cleo", role="admin")


def room_of_ana(kind: str = "private") -> RoomView:
    view = RoomView(RoomObserver())
    view.room = Room(id="r", slug="r", name="R", kind=kind, owner="ana")  # type: ignore[arg-type]
    view.members = {"ana": Membership(user="ana"), "ben": Membership(user="ben")}
    return view


def test_a_change_that_waited_is_refused_once_its_room_is_archived() -> None:
    view = room_of_ana()
    guard = membership_guard(view, BEN)
    guard()
    view.room = replace(view.room, archived=True)
    with pytest.raises(Forbidden):
        guard()


def test_a_change_that_waited_is_refused_once_its_sender_is_out() -> None:
    view = room_of_ana()
    guard = membership_guard(view, BEN)
    del view.members["ben"]
    with pytest.raises(NotFound):
        guard()


@pytest.mark.parametrize(("kind", "error"), [("open", Forbidden), ("private", NotFound)])
def test_those_outside_learn_of_open_rooms_only(kind: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        must_be_member(room_of_ana(kind), ADMIN)


@pytest.mark.parametrize(
    ("kind", "user", "may"),
    [
        ("private", ANA, True),
        ("private", BEN, False),
        ("open", ADMIN, True),
        ("direct", ANA, False),
    ],
)
def test_owner_and_admins_manage_rooms_of_many(kind: str, user: User, may: bool) -> None:
    with nullcontext() if may else pytest.raises(Forbidden):
        must_manage(room_of_ana(kind), user)


def test_an_archived_room_takes_nothing_more() -> None:
    view = room_of_ana()
    must_be_live(view)
    view.room = replace(view.room, archived=True)
    with pytest.raises(Forbidden):
        must_be_live(view)

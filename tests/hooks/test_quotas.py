"""How many webhooks there can be is a person's own matter; the server's bound is far above it."""

import asyncio

import pytest

from app.hooks import registry
from tests.chat.house import Member
from tests.hooks.api_client import ApiClient


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"OF_A_MEMBER": 3, "OF_AN_ADMIN": 4, "IN_ALL": 9}.items():
        monkeypatch.setattr(registry, name, value)


async def makes(api: ApiClient, room: str, times: int) -> list[int]:
    """The statuses of so many tries at once."""
    asked = {"name": "x", "direction": "incoming", "room": room}
    tries = [api.calls("POST", "/api/hooks", json=asked) for _ in range(times)]
    return sorted(status for status, _ in await asyncio.gather(*tries))


async def test_members_who_make_as_many_as_they_can_leave_room_for_admins(
    api: ApiClient, bens_api: ApiClient, ben: Member, ana: Member
) -> None:
    room = (await ben.does("room:create", name="Ben's"))["room"]["id"]
    # Also where they come at once.
    assert await makes(bens_api, room, 6) == [201] * 3 + [409] * 3
    assert await makes(api, "hallway", 6) == [201] * 4 + [409] * 2
    # Each direction counts for itself.
    assert (await api.calls("GET", "/api/hooks"))[1]["items"][-1]["direction"] == "incoming"
    # 7 of 9 are taken: the last 4 are not for members.
    _, listed = await bens_api.calls("GET", "/api/hooks")
    await bens_api.calls("DELETE", f"/api/hooks/{listed['items'][0]['id']}")
    asked = {"name": "x", "direction": "incoming", "room": room}
    status, answer = await bens_api.calls("POST", "/api/hooks", json=asked)
    assert (status, answer["error"]["code"]) == (409, "conflict")
    assert "An admin can delete some" in answer["error"]["message"]


async def test_an_adopted_hook_counts_for_its_new_maker(
    api: ApiClient, bens_api: ApiClient, ben: Member, ana: Member
) -> None:
    room = (await ben.does("room:create", name="Ben's"))["room"]["id"]
    await ana.does("room:join", room=room)
    hook = await bens_api.makes(direction="incoming", room=room)
    await ben.does("room:quit", room=room)
    assert await makes(api, "hallway", 4) == [201] * 4
    adopt = f"/api/hooks/{hook['id']}/adopt"
    assert (await api.calls("POST", adopt))[0] == 409
    _, listed = await api.calls("GET", "/api/hooks")
    await api.calls("DELETE", f"/api/hooks/{listed['items'][-1]['id']}")
    assert (await api.calls("POST", adopt))[0] == 200

"""A room whose messages go to a real receiver by an outgoing webhook, and who talks in it."""

import asyncio
from typing import Any

from tests.faults.conftest import Visit
from tests.harness.person import Person
from tests.harness.waiting import eventually
from tests.hooks.receiver import Receiver

# A hook of a server that was killed is taken over as soon as the database has noticed that.
WITHIN_S = 20.0


async def hooked(visit: Visit, room: str, receiver: Receiver) -> dict[str, Any]:
    """An outgoing webhook of the room, made by ana."""
    town = visit.town
    # The tokens of programs make no hooks; ana signs in.
    await town.returns("ana")
    asked = {"name": "Copy", "direction": "outgoing", "room": room, "url": receiver.url}
    status, hook = await town.calls("POST", "/api/hooks", by="ana", json=asked)
    assert status == 201, hook
    made: dict[str, Any] = hook
    return made


async def talks(person: Person, room: str, times: int, said: asyncio.Semaphore) -> None:
    """Say so much; `said` is released for each."""
    for n in range(times):
        await person.sends(f"{person.username} says {n}", room)
        said.release()


async def has_arrived(visit: Visit, room: str, receiver: Receiver, hook: dict[str, Any]) -> None:
    """Everything that is in the room, in its order; what came twice came as the same delivery."""
    wanted = [(s.id, s.rev) for s in await visit.town.history(room) if not s.system]

    def arrived() -> list[tuple[str, int]]:
        found = [(i["id"], i["rev"]) for i in receiver.items if "system" not in i]
        return list(dict.fromkeys(found))

    await eventually(lambda: len(arrived()) >= len(wanted), "everything arrives", WITHIN_S)
    assert arrived() == wanted
    assert all(each.is_signed_with(hook["secret"]) for each in receiver.tries)
    by_id = {each.id: (each.content["prev"], each.content["rev"]) for each in receiver.tries}
    ranges = {(e.content["prev"], e.content["rev"]) for e in receiver.tries}
    assert len(by_id) == len(ranges)

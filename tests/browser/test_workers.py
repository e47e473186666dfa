"""A server with two workers in the browser: which of them one is on changes nothing."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.town import Town, founded_town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TABS = 4


@pytest.fixture(scope="module")
def working_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server of its own with two workers."""
    with founded_town(tmp_path_factory.mktemp("workers"), PARLEY_WORKERS="2") as town:
        yield town


async def test_people_on_two_workers_are_in_one_room(working_town: Town, arrives: Arrives) -> None:
    await working_town.opens("two workers")
    people: list[Reader] = []
    for name in ("ana", "ben", "cleo", "dana")[:TABS]:
        people.append(await arrives(name, at=working_town))
        await people[-1].opens_room("two-workers")
    said = [f"number {n} is here" for n in range(TABS)]
    for person, text in zip(people, said, strict=True):
        await person.sends(text)
    for person in people:
        for text in said:
            await person.sees(text)
    orders = [await person.texts() for person in people]
    assert orders == [orders[0]] * TABS
    await people[0].acts("number 0 is here", "Edit")
    await expect(people[0].composer).to_have_value("number 0 is here")
    await people[0].sends("number 0 was here")
    for person in people:
        await person.sees("number 0 was here")

"""The list of connections has those of all nodes, and ends one wherever it is."""

from collections.abc import AsyncIterator

import pytest

from app.admin import connection_rows
from app.admin.connection_rows import END, EndConnection
from app.audit.actor import Actor
from app.ids import new_id
from app.nodes import questions
from app.storage.mongo import Database
from tests.admin.browser import Browser, ids, rows
from tests.chat.house import House, Member, open_house
from tests.harness.waiting import eventually

PAGE = "/admin/connections"


@pytest.fixture
async def other(database: Database, house: House, ana: Member) -> AsyncIterator[House]:
    """A second node, which the first one knows."""
    async with open_house(database, node_name="node two") as opened:
        await eventually(lambda: len(house.services.nodes.roster) == 2, "they know each other")
        await eventually(lambda: opened.services.core.bus.is_hearing, "it hears the first one")
        yield opened


async def lists(browser: Browser, who: str, many: int) -> str:
    """The page once it has so many connections of somebody: a busy node may answer too late."""
    pages = [""]

    async def are_listed() -> bool:
        pages.append((await browser.opens(f"{PAGE}?who={who}"))[1])
        return len(rows(pages[-1])) == many

    await eventually(are_listed, f"{many} of {who} are listed")
    return pages[-1]


async def test_connections_of_another_node_are_listed_with_its_name(
    house: House, other: House, browser: Browser, ben: Member
) -> None:
    there = await other.enters(ben.user)
    await there.hears("welcome")
    await there.joins("hallway")
    newest, first = rows(await lists(browser, "ben", 2))
    assert "node two" in newest
    assert "hallway" in newest
    assert "node two" not in first


async def test_a_node_sends_no_more_rows_than_fit_into_its_answer(
    house: House, other: House, browser: Browser, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_rows, "ROWS_BYTES", 1)
    for _ in range(2):
        await (await other.enters(ben.user)).hears("welcome")
    page = await lists(browser, "ben", 2)
    assert "did not answer" not in page
    assert "node two" in rows(page)[0]
    assert "node two" not in rows(page)[1]


async def test_a_connection_of_another_node_is_ended_and_audited(
    house: House, other: House, browser: Browser, ana: Member
) -> None:
    cleo = await other.invites("cleo")
    there = await other.enters(cleo)
    await there.hears("welcome")
    (line,) = ids(await lists(browser, "cleo", 1))
    assert await browser.sends(f"{PAGE}/end", id=line) == (303, f"{PAGE}?done=ended")
    await there.is_cut_off()
    assert ana.client.connected
    assert await browser.sends(f"{PAGE}/end", id=line) == (303, f"{PAGE}?done=gone")
    _, trail = await browser.opens("/admin/audit")
    assert "Disconnected somebody" in trail


async def ends_elsewhere(house: House, line: str, actor: str | None) -> bool:
    """Whether the other node ends a connection for this account, whatever the asking one says."""
    asked = EndConnection(id=line, actor=Actor(user=actor, name="ana", address=""))
    given: list[str | None] = []

    async def is_answered() -> bool:
        answers = await house.services.nodes.questions.ask(END, asked)
        given.extend(each.user_id for each in answers.given.values())
        return bool(answers.given)

    await eventually(is_answered, "the other node answers")
    return any(given)


async def test_a_node_ends_connections_only_for_accounts_that_are_admins_now(
    database: Database, house: House, other: House, browser: Browser, ben: Member
) -> None:
    former = await other.invites("dana", role="admin")
    there = await other.enters(await other.invites("cleo"))
    await there.hears("welcome")
    (line,) = ids(await lists(browser, "cleo", 1))
    await house.services.accounts.disabling.disable(former.id)
    for actor in (ben.id, former.id, new_id(), None):
        assert not await ends_elsewhere(house, line, actor)
    assert there.client.connected
    audit = database.collection("audit")
    assert not await audit.count_documents({"kind": "connection_ended"})


async def test_a_node_that_does_not_answer_is_said_to_be_missing(
    house: House, other: House, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "WITHIN_S", 0.2)
    monkeypatch.setattr(other.services.nodes.questions, "_answering", {})
    _, page = await browser.opens(PAGE)
    assert "1 node did not answer" in page

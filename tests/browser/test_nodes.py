"""A page whose node is taken out moves to another one, and the person sees nothing of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import Arrives
from tests.harness.relay import relay
from tests.harness.server import Server
from tests.harness.town import Town, another_node
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Remembers each state of the connection that the page shows from now on.
REMEMBERS = """() => {
  const line = document.querySelector("#status-line");
  window.shownPhases = [line.dataset.phase];
  new MutationObserver(() => window.shownPhases.push(line.dataset.phase))
    .observe(line, { attributes: true, attributeFilter: ["data-phase"] });
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def leaving_server(town: Town, tmp_path: Path) -> AsyncIterator[Server]:
    """A second node of the town."""
    async with another_node(town, tmp_path, "leaving", PARLEY_DRAIN_AFTER_S="0.1") as server:
        yield server


async def test_an_admin_takes_a_node_out_and_its_people_notice_nothing(
    town: Town, leaving_server: Server, arrives: Arrives
) -> None:
    await town.settles("nora", "--admin")
    await town.settles("milo")
    room = await town.creates("moving house", "private", "nora", "milo", by="ana")
    nora = await arrives("nora")
    await nora.goes_to("/admin/nodes")
    row = nora.page.locator("tr[data-node]", has_text="leaving")
    await expect(row.locator("[data-shows=state]")).to_have_text("in service")
    async with relay(leaving_server.port) as door:
        beyond = Town(cast(Server, door))
        beyond.users, beyond.tokens = town.users, town.tokens
        milo = await arrives("milo", at=beyond)
        await milo.opens_room(room)
        await expect(row.locator("[data-shows=people]")).to_have_text("1")
        await milo.page.evaluate(REMEMBERS)
        await milo.composer.fill("half a sentence")
        door.to = town.server.port
        await row.get_by_role("button", name="Drain leaving").click()
        await expect(nora.page.get_by_role("status").first).to_contain_text("being drained")
        await expect(row.locator("[data-shows=state]")).to_have_text("draining")
        await expect(row.get_by_role("button")).to_have_text(["Stop draining"])
        # The proxy leads nobody to the node any more, so this comes from the other one.
        await expect(row.locator("[data-shows=connections]")).to_have_text("0")
        path = f"/api/rooms/{room}/messages"
        await town.calls("POST", path, by="nora", json={"text": "welcome over here"})
        await milo.sees("welcome over here")
        assert set(await milo.page.evaluate("window.shownPhases")) == {"connected"}
        await expect(milo.page.locator("#banner")).to_be_empty()
        await expect(milo.composer).to_have_value("half a sentence")
        milo.witness.may_be_offline = True
        assert await leaving_server.status("/readyz") == 503
        assert await leaving_server.status("/healthz") == 200
        await row.get_by_role("button", name="Stop draining leaving").click()
        notice = nora.page.get_by_role("status").first
        await expect(notice).to_contain_text("accepts new connections")
        await expect(row.locator("[data-shows=state]")).to_have_text("in service")
        await expect(row.get_by_role("button")).to_have_text(["Drain"])
    await eventually(lambda: is_ready(leaving_server), "it is ready again")


async def is_ready(server: Server) -> bool:
    return await server.status("/readyz") == 200

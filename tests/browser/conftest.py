"""One server and one Chromium for all browser tests; each person has a profile of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import chromium
from tests.browser.reader import Reader
from tests.browser.witness import Witness
from tests.harness import bundles
from tests.harness.town import Town, founded_town
from tests.harness.waiting import WITHIN_S

Arrives = Callable[..., Awaitable[Reader]]


@pytest.fixture(scope="session", autouse=True)
def pages_are_bundled() -> None:
    """The pages load what `make run` would give them, made from the present sources."""
    bundles.make()


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One server for all these tests."""
    with founded_town(tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium.running() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def arrives(town: Town, browser: Browser) -> AsyncIterator[Arrives]:
    """`await arrives("ana")`: somebody with an open tab, signed in unless told otherwise.

    The end of the test fails if a page logged an error or made a request that it must not.
    """
    witnesses: list[Witness] = []
    async with AsyncExitStack() as stack:

        async def arrive(
            username: str, *, at: Town = town, signed_in: bool = True, **profile: Any
        ) -> Reader:
            context = await browser.new_context(**profile)
            stack.push_async_callback(context.close)
            context.set_default_timeout(WITHIN_S * 1000)
            witness = Witness(at.server.url)
            witnesses.append(witness)
            await witness.watch(context)
            reader = Reader(username, at, context, witness)
            if signed_in:
                await reader.signs_in_quietly()
            await reader.opens_a_tab()
            return reader

        yield arrive
        for witness in witnesses:
            witness.assert_nothing_happened()

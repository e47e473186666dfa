"""`make demo`: a visitor sees in ten seconds that people talk here."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.harness.server import ROOT
from tests.harness.waiting import eventually

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="session"),
]

READY = re.compile(r"ready: (\S+)\nSign in as (\w+) .*password: (.+)\n")
READY_WITHIN_S = 180.0


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[tuple[str, str, str]]:
    """The address, the username and the password that the demo prints."""
    said = tmp_path / "said"
    with said.open("w") as out:
        command = [sys.executable, ROOT / "scripts" / "demo.py", "--every", "1"]
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    try:

        def is_ready() -> bool:
            assert process.poll() is None, said.read_text()
            return READY.search(said.read_text()) is not None

        await eventually(is_ready, "the demo is ready", READY_WITHIN_S)
        found = READY.search(said.read_text())
        assert found is not None
        url, username, password = found.groups()
        yield url, username, password
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert "Traceback" not in said.read_text()


async def test_a_visitor_of_the_demo_sees_people_talk(
    demo: tuple[str, str, str], browser: Browser
) -> None:
    url, username, password = demo
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{url}/login")
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(f"{url}/rooms/workshop")
    messages = page.locator("#messages :not(.is-away) > article.message")
    for text in ("Thursday", "python -m app serve", "What people asked", "Build 1842"):
        await expect(messages.filter(has_text=text).first).to_be_visible(timeout=20_000)
    await expect(page.locator("#messages .reactions").first).to_be_attached()
    await expect(page.locator("#sidebar").get_by_text("Cleo Martin")).to_be_visible()
    await expect(page.locator("[data-bell-count]").first).to_be_visible()
    # Somebody types, and what they wrote arrives.
    before = await messages.filter(has_text="Release notes are in").count()
    arrived = messages.filter(has_text=re.compile("Release notes are in|booth|in dark"))
    await expect(arrived.nth(before)).to_be_visible(timeout=20_000)
    await page.goto(f"{url}/admin/analytics?range=7d")
    views = page.locator("[data-figure=page_views] [data-value]")
    await expect(views).to_have_text(re.compile(r"^[1-9][\d,]{2,}"), timeout=20_000)
    await context.close()

"""A person at a browser: what they do with the page, and what they see of it."""

from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.witness import Witness
from tests.harness.town import PASSWORD, Town
from tests.harness.waiting import RESUMED_WITHIN_S, eventually

# Rooms that were left keep theirs in the page, out of sight.
SHOWN_MESSAGES = "#messages :not(.is-away) > article.message"
SHOWN = """(articles) => articles.map((article) => ({
  text: article.querySelector("[data-content]").textContent.trim(),
  state: article.classList.contains("is-sending") ? "sending"
    : article.classList.contains("is-failed") ? "failed" : "sent",
}))"""


class Reader:
    """One person, one browser profile, one tab."""

    def __init__(
        self, username: str, town: Town, context: BrowserContext, witness: Witness
    ) -> None:
        self.username = username
        self.town = town
        self.context = context
        self.witness = witness
        self.page: Page

    async def opens_a_tab(self) -> None:
        self.page = await self.context.new_page()

    async def signs_in_quietly(self) -> None:
        """Have a session without going through the form."""
        answer = await self.context.request.post(
            f"{self.town.server.url}/api/session",
            data={"username": self.username, "password": PASSWORD},
        )
        assert answer.ok, await answer.text()

    async def goes_to(self, path: str) -> None:
        await self.page.goto(self.town.server.url + path)

    async def opens_room(self, slug: str) -> None:
        """Go to a room and wait until it is live."""
        await self.goes_to(f"/rooms/{slug}")
        await self.is_connected()

    async def is_connected(self) -> None:
        """Wait till the status line says so."""
        line = self.page.locator("#status-line")
        limit_ms = RESUMED_WITHIN_S * 1000
        await expect(line).to_have_attribute("data-phase", "connected", timeout=limit_ms)

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer-text")

    @property
    def messages(self) -> Locator:
        return self.page.locator(SHOWN_MESSAGES)

    def message(self, text: str) -> Locator:
        """The message that holds this text."""
        return self.messages.filter(has_text=text)

    async def sends(self, text: str) -> None:
        """Type it and press Enter."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str) -> None:
        """Wait till it is there as a sent message."""
        sent = self.page.locator(f"{SHOWN_MESSAGES}:not(.is-sending)", has_text=text)
        await expect(sent).to_have_count(1)

    async def shown(self) -> list[dict[str, Any]]:
        """Text and state of every message on the page, top to bottom."""
        found: list[dict[str, Any]] = await self.messages.evaluate_all(SHOWN)
        return found

    async def texts(self) -> list[str]:
        return [message["text"] for message in await self.shown()]

    async def place_of(self, text: str) -> float:
        """Where a message stands on the screen, in pixels from the top."""
        box = await self.message(text).bounding_box()
        assert box is not None, f"«{text}» is not on the page"
        return box["y"]

    async def acts(self, text: str, label: str) -> None:
        """Use one button of a message's toolbar, or one choice of its menu."""
        bar = self.message(text).get_by_role("toolbar")

        async def has_its_bar() -> bool:
            """A message that comes just now moves another one under the pointer."""
            await self.message(text).hover()
            return await bar.count() > 0

        await eventually(has_its_bar, f"«{text}» has its toolbar")
        button = bar.get_by_role("button", name=label, exact=True)
        if await button.count():
            await button.click()
            return
        await bar.get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name=label, exact=True).click()

"""Pages in German: no word of English, dates and numbers as they are written there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from app.web.catalogues import catalogue
from tests.browser.conftest import Arrives
from tests.harness.town import Town, founded_town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

# Words of nearly every English sentence, and of none in German.
ENGLISH = re.compile(
    r"\b(the|and|of|you|your|with|are|not|yet|this|that|from|have|is|to|it)\b", re.I
)
# Names of settings in browsers.
QUOTED = re.compile("„[^“]*“")
MOMENT = re.compile(r"\d{2}\.\d{2}\.\d{4}, \d{2}:\d{2}")
WEEKDAY = re.compile("(Mon|Diens|Donners|Frei|Sams|Sonn)tag|Mittwoch")
PAGES = (
    *("/settings", "/settings/notifications", "/notifications", "/connection", "/nowhere"),
    *(
        "/admin/people",
        "/admin/connections",
        "/admin/nodes",
        "/admin/topics",
        "/admin/hooks",
        "/admin/audit",
    ),
    *("/admin/announcements", "/admin/analytics"),
)
# A button of the room's page, and a choice of the menu that it opens.
OPENED = (
    ("Raumeinstellungen", ""),
    ("Raum hinzufügen", "Raum erstellen"),
    ("Raum hinzufügen", "Offene Räume durchsuchen"),
    ("Einladen", ""),
    ("Jemandem schreiben", ""),
)
# Text nodes and what stands for text; not what people wrote, nor code.
SHOWN = """() => {
  const found = [document.title];
  const skipped =
    "script, style, noscript, template, code, pre, kbd, svg, .message-content, option[lang]";
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    if (!walker.currentNode.parentElement.closest(skipped)) found.push(walker.currentNode.data);
  for (const element of document.querySelectorAll("[title], [aria-label], [placeholder], [alt]"))
    if (!element.closest("template"))
      for (const name of ["title", "aria-label", "placeholder", "alt"])
        found.push(element.getAttribute(name) ?? "");
  return found.map((text) => text.trim()).filter((text) => /\\p{L}{2}/u.test(text));
}"""


@pytest.fixture(scope="module")
def german_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A server on which no test has given anything an English name."""
    with founded_town(tmp_path_factory.mktemp("german")) as town:
        yield town


async def _english(page: Page) -> list[str]:
    """Texts that are shown in English although the catalogue has other words, and sentences."""
    german = catalogue("de")
    shown: list[str] = await page.evaluate(SHOWN)
    return [
        f"{page.url}: {text}"
        for text in shown
        if german.gettext(text) != text or ENGLISH.search(QUOTED.sub("", text))
    ]


async def _says_something_german(page: Page) -> None:
    await expect(page.locator("html")).to_have_attribute("lang", "de")


async def test_pages_are_german(german_town: Town, arrives: Arrives) -> None:
    town = german_town
    await town.settles("greta", "--admin")
    room = await town.creates("Werkstatt", "open", "ben", by="greta")
    path = f"/api/rooms/{room}/messages"
    for by, text in (("ben", "Guten Morgen, @greta"), ("greta", "Grüß dich")):
        await town.calls("POST", path, by=by, json={"text": text})
    german: dict[str, Any] = {"locale": "de-AT", "timezone_id": "Europe/Vienna"}
    greta = await arrives("greta", at=town, **german)
    greta.witness.expected_statuses.add(404)
    await greta.opens_room(room)
    await greta.sees("Grüß dich")
    await _says_something_german(greta.page)
    await expect(greta.page.locator(".system").last).to_contain_text("hat den Raum erstellt")
    await expect(greta.page.locator("#composer-text")).to_have_attribute(
        "placeholder", "Nachricht an #Werkstatt"
    )
    await expect(greta.page.locator(".message-time").last).to_have_attribute("title", WEEKDAY)
    english = await _english(greta.page)
    for button, choice in OPENED:
        await greta.page.get_by_role("button", name=button, exact=True).first.click()
        if choice:
            await greta.page.get_by_role("menuitem", name=choice, exact=True).click()
        await expect(greta.page.get_by_role("dialog")).to_be_visible()
        english += await _english(greta.page)
        await greta.page.keyboard.press("Escape")
        await expect(greta.page.get_by_role("dialog")).to_have_count(0)
    for address in PAGES:
        await greta.goes_to(address)
        await _says_something_german(greta.page)
        english += await _english(greta.page)
        if address == "/settings/notifications":
            # The names of parts of the browser are the same in every language.
            await expect(greta.page.locator("#desktop-state")).not_to_contain_text("kann sie")
    assert english == [], "\n".join(english)
    await greta.goes_to("/settings")
    await expect(
        greta.page.get_by_text(re.compile(r"\d{2}\.\d{2}\.\d{4}, \d{2}:"))
    ).not_to_have_count(0)


async def test_person_is_answered_in_german_before_signing_in(arrives: Arrives) -> None:
    stranger = await arrives("nobody", signed_in=False, locale="de-DE")
    await stranger.page.goto(f"{stranger.town.server.url}/login")
    await expect(stranger.page.get_by_role("heading", level=1)).to_have_text("Anmelden")
    assert await _english(stranger.page) == []
    stranger.witness.expected_statuses.add(401)
    await stranger.page.get_by_label("Benutzername").fill("niemand")
    await stranger.page.get_by_label("Passwort").fill("falsch und lang")
    await stranger.page.get_by_role("button", name="Anmelden").click()
    await expect(stranger.page.get_by_text("passen nicht zusammen")).to_be_visible()


async def test_chosen_language_comes_before_the_browsers(town: Town, arrives: Arrives) -> None:
    cleo = await arrives("cleo", locale="en-US")
    for chosen, word in (("de", "Einstellungen"), ("auto", "Settings")):
        await town.calls("PATCH", "/api/me/preferences", by="cleo", json={"language": chosen})
        await cleo.goes_to("/settings")
        await expect(cleo.page.get_by_role("heading", level=1)).to_have_text(word)

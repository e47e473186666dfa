"""Every page: nothing in the console, nothing that axe finds, and all of it by keyboard."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Arrives
from tests.harness.server import ROOT
from tests.harness.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
WANTED = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The dark differs from the light in its colours only.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


async def _has_no_barriers(page: Page, where: str) -> None:
    """Fail with what axe found in the light and in the dark, and on which elements."""
    # Evaluated, not added as a script: the page's policy stays as it is.
    await page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = await _found(page, where, {"type": "tag", "values": WANTED})
    await page.emulate_media(color_scheme="dark")
    found += await _found(page, f"{where} in the dark", {"type": "rule", "values": OF_COLOURS})
    await page.emulate_media(color_scheme="light")
    assert found == [], "\n".join(found)


async def _found(page: Page, where: str, rules: dict[str, Any]) -> list[str]:
    # By default axe also describes the rules that passed, in hundreds of kilobytes.
    options = json.dumps({"runOnly": rules, "resultTypes": ["violations"]})
    answer = await page.evaluate(f"axe.run(document, {options}).then((all) => all.violations)")
    return [
        f"{where}: {each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']]}"
        for each in answer
    ]


# Something of every colour.
CODE = """```python
@marked
def greet(name: str) -> None:  # says hi
    raise ValueError(f"{name}", 42)
```

```perl
my $name = 1;
```

```diff
-before
+after
```"""


async def _has_been_talked_in(town: Town) -> str:
    slug = "talked-in"
    status, _ = await town.calls("GET", f"/api/rooms/{slug}", by="ana")
    if status == 404:
        await town.opens("talked in")
        for by, text in (
            ("ana", "Good **morning**, @ben! See https://example.org and `make test`."),
            ("ben", "> quoted\n\n- one\n- [x] two\n- [ ] three\n\n" + CODE),
            ("cleo", "| a | b |\n|:-:|--:|\n| 1 | 2 |"),
        ):
            path = f"/api/rooms/{slug}/messages"
            await town.calls("POST", path, by=by, json={"text": text})
    return f"/rooms/{slug}"


async def test_room_has_no_barriers(town: Town, arrives: Arrives) -> None:
    address = await _has_been_talked_in(town)
    ana = await arrives("ana")
    await ana.opens_room(address.rpartition("/")[2])
    await ana.sends("written here")
    await ana.sees("written here")
    await ana.message("Good morning").hover()
    await _has_no_barriers(ana.page, address)


async def test_room_on_a_phone_has_no_barriers_and_does_not_scroll_sideways(
    town: Town, arrives: Arrives
) -> None:
    address = await _has_been_talked_in(town)
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    ana = await arrives("ana", **phone)
    await ana.opens_room(address.rpartition("/")[2])
    await _has_no_barriers(ana.page, "phone")
    width = await ana.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    await ana.page.get_by_role("button", name="Rooms").first.click()
    await expect(ana.page.locator("#sidebar")).to_be_in_viewport()
    await _has_no_barriers(ana.page, "phone, list of rooms")


async def test_page_for_members_only_is_refused_friendly(arrives: Arrives) -> None:
    ben = await arrives("ben")
    ben.witness.expected_statuses.add(403)
    answer = await ben.page.goto(f"{ben.town.server.url}/admin/people")
    assert answer is not None
    assert answer.status == 403
    await expect(ben.page.get_by_role("heading", level=1)).to_be_visible()
    await _has_no_barriers(ben.page, "403")


async def test_everything_can_be_done_by_keyboard(town: Town, arrives: Arrives) -> None:
    await town.opens("by hand")
    await town.opens("elsewhere")
    ana = await arrives("ana")
    press = ana.page.keyboard.press
    await ana.opens_room("by-hand")
    await expect(ana.composer).to_be_focused()
    await ana.page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    await press("Tab")
    skip = ana.page.get_by_text("Skip to writing a message")
    await expect(skip).to_be_focused()
    await press("Enter")
    await expect(ana.composer).to_be_focused()

    await ana.page.keyboard.type("firts line")
    await press("Shift+Enter")
    await ana.page.keyboard.type("second line")
    await press("Enter")
    await ana.sees("firts line")
    await press("ArrowUp")
    await expect(ana.composer).to_have_value("firts line\nsecond line")
    await ana.composer.fill("first line")
    await press("Enter")
    await ana.sees("first line")

    await press("Escape")
    await expect(ana.message("first line")).to_be_focused()
    await press("+")
    await press("Enter")
    await expect(ana.message("first line").locator(".reaction")).to_contain_text("👍")
    await expect(ana.message("first line")).to_be_focused()
    await press("r")
    await ana.page.keyboard.type("an answer")
    await press("Enter")
    await ana.sees("an answer")
    await press("Escape")
    await press("Delete")
    # Deleting cannot be undone, so a dialog asks first; its focus is on Cancel.
    await press("Tab")
    await press("Enter")
    await ana.sees("message deleted")

    await press("Control+k")
    await ana.page.keyboard.type("elsew")
    await press("Enter")
    await expect(ana.page).to_have_url(re.compile("/rooms/elsewhere$"))
    await expect(ana.composer).to_be_focused()


async def test_page_without_javascript_says_so(town: Town, arrives: Arrives) -> None:
    ana = await arrives("ana", java_script_enabled=False)
    await ana.goes_to("/rooms/hallway")
    said = ana.page.locator("noscript")
    await expect(said).to_be_visible()
    await expect(said).to_contain_text("need JavaScript", use_inner_text=True)

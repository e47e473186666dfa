"""The pages work in Firefox too: a short session there, without a word in its console.

Playwright drives only a Firefox of its own making. Debian's is driven by puppeteer, through
WebDriver BiDi: firefox/session.js has the steps.
"""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from tests.harness.browsers import browser_path
from tests.harness.town import PASSWORD, founded_town

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SESSION = Path(__file__).parent / "firefox" / "session.js"
WITHIN_S = 300
# Those that the session has no step of its own for.
PAGES = (
    "/settings/notifications",
    "/connection",
    "/about",
    "/admin/people",
    "/admin/connections",
    "/admin/nodes",
    "/admin/topics",
    "/admin/hooks",
    "/admin/announcements",
    "/admin/audit",
)


def test_a_session_in_firefox_has_no_problem(tmp_path: Path) -> None:
    picture = tmp_path / "firefox.png"
    # A server of its own: the session changes ana's theme and counts her notifications.
    with founded_town(tmp_path) as town:
        asyncio.run(town.opens("fireplace"))
        asyncio.run(town.opens("forest"))
        given = {
            "firefox": browser_path("firefox"),
            "url": town.server.url,
            "username": "ana",
            "password": PASSWORD,
            "room": "fireplace",
            "other": "forest",
            "friend": town.tokens["ben"],
            "pages": PAGES,
            "picture": str(picture),
        }
        ran = subprocess.run(
            ["node", SESSION, json.dumps(given)],
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert said["problems"] == [], "\n".join([*said["problems"], f"seen: {picture}"])
    assert said["done"][-1] == "sign out"

"""The real Chromium of this machine, started so that it talks to nobody but Parley."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright, expect

from tests.harness.browsers import browser_path
from tests.harness.waiting import WITHIN_S

expect.set_options(timeout=WITHIN_S * 1000)

# The first are those that Playwright turns off too, whose list this replaces. The last two are
# pages for the address bar, made for every window: a third of all that the browser does here.
WITHOUT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "PreconnectToSearch",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
)
# A browser has its own errands; a request to elsewhere would then not be the page's.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # And where a page asks another than this machine, nobody is found.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    f"--disable-features={','.join(WITHOUT)}",
]


def path() -> str:
    """Where it is; `scripts/browser` knows."""
    return browser_path("chromium")


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    """One browser; pages of different people go into contexts of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path(), args=FLAGS)
        yield browser
        await browser.close()

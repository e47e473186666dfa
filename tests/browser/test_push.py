"""The push worker in a real Chromium, as far as that goes without an outside push service.

Subscribing itself needs the browser maker's service, so it ends in the sentence that says so; what
such a service would deliver is handed to the worker by the browser's own debugging protocol.
"""

import json
import re
from typing import Any

import pytest
from playwright.async_api import CDPSession, Worker, expect

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader
from tests.harness.town import Town
from tests.harness.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

REGISTRATION = "navigator.serviceWorker.getRegistration('/')"
SHOWN = "self.registration.getNotifications().then((all) => all.map(({ title }) => title))"
PAGES = """() => self.clients.matchAll({ type: "window", includeUncontrolled: true })
  .then((all) => all.length)"""
# Chromium forgets a notification that is asked for while it is being shown, so nobody asks before
# the worker is done.
COUNT_HANDLED = """() => {
  if (self.handled !== undefined) return;
  self.handled = 0;
  const { waitUntil } = ExtendableEvent.prototype;
  ExtendableEvent.prototype.waitUntil = function (work) {
    waitUntil.call(this, work);
    Promise.resolve(work).finally(() => { self.handled += 1; });
  };
}"""
CLICK = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


class PushedTo:
    """Somebody's browser whose worker is there, and the debugging protocol to wake it with."""

    def __init__(self, reader: Reader, cdp: CDPSession, registration: str) -> None:
        self.reader = reader
        self._cdp = cdp
        self._registration = registration

    @property
    def worker(self) -> Worker:
        (worker,) = self.reader.context.service_workers
        return worker

    async def closes_parley(self) -> None:
        """The browser stays; who has a page before them would be told by that.

        The worker hears a moment later that the page has gone.
        """
        await self.reader.page.goto("about:blank")

        async def is_alone() -> bool:
            pages: int = await self.worker.evaluate(PAGES)
            return pages == 0

        await eventually(is_alone, "the worker knows of no page")

    async def is_pushed(self, **message: str) -> None:
        """Return once the worker has done with it."""
        await self.worker.evaluate(COUNT_HANDLED)
        before: int = await self.worker.evaluate("self.handled")
        data = {"body": "", "link": "/rooms/hallway", "tag": message["id"], **message}
        await self._cdp.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self.reader.town.server.url,
                "registrationId": self._registration,
                "data": json.dumps(data),
            },
        )
        await eventually(
            lambda: self.worker.evaluate("(before) => self.handled > before", before),
            "it was handled",
            20,
        )

    async def shows(self, *titles: str) -> None:
        async def are_shown() -> bool:
            found: list[str] = await self.worker.evaluate(SHOWN)
            return sorted(found) == sorted(titles)

        await eventually(are_shown, f"the browser shows {titles}")

    async def clicks(self) -> None:
        """On the first one that is shown."""
        await self.worker.evaluate(CLICK)


async def turns_on(reader: Reader) -> None:
    """By the button in the settings, up to the push service that is not there."""
    await reader.goes_to("/settings/notifications")
    await expect(reader.page.locator("#push-state")).not_to_be_empty()
    await reader.page.locator("#push-toggle").click()
    await expect(reader.page.get_by_text("can’t be reached")).to_be_visible(timeout=20_000)
    # Chromium's own remark about profiles without a memory, such as those of these tests.
    problems = reader.witness.problems
    problems[:] = [each for each in problems if "incognito mode" not in each]


async def with_a_worker(reader: Reader) -> PushedTo:
    await reader.context.grant_permissions(["notifications"], origin=reader.town.server.url)
    cdp = await reader.context.new_cdp_session(reader.page)
    registrations: list[dict[str, Any]] = []
    cdp.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(event["registrations"]),
    )
    await cdp.send("ServiceWorker.enable")
    await turns_on(reader)
    await reader.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await eventually(lambda: bool(registrations), "the worker is registered")
    return PushedTo(reader, cdp, registrations[-1]["registrationId"])


async def notify(town: Town, username: str, title: str) -> str:
    """The id of a new notification."""
    notice = {"user_id": username, "title": title, "link": "/rooms/hallway"}
    _, told = await town.calls("POST", "/api/notifications", by="ana", json=notice)
    sent: str = told["ids"][0]
    return sent


async def test_turning_it_on_asks_the_push_service_and_says_where_that_fails(
    arrives: Arrives,
) -> None:
    ben = await arrives("ben")
    await with_a_worker(ben)
    scope = await ben.page.evaluate(f"{REGISTRATION}.then((found) => found.scope)")
    assert scope == f"{ben.town.server.url}/"


async def test_what_is_pushed_shows_and_goes_away_once_it_was_read_elsewhere(
    town: Town, arrives: Arrives
) -> None:
    ben = await with_a_worker(await arrives("ben"))
    await ben.closes_parley()
    first = await notify(town, "ben", "First")
    await ben.is_pushed(id=first, title="First")
    await ben.shows("First")
    await town.calls("POST", f"/api/notifications/{first}/read", by="ben")
    second = await notify(town, "ben", "Second")
    await ben.is_pushed(id=second, title="Second")
    await ben.shows("Second")


async def test_nothing_is_shown_beside_a_page_that_tells_it(town: Town, arrives: Arrives) -> None:
    ben = await with_a_worker(await arrives("ben"))
    first, second = [await notify(town, "ben", title) for title in ("First", "Second")]
    await ben.is_pushed(id=first, title="First")
    await ben.closes_parley()
    await ben.is_pushed(id=second, title="Second")
    await ben.shows("Second")


async def test_a_click_leads_to_where_the_notification_belongs_and_reads_it(
    town: Town, arrives: Arrives
) -> None:
    ben = await with_a_worker(await arrives("ben"))
    await ben.closes_parley()
    sent = await notify(town, "ben", "Come here")
    await ben.is_pushed(id=sent, title="Come here")
    await ben.shows("Come here")
    await ben.reader.goes_to("/settings")
    await ben.clicks()
    await expect(ben.reader.page).to_have_url(re.compile("/rooms/hallway$"))
    _, told = await town.calls("GET", "/api/notifications?unread=1", by="ben")
    assert sent not in [each["id"] for each in told["items"]]

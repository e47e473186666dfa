"""Watches a browser context: what must never happen on a page of ours is written down here."""

from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

# A violation that a page swallows in its own listener would not reach the console.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("policy violation:", event.violatedDirective, event.blockedURI, event.sample));
"""
# Chromium's own messages about a server that is unreachable or refuses; no errors of the page.
OF_THE_NETWORK = ("net::ERR_", "WebSocket connection to", "Failed to load resource")


# Chromium says so of what is written while the server ends the connection.
ENDED_MEANWHILE = "WebSocket is already in CLOSING or CLOSED state"


class Witness:
    """The problems of all pages of one context. `may_be_offline` forgives the network."""

    def __init__(self, origin: str) -> None:
        self._origin = urlsplit(origin).netloc
        self.may_be_offline = False
        self.expected_statuses: set[int] = set()
        self.problems: list[str] = []

    async def watch(self, context: BrowserContext) -> None:
        """Be there before the first page is."""
        await context.add_init_script(REPORT_VIOLATIONS)
        # Looked at, not routed: that would lead each request through here, and turn the cache off.
        context.on("request", self._asked_for)
        context.on("page", self._sees)

    def _sees(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("dialog", self._asked)

    def _is_ours(self, address: str) -> bool:
        parts = urlsplit(address)
        return parts.netloc == self._origin or parts.scheme in ("data", "blob", "about")

    def _asked_for(self, request: Request) -> None:
        if not self._is_ours(request.url):
            self.problems.append(f"request to elsewhere: {request.url}")

    async def _asked(self, dialog: Dialog) -> None:
        self.problems.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        text = message.text
        if ENDED_MEANWHILE in text:
            return
        if self.may_be_offline and any(sign in text for sign in OF_THE_NETWORK):
            return
        if any(f"status of {status} " in text for status in self.expected_statuses):
            return
        self.problems.append(f"{message.type}: {text} ({message.location})")

    def assert_nothing_happened(self) -> None:
        """No error, no warning, no violation, no dialog, no request to elsewhere."""
        assert self.problems == [], "\n".join(self.problems)

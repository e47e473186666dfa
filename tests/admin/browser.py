"""A browser without JavaScript: addresses, forms, and a cookie of its own."""

import html
import re
from types import TracebackType

import aiohttp

from tests.chat.house import PASSWORD


class Browser:
    """Goes to pages of one server and sends their forms."""

    def __init__(self, address: str) -> None:
        self._address = address
        jar = aiohttp.CookieJar(unsafe=True)
        self._session = aiohttp.ClientSession(headers={"Accept": "text/html"}, cookie_jar=jar)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def enters(self, username: str) -> None:
        status, _ = await self.sends("/login", username=username, password=PASSWORD)
        assert status == 303

    async def opens(self, path: str) -> tuple[int, str]:
        """Status, and the page's text or where it leads."""
        async with self._session.get(self._address + path, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()

    async def sends(self, path: str, **fields: str) -> tuple[int, str]:
        """The same for a form."""
        async with self._session.post(
            self._address + path, data=fields, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers.get("Location") or await answer.text()


def rows(page: str) -> list[str]:
    """The words of each row of the page's table, tags and spaces thinned out."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [words(row) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)]


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def ids(page: str) -> list[str]:
    """The ids that the forms of the rows would end, in their order."""
    return re.findall(r'name="id" value="([^"]+)"', page)

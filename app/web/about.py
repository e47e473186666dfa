"""«About»: version, licence, documentation and state of this server, for everybody."""

from pathlib import Path

from aiohttp import web

from app import __version__
from app.errors import NotFound
from app.web.route_helpers import render
from app.web.routing import Route

ADDRESS = "/about"
ROOT = Path(__file__).resolve().parents[2]


class AboutPages:
    """The page, and the texts that it leads to: those of the folder `root` that are there."""

    def __init__(self, root: Path = ROOT) -> None:
        documents = sorted(path for path in (root / "docs").glob("*.md"))
        self._texts = {
            path.name: path
            for path in (root / "LICENSE", root / "CHANGELOG.md", *documents)
            if path.is_file()
        }

    def routes(self) -> list[Route]:
        return [Route("GET", ADDRESS, self.show), Route("GET", f"{ADDRESS}/{{name}}", self.text)]

    async def show(self, request: web.Request) -> web.Response:
        return await render(request, "about.html", version=__version__, texts=self._texts)

    async def text(self, request: web.Request) -> web.StreamResponse:
        """One of the texts as it is. Raises NotFound."""
        path = self._texts.get(request.match_info["name"])
        if path is None:
            raise NotFound("There is no such text.")
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        return web.FileResponse(path, headers=plain)

"""Static files: kept for ever under their version, asked for each time without."""

from pathlib import Path

import msgspec
import pytest

from app.errors import NotFound
from app.web.bundles import digest
from app.web.static_files import PageFile, StaticFiles
from tests.harness import bundles
from tests.harness.server import ROOT
from tests.web.site import site

SCRIPT = "export const answer = 42;\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "js").mkdir(parents=True)
    (static / "js" / "app.js").write_text(SCRIPT)
    (static / ".hidden").write_text("no")
    (tmp_path / "secret").write_text("no")
    (tmp_path / "templates").mkdir()
    return static


async def test_a_versioned_file_is_kept_for_ever(folder: Path) -> None:
    async with site(root=folder.parent) as client:
        version = StaticFiles(folder).version
        answer = await client.get(f"/static/{version}/js/app.js")
        assert await answer.text() == SCRIPT
        assert answer.content_type == "text/javascript"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = await client.get(f"/static/{version}/js/app.js", headers={"Accept-Encoding": ""})
        assert "Content-Encoding" not in plain.headers
        assert await plain.text() == SCRIPT


async def test_without_a_version_a_browser_asks_and_is_told_that_nothing_changed(
    folder: Path,
) -> None:
    async with site(root=folder.parent) as client:
        answer = await client.get("/static/js/app.js")
        assert answer.headers["Cache-Control"] == "no-cache"
        same = await client.get(
            "/static/js/app.js", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert same.status == 304
        other = await client.get("/static/js/app.js", headers={"If-None-Match": '"x"'})
        assert other.status == 200


def test_a_new_release_has_a_new_address(folder: Path) -> None:
    before = StaticFiles(folder)
    (folder / "js" / "app.js").write_text(SCRIPT + "// new")
    after = StaticFiles(folder)
    assert before.address("js/app.js") != after.address("js/app.js")
    # A page from before the upgrade gets today's file, and doesn't keep it.
    asset, is_final = after.find(f"{before.version}/js/app.js")
    assert asset.body.endswith(b"// new")
    assert not is_final


def test_while_developing_a_change_shows_without_a_restart(folder: Path) -> None:
    assets = StaticFiles(folder, reload=True)
    before = assets.address("js/app.js")
    (folder / "js" / "app.js").write_text("changed")
    assert assets.address("js/app.js") != before
    assert assets.find("js/app.js")[0].body == b"changed"


OUTSIDE = ("../secret", "..%2fsecret", "/etc/passwd")


async def test_nothing_but_the_files_is_served(folder: Path) -> None:
    assets = StaticFiles(folder)
    async with site(root=folder.parent) as client:
        for path in (
            "../secret",
            "..%2fsecret",
            ".hidden",
            "js",
            "js/",
            "/etc/passwd",
            "js/app.js/",
        ):
            with pytest.raises(NotFound):
                assets.find(path)
            assert (await client.get(f"/static/{path}")).status == 404, path


def bundled(folder: Path) -> Path:
    """The folder with bundles of its sources, as `scripts/bundle.js` writes them."""
    (folder / "dist").mkdir()
    (folder / "dist" / "app-ABC.js").write_text(SCRIPT)
    (folder / "dist" / "app-ABC.js.br").write_bytes(b"small")
    etags = [("js/app.js", StaticFiles(folder).find("js/app.js")[0].etag)]
    pages = {"js/app.js": {"file": "app-ABC.js", "imports": ["shared-DEF.js"]}}
    manifest = {"sources": digest(etags), "pages": pages, "files": []}
    (folder / "dist" / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    return folder


async def test_a_bundle_is_kept_for_ever_and_comes_in_the_smallest_form(folder: Path) -> None:
    bundled(folder)
    assert StaticFiles(folder).bundle("js/app.js") == PageFile(
        "/static/dist/app-ABC.js", ("/static/dist/shared-DEF.js",)
    )
    async with site(root=folder.parent) as client:
        path = "/static/dist/app-ABC.js"
        for accepted, encoding in (("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", None)):
            headers = {"Accept-Encoding": accepted}
            async with client.get(path, headers=headers, auto_decompress=False) as answer:
                assert answer.headers.get("Content-Encoding") == encoding
                assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
                assert answer.content_type == "text/javascript"
        assert (await client.get(path + ".br")).status == 404


def test_old_bundles_stand_aside_for_their_sources(folder: Path) -> None:
    bundled(folder)
    (folder / "js" / "app.js").write_text(SCRIPT + "// new")
    assert StaticFiles(folder).bundle("js/app.js") is None


def test_a_module_that_is_new_makes_bundles_old_too(folder: Path) -> None:
    bundled(folder)
    (folder / "js" / "more.js").write_text("")
    assert StaticFiles(folder).bundle("js/app.js") is None


def test_while_developing_pages_load_their_modules_themselves(folder: Path) -> None:
    bundled(folder)
    assert StaticFiles(folder, reload=True).bundle("js/app.js") is None


def test_the_build_names_its_sources_as_the_server_does() -> None:
    bundles.make()
    made = StaticFiles(ROOT / "static")
    for path in ("js/chat/page.js", "css/pages/chat.css"):
        page = made.bundle(path)
        assert page is not None, path
        for address in (page.address, *page.imports):
            assert made.find(address.removeprefix("/static/"))[1], address

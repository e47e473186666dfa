"""Static files: kept for ever under their version, asked for each time without."""

from pathlib import Path

import pytest

from app.errors import NotFound
from app.web.static_files import StaticFiles
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

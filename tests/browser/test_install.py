"""The manifest and its icons fit what browsers ask of an app that can be installed."""

import json
import struct
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.browser.conftest import Arrives
from tests.browser.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PNG = b"\x89PNG\r\n\x1a\n"


async def test_browser_would_install_it(arrives: Arrives) -> None:
    ana = await arrives("ana")
    await ana.opens_room("hallway")
    session = await ana.context.new_cdp_session(ana.page)
    found = await session.send("Page.getAppManifest")
    assert found["errors"] == []
    manifest = json.loads(found["data"])
    errors = await session.send("Page.getInstallabilityErrors")
    # Every context of the tests is like a private window, in which nothing is installed.
    told = {each["errorId"] for each in errors["installabilityErrors"]}
    assert told <= {"in-incognito"}
    for size, purpose in (("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")):
        assert await _is_there(ana, found["url"], manifest, size, purpose), (size, purpose)


async def _is_there(
    reader: Reader, address: str, manifest: dict[str, Any], size: str, purpose: str
) -> bool:
    """Whether there is such a picture, and it is as large as the manifest says."""
    for icon in manifest["icons"]:
        if icon["sizes"] != size or icon.get("purpose", "any") != purpose:
            continue
        answer = await reader.context.request.get(urljoin(address, icon["src"]))
        body = await answer.body()
        width, height = struct.unpack(">II", body[16:24])
        return body.startswith(PNG) and size == f"{width}x{height}"
    return False

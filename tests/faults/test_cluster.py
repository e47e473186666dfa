"""`make cluster`: the whole of it, with a node that is killed, and nothing left behind."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from app.storage.os_process import is_dead
from tests.harness.server import ROOT, free_port
from tests.harness.town import PASSWORD
from tests.harness.waiting import eventually

pytestmark = pytest.mark.slow

STARTS_WITHIN_S = 120.0
READY = re.compile(r"The cluster is ready: (\S+)/setup\?code=(\S+)")
PART = re.compile(r"^  (\S.*?) +kill -9 (\d+)$", re.MULTILINE)
PARTS = 8


class Cluster:
    """The script in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "cluster.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "scripts/cluster.py", "--port", str(free_port())],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, "TMPDIR": str(folder)},
            )

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def parts(self) -> dict[str, int]:
        """Process ids by name, as they were at first."""
        return {name: int(pid) for name, pid in PART.findall(self.said)}

    async def is_ready(self) -> None:
        await eventually(self._has_said_all, "the cluster is ready", STARTS_WITHIN_S)

    def _has_said_all(self) -> bool:
        assert self.process.poll() is None, self.said
        return "Ctrl-C" in self.said

    async def stops(self) -> int:
        self.process.send_signal(signal.SIGINT)
        await eventually(lambda: self.process.poll() is not None, "it has stopped", 60)
        return self.process.wait()


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(tmp_path)
    try:
        await cluster.is_ready()
        yield cluster
    finally:
        if cluster.process.poll() is None:
            await cluster.stops()


async def test_cluster_goes_on_without_a_node_and_leaves_nothing_behind(
    cluster: Cluster, tmp_path: Path
) -> None:
    parts = cluster.parts
    assert len(parts) == PARTS, cluster.said
    [(url, code)] = READY.findall(cluster.said)
    async with aiohttp.ClientSession() as session:
        await sets_up(session, url, code)
        await are_together(session, url)
        async with session.post(f"{url}/api/rooms", json={"name": "here"}) as answer:
            assert answer.status == 201, await answer.text()
        await posts(session, url, "before")
        os.kill(parts["Parley b"], signal.SIGKILL)
        await posts(session, url, "without b")
        await eventually(lambda: "Parley b is started" in cluster.said, "b starts again", 30)
        async with session.get(f"{url}/api/rooms/here/messages") as answer:
            items = (await answer.json())["items"]
    texts = [item["text"] for item in items if not item.get("system")]
    assert texts == ["before", "without b"]
    [again] = re.findall(r"Parley b is started: kill -9 (\d+)", cluster.said)
    assert await cluster.stops() == 0
    assert cluster.said.endswith("The cluster has stopped.\n")
    for pid in (*parts.values(), int(again)):
        assert is_dead(pid), cluster.said
    assert [each for each in tmp_path.iterdir() if each.name != "cluster.log"] == []


async def are_together(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until each node says that it hears the others over Redis."""
    expected = [(name, "redis", 3) for name in ("a", "b", "c")]

    async def all_hear() -> bool:
        async with session.get(f"{url}/api/admin/nodes") as answer:
            nodes = (await answer.json())["items"]
        said = [(n["name"], n["bus"]["way"], n["database"]["members"]) for n in nodes]
        return said == expected

    await eventually(all_hear, "three nodes hear each other over Redis", 30)


async def sets_up(session: aiohttp.ClientSession, url: str, code: str) -> None:
    """Make the first admin as the page does, and keep their token."""
    form = {"code": code, "username": "ana", "name": "Ana", "password": PASSWORD}
    async with session.post(
        f"{url}/setup", data=form, headers={"Origin": url}, allow_redirects=False
    ) as answer:
        assert answer.status in (200, 302, 303), await answer.text()
    credentials = {"username": "ana", "password": PASSWORD}
    async with session.post(f"{url}/api/session", json=credentials) as answer:
        token = (await answer.json())["token"]
    session.headers["Authorization"] = f"Bearer {token}"


async def posts(session: aiohttp.ClientSession, url: str, text: str) -> None:
    """One message, tried again while the one node that died is still thought to be there."""

    async def is_sent() -> bool:
        body = {"text": text, "client_id": f"once-{text}"}
        try:
            async with session.post(f"{url}/api/rooms/here/messages", json=body) as answer:
                return answer.status in (200, 201)
        except aiohttp.ClientError:
            # It died over this request, which nobody may send again but its client.
            return False

    await asyncio.wait_for(eventually(is_sent, f"«{text}» is sent"), 30)

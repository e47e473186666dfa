"""Starts a whole cluster on this machine, to try it out: three Parleys behind HAProxy, Redis, and
three `mongod` of one replica set.

    make cluster                        its address is printed; Ctrl-C stops all of it
    make cluster ARGS="--port 9000"     on another port

Nothing is kept: its files are in a temporary folder. A part that is killed starts again after five
seconds, so that one can look how the others go on without it.
"""

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from cluster_part import Part, PartEnded  # noqa: E402

from app.storage.errors import StorageError  # noqa: E402
from app.storage.mongod import free_port  # noqa: E402
from tests.harness.proxy import haproxy, program  # noqa: E402
from tests.harness.replica_set import ReplicaSet  # noqa: E402

NODES = ("a", "b", "c")
STARTS_WITHIN_S = 60.0
AGAIN_S = 5.0
LOOK_EVERY_S = 0.5


class Missing(Exception):
    """A program that the cluster needs is not installed."""


class Cluster:
    """All parts, in the order in which they start; they stop in the other one."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._parts: list[Part] = []

    async def start(self) -> str:
        """Start all parts; returns the address to open.

        Raises Missing, StorageError without a mongod, PartEnded, TimeoutError.
        """
        programs = {name: program(name) for name in ("redis-server", "haproxy")}
        if missing := [name for name, path in programs.items() if path is None]:
            raise Missing(f"There is no {' and no '.join(missing)} here. `make cluster` gets them.")
        database = ReplicaSet(self._folder)
        for name, command in database.commands().items():
            self._starts(name, command)
        redis_port, password = free_port(None), secrets.token_hex(16)
        redis = self._starts(
            "Redis",
            [
                *(str(programs["redis-server"]), "--port", str(redis_port), "--bind", "127.0.0.1"),
                *("--requirepass", password, "--save", "", "--appendonly", "no"),
                *("--dir", str(self._folder)),
            ],
        )
        await redis.says("Ready to accept connections", STARTS_WITHIN_S)
        await database.prepare()
        ports = [free_port(None) for _ in NODES]
        settings = {
            "MONGODB_URL": database.url,
            "REDIS_URL": f"redis://:{password}@127.0.0.1:{redis_port}/0",
            "PARLEY_SECRET": secrets.token_hex(32),
            "PARLEY_TRUSTED_PROXIES": "127.0.0.1",
        }
        nodes = [
            self._starts(
                f"Parley {name}", self._serve(name, port), PARLEY_NODE_NAME=name, **settings
            )
            for name, port in zip(NODES, ports, strict=True)
        ]
        lines = [await node.says("Parley is ready: ", STARTS_WITHIN_S) for node in nodes]
        file = self._folder / "haproxy.cfg"
        file.write_text(haproxy(self._port, ports), encoding="utf-8")
        self._starts("HAProxy", [str(programs["haproxy"]), "-W", "-f", str(file)])
        await self._answers()
        opened = urlsplit(lines[0])
        return opened._replace(netloc=f"localhost:{self._port}").geturl()

    def _starts(self, name: str, command: list[str], **environ: str) -> Part:
        part = Part(name, command, self._folder, **environ)
        self._parts.append(part)
        part.start()
        return part

    def _serve(self, name: str, port: int) -> list[str]:
        data = self._folder / f"parley-{name}"
        return [sys.executable, "-m", "app", "serve", "--port", str(port), "--data-dir", str(data)]

    async def _answers(self) -> None:
        """Wait until HAProxy accepts. Raises PartEnded, TimeoutError."""
        [*_, front] = self._parts
        async with asyncio.timeout(STARTS_WITHIN_S):
            while True:
                if not front.is_running:
                    raise PartEnded(f"HAProxy ended while it was starting:\n{front.log[-2000:]}")
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self._port)
                    writer.close()
                    return
                await asyncio.sleep(LOOK_EVERY_S)

    def described(self) -> str:
        """Each part with its process id, to kill one."""
        return "\n".join(f"  {part.name:10} kill -9 {part.pid}" for part in self._parts)

    async def look_after(self) -> None:
        """Start parts that end again, for ever."""
        while True:
            for part in self._parts:
                if not part.is_running:
                    say(f"{part.name} ended. It starts again in {AGAIN_S:g} seconds.")
                    await asyncio.sleep(AGAIN_S)
                    part.start()
                    say(f"{part.name} is started: kill -9 {part.pid}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def stop(self) -> None:
        """Stop all parts, those that others need last."""
        groups: dict[str, list[Part]] = {}
        for part in reversed(self._parts):
            groups.setdefault(part.name.split()[0], []).append(part)
        for parts in groups.values():
            await asyncio.gather(*(part.stop() for part in parts))


def say(text: str) -> None:
    print(text, flush=True)


async def show(folder: Path, port: int) -> None:
    """Run a cluster in `folder` until this task is cancelled."""
    cluster = Cluster(folder, port)
    try:
        say("Starting three mongod, Redis, three Parleys and HAProxy; this takes a quarter minute.")
        address = await cluster.start()
        say(f"The cluster is ready: {address}")
        say(f"Its parts; the logs are in {folder}:\n{cluster.described()}")
        say("Ctrl-C stops all of it.")
        await cluster.look_after()
    finally:
        await cluster.stop()
        say("The cluster has stopped.")


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="where HAProxy listens (8000)")
    port = parser.parse_args().port
    with tempfile.TemporaryDirectory(prefix="parley-cluster-") as folder:
        showing = asyncio.create_task(show(Path(folder), port))
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, showing.cancel)
        try:
            with suppress(asyncio.CancelledError):
                await showing
        except (Missing, PartEnded, StorageError, TimeoutError, OSError) as error:
            print(f"The cluster did not start. {error}", file=sys.stderr, flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""The command line, run as people and programs run it: while a server runs and when none does."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.main import main
from app.storage.mongo import Database
from tests.harness.commands import Done, run

ROOT = Path(__file__).parents[2]
PASSWORD = "tulip fields forever"
# No claim about speed: two that take turns start a database each, on a busy machine too.
ENDS_WITHIN_S = 150.0


class Command:
    """Commands on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        keep = ("PATH", "HOME", "LANG")
        self.environ = {name: os.environ[name] for name in keep if name in os.environ}

    def __call__(self, *arguments: str, said: str = "", **settings: str) -> Done:
        given = [*arguments, "--data-dir", str(self.folder)]
        return run(given, self.environ | settings, said)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """`python -m app …` in a process of its own, without waiting for its end."""
        return subprocess.Popen(
            [sys.executable, "-m", "app", *arguments, "--data-dir", str(self.folder)],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def create(self, name: str, *more: str) -> Done:
        return self("users", "create", name, "--password-stdin", "--json", *more, said=PASSWORD)


class Server:
    """`serve` on the same data folder."""

    def __init__(self, command: Command) -> None:
        self.process = command.begin("serve", "--port", "0")
        self.address = self.until_ready()

    def until_ready(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"Parley is ready: (http://127\.0\.0\.1:\d+)/(.*)\n", line)
        assert found, (line, self.process.poll() and self.process.communicate())
        self.rest = found[2]
        return found[1]

    def stop(self) -> str:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=ENDS_WITHIN_S)[1]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    """A folder with ana, who is an admin, and ben; no server runs."""
    command = Command(tmp_path_factory.mktemp("cli") / "data")
    command.create("ana", "--admin")
    command.create("ben")
    return command


@pytest.fixture(scope="module")
def server(command: Command) -> Iterator[Server]:
    server = Server(command)
    yield server
    assert "Traceback" not in server.stop()


def test_nothing_runs_on_after_a_command(command: Command) -> None:
    pid = json.loads((command.folder / "mongodb.json").read_text())["pid"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def inside(
    capsys: pytest.CaptureFixture[str], *arguments: str, **environ: str
) -> tuple[int, str, str]:
    """Status, output and errors of a command that needs no database, run in this process."""
    status = main(list(arguments), environ)
    told = capsys.readouterr()
    return status, told.out, told.err


def test_a_wrong_setting_is_named_without_a_traceback(command: Command) -> None:
    answered = command("users", "list", PARLEY_PRESET="staging")
    assert answered.status == 1
    assert "PARLEY_PRESET" in answered.err
    assert "Traceback" not in answered.err


def test_config_tells_what_is_in_force_and_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    given = {
        "PARLEY_SECRET": "tell nobody",
        "PARLEY_SSE_BUFFER_SIZE": "7",
        "PARLEY_DATA_DIR": str(folder),
    }
    _, told, _ = inside(capsys, "config", "--json", **given)
    content = json.loads(told)
    assert content["sse_buffer_size"] == {"value": 7, "from": "PARLEY_SSE_BUFFER_SIZE"}
    assert content["secret"] == {"value": "set", "from": "PARLEY_SECRET"}
    _, lines, _ = inside(capsys, "config", **given)
    assert "PARLEY_DATA_DIR" in lines
    assert "tell nobody" not in lines + told
    assert not folder.exists()
    status, _, wrong = inside(capsys, "config", **given | {"PARLEY_SSE_BUFFER_SIZE": "many"})
    assert (status, "PARLEY_SSE_BUFFER_SIZE" in wrong) == (1, True)


def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        inside(capsys, "users", "shout")
    assert ended.value.code == 2


def test_two_commands_at_once_take_turns(command: Command) -> None:
    started = [command.begin("users", "list") for _ in range(2)]
    told = [each.communicate(timeout=ENDS_WITHIN_S) for each in started]
    assert all("ana" in out for out, _ in told), told


def test_users_create_prints_the_user(command: Command, server: Server) -> None:
    created = command.create("cleo", "--display-name", "Cleo K.").content
    assert (created["username"], created["name"], created["role"]) == ("cleo", "Cleo K.", "member")
    listed = command("users", "list", "--json").content["items"]
    assert [user["username"] for user in listed][:3] == ["ana", "ben", "cleo"]
    assert listed[0]["role"] == "admin"


def test_bots_create_prints_a_token_once_and_marks_the_account(
    command: Command, server: Server
) -> None:
    made = command("bots", "create", "echo", "--display-name", "Echo", "--scope", "chat", "--json")
    assert made.content["token"].startswith("parley_")
    bots = [user for user in command("users", "list", "--json").content["items"] if user["bot"]]
    assert [bot["id"] for bot in bots] == [made.content["id"]]
    assert command("users", "reset-link", "echo").status == 1


def test_a_taken_name_is_a_conflict_with_status_1(command: Command, server: Server) -> None:
    answered = command.create("ANA")
    assert answered.status == 1
    assert answered.content["error"]["code"] == "conflict"
    assert answered.err.strip() == answered.content["error"]["message"]


def test_rooms_and_tokens(command: Command, server: Server) -> None:
    room = command("rooms", "create", "Work shop", "--private", "--json").content
    assert (room["name"], room["kind"]) == ("Work shop", "private")
    added = command("rooms", "add", room["slug"], "ben", "--json").content
    assert added["room"] == room["id"]
    token = command("tokens", "create", "ben", "--json").content["token"]
    request = urllib.request.Request(
        f"{server.address}/api/rooms", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request) as answer:
        assert room["slug"] in answer.read().decode()


def test_a_user_made_beside_a_running_server_can_sign_in(command: Command, server: Server) -> None:
    assert command.create("dana").status == 0
    body = json.dumps({"username": "dana", "password": PASSWORD}).encode()
    request = urllib.request.Request(
        f"{server.address}/api/session", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["user"]["username"] == "dana"


def test_a_second_server_on_the_folder_is_refused(command: Command, server: Server) -> None:
    second = command.begin("serve", "--port", "0")
    _, errors = second.communicate(timeout=ENDS_WITHIN_S)
    assert second.returncode == 1
    assert f"process {server.process.pid}" in errors
    assert "Traceback" not in errors


async def test_db_url_is_for_a_second_process(command: Command, server: Server) -> None:
    url = command("db", "url", "--json").content["url"]
    database = await Database.open(url)
    assert await database.collection("users").count_documents({"username": "ana"}) == 1
    await database.close()


def status_of(server: Server, path: str, body: object = None, token: str | None = None) -> int:
    """Of a GET, or a POST where there is a body."""
    return asked(server, path, body, token)[0]


def asked(
    server: Server, path: str, body: object = None, token: str | None = None
) -> tuple[int, Any]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.address}{path}", data, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            content = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, json.loads(content) if is_json else None
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


class Proofs:
    """One of each thing that lets somebody in without a password."""

    def __init__(self, command: Command, server: Server) -> None:
        self.tokens = {
            "token": command("tokens", "create", "ana", "--json").content["token"],
            "bot": command("bots", "create", "builder", "--json").content["token"],
            "session": asked(server, "/api/session", {"username": "ana", "password": PASSWORD})[1][
                "token"
            ],
        }
        config = asked(server, "/api/config/websocket", token=self.tokens["session"])[1]
        self.tokens["ticket"] = config["token"]
        self.reset = command("users", "reset-link", "ben", "--json").content["path"]
        wanted = {"direction": "incoming", "name": "CI", "topic": "builds"}
        made = asked(server, "/api/hooks", wanted, self.tokens["session"])[1]
        self.hook = f"/api/hooks/{made['secret']}"

    def statuses(self, server: Server) -> dict[str, int]:
        """The HTTP status that each proof of access gets now."""
        told = {kind: status_of(server, "/api/me", token=t) for kind, t in self.tokens.items()}
        told["reset link"] = status_of(server, self.reset)
        told["hook"] = status_of(server, self.hook, {"text": "done"})
        return told


ENDED = {"token": 401, "bot": 401, "session": 401, "ticket": 401, "reset link": 404, "hook": 403}


async def test_restore_beside_a_running_server(
    command: Command, server: Server, tmp_path: Path
) -> None:
    file = str(tmp_path / "all.parley")
    proofs = await asyncio.to_thread(Proofs, command, server)
    assert command("db", "backup", file, "--json").content["documents"] > 5
    url = command("db", "url", "--json").content["url"]
    assert await audited(url, "backup_made") == [(None, True)]
    before = await heads(url)
    assert command.create("eva").status == 0
    assert set(proofs.statuses(server).values()) == {200}

    answered = command("db", "restore", file, "--json")
    assert answered.status == 0, answered.err
    server.address = await asyncio.to_thread(server.until_ready)

    names = [user["username"] for user in command("users", "list", "--json").content["items"]]
    assert "ana" in names
    assert "eva" not in names
    assert await audited(url, "database_restored") == [(None, True)]
    after = await heads(url)
    assert after.keys() == before.keys()
    assert all(after[stream] - before[stream] >= 2**32 for stream in before)
    # No token, session, ticket, link or hook works any more, ended since the backup or not.
    assert proofs.statuses(server) == ENDED
    body = {"username": "ana", "password": PASSWORD}
    session = asked(server, "/api/session", body)[1]["token"]
    assert status_of(server, "/api/me", token=session) == 200
    # It is the same server as before, in all its parts.
    created = command.create("fay")
    assert created.status == 0, created.err
    with urllib.request.urlopen(f"{server.address}/readyz") as answer:
        assert answer.status == 200


async def heads(url: str) -> dict[str, int]:
    database = await Database.open(url)
    groups = [{"$group": {"_id": "$stream", "head": {"$max": "$rev"}}}]
    found = {g["_id"]: g["head"] async for g in database.collection("entries").aggregate(groups)}
    await database.close()
    return found


async def audited(url: str, kind: str) -> list[tuple[str | None, bool]]:
    """By whom, and whether it was allowed, of each entry of the trail of this kind."""
    database = await Database.open(url)
    found = [
        (entry["user"], entry["allowed"])
        async for entry in database.collection("audit").find({"kind": kind})
    ]
    await database.close()
    return found


def test_a_damaged_backup_does_not_even_stop_the_server(
    command: Command, server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "bad.parley"
    file.write_bytes(b"not a backup")
    answered = command("db", "restore", str(file), "--json")
    assert answered.status == 1
    assert "backup" in answered.content["error"]["message"]
    with urllib.request.urlopen(f"{server.address}/healthz") as answer:
        assert answer.status == 200


def test_a_port_in_use_is_told(
    command: Command, server: Server, tmp_path: Path, mongo_url: str
) -> None:
    port = server.address.rpartition(":")[2]
    other = Command(tmp_path / "data")
    other.environ["MONGODB_URL"] = mongo_url
    second = other.begin("serve", "--port", port)
    _, errors = second.communicate(timeout=ENDS_WITHIN_S)
    assert second.returncode == 1
    assert port in errors
    assert "Traceback" not in errors

"""The embedded MongoDB: starts a mongod, takes over a running one, restarts and stops it.

One live process owns the data folder. After a SIGKILL of it mongod runs on, and the next start
takes it over.
"""

import asyncio
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct
from pymongo.errors import PyMongoError

from app.storage.errors import StorageError
from app.storage.folder_lock import FolderInUse, FolderLock, Role
from app.storage.mongod import REPLICA_SET, Files, find_mongod, free_port, spawn
from app.storage.os_process import Process, identity_of, is_dead, running_with
from app.storage.replica_set import USER, ReplicaSet
from app.storage.secret_file import kept_secret
from app.telemetry.tasks import Tasks

log = structlog.get_logger(__name__)

TAKEOVER_WITHIN_S = 3.0
STOP_WITHIN_S = 8.0
HANGING_STOP_WITHIN_S = 2.0
COMMANDS_END_WITHIN_S = 60.0
REVIVE_AT_ONCE_S, REVIVE_AT_MOST_S = 0.1, 5.0


class State(Struct, kw_only=True):
    """The state file, `mongodb.json`: the mongod that was started last."""

    pid: int
    identity: str | None
    port: int


class EmbeddedMongod:
    """The mongod of one data folder, for the process that holds the folder."""

    def __init__(self, data_dir: Path, role: Role = "server") -> None:
        self.tasks = Tasks()
        self._files = Files(data_dir)
        self._lock = FolderLock(self._files.folder, role)
        self._process: Process | None = None
        self._port = 0
        self._password = ""

    @property
    def url(self) -> str:
        """The address for clients on this machine, password included."""
        return _url(self._port, self._password)

    @property
    def pid(self) -> int | None:
        """The process id of mongod while it runs."""
        return self._process.pid if self._process else None

    async def start(self) -> str:
        """Lock the folder, start or take over its mongod, and watch it; returns the address.

        Raises FolderInUse when another live Parley has the folder, StorageError when there is no
        mongod or it does not start.
        """
        await self._hold()
        try:
            self._files.make()
            kept_secret(self._files.key, 48)
            self._password = kept_secret(self._files.password)
            self._process = await self._have_one()
        except BaseException:
            self._lock.release()
            raise
        self.tasks.spawn(self._keep_alive(), "embedded MongoDB")
        return self.url

    async def _hold(self) -> None:
        """Lock the folder; waits for a command that holds it, but not for a server."""
        deadline = asyncio.get_running_loop().time() + COMMANDS_END_WITHIN_S
        while True:
            try:
                self._lock.acquire()
                return
            except FolderInUse as held:
                # Right after locking, a holder has not written who it is yet.
                is_known = held.pid is not None and not is_dead(held.pid)
                is_server = held.role == "server" and is_known
                if is_server or asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(REVIVE_AT_ONCE_S)

    async def stop(self) -> None:
        """Stop mongod, then unlock the folder."""
        await self.tasks.close()
        if self._process is not None:
            await self._process.stop(STOP_WITHIN_S)
            self._process = None
        self._lock.release()

    async def _have_one(self) -> Process:
        """The mongod that a killed server left running, else a new one."""
        while True:
            taken_over = await self._take_over()
            if taken_over is not None:
                return taken_over
            try:
                return await self._launch()
            except StorageError:
                # A mongod that was started right before the kill was not visible when we looked,
                # and holds the files now.
                if _left_behind(self._files) is None:
                    raise

    async def _take_over(self) -> Process | None:
        """The running mongod of a killed server, if it answers; one that does not is stopped."""
        found = _left_behind(self._files)
        if found is None:
            return None
        process, port = found
        if await ReplicaSet(process, port, self._password).answers(TAKEOVER_WITHIN_S):
            self._port = port
            self._remember(process)
            log.info("took over the running embedded MongoDB", pid=process.pid, port=port)
            return process
        # It hangs. Its journal has all that it acknowledged, so killing it loses nothing.
        await process.stop(HANGING_STOP_WITHIN_S)
        return None

    async def _launch(self) -> Process:
        """A new mongod, on its previous port if that is free."""
        program = find_mongod()
        self._port = free_port(_last_port(self._files))
        self._files.trim_log()
        process = spawn(program, self._files, self._port)
        try:
            self._remember(process)
            await ReplicaSet(process, self._port, self._password).prepare()
        except BaseException as error:
            await process.stop(STOP_WITHIN_S)
            if isinstance(error, TimeoutError | StorageError):
                raise StorageError(self._why_not(error)) from error
            raise
        log.info("started the embedded MongoDB", pid=process.pid, port=self._port)
        return process

    def _why_not(self, error: Exception) -> str:
        reason = str(error) or "The embedded MongoDB did not become ready in time."
        said = self._files.last_words()
        return f"{reason} Its log is {self._files.log}" + (f": {said}." if said else ".")

    def _remember(self, process: Process) -> None:
        """Write the state file, by which the next start recognises this mongod."""
        state = State(pid=process.pid, identity=process.identity, port=self._port)
        draft = self._files.state.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(state))
        draft.replace(self._files.state)

    async def _keep_alive(self) -> None:
        """Restart mongod whenever it dies, on the same port, so that clients find it again."""
        while True:
            if self._process is not None:
                await self._process.exited()
                log.error("the embedded MongoDB ended and is started again", pid=self._process.pid)
            await self._revive()

    async def _revive(self) -> None:
        pause_s = REVIVE_AT_ONCE_S
        while True:
            self._process = None
            try:
                self._process = await self._launch_here()
                return
            except (StorageError, PyMongoError, OSError) as error:
                log.error("the embedded MongoDB does not start", reason=str(error))  # noqa: TRY400
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, REVIVE_AT_MOST_S)

    async def _launch_here(self) -> Process:
        port = self._port
        if free_port(port) != port:
            raise StorageError(f"Its port {port} is taken by another program.")
        return await self._launch()


def running_url(data_dir: Path) -> str | None:
    """The database's address in a data folder that another process holds, or None."""
    files = Files(data_dir)
    port = _last_port(files)
    if port is None or not files.password.exists():
        return None
    return _url(port, files.password.read_text(encoding="ascii").strip())


def _url(port: int, password: str) -> str:
    return (
        f"mongodb://{USER}:{password}@127.0.0.1:{port}/?replicaSet={REPLICA_SET}&authSource=admin"
    )


def _state(files: Files) -> State | None:
    try:
        return msgspec.json.decode(files.state.read_bytes(), type=State)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def _last_port(files: Files) -> int | None:
    state = _state(files)
    return state.port if state else None


def _left_behind(files: Files) -> tuple[Process, int] | None:
    """The mongod that runs on our files, found by the state file or by its command line."""
    state = _state(files)
    # A process that reuses the id has another identity, and is left alone.
    if state is not None and (process := Process(state.pid, state.identity)).is_running:
        return process, state.port
    return _by_its_arguments(files)


def _by_its_arguments(files: Files) -> tuple[Process, int] | None:
    # A server killed between starting mongod and writing the state file leaves only this trace:
    # mongod writes its id into its own lock file late.
    for pid, arguments in running_with(str(files.data)).items():
        if "--dbpath" in arguments and "--port" in arguments:
            port = int(arguments[arguments.index("--port") + 1])
            return Process(pid, identity_of(pid)), port
    return None

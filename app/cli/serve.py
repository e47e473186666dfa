"""The command `serve`: runs the server, and restores a backup where `db restore` asked for it."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any

import structlog

from app.cli.database_commands import restore_into
from app.server.process import serve
from app.server.workers.supervisor import supervise
from app.settings import Settings
from app.storage.errors import DatabaseError, StorageError
from app.storage.restore_request import RestoreRequest

log = structlog.get_logger(__name__)


def run_server(settings: Settings) -> None:
    """Serve until a signal stops it; after a restore, replace this process by a new server."""
    if settings.mongodb_url is not None:
        run(_serving(settings))
        return
    request = RestoreRequest(settings.data_dir)
    request.forget()
    run(_serving(settings))
    if request.is_asked:
        run(_restore(settings, request))
        # A new interpreter, so that no cache or connection of before survives.
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def _serving(settings: Settings) -> Coroutine[Any, Any, None]:
    """Serve in this process, or in several."""
    if settings.workers == 1:
        return serve(settings, announce)
    return supervise(settings, [sys.executable, "-m", "app.cli.worker"], announce)


async def _restore(settings: Settings, request: RestoreRequest) -> None:
    try:
        await restore_into(settings.data_dir, request.request, "server")
    except (StorageError, DatabaseError, OSError) as error:
        log.error("not restored", reason=str(error))  # noqa: TRY400
        request.answer(f"The backup was not restored: {error}")
    else:
        request.answer(None)


def announce(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` on uvloop, or on asyncio's loop where uvloop is not installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)

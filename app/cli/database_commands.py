"""The commands `db …`: address, backup and restore of the embedded database.

A backup and a restore are audited here: they are of the whole database, and no feature is open.
"""

import asyncio
import os
from pathlib import Path

from app.accounts.feature import Accounts
from app.audit.trail import AuditTrail
from app.cli.commands import Features, Options, Verbs
from app.cli.open_database import database_url, open_database
from app.cli.output import Output
from app.server.features import FEATURES
from app.settings import Settings
from app.storage.backup import backup
from app.storage.backup_file import Summary
from app.storage.embedded import EmbeddedMongod
from app.storage.errors import StorageError
from app.storage.folder_lock import FolderInUse, Role
from app.storage.mongo import Database
from app.storage.os_process import children_of
from app.storage.restore import checked, refuse_others, restore
from app.storage.restore_request import RestoreRequest
from app.streams.after_restore import mark_restored


def add(verbs: Verbs) -> None:
    """Add the verbs of `db`."""
    verbs.add_bare("url", "print the database's address, password included", _url)
    for verb, help_text, run in (
        ("backup", "write everything to a file, also while a server runs", _backup),
        (
            "restore",
            "put a backup in the place of everything; a running server starts anew",
            _restore,
        ),
    ):
        verbs.add_bare(verb, help_text, run).add_argument("file", type=Path)
    verbs.add(
        "end-access",
        "end all sessions, tokens and links, as after a restore by other means",
        end_all_access,
    )


async def _url(_: Options, settings: Settings) -> Output:
    async with database_url(settings) as url:
        return Output(url, {"url": url})


async def _backup(options: Options, settings: Settings) -> Output:
    _require_embedded(settings, "mongodump")
    async with open_database(settings) as database:
        made = await backup(database, options.file)
        await AuditTrail(database).done("backup_made", None)
    return Output(
        f"{made.documents} documents are in {made.file} ({made.size_bytes} bytes).",
        {"file": made.file, "documents": made.documents, "size_bytes": made.size_bytes},
    )


async def _restore(options: Options, settings: Settings) -> Output:
    _require_embedded(settings, "mongorestore")
    summary = await checked(options.file)
    try:
        await restore_into(settings.data_dir, options.file, "command")
    except FolderInUse as held:
        await _by_the_server(options.file, settings, held)
    return _restored(options.file, summary)


async def restore_into(data_dir: Path, file: Path, role: Role) -> None:
    """Restore `file` while this process holds the data folder. Raises FolderInUse, StorageError."""
    embedded = EmbeddedMongod(data_dir, role)
    url = await embedded.start()
    try:
        database = await Database.open(url)
        try:
            await restore(database, file, _mark)
        finally:
            await database.close()
    finally:
        await embedded.stop()


async def _mark(database: Database, prefix: str) -> None:
    """Change in restored collections what must not be restored as it was."""
    await mark_restored(database, prefix)
    await _mark_features(database, prefix)
    await AuditTrail(database, prefix).done("database_restored", None)


async def _mark_features(database: Database, prefix: str) -> None:
    for feature in FEATURES:
        await feature.after_restore(database, prefix)


async def end_all_access(_: Options, features: Features) -> Output:
    """End all sessions, tokens and links, also those that a running server knows."""
    await features[Accounts].administration.end_all_access(
        lambda: _mark_features(features.core.database, "")
    )
    return Output(
        "Everybody is signed out. Tokens, invites and reset links have to be made anew; webhooks "
        "wait to be adopted.",
        {"ok": True},
    )


async def _by_the_server(file: Path, settings: Settings, held: FolderInUse) -> None:
    if held.pid is None:
        raise held
    async with open_database(settings) as database:
        # Its workers are connected instead of itself, where it has any; they stop with it.
        await refuse_others(database, {held.pid, os.getpid(), *children_of(held.pid)})
    request = RestoreRequest(settings.data_dir)
    await asyncio.to_thread(request.ask, file, held.pid)
    await request.answered(held.pid)


def _restored(file: Path, summary: Summary) -> Output:
    return Output(
        f"Everything is as it was at {summary.made_at}: {summary.documents} documents.\n"
        "Everybody signs in again. Tokens, invites and reset links have to be made anew, and "
        "webhooks wait to be adopted.",
        {"file": str(file), "documents": summary.documents, "made_at": summary.made_at},
    )


def _require_embedded(settings: Settings, instead: str) -> None:
    if settings.mongodb_url is not None:
        raise StorageError(
            f"This is for the embedded database. For your own MongoDB use {instead}."
        )

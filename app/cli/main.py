"""Reads the command line and the settings, runs one command, and prints failures as sentences."""

import argparse
import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from app import __version__
from app.cli import bots, database_commands, nodes, rooms, tokens, users
from app.cli.commands import Verbs
from app.cli.config import in_force
from app.cli.output import show, show_failure
from app.cli.serve import run_server
from app.errors import ParleyError
from app.settings import Settings
from app.settings_loader import (
    SettingsError,
    load_settings,
    places,
    unknown_variables,
    with_secret,
)
from app.storage.errors import DatabaseError, StorageError, as_parley_error
from app.telemetry import logs

log = structlog.get_logger(__name__)

SETTINGS_FILE = Path("parley.toml")
Given = tuple[dict[str, Any], Mapping[str, str], Path | None]
NOUNS = (
    ("users", "who has an account here", users.add),
    ("bots", "accounts for programs", bots.add),
    ("rooms", "make a room and bring people into it", rooms.add),
    ("tokens", "let a program act for a person", tokens.add),
    ("db", "the database's address, backup and restore", database_commands.add),
)


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run one command and return the exit status: 0, or 1 for a failure that was printed.

    Raises SystemExit with 2 for wrong usage.
    """
    options = parser().parse_args(arguments)
    as_json = getattr(options, "json", False)
    try:
        given = _given(options, environ)
        if options.explain:
            show(in_force(load_settings(*given), places(*given)), as_json=as_json)
            return 0
        settings = with_secret(load_settings(*given))
        _run(options, settings, environ, as_json)
    except KeyboardInterrupt:
        return 130
    except (SettingsError, StorageError, ParleyError, OSError) as error:
        show_failure(error, as_json=as_json)
        return 1
    except DatabaseError as error:
        show_failure(as_parley_error(error) or error, as_json=as_json)
        return 1
    return 0


def _given(options: argparse.Namespace, environ: Mapping[str, str]) -> Given:
    named = getattr(options, "config", None)
    file = named or (SETTINGS_FILE if SETTINGS_FILE.exists() else None)
    given = ("host", "port", "data_dir", "preset", "workers")
    return {name: getattr(options, name, None) for name in given}, environ, file


def _run(
    options: argparse.Namespace, settings: Settings, environ: Mapping[str, str], as_json: bool
) -> None:
    if options.serve:
        logs.configure()
        for name, meant in unknown_variables(environ).items():
            log.warning("there is no such setting", variable=name, perhaps=meant)
        run_server(settings)
        return
    logs.configure(as_json=False, level=logging.CRITICAL)
    show(asyncio.run(options.run(options, settings)), as_json=as_json)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    common = _common()
    tree = argparse.ArgumentParser(prog="python -m app", description="Parley", parents=[common])
    tree.add_argument("--version", action="version", version=f"Parley {__version__}")
    tree.set_defaults(serve=False, explain=False)
    nouns = tree.add_subparsers(metavar="COMMAND", required=True)
    _add_serve(nouns, common)
    _add_config(nouns, common)
    nodes.add(nouns, common)
    for noun, help_text, add in NOUNS:
        add(Verbs(nouns, noun, help_text, common))
    return tree


def _common() -> argparse.ArgumentParser:
    """Options before or after the command; suppressed defaults would override the other place."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--data-dir", metavar="FOLDER", help="the data folder (data)")
    common.add_argument("--config", type=Path, metavar="FILE", help="settings file (parley.toml)")
    common.add_argument("--json", action="store_true", help="print one JSON object")
    return common


def _add_serve(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    help_text = "run the server"
    serve = nouns.add_parser(
        "serve",
        help=help_text,
        description=help_text,
        parents=[common],
        argument_default=argparse.SUPPRESS,
    )
    serve.add_argument("--host", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", help="port, 0 for a free one (8000)")
    serve.add_argument("--preset", help="production or development")
    serve.add_argument("--workers", metavar="N", help="processes that serve the one port (1)")
    serve.set_defaults(serve=True)


def _add_config(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    help_text = "print the settings that are in force, and where each comes from"
    nouns.add_parser(
        "config", help=help_text, description=help_text, parents=[common]
    ).set_defaults(explain=True)

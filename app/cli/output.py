"""The output of commands: text for people, or with `--json` one JSON object for programs."""

import sys
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from app.errors import Invalid, ParleyError


class Output(Struct, frozen=True):
    """`text` for people, `content` for `--json`."""

    text: str
    content: Mapping[str, Any]


def show(output: Output, *, as_json: bool) -> None:
    """Print an output to stdout."""
    print(msgspec.json.encode(output.content).decode() if as_json else output.text, flush=True)


def show_failure(error: Exception, *, as_json: bool) -> None:
    """Print the error to stderr, and with `--json` also the `error` object to stdout."""
    print(error, file=sys.stderr, flush=True)
    if as_json:
        described = error if isinstance(error, ParleyError) else Invalid(str(error))
        print(msgspec.json.encode(described.as_result()).decode(), flush=True)

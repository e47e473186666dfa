"""Parley's commands in one process that stays: loading the program takes longer than a command.

As a program (`python -m tests.harness.commands`) it reads one command a line and answers each with
a line; `run` starts it once for all tests of a process.
"""

import atexit
import io
import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

ROOT = Path(__file__).parents[2]


class Done(Struct, frozen=True):
    """How one command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def content(self) -> dict[str, Any]:
        """The JSON object that it printed."""
        (line,) = self.out.splitlines()
        return dict(json.loads(line))


class _Process:
    """The process that runs them, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.harness.commands"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._process.kill)

    def run(self, arguments: Sequence[str], environ: Mapping[str, str], stdin: str) -> Done:
        asked = {"arguments": [*arguments], "environ": dict(environ), "stdin": stdin}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
            return Done(**json.loads(self._process.stdout.readline()))


_process = cache(_Process)


def run(arguments: Sequence[str], environ: Mapping[str, str], stdin: str = "") -> Done:
    """Run one command as `python -m app` would with these arguments and this environment."""
    return _process().run(arguments, environ, stdin)


def _run_here(asked: Mapping[str, Any]) -> Done:
    from app.cli.main import main
    from tests.harness.cheap_hashing import sitecustomize  # noqa: F401

    out, err = io.StringIO(), io.StringIO()
    sys.stdin = io.StringIO(asked["stdin"])
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = main(asked["arguments"], asked["environ"])
        except SystemExit as ended:
            status = int(ended.code or 0)
    return Done(status, out.getvalue(), err.getvalue())


if __name__ == "__main__":
    for line in sys.stdin:
        done = _run_here(json.loads(line))
        sys.stdout.write(json.dumps(asdict(done)) + "\n")
        sys.stdout.flush()

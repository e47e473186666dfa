"""`python -m tests.harness.commands`: several of Parley's commands, one after the other.

Each is told as it would be to `python -m app`. One process for all, as loading the program takes
longer than what a command does.
"""

import io
import json
import os
import sys

from app.cli.main import main


def run() -> int:
    """Run what standard input lists, and end with the status of the first that fails."""
    asked = json.load(sys.stdin)
    for arguments in asked["commands"]:
        sys.stdin = io.StringIO(asked["stdin"])
        if status := main(arguments, os.environ):
            return status
    return 0


if __name__ == "__main__":
    sys.exit(run())

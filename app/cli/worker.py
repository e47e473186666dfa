"""`python -m app.cli.worker`: one worker of `serve --workers N`, started by its supervisor."""

import sys

from app.cli.output import show_failure
from app.cli.serve import announce, run
from app.server.workers.order import order_from
from app.server.workers.worker import STDIN, work
from app.storage.errors import StorageError
from app.telemetry import logs


def main() -> int:
    """Serve as ordered; returns the exit status."""
    order = order_from(STDIN)
    logs.configure()
    try:
        run(work(order, announce))
    except (StorageError, OSError) as error:
        show_failure(error, as_json=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

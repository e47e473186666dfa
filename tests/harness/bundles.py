"""Makes the bundles of the pages where they are older than their sources."""

import fcntl
import subprocess
import tempfile
from pathlib import Path

from app.web.static_files import StaticFiles
from tests.harness.server import ROOT

STATIC = ROOT / "static"


def make() -> None:
    """Have bundles of the present sources, whichever test process comes first."""
    lock = Path(tempfile.gettempdir()) / f"parley-bundles-{STATIC.stat().st_ino}"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if StaticFiles(STATIC).bundle("js/chat/page.js") is None:
            subprocess.run(["scripts/with-node", "node", "scripts/bundle.js"], cwd=ROOT, check=True)

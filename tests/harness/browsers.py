"""Where the browsers of this machine are."""

import subprocess

from tests.harness.server import ROOT


def browser_path(name: str) -> str:
    """The path of `chromium` or `firefox`, as `scripts/browser` finds it."""
    found = subprocess.run(
        [ROOT / "scripts" / "browser", name], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()

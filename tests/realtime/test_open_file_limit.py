"""Connections of clients never take the descriptors that the server itself needs."""

import subprocess
import sys

import pytest

from app.realtime.open_file_limit import RESERVE

ASKS = """
import resource, sys
from app.realtime.open_file_limit import allowed_sockets

resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
print(*allowed_sockets(int(sys.argv[3])), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("limit", "most", "wanted", "found"),
    [
        (256, 4_000, 1_000, (1_000, 1_256, 1_456, 4_000)),  # raised as far as it is needed
        (2_000, 4_000, 1_000, (1_000, 1_256, 2_000, 4_000)),  # enough already
        (256, 1_024, 10_000, (659, 824, 1_024, 1_024)),  # no more can be had
        (450, 450, 10_000, (200, 250, 450, 450)),
        (256, 280, 10, (10, 140, 280, 280)),
    ],
)
def test_the_limit_is_raised_or_the_pool_is_smaller(
    limit: int, most: int, wanted: int, found: tuple[int, ...]
) -> None:
    command = [sys.executable, "-c", ASKS, str(limit), str(most), str(wanted)]
    asked = subprocess.run(command, capture_output=True, text=True, check=True)
    pool, sockets, *limits = map(int, asked.stdout.splitlines()[-1].split())
    assert (pool, sockets, *limits) == found
    assert pool < sockets <= limits[0] - min(RESERVE, limits[0] // 2)

"""The pool of connections never asks for more open files than the system allows."""

import subprocess
import sys

import pytest

ASKS = """
import resource, sys
from app.realtime.descriptors import room_for

resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
print(room_for(int(sys.argv[3])), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("limit", "most", "wanted", "found"),
    [
        (256, 4_000, 1_000, "1000 1300 4000"),  # raised as far as it is needed
        (2_000, 4_000, 1_000, "1000 2000 4000"),  # enough already
        (256, 1_024, 10_000, "724 1024 1024"),  # no more can be had
        (256, 280, 10, "1 280 280"),
    ],
)
def test_the_limit_is_raised_or_the_pool_is_smaller(
    limit: int, most: int, wanted: int, found: str
) -> None:
    command = [sys.executable, "-c", ASKS, str(limit), str(most), str(wanted)]
    asked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert asked.stdout.splitlines()[-1] == found

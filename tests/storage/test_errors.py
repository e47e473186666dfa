"""A process that can open no more files does not take that for the death of another one."""

import errno
import json
import os
import signal
import subprocess
import sys

import pytest
from pymongo.errors import AutoReconnect

from app.storage.errors import as_parley_error, is_out_of_descriptors

# A child of another process, as a mongod that was taken over is, and one of our own.
ASKS = """
import json, os, resource, subprocess, sys
from app.storage.os_process import Process, arguments_of, identity_of, is_dead

sleeper = int(sys.argv[1])
child = subprocess.Popen(["sleep", "60"])
known = [Process(sleeper, identity_of(sleeper)), Process(child.pid, identity_of(child.pid), child)]
gone = Process(sleeper, "another boot 1")
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True:
        held.append(os.open("/", os.O_RDONLY))
except OSError:
    pass
try:
    asked = arguments_of(sleeper)
except OSError as error:
    asked = error.errno
found = [*(each.is_running for each in known), is_dead(sleeper), asked]
child.kill()
child.wait()
found += [known[1].is_running, is_dead(child.pid)]
for each in held:
    os.close(each)
print(json.dumps([*found, known[0].is_running, gone.is_running]))
"""


def test_processes_live_on_while_no_file_can_be_opened() -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        command = [sys.executable, "-c", ASKS, str(sleeper.pid)]
        asked = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        os.kill(sleeper.pid, signal.SIGKILL)
        sleeper.wait()
    assert json.loads(asked.stdout) == [True, True, False, errno.EMFILE, False, True, True, False]


def broken_by(number: int) -> AutoReconnect:
    """The driver's error for a socket that could not be opened."""
    found = AutoReconnect("127.0.0.1:27017")
    found.__cause__ = OSError(number, os.strerror(number))
    return found


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_no_descriptors_are_told_from_a_database_that_is_away(number: int) -> None:
    error = as_parley_error(broken_by(number))
    assert is_out_of_descriptors(broken_by(number))
    assert error is not None
    assert (error.code, "open files" in error.message) == ("unavailable", True)


def test_a_refused_connection_is_a_database_that_is_away() -> None:
    error = as_parley_error(broken_by(errno.ECONNREFUSED))
    assert not is_out_of_descriptors(broken_by(errno.ECONNREFUSED))
    assert error is not None
    assert "database" in error.message

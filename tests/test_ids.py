"""Ids are of one form, never the same twice, and in the order of time."""

import os
import re
import time

from bson import ObjectId

from app.ids import new_id

MANY = 100_000


def test_ids_have_the_form_of_the_databases_own_and_tell_the_second() -> None:
    before = int(time.time())
    made = new_id()
    assert re.fullmatch(r"[0-9a-f]{24}", made)
    assert before <= ObjectId(made).generation_time.timestamp() <= time.time()


def test_no_id_comes_twice() -> None:
    assert len({new_id() for _ in range(MANY)}) == MANY


def test_a_fork_makes_ids_of_its_own() -> None:
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writes, new_id().encode())
        os._exit(0)
    theirs = os.read(reads, 24).decode()
    os.waitpid(child, 0)
    assert theirs[8:18] != new_id()[8:18]

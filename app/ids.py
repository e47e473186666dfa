"""Makes ids. They are opaque, and ordered by time so that indexes grow at their end."""

import os
import secrets
import time
from itertools import count

_of_process = secrets.token_hex(5)
_numbers = count(secrets.randbelow(2**24))


def new_id() -> str:
    """A new id of 24 hexadecimal characters, unique over processes and machines.

    Made as MongoDB's ObjectId is: seconds, five random bytes of the process, a counter of three.
    """
    return f"{int(time.time()):08x}{_of_process}{next(_numbers) & 0xFFFFFF:06x}"


def _begin_anew() -> None:
    """Give a forked process random bytes of its own, so that its ids differ from its parent's."""
    global _of_process
    _of_process = secrets.token_hex(5)


os.register_at_fork(after_in_child=_begin_anew)

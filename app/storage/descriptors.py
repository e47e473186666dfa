"""Tells that this process ran out of open files from what failed because of it.

A full table of descriptors looks like a lost database or a dead process to whoever asks through a
file or a socket, and neither is.
"""

import errno

OUT_OF_DESCRIPTORS = frozenset({errno.EMFILE, errno.ENFILE})
CAUSES_AT_MOST = 10


def is_out_of_descriptors(error: BaseException | None) -> bool:
    """Whether `error`, or what it came from, is that no more files can be opened."""
    for _ in range(CAUSES_AT_MOST):
        if error is None:
            return False
        if isinstance(error, OSError) and error.errno in OUT_OF_DESCRIPTORS:
            return True
        error = error.__cause__ or error.__context__
    return False

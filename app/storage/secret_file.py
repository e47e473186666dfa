"""Secrets that live in the data folder: made once, readable by the owner alone."""

import os
import secrets
import tempfile
from pathlib import Path


def kept_secret(path: Path, length_bytes: int = 32) -> str:
    """The text in `path`; a new random one is put there first where there is none.

    Two processes that start at once get the same secret: the one that links its file first wins.
    Hexadecimal, which is fit for an address and for MongoDB's key file alike.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _place(path, secrets.token_hex(length_bytes))
    return path.read_text(encoding="ascii").strip()


def _place(path: Path, secret: str) -> None:
    # Written whole and then linked, so that nobody ever reads half a secret.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

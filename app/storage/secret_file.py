"""Secrets in the data folder: generated once, readable by the owner only."""

import os
import secrets
import tempfile
from pathlib import Path


def kept_secret(path: Path, length_bytes: int = 32) -> str:
    """The secret in `path`; a new random one is written there if it is missing.

    Two processes that start at once get the same secret: the first to link its file wins. The
    secret is hexadecimal, which fits into addresses and MongoDB's key file.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _place(path, secrets.token_hex(length_bytes))
    return path.read_text(encoding="ascii").strip()


def _place(path: Path, secret: str) -> None:
    # Written completely, then linked, so that no process reads half a secret.
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

"""The versions of the libraries below that Parley overrides parts of.

The overridden parts are not public and may change in the next version, so another version is
refused at import instead of failing somewhere later. For an update: change the number here and
in `requirements.in`, read what has changed below each override, and run the conformance suites.
"""

from importlib.metadata import version

PINNED = {
    "aiohttp": "3.14.5",
    "pymongo": "4.20.0",
    "python-engineio": "4.15.1",
    "python-socketio": "5.18.1",
    "redis": "8.1.0",
}


def require_pinned(library: str) -> None:
    """Called by each module that overrides a part of `library`. Raises ImportError."""
    installed = version(library)
    if installed != PINNED[library]:
        raise ImportError(
            f"Parley overrides parts of {library} {PINNED[library]} that are not public, but "
            f"{installed} is installed. Install what requirements.txt names, or read in "
            "app/library_versions.py how to update."
        )

"""Identifiers: opaque to everyone, ordered by time so that indexes grow at their end."""

from bson import ObjectId


def new_id() -> str:
    """A new id of 24 hexadecimal characters, unique over processes and machines."""
    return str(ObjectId())

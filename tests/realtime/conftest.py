"""The same house as for chat: the wire is tested with a real feature behind it."""

from tests.chat.conftest import ana, ben, house

__all__ = ["ana", "ben", "house"]

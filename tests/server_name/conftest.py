"""The same house as for chat, and people at browsers."""

from tests.chat.conftest import ana, ben, house

__all__ = ["ana", "ben", "house"]

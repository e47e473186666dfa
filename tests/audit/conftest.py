"""The house and its admin at a browser."""

from tests.admin.conftest import ana, ben, browser, house

__all__ = ["ana", "ben", "browser", "house"]

"""The rights that changing accounts, and making webhooks and tokens, requires. No I/O."""

from app.accounts.models import Caller
from app.errors import Forbidden, Unauthenticated


def must_be_in_person(caller: Caller) -> str:
    """The caller's session. Raises Unauthenticated for a program's token, which belongs to none.

    A token can't make more of itself.
    """
    if caller.session is None:
        raise Unauthenticated("This needs a session. Please sign in.")
    return caller.session


def must_be_admin(caller: Caller | None) -> None:
    """Raises Forbidden unless the caller is an admin who signed in, or None: the command line."""
    if caller is None:
        return
    must_be_in_person(caller)
    if not caller.user.is_admin:
        raise Forbidden("This page is for the admins of this server.")

"""Callers for tests that ask services directly."""

from app.accounts.models import Caller, User


def in_person(user: User) -> Caller:
    """This person, signed in at a browser."""
    return Caller(user=user, session="a session", address="127.0.0.1")

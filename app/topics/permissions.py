"""The rights to read topics and to publish in them. No I/O; every transport asks here."""

from app.accounts.models import Caller, User
from app.errors import Forbidden
from app.topics.models import Topic

# The scopes of tokens: readers of topics need that of chat.
READ = "chat"
PUBLISH = "topics:publish"


def can_see(user: User, topic: Topic) -> bool:
    """Whether this user may read `topic`."""
    return topic.read == "members" or user.is_admin


def may_read(caller: Caller, topic: Topic) -> bool:
    return caller.may(READ) and can_see(caller.user, topic)


def may_publish(caller: Caller, topic: Topic) -> bool:
    return caller.may(PUBLISH) and (topic.publish == "members" or caller.user.is_admin)


def must_be_reader(caller: Caller) -> None:
    """Raise Forbidden for a token that may not read topics."""
    if not caller.may(READ):
        raise Forbidden(f"This token may not read topics; that needs the scope {READ}.")


def must_be_publisher(caller: Caller) -> None:
    """Raise Forbidden for a token that may not publish."""
    if not caller.may(PUBLISH):
        raise Forbidden(f"This token may not publish; that needs the scope {PUBLISH}.")


def must_read(caller: Caller, topic: Topic) -> None:
    """Raise Forbidden unless the caller may read `topic`."""
    must_be_reader(caller)
    if not can_see(caller.user, topic):
        raise Forbidden("This topic is for the admins of this server.", field="topic")


def must_publish(caller: Caller, topic: Topic) -> None:
    """Raise Forbidden unless the caller may publish in `topic`."""
    must_be_publisher(caller)
    if not may_publish(caller, topic):
        raise Forbidden("Only admins publish in this topic.", field="topic")

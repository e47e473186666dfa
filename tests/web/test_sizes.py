"""Every text, list and table that comes from outside has a longest, which its type says."""

import msgspec
import pytest

from tests.web.request_types import Kind, parts, request_types

# Parley decodes these from what it has stored, which was measured on its way in; so do all stores.
STORED = frozenset(
    {
        "app.notifications.broadcast_worker:Broadcast",
        "app.notifications.models:Notice",
    }
)
FROM_OUTSIDE = {
    name: kind
    for name, kind in request_types().items()
    if name not in STORED and "store" not in name.partition(":")[0].split(".")
}


def endless(kind: Kind) -> list[str]:
    """The parts of a type that nothing bounds. Numbers have a bound of their own in `decoding`."""
    return [
        path
        for path, info in parts(kind)
        if isinstance(info, msgspec.inspect.StrType | msgspec.inspect.ListType)
        and info.max_length is None
        and not getattr(info, "pattern", None)
    ]


def open_patterns(kind: Kind) -> list[str]:
    """The patterns that a text with one more line break matches: `$` also stands before a last
    line break, and `\\Z` is none of JSON Schema."""
    patterns = [(path, getattr(info, "pattern", None)) for path, info in parts(kind)]
    return [f"{path} {p}" for path, p in patterns if p and not p.endswith(r"$(?!\n)")]


@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_patterns_take_no_line_break_at_the_end(name: str) -> None:
    assert open_patterns(FROM_OUTSIDE[name]) == []


@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_everything_that_comes_from_outside_has_a_longest(name: str) -> None:
    assert endless(FROM_OUTSIDE[name]) == []


def test_forms_queries_bodies_and_events_are_all_looked_at() -> None:
    for name in (
        "app.accounts.pages.sign_in:SignInForm",
        "app.notifications.routes:ListInbox",
        "app.analytics.models:Event",
        "app.chat.routes:PostMessage",
        "app.chat.models:EditMessage",
        "app.chat.drafts.service:SetDraft",
        "app.realtime.websocket.message_loop:Envelope",
    ):
        assert name in FROM_OUTSIDE, name

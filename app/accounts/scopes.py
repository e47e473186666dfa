"""The scopes that limit a token, and who may grant them. No I/O."""

# A token may be limited to some of these; without scopes it may do all that its owner may.
SCOPES = ("chat", "notifications:send", "topics:publish", "metrics:read")

# Rights of an admin: to reach everybody on this server, and to see how it is used.
ADMIN_SCOPES = frozenset({"notifications:send", "metrics:read"})


def grantable(*, is_admin: bool) -> list[str]:
    """The scopes that a person may give to a token of their own."""
    return [scope for scope in SCOPES if is_admin or scope not in ADMIN_SCOPES]

"""Every setting of Parley: its default and its bounds. `app/settings_loader.py` fills them in."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Preset = Literal["production", "development"]

Count = Annotated[int, Meta(ge=0, le=10_000_000)]
Bytes = Annotated[int, Meta(ge=0, le=2**50)]
Name = Annotated[str, Meta(max_length=100)]
Size = Annotated[int, Meta(ge=1, le=10_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=10 * 365 * 86_400)]

DAY_S = 86_400.0

PRESETS: dict[str, dict[str, Any]] = {
    "production": {},
    "development": {
        "websocket_max_connections": 100,
        "sse_buffer_size": 10,
        "broadcast_channel_capacity": 100,
        "heartbeat_interval": 60.0,
        "connection_timeout": 300.0,
    },
}

# Never shown or logged: with them one can act as the server or as the database's owner.
SECRETS = frozenset({"secret", "mongodb_url", "redis_url"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one process. Durations are in seconds; a limit of 0 is off."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="Port; 0 takes a free one.")] = 8000
    data_dir: Annotated[
        Path, Meta(description="Folder of the embedded database, its keys and the secret.")
    ] = Path("data")
    workers: Annotated[
        int,
        Meta(
            ge=1,
            le=256,
            description="Processes that serve the one port, each a node of its own (Linux).",
        ),
    ] = 1
    preset: Annotated[Preset, Meta(description="Which defaults the limits start from.")] = (
        "production"
    )
    secret: Annotated[
        str,
        Meta(
            description="Key that signs session cookies, at least 8 characters, the same on every "
            "node. Made at first start and kept in the data folder."
        ),
    ] = ""
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(
            description="Origins besides the server's own that may connect, such as "
            "`https://chat.example.org`; matched exactly."
        ),
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(description="Addresses or networks whose `X-Forwarded-…` are believed."),
    ] = ()
    behind_tls: Annotated[
        bool,
        Meta(description="People come over https (through a proxy): cookies get `Secure`."),
    ] = False
    mongodb_url: Annotated[
        str | None, Meta(description="An own MongoDB replica set instead of the embedded one.")
    ] = None
    redis_url: Annotated[
        str | None,
        Meta(
            description="Redis 6 or newer, or Valkey, that the nodes share: what one commits "
            "reaches the others in milliseconds. Without it they hear of each other over MongoDB's "
            "change stream. A password and TLS go into the address (`rediss://`)."
        ),
    ] = None
    node_name: Annotated[
        Name | None,
        Meta(
            description="The name of this node for admins; without a value the machine and the "
            "port.",
        ),
    ] = None
    drain_after_s: Annotated[
        Seconds,
        Meta(
            description="A node that is taken out says so at `/readyz` for so long before it sends "
            "clients away: the time in which the proxy notices."
        ),
    ] = 5.0
    drain_per_second: Annotated[
        Size, Meta(description="Clients that it then sends to other nodes a second.")
    ] = 200
    registration: Annotated[
        Literal["invite", "open"],
        Meta(description="The people who may create an account: those with an invite, or all."),
    ] = "invite"
    content_policy: Annotated[
        Literal["escape", "reject"],
        Meta(
            description="`escape` shows whatever people write harmlessly; `reject` also refuses "
            "text with `<script`, `javascript:`, `vbscript:`, `onload=` or `onerror=`."
        ),
    ] = "escape"
    messages_per_minute: Annotated[Count, Meta(description="Messages per person a minute.")] = 300
    rooms_per_minute: Annotated[
        Count, Meta(description="Rooms that one person makes a minute.")
    ] = 300
    invitations_per_minute: Annotated[
        Count, Meta(description="People whom one person puts into rooms a minute.")
    ] = 3_000
    connections_per_minute: Annotated[
        Count, Meta(description="Handshakes per address a minute.")
    ] = 600
    calls_per_minute: Annotated[
        Count,
        Meta(
            description="Requests and socket events of one person a minute, besides those that "
            "have a limit of their own: messages, published and tracked events."
        ),
    ] = 60_000
    anonymous_calls_per_minute: Annotated[
        Count,
        Meta(description="Requests of one address a minute by nobody who is signed in."),
    ] = 6_000
    websocket_max_connections: Annotated[
        Size, Meta(description="Open sockets and event streams at most; more are refused.")
    ] = 10_000
    connections_per_person: Annotated[
        Count | None,
        Meta(
            description="Of them, open ones of one person; without a value half of all, 5 at least."
        ),
    ] = None
    anonymous_connections: Annotated[
        Size | None,
        Meta(
            description="Of them, event streams and `/ws/echo` without signing in; without a value "
            "a tenth of all."
        ),
    ] = None
    anonymous_connections_per_address: Annotated[
        Count,
        Meta(description="Of these, those from one address; half of them at most. 0 is no limit."),
    ] = 10
    idle_connections_per_address: Annotated[
        Count,
        Meta(
            description="HTTP connections of one address that stay open between two requests, "
            "except a trusted proxy's."
        ),
    ] = 100
    keep_alive_s: Annotated[
        Seconds,
        Meta(description="They are closed after so long, except a trusted proxy's (an hour)."),
    ] = 75.0
    sse_buffer_size: Annotated[
        Size, Meta(description="Events that wait for one slow event-stream reader.")
    ] = 100
    broadcast_channel_capacity: Annotated[
        Size, Meta(description="Changes that wait for a commit; when full, senders wait.")
    ] = 1000
    heartbeat_interval: Annotated[Seconds, Meta(description="Between two heartbeats.")] = 30.0
    connection_timeout: Annotated[
        Seconds, Meta(description="Silence after which a connection is given up.")
    ] = 60.0
    direct_writes: Annotated[
        bool,
        Meta(
            description="Messages to many go straight to sockets that have nothing queued; `false` "
            "leads every message through each client's queue, which is slower."
        ),
    ] = True
    session_idle_s: Annotated[Seconds, Meta(description="A session unused for so long ends.")] = (
        14 * DAY_S
    )
    session_absolute_s: Annotated[
        Seconds, Meta(description="A session ends after so long in any case.")
    ] = 90 * DAY_S
    notification_retention_s: Annotated[
        Seconds, Meta(description="A notification that was read so long ago is deleted.")
    ] = 90 * DAY_S
    analytics_retention_s: Annotated[
        Seconds, Meta(description="A raw event of analytics is deleted so long after it happened.")
    ] = 30 * DAY_S
    analytics_buffer: Annotated[
        Size, Meta(description="Events that wait to be written; when full, callers wait.")
    ] = 50_000
    analytics_calls_per_minute: Annotated[
        Count, Meta(description="Calls that track events per address a minute.")
    ] = 60_000
    analytics_anonymous: Annotated[
        bool,
        Meta(description="Events are counted also without a session; `false` refuses them."),
    ] = True
    analytics_anonymous_bytes_per_minute: Annotated[
        Bytes, Meta(description="Bytes of events without a session, per address a minute.")
    ] = 16 * 1024 * 1024
    analytics_anonymous_bytes_per_day: Annotated[
        Bytes, Meta(description="Bytes of events without a session, of all addresses a day.")
    ] = 1024 * 1024 * 1024
    topics_at_most: Annotated[Size, Meta(description="Topics on this server at most.")] = 1_000
    topics_per_person: Annotated[
        Size,
        Meta(description="Topics of one member at most; admins have no such limit."),
    ] = 250
    topic_events_kept: Annotated[
        int,
        Meta(ge=1, le=10_000, description="Newest events that a topic serves which says nothing."),
    ] = 100
    topic_events_per_minute: Annotated[
        Count, Meta(description="Events that one person publishes in topics a minute.")
    ] = 60_000

    push_contact: Annotated[
        str | None,
        Meta(
            description="The contact for push services about this server: an address with "
            "`mailto:` or `https://`. Without it they are told the site's own address."
        ),
    ] = None
    push_allow_private: Annotated[
        bool,
        Meta(
            description="Push services may be in private networks and without TLS: for an intranet "
            "of trusted people only."
        ),
    ] = False
    hooks_allow_private: Annotated[
        bool,
        Meta(
            description="Outgoing webhooks may post to loopback and private addresses and without "
            "TLS: for receivers beside this server."
        ),
    ] = False
    hook_posts_per_minute: Annotated[
        Count, Meta(description="Posts that one incoming webhook accepts a minute.")
    ] = 120

    def __repr__(self) -> str:
        shown = ("host", "port", "data_dir", "preset")
        # Not all fields: a log line must never hold the secret or a database password.
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)}, …)"

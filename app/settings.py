"""Every setting of Parley: its default, its bounds, and where a value may come from.

Later ones win: preset, `parley.toml`, environment, command line. Nothing else reads the
environment.
"""

import difflib
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from app.storage.secret_file import kept_secret

Preset = Literal["production", "development"]

Count = Annotated[int, Meta(ge=0, le=10_000_000)]
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

# Shown to nobody: whoever has them is the server, or the database's owner.
SECRETS = frozenset({"secret", "mongodb_url", "redis_url"})

# Names that the field's other programs use as well.
UNPREFIXED = {"mongodb_url": "MONGODB_URL", "redis_url": "REDIS_URL"}


ORIGIN = re.compile(r"https?://[^/?#@\s]+", re.IGNORECASE)


class SettingsError(Exception):
    """A setting has a value that Parley can't run with; the message names it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What one process runs with. Durations are in seconds; a limit of 0 is off."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65_535, description="Port; 0 takes a free one.")] = 8000
    data_dir: Annotated[
        Path, Meta(description="Folder of the embedded database, its keys and the secret.")
    ] = Path("data")
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
    redis_url: Annotated[str | None, Meta(description="Redis that several nodes share.")] = None
    registration: Annotated[
        Literal["invite", "open"],
        Meta(description="Who may make an account: people with an invite link, or everyone."),
    ] = "invite"
    content_policy: Annotated[
        Literal["escape", "reject"],
        Meta(
            description="`escape` shows whatever people write harmlessly; `reject` also refuses "
            "text with `<script`, `javascript:`, `vbscript:`, `onload=` or `onerror=`."
        ),
    ] = "escape"
    messages_per_minute: Annotated[Count, Meta(description="Messages per person a minute.")] = 300
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
        Size, Meta(description="Open sockets at most; more are refused.")
    ] = 10_000
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
            description="What is said to many goes straight to the sockets with nothing queued "
            "before it; `false` leads everything through each client's queue, which is slower."
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
    topics_at_most: Annotated[Size, Meta(description="Topics on this server at most.")] = 1_000
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
            description="Whom push services can write to about this server: an address with "
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
        Count, Meta(description="What one incoming webhook takes a minute.")
    ] = 120

    def __repr__(self) -> str:
        shown = ("host", "port", "data_dir", "preset")
        # Not all fields: a log line must never hold the secret or a database password.
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)}, …)"


_TYPES = get_type_hints(Settings, include_extras=True)


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    return UNPREFIXED.get(name, f"PARLEY_{name.upper()}")


def load_settings(
    overrides: Mapping[str, Any], environ: Mapping[str, str], toml_path: Path | None = None
) -> Settings:
    """The settings from the three places; SettingsError names the one that is wrong.

    `overrides` are the command line's, None where an option was not given. The secret may still be
    empty: see `with_secret`.
    """
    given = {
        **_from_file(toml_path),
        **_from_environment(environ),
        **_from_command_line(overrides),
    }
    preset = given.get("preset", "production")
    return Settings(**{**PRESETS[preset], **given})


def places(
    overrides: Mapping[str, Any], environ: Mapping[str, str], toml_path: Path | None = None
) -> dict[str, str]:
    """Where the value of each setting comes from, in words. Raises SettingsError."""
    settings = load_settings(overrides, environ, toml_path)
    return {
        **dict.fromkeys(Settings.__struct_fields__, "default"),
        **dict.fromkeys(PRESETS[settings.preset], f"preset {settings.preset}"),
        **dict.fromkeys(_from_file(toml_path), str(toml_path)),
        **{name: variable(name) for name in _from_environment(environ)},
        **{name: f"--{name.replace('_', '-')}" for name in _from_command_line(overrides)},
    }


def with_secret(settings: Settings) -> Settings:
    """The same settings with the secret of the data folder, made now where there is none yet."""
    if settings.secret:
        return settings
    secret = kept_secret(settings.data_dir / "secret")
    return msgspec.structs.replace(settings, secret=secret)


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no settings file {path}.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The settings file {path} can't be read: {error}.") from error
    return {name: _value(name, raw, f"{name} in {path}") for name, raw in content.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    # An empty variable is one that was not set: compose files and unit files leave them so.
    return {
        name: _value(name, environ[variable(name)], variable(name))
        for name in _TYPES
        if environ.get(variable(name))
    }


def _from_command_line(overrides: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _value(name, raw, f"--{name.replace('_', '-')}")
        for name, raw in overrides.items()
        if raw is not None
    }


def _value(name: str, raw: Any, place: str) -> Any:
    """`raw` as the setting's type; `place` is what the person has to look at when it is wrong."""
    if name not in _TYPES:
        near = difflib.get_close_matches(name, _TYPES, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise SettingsError(f"There is no setting {place}.{hint}")
    try:
        value = msgspec.convert(_split(name, raw), _TYPES[name], strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{place} is wrong: {str(error)[:1].lower()}{str(error)[1:]}."
        ) from error
    for problem in _problems(name, value):
        raise SettingsError(f"{place} is wrong: {problem}.")
    return value


def _split(name: str, raw: Any) -> Any:
    if isinstance(raw, str) and name in ("allowed_origins", "trusted_proxies"):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    return str(raw) if isinstance(raw, Path) else raw


def _path(kind: type, raw: Any) -> Any:
    if kind is Path and isinstance(raw, str) and raw:
        return Path(raw)
    raise msgspec.ValidationError("expected a path")


def _problems(name: str, value: Any) -> Iterator[str]:
    """What a type can't say."""
    if isinstance(value, float) and not math.isfinite(value):
        yield "expected a finite number of seconds"
    if name == "secret" and len(value) < 8:
        yield "expected at least 8 characters"
    if name == "allowed_origins":
        yield from (
            f"expected an origin such as https://chat.example.org, got {origin}"
            for origin in value
            if not ORIGIN.fullmatch(origin)
        )
    if name == "trusted_proxies":
        yield from (
            f"expected an address or a network such as 10.0.0.0/8, got {proxy}"
            for proxy in value
            if not _is_network(proxy)
        )
    if name == "mongodb_url" and not value.startswith(("mongodb://", "mongodb+srv://")):
        yield "expected an address that starts with mongodb:// or mongodb+srv://"
    if name == "push_contact" and not value.startswith(("mailto:", "https://")):
        yield "expected an address that starts with mailto: or https://"


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True

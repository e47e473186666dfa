"""Where the value of each setting comes from, and what is wrong with one.

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
from typing import Any, get_type_hints

import msgspec

from app.settings import PRESETS, Settings
from app.storage.secret_file import kept_secret

# Names that the field's other programs use as well.
UNPREFIXED = {"mongodb_url": "MONGODB_URL", "redis_url": "REDIS_URL"}

ORIGIN = re.compile(r"https?://[^/?#@\s]+", re.IGNORECASE)


class SettingsError(Exception):
    """A setting has a value that Parley can't run with; the message names it."""


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

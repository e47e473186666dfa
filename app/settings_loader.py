"""Reads the settings: preset, `parley.toml`, environment, command line; later ones win.

No other module reads the environment.
"""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from app.setting_problems import problems
from app.settings import PRESETS, Settings
from app.storage.secret_file import kept_secret

# Names that the field's other programs use as well.
UNPREFIXED = {"mongodb_url": "MONGODB_URL", "redis_url": "REDIS_URL"}

# Variables with our prefix that other programs read, such as the examples.
OTHERS = frozenset({"PARLEY_TOKEN"})


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


def unknown_variables(environ: Mapping[str, str]) -> dict[str, str | None]:
    """The variables that look like a setting but are not, each with the name that may be meant."""
    known = {variable(name) for name in _TYPES}
    strange = sorted(n for n in environ if n.startswith("PARLEY_") and n not in known | OTHERS)
    return {name: _meant(name, known) for name in strange}


def _meant(name: str, known: set[str]) -> str | None:
    if name.removeprefix("PARLEY_") in known:
        return name.removeprefix("PARLEY_")
    near = difflib.get_close_matches(name, known, n=1)
    return near[0] if near else None


def with_secret(settings: Settings) -> Settings:
    """The same settings with the secret of the data folder, which is made where it is missing."""
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
    for problem in problems(name, value):
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

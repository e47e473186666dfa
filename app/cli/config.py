"""The command `config`: the settings in force, and where each value comes from."""

from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from app.cli.output import Output
from app.settings import SECRETS, Settings
from app.settings_loader import variable


def in_force(settings: Settings, places: Mapping[str, str]) -> Output:
    """All settings with their values and places; of secrets only whether they are set."""
    values = {name: _value(name, settings) for name in Settings.__struct_fields__}
    widest = max(len(variable(name)) for name in values)
    lines = [
        f"{variable(name):{widest}}  {_text(value)}  ({places[name]})"
        for name, value in values.items()
    ]
    content = {name: {"value": value, "from": places[name]} for name, value in values.items()}
    return Output("\n".join(lines), content)


def _value(name: str, settings: Settings) -> Any:
    value = getattr(settings, name)
    if name in SECRETS:
        return "set" if value else None
    return to_builtins(value, enc_hook=str)


def _text(value: Any) -> str:
    if value is None or value == ():
        return "-"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)

"""Decodes JSON and forms into structs. No I/O.

All input ends in a value that the database can store, or in Invalid: also bad UTF-8, lone
surrogates, deep nesting, numbers that JavaScript can't hold.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from math import isfinite
from types import NoneType
from typing import Any, TypeVar

import msgspec

from app.errors import Invalid
from app.web.json_limits import must_be_light

T = TypeVar("T")

# JavaScript's largest exact integer, and a nesting depth that is safe for MongoDB.
LARGEST_INTEGER = 2**53 - 1
DEEPEST = 64
# Times computed from one must stay within datetime's range, in every time zone.
YEARS = range(1970, 2201)
# Most values have these types; there is nothing to examine in them.
HARMLESS = (str, bytes, bool, NoneType)

_DIGITS_AS_ZERO = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_LONG_NUMBER = b"0" * 16
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_PLACE = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_COUNTED = re.compile(
    r"Expected `(?P<kind>str|array|object)` of length (?P<bound><=|>=) (?P<count>[0-9]{1,9})"
)
_UNITS = {"str": "characters"}
_MISSING = re.compile(r"Object missing required field `(?P<name>.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.+)`", re.DOTALL)
NAMED_CHARACTERS = 64


def from_json(raw: bytes | str, kind: type[T]) -> T:
    """Decode the JSON text `raw` as a `kind`. Raises Invalid naming the field."""
    raw = raw.encode("utf-8", "replace") if isinstance(raw, str) else raw
    must_be_light(raw)
    try:
        # The decoder skips unknown fields unread, so the encoding is checked first.
        raw.decode()
        value = msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("This isn't valid JSON.") from error
    except RecursionError as error:
        raise Invalid("This is nested too deeply.") from error
    if _is_suspicious(raw):
        _examine(value, "", 0)
    else:
        _check_moments(value, "")
    return value


def from_value(value: object, kind: type[T]) -> T:
    """Convert decoded JSON, such as the payload of an event, to a `kind`. Raises Invalid."""
    try:
        made = msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    _examine(made, "", 0)
    return made


def from_fields(fields: Mapping[str, Any], kind: type[T]) -> T:
    """Convert the text fields of a form or a query to a `kind`. Raises Invalid."""
    try:
        value = msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    _examine(value, "", 0)
    return value


def _is_suspicious(raw: bytes) -> bool:
    """Whether a closer look is due; ordinary requests are spared the walk."""
    # A pattern of digits would take several times as long as decoding does.
    has_long_number = _LONG_NUMBER in raw.translate(_DIGITS_AS_ZERO)
    return b"\\u0000" in raw or has_long_number or _may_be_deep(raw)


def _may_be_deep(raw: bytes) -> bool:
    """Whether this JSON, known to be well-formed, may nest beyond DEEPEST; a long flat list isn't.

    Each round takes away what is innermost, and never more than two levels of it.
    """
    if raw.count(b"{") + raw.count(b"[") <= DEEPEST:
        return False
    # Splitting is several times faster, and right where no quotation mark is escaped.
    bare = _TEXT.sub(b"", raw) if b"\\" in raw else b"".join(raw.split(b'"')[::2])
    left = bare.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST // 2):
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    return bool(left)


def _examine(value: object, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Invalid("This is nested too deeply.", field=path or None)
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise Invalid(f"{_named(path)} is too large a number.", field=path or None)
    if isinstance(value, float) and not isfinite(value):
        raise Invalid(f"{_named(path)} is no number.", field=path or None)
    if isinstance(value, datetime):
        _must_be_near(value, path)
    if isinstance(value, dict) and any("\0" in str(name) for name in value):
        raise Invalid(f"{_named(path)} has a name with a NUL character.", field=path or None)
    for name, part in _parts(value):
        is_small = type(part) is int and -LARGEST_INTEGER <= part <= LARGEST_INTEGER
        if not is_small and not isinstance(part, HARMLESS):
            _examine(part, _under(path, name), depth + 1)


def _check_moments(value: object, path: str) -> None:
    """Look at the moments of a value whose other parts are harmless."""
    if isinstance(value, datetime):
        _must_be_near(value, path)
    elif isinstance(value, list):
        for part in value:
            _check_moments(part, path)
    elif isinstance(value, msgspec.Struct):
        for name, shown in _with_moments(type(value)):
            _check_moments(getattr(value, name), _under(path, shown))


@cache
def _with_moments(kind: type[msgspec.Struct]) -> tuple[tuple[str, str], ...]:
    """The fields of `kind` that can hold a moment, each with its name on the wire."""
    fields = msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]  # of a struct
    return tuple((f.name, f.encode_name) for f in fields if _can_hold_moment(f.type, ()))


def _can_hold_moment(kind: msgspec.inspect.Type, within: tuple[type, ...]) -> bool:
    match kind:
        case msgspec.inspect.DateTimeType():
            return True
        case msgspec.inspect.UnionType():
            return any(_can_hold_moment(each, within) for each in kind.types)
        case msgspec.inspect.ListType():
            return _can_hold_moment(kind.item_type, within)
        case msgspec.inspect.StructType() if kind.cls not in within:
            inside = (*within, kind.cls)
            return any(_can_hold_moment(each.type, inside) for each in kind.fields)
        case _:
            return False


def _must_be_near(moment: datetime, path: str) -> None:
    if moment.year not in YEARS:
        raise Invalid(
            f"{_named(path)}: years go from {YEARS[0]} to {YEARS[-1]}.", field=path or None
        )


def _parts(value: object) -> Iterator[tuple[str, object]]:
    """The parts of a value. Only names of our own structs become part of a path."""
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        yield from ((shown, getattr(value, name)) for name, shown in names)
    elif isinstance(value, dict):
        yield from (("", part) for part in value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (("", part) for part in value)


def _invalid(error: msgspec.ValidationError) -> Invalid:
    found = _PLACE.fullmatch(str(error))
    problem, path = (found["problem"], found["path"] or "") if found else (str(error), "")
    missing = _MISSING.fullmatch(problem)
    if missing:
        name = _under(path, missing["name"])
        return Invalid(f"The field «{name}» is missing.", field=name)
    unknown = _UNKNOWN.fullmatch(problem)
    if unknown:
        name = _under(path, unknown["name"][:NAMED_CHARACTERS])
        return Invalid(f"There is no field «{name}».", field=name)
    counted = _COUNTED.fullmatch(problem)
    if counted:
        bound = "at most" if counted["bound"] == "<=" else "at least"
        unit = _UNITS.get(counted["kind"], "entries")
        sentence = f"{_named(path)} has {bound} {int(counted['count']):,} {unit}."
        return Invalid(sentence, field=path or None)
    return Invalid(f"{_named(path)}: {problem[:200].lower()}.", field=path or None)


def _named(path: str) -> str:
    return f"The field «{path}»" if path else "The request"


def _under(path: str, name: str) -> str:
    return ".".join(filter(None, (path, name)))

"""The rules for topic names, and which names a pattern matches. No I/O.

Names are parts separated by dots; `sensors.*` matches those that begin with `sensors.`, `*` all.
"""

import re

from app.errors import Invalid

LONGEST = 100
PART = r"[A-Za-z0-9_-][A-Za-z0-9_:-]*"
NAME = re.compile(rf"{PART}(\.{PART})*")
PATTERN = re.compile(rf"({PART}\.)*\*")


def must_be_name(name: str, field: str = "topic") -> str:
    """`name`, if a topic can have it. Raises Invalid."""
    if len(name) > LONGEST:
        raise Invalid(f"A topic's name has at most {LONGEST} characters.", field=field)
    if not NAME.fullmatch(name):
        raise Invalid(
            "A topic's name is made of letters, digits, _, - and :, in parts with dots between "
            "them, such as sensors.kitchen.",
            field=field,
        )
    return name


def is_pattern(name: str) -> bool:
    """Whether `name` is a pattern. Raises Invalid for a star elsewhere than at the end."""
    if "*" not in name:
        return False
    if len(name) > LONGEST or not PATTERN.fullmatch(name):
        raise Invalid("A pattern ends with a star after a dot, such as sensors.*.", field="topic")
    return True


def takes(pattern: str, name: str) -> bool:
    """Whether `pattern` matches `name`."""
    return name.startswith(pattern.removesuffix("*"))

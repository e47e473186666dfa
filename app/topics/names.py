"""What a topic can be called, and which names a pattern takes. Pure.

Names are parts with dots between them; `sensors.*` takes all that begins with `sensors.`, `*` all.
"""

import re

from app.errors import Invalid

PART = r"[A-Za-z0-9_-][A-Za-z0-9_:-]*"
NAME = re.compile(rf"{PART}(\.{PART})*")
PATTERN = re.compile(rf"({PART}\.)*\*")


def must_be_name(name: str, field: str = "topic") -> str:
    """`name`, where a topic can be called so. Raises Invalid."""
    if not NAME.fullmatch(name):
        raise Invalid(
            "A topic's name is made of letters, digits, _, - and :, in parts with dots between "
            "them, such as sensors.kitchen.",
            field=field,
        )
    return name


def is_pattern(name: str) -> bool:
    """Whether this names many topics. Raises Invalid for a star elsewhere than at the end."""
    if "*" not in name:
        return False
    if not PATTERN.fullmatch(name):
        raise Invalid("A pattern ends with a star after a dot, such as sensors.*.", field="topic")
    return True


def takes(pattern: str, name: str) -> bool:
    """Whether `pattern` takes the topic called `name`."""
    return name.startswith(pattern.removesuffix("*"))

"""Refuses text that looks like a script, where the setting `content_policy` says so. No I/O.

All text is shown escaped in any case.
"""

from collections.abc import Callable
from typing import Literal

from app.errors import Invalid

Policy = Literal["escape", "reject"]
# `check(text, field)` raises Invalid where the policy refuses the text.
Check = Callable[[str, str], None]

REFUSED = ("<script", "javascript:", "vbscript:", "onload=", "onerror=")


def text_check(policy: Policy) -> Check:
    """The check of a policy: `escape` accepts all text, `reject` refuses text with REFUSED."""
    return _reject if policy == "reject" else _accept


def _accept(text: str, field: str) -> None:
    """Accept it: rendering escapes it."""


def _reject(text: str, field: str) -> None:
    lowered = text.lower()
    for sign in REFUSED:
        if sign in lowered:
            raise Invalid(f"This server does not take text that holds “{sign}”.", field=field)

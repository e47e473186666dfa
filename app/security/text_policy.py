"""What text is refused for what it says. All is shown escaped; some want it refused as well."""

from collections.abc import Callable
from typing import Literal

from app.errors import Invalid

Policy = Literal["escape", "reject"]
# `check(text, field)` raises Invalid where the policy refuses the text.
Check = Callable[[str, str], None]

REFUSED = ("<script", "javascript:", "vbscript:", "onload=", "onerror=")


def text_check(policy: Policy) -> Check:
    """The check of a policy: `escape` refuses nothing, `reject` what could be a script."""
    return _reject if policy == "reject" else _accept


def _accept(text: str, field: str) -> None:
    """Rendering makes it harmless."""


def _reject(text: str, field: str) -> None:
    lowered = text.lower()
    for sign in REFUSED:
        if sign in lowered:
            raise Invalid(f"This server does not take text that holds “{sign}”.", field=field)

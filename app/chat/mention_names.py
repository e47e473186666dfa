"""Those whom the HTML of a message shows as mentioned, by the names that they have now. No I/O."""

import re
from collections.abc import Callable
from html import escape, unescape

# As `markdown.py` writes it. Text of a message is escaped, so nothing else looks like this.
MENTION = re.compile(r'<span class="mention" data-user="([^"@]*)">@([^<]*)</span>')


def mentioned_users(html: str) -> set[str]:
    """The ids of the people whom `html` mentions by name."""
    return {found[1] for found in MENTION.finditer(html)} if 'data-user="' in html else set()


def with_current_names(html: str, name_of: Callable[[str, str], str]) -> str:
    """`html` with the present names; `name_of(user id, name when it was written)`."""
    if 'data-user="' not in html:
        return html
    return MENTION.sub(lambda found: _with_name(found, name_of), html)


def _with_name(found: re.Match[str], name_of: Callable[[str, str], str]) -> str:
    name = name_of(found[1], unescape(found[2]))
    return f'<span class="mention" data-user="{found[1]}">@{escape(name, quote=False)}</span>'

"""The names in the mentions of stored HTML: found, and replaced by present ones. No I/O."""

import re
from collections.abc import Callable
from html import escape, unescape

# As `markdown.py` writes it. The text of a message is escaped, so only mentions match.
MENTION = re.compile(r'<span class="mention" data-user="([^"@]*)">@([^<]*)</span>')


def mentioned_users(html: str) -> set[str]:
    """The ids of the people whom `html` mentions, without groups."""
    return {found[1] for found in MENTION.finditer(html)} if 'data-user="' in html else set()


def with_current_names(html: str, name_of: Callable[[str, str], str]) -> str:
    """`html` with present names: `name_of(user id, name at the time of writing)`."""
    if 'data-user="' not in html:
        return html
    return MENTION.sub(lambda found: _with_name(found, name_of), html)


def _with_name(found: re.Match[str], name_of: Callable[[str, str], str]) -> str:
    name = name_of(found[1], unescape(found[2]))
    return f'<span class="mention" data-user="{found[1]}">@{escape(name, quote=False)}</span>'

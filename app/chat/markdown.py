"""From what a person wrote to the HTML that everyone sees: rendered once, sanitised, stored.

Raw HTML is text, links are plain http(s) and mailto, images become links: nothing in a message
makes a browser fetch anything.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from html import escape
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline

ON_THE_LOOP_CHARACTERS = 2_000
# What only takes time: such a text is shown as it is.
COSTLY = {"[": 2_000, "\n": 4_000, ".": 6_000, "|": 10_000}
HTML_CHARACTERS = 4 * 65_536
SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s\\]+$", re.IGNORECASE)
# One line of words and their punctuation: nothing of it means anything to Markdown, looks like an
# address or has to be escaped. Most messages are such, and parsing is most of what one costs.
WORDS = re.compile(
    r"(?:[^\W\d_]|\d+(?![\d.)]))"
    r"(?:[^\W_]|[ ,;!?'\"()’‘“”…–—=+%$#]|[.:](?= |\Z)|[-_/](?=[^\W_])(?<![ _]_))*(?<! )"
)
MENTION = re.compile(r"@([A-Za-z0-9][A-Za-z0-9._-]{1,31})")
TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"data-user"}}
CLASSES = {"span": {"mention"}}

Names = Mapping[str, tuple[str, str]]
"""Who can be mentioned: username → (user id, display name)."""


def _mention(state: StateInline, silent: bool) -> bool:
    """`@username` of a member, not in the middle of a word or an address."""
    if state.src[state.pos] != "@" or (state.pos and _is_word(state.src[state.pos - 1])):
        return False
    found = MENTION.match(state.src, state.pos)
    username = _known(found[1], state.env["names"]) if found else None
    if username is None:
        return False
    if not silent:
        user_id, _ = state.env["names"][username.lower()]
        state.env["mentions"][user_id] = None
        state.push("mention", "", 0).meta = {"user": user_id, "username": username}
    state.pos += 1 + len(username)
    return True


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_@/."


def _known(written: str, names: Names) -> str | None:
    """The longest part of what was written that is a name: the dot that ends a sentence is not."""
    while written and written.lower() not in names:
        shorter = written.rstrip("._-")
        if shorter == written:
            return None
        written = shorter
    return written or None


def _render_mention(_: RendererHTML, tokens: Any, at: int, __: Any, env: Any) -> str:
    user_id = tokens[at].meta["user"]
    name = env["names"][tokens[at].meta["username"].lower()][1]
    return f'<span class="mention" data-user="{escape(user_id)}">@{escape(name)}</span>'


def _render_image(_: RendererHTML, tokens: Any, at: int, __: Any, ___: Any) -> str:
    """A picture elsewhere is a link: showing it would tell its server who reads."""
    token = tokens[at]
    source = escape(str(token.attrs.get("src", "")))
    return f'<a href="{source}">{escape(token.content or source)}</a>'


class Parser(MarkdownIt):
    """Links lead to an address that can be seen, never to one relative to this server."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  # markdown-it's name
        return SAFE_LINK.match(url) is not None


def _parser() -> MarkdownIt:
    parser = Parser("commonmark", {"html": False, "linkify": True, "breaks": True})
    parser.enable(["linkify", "table", "strikethrough"])
    # "text" stops at punctuation only, so a mention gets its turn at each "@".
    parser.inline.ruler.before("link", "mention", _mention)
    parser.add_render_rule("mention", _render_mention)
    parser.add_render_rule("image", _render_image)
    return parser


_markdown = _parser()


def is_costly(text: str) -> bool:
    """Whether parsing would take longer than any writing of a person is worth."""
    return any(text.count(mark) > at_most for mark, at_most in COSTLY.items())


def plain(text: str) -> str:
    """The text as it is, line by line."""
    return "<p>" + escape(text, quote=False).replace("\n", "<br>\n") + "</p>"


def render(text: str, names: Names) -> tuple[str, list[str]]:
    """`(html, ids of those mentioned)` of a message's `text`."""
    if WORDS.fullmatch(text):
        return f"<p>{text}</p>", []
    return _parsed(text, names)


def _parsed(text: str, names: Names) -> tuple[str, list[str]]:
    if is_costly(text):
        return plain(text), []
    env: dict[str, Any] = {"names": names, "mentions": {}}
    html = nh3.clean(
        _markdown.render(text, env),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    if len(html) > HTML_CHARACTERS:
        return plain(text), []
    return html.strip(), list(env["mentions"])


async def render_aside(text: str, names: Names, executor: Executor) -> tuple[str, list[str]]:
    """`render`, away from the event loop where the text is long enough to be felt."""
    if len(text) <= ON_THE_LOOP_CHARACTERS:
        return render(text, names)
    work: Callable[[], tuple[str, list[str]]] = lambda: render(text, names)  # noqa: E731
    return await asyncio.get_running_loop().run_in_executor(executor, work)

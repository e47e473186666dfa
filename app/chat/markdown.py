"""Renders the Markdown of messages to HTML, which is sanitised and stored.

Raw HTML is shown as text, links are http, https and mailto, and images become links: nothing in a
message makes a browser fetch anything. The rules that differ from CommonMark are in
`app/chat/markup/`.
"""

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Any, cast

import nh3
from markdown_it import MarkdownIt
from markdown_it.parser_inline import RuleFuncInlineType
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import image as image_rule
from markdown_it.rules_inline import link as link_rule

from app.chat.markup import blocks, inline, quote_colours
from app.chat.markup.links import LINK_CHARACTERS
from app.chat.markup.mentions import Names
from app.text_checks import is_visible

HTML_CHARACTERS = 4 * 65_536
SAFE_LINK = re.compile(r"(https?://|mailto:)[^\s\\]+$", re.IGNORECASE)
# A URL in which nothing has to be percent-encoded.
ENCODED = re.compile(
    r"https?://[A-Za-z0-9.-]+(?:[:/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
# One line of words and punctuation without any meaning to Markdown, addresses or characters to
# escape. Most messages are such lines, and they need no parser.
WORDS = re.compile(
    r"(?:[^\W\d_]|\d+(?![\d.)]))"
    r"(?:[^\W_]|[ ,;!?'\"()’‘“”…–—=+%$#]|[.:](?= |\Z)|[-_/](?=[^\W_])(?<![ _]_))*(?<! )"
)
# The language at a fence: the first word of its info string, also of `js{1,3}`.
LANGUAGE = re.compile(r"\s*([A-Za-z0-9][\w+#.*-]*)", re.ASCII)
# Text between two tags.
BETWEEN_TAGS = re.compile(r">([^<]+)")
TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "span",
    "input", "bdi",
}  # fmt: skip
WITH_DIRECTION = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "li", "table")
ATTRIBUTES = {
    **{tag: {"dir"} for tag in WITH_DIRECTION},
    "a": {"href", "title"},
    "ol": {"start", "dir"},
    "span": {"data-user"},
    "th": {"align", "dir"},
    "td": {"align", "dir"},
    "input": {"type", "disabled", "checked", "aria-label"},
}
CLASSES = {
    "blockquote": quote_colours.CLASSES,
    "span": {
        "mention", "hl-comment", "hl-keyword", "hl-number", "hl-type", "hl-function",
        "hl-variable", "hl-string", "hl-removed", "hl-added",
    }
}  # fmt: skip

Highlight = Callable[[str, str], str | None]
"""`(code, language)` → HTML, or None where the code stays without colours."""


def _render_mention(_: RendererHTML, tokens: Any, at: int, __: Any, env: Any) -> str:
    user_id, name = env["names"][tokens[at].meta["username"]]
    html = f'<span class="mention" data-user="{escape(user_id)}">@{escape(name)}</span>'
    # A name does not decide the direction of the paragraph that it begins.
    return f"<bdi>{html}</bdi>" if env["is_right_to_left"] else html


def _render_image(_: RendererHTML, tokens: Any, at: int, __: Any, ___: Any) -> str:
    """A link instead of an image: loading one would tell its server who reads the message."""
    token = tokens[at]
    source = escape(str(token.attrs.get("src", "")))
    return f'<a href="{source}">{escape(token.content or source)}</a>'


def _render_fence(_: RendererHTML, tokens: Any, at: int, __: Any, env: Any) -> str:
    token, highlight = tokens[at], env["highlight"]
    language = LANGUAGE.match(token.info)
    html = highlight(token.content, language[1]) if highlight and language else None
    return f"<pre><code>{escape(token.content) if html is None else html}</code></pre>\n"


def _leads_somewhere(rule: RuleFuncInlineType) -> RuleFuncInlineType:
    """A rule for links and images that leaves those without an address as typed."""

    def checked(state: inline.State, silent: bool) -> bool:
        if not state.may_begin_label():
            return False
        if not state.has_empty_address:
            return rule(state, silent)
        start = state.pos
        if not rule(state, True):
            return False
        leads_nowhere = state.src[start : state.pos - 1].rstrip().endswith("](")
        if leads_nowhere or not silent:
            state.pos = start
        return not leads_nowhere and (silent or rule(state, False))

    return _rule(checked)


def _rule(rule: Callable[[inline.State, bool], bool]) -> RuleFuncInlineType:
    """A rule that takes our subclass of the state, under markdown-it's type."""
    return cast(RuleFuncInlineType, rule)


class Parser(MarkdownIt):
    """CommonMark with tables and strikethrough, without raw HTML and reference definitions."""

    def __init__(self) -> None:
        super().__init__("commonmark")
        self.inline = inline.Inline()
        self.configure("commonmark", {"html": False, "breaks": True})
        self.enable(["table", "strikethrough"])
        # A definition shows nothing: a message of nothing else would be empty.
        self.disable("reference")

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        if len(url) > LINK_CHARACTERS:  # encoding a host takes the square of its length
            return ""
        return url if ENCODED.fullmatch(url) else super().normalizeLink(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        # Decoded, an address can look like that of another site.
        return link

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return SAFE_LINK.match(url) is not None


def _parser() -> MarkdownIt:
    parser = Parser()
    rules = parser.inline.ruler
    rules.at("text", _rule(inline.text))
    rules.after("text", "address", _rule(inline.address))
    # "text" stops at punctuation only, so a mention gets its turn at each "@".
    rules.before("link", "mention", _rule(inline.mention))
    rules.before("link", "shortcode", _rule(inline.shortcode))
    rules.at("link", _leads_somewhere(link_rule))
    rules.at("image", _leads_somewhere(image_rule))
    for added in (blocks.directions, blocks.alignment, blocks.tasks, quote_colours.bars):
        parser.core.ruler.after("inline", added.__name__, added)
    parser.add_render_rule("mention", _render_mention)
    parser.add_render_rule("image", _render_image)
    parser.add_render_rule("fence", _render_fence)
    return parser


_markdown = _parser()


def has_content(html: str) -> bool:
    """Whether `html` shows anything: text, or a horizontal rule."""
    found = (unescape(between[1]) for between in BETWEEN_TAGS.finditer(html))
    return any(map(is_visible, found)) or "<hr" in html


def plain(text: str) -> str:
    """The HTML that shows `text` as typed, line by line."""
    opening = '<p dir="auto">' if blocks.RIGHT_TO_LEFT.search(text) else "<p>"
    return opening + escape(text, quote=False).replace("\n", "<br>\n") + "</p>"


def render(
    text: str,
    names: Names,
    highlight: Highlight | None = None,
    coloured: quote_colours.Bars = quote_colours.NONE,
) -> tuple[str, list[str]]:
    """`(html, ids of those mentioned)` for the text of a message.

    `highlight` colours code, None for no colours; `coloured` are the colours of quotations. A text
    that takes too many steps, gets too long, or of which nothing shows is shown as typed.
    """
    html = words(text)
    return _parsed(text, names, highlight, coloured) if html is None else (html, [])


def words(text: str) -> str | None:
    """The HTML of one line of plain words; None for any other text."""
    if not WORDS.fullmatch(text):
        return None
    if not text.isascii() and blocks.RIGHT_TO_LEFT.search(text):
        return f'<p dir="auto">{text}</p>'
    return f"<p>{text}</p>"


def _parsed(
    text: str,
    names: Names,
    highlight: Highlight | None = None,
    coloured: quote_colours.Bars = quote_colours.NONE,
) -> tuple[str, list[str]]:
    env: dict[str, Any] = {
        "names": names,
        "mentions": {},
        "highlight": highlight,
        "is_right_to_left": blocks.RIGHT_TO_LEFT.search(text) is not None,
        "bars": coloured,
        "budget": inline.Budget(len(text)),
    }
    try:
        parsed = _markdown.render(text, env)
    except inline.TooCostly:
        return plain(text), []
    html = nh3.clean(
        parsed,
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes=CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    if len(html) > HTML_CHARACTERS:
        return (plain(text), []) if highlight is None else _parsed(text, names, None, coloured)
    if not has_content(html):
        return plain(text), []
    return html.strip(), list(env["mentions"])

"""The inline parser: addresses before emphasis and mentions, and a bound on its steps. No I/O."""

import re
from bisect import bisect_left
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from app.chat.markup import flanking
from app.chat.markup.links import Link, find_links
from app.chat.markup.mentions import username_at
from app.emoji_shortcodes import emoji_at

# To look for the end of labels without one takes time that grows with the square of a text's
# length. The texts of people take a few steps a character.
EMPTY_ADDRESS = re.compile(r"\]\(\s*\)")
STEPS, STEPS_PER_CHARACTER = 5_000, 5


class TooCostly(Exception):
    """A text takes more steps to parse than the texts of people do."""


class Budget:
    """The steps that parsing one text may take."""

    def __init__(self, characters: int) -> None:
        self._left = STEPS + STEPS_PER_CHARACTER * characters

    def spend(self) -> None:
        """Count one step. Raises TooCostly after the last one."""
        self._left -= 1
        if self._left < 0:
            raise TooCostly


class State(StateInline):
    """The parser's state for the text of one block, with the addresses in it."""

    def __init__(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> None:
        super().__init__(src, md, env, tokens)
        self.links: dict[int, Link] = {link.start: link for link in find_links(src)}
        self._starts = sorted(self.links)
        self._last_label_end = src.rfind("](")
        self.has_empty_address = self._last_label_end >= 0 and EMPTY_ADDRESS.search(src) is not None

    def next_link(self) -> int:
        """Where the next address begins, at the present position or after it."""
        found = bisect_left(self._starts, self.pos)
        return self._starts[found] if found < len(self._starts) else self.posMax

    def may_begin_label(self) -> bool:
        """Whether a `[` here can begin a link: somewhere after it there is `](`."""
        return self.pos < self._last_label_end

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        return flanking.scan(self, start, canSplitWord)


class Inline(ParserInline):
    """markdown-it's inline parser with our state and a budget of steps."""

    def skipToken(self, state: StateInline) -> None:  # noqa: N802
        state.env["budget"].spend()
        super().skipToken(state)

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def text(state: State, silent: bool) -> bool:
    """The rule for plain text: takes it up to the next mark or address."""
    end = min(state.next_link(), state.posMax) if state.links else state.posMax
    # Up to `end` only: otherwise each address would search the rest of the text.
    mark = state.md.inline.terminator_re.search(state.src, state.pos, end)
    end = mark.start() if mark else end
    if end == state.pos:
        return False
    if not silent:
        state.append_pending(state.src[state.pos : end])
    state.pos = end
    return True


def address(state: State, silent: bool) -> bool:
    """The rule for addresses: each is a link, and marks within it mean nothing."""
    link = state.links.get(state.pos) if state.links else None
    if link is None or link.end > state.posMax:
        return False
    if not silent:
        _push_address(state, link)
    state.pos = link.end
    return True


def _push_address(state: State, link: Link) -> None:
    written = state.src[link.start : link.end]
    href = state.md.normalizeLink(link.href)
    if state.linkLevel or not state.md.validateLink(href):
        state.append_pending(written)
        return
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": href}
    opening.markup, opening.info = "linkify", "auto"
    state.push("text", "", 0).content = written
    state.push("link_close", "a", -1)


def shortcode(state: State, silent: bool) -> bool:
    """The rule for `:shortcode:`: the emoji in its place."""
    if state.src[state.pos] != ":":
        return False
    found = emoji_at(state.src, state.pos)
    if found is None or found[1] > state.posMax:
        return False
    if not silent:
        state.append_pending(found[0])
    state.pos = found[1]
    return True


def mention(state: State, silent: bool) -> bool:
    """The rule for mentions; within a link they are plain text."""
    if state.src[state.pos] != "@":
        return False
    username = username_at(state.src, state.pos, state.env["names"])
    if username is None or state.pos + 1 + len(username) > state.posMax:
        return False
    if not silent and state.linkLevel:
        state.append_pending("@" + username)
    elif not silent:
        user_id, _ = state.env["names"][username.lower()]
        state.env["mentions"][user_id] = None
        state.push("mention", "", 0).meta = {"username": username.lower()}
    state.pos += 1 + len(username)
    return True

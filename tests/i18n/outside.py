"""Finds words of the interface that do not go through the catalogues."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import jinja2

ROOT = Path(__file__).resolve().parents[2]

WORD = re.compile(r"[A-Za-zÀ-ž]{2,}")
# A literal in an expression that a person would read: a capital letter, or several words.
READABLE = re.compile(r"[A-Z][a-zà-ž’]+|\w{2,} \w")
SHOWN_ATTRIBUTES = {"alt", "aria-label", "aria-description", "data-label", "placeholder", "title"}
# Their content is code, or the same in every language.
UNREAD_ELEMENTS = {"code", "kbd", "pre", "script", "style", "svg"}
# A macro may end within a tag.
ATTRIBUTE = re.compile(r'[\w-]+="[^"]*"?')
TRANSLATING = {"_", "gettext", "ngettext"}
# Their content is no text: the name of a module, classes.
UNREAD_BLOCKS = {"body_class", "card_class", "main_class", "script", "sheet"}
VALUE = "\ufffc"


def in_template(source: str) -> Iterator[str]:
    """The words of a template that are neither in `_(…)` nor in `{% trans %}`."""
    yield from _in_markup(source)
    yield from _in_expressions(source)


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    for _line, kind, value in jinja2.Environment(extensions=["jinja2.ext.i18n"]).lex(source):
        if kind not in ("whitespace", "comment", "comment_begin", "comment_end"):
            yield kind, value


def _in_markup(source: str) -> Iterator[str]:
    reader = _Reader()
    for piece in _markup(source):
        reader.feed(piece)
    reader.close()
    yield from reader.found


def _markup(source: str) -> Iterator[str]:
    """The markup outside `{% trans %}`, with a sign for each value; without other blocks."""
    is_trans = False
    block: list[str] = []
    for kind, value in _tokens(source):
        if kind == "block_begin":
            block = []
        elif kind == "name":
            block.append(value)
        elif kind == "block_end":
            is_trans = block[0] in ("trans", "pluralize")
        elif kind == "variable_begin" and not is_trans:
            yield VALUE
        elif kind == "data" and not is_trans and not UNREAD_BLOCKS.intersection(block[1:2]):
            yield value


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD_ELEMENTS:
            self._unread.append(tag)
        for name, value in attrs:
            if name in SHOWN_ATTRIBUTES and value and WORD.search(value):
                self.found.append(f'{name}="{value}"')

    def handle_endtag(self, tag: str) -> None:
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        if not self._unread and WORD.search(ATTRIBUTE.sub("", data)):
            self.found.append(" ".join(data.split()))


def _in_expressions(source: str) -> Iterator[str]:
    """Literals that look like words, outside the calls that translate them."""
    before: list[str] = []
    depth: list[bool] = []
    for kind, value in _tokens(source):
        if kind == "operator" and value in ("(", "[", "{"):
            depth.append(value == "(" and bool(before) and before[-1] in TRANSLATING)
        elif kind == "operator" and value in (")", "]", "}"):
            depth.pop()
        elif kind == "string" and not any(depth) and READABLE.search(value[1:-1]):
            yield value
        before.append(value)

"""Syntax highlighting of code whose fence names a language. No I/O.

A lexer's regular expressions may backtrack without end, so this runs only in a process that can
be ended.
"""

import time
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from itertools import groupby
from operator import itemgetter

from pygments.lexer import Lexer
from pygments.lexers import find_lexer_class, get_all_lexers
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String, _TokenType

CHARACTERS, SECONDS = 30_000, 0.2
"""Limits for one message; code beyond them is shown without colours."""

CLASSES: dict[_TokenType, str] = {
    Comment: "hl-comment",
    Comment.Preproc: "hl-keyword",
    Keyword: "hl-keyword",
    Keyword.Constant: "hl-number",
    Keyword.Type: "hl-type",
    Operator.Word: "hl-keyword",
    Name.Attribute: "hl-type",
    Name.Builtin: "hl-function",
    Name.Class: "hl-type",
    Name.Decorator: "hl-function",
    Name.Exception: "hl-type",
    Name.Function: "hl-function",
    Name.Namespace: "hl-type",
    Name.Tag: "hl-keyword",
    Name.Variable: "hl-variable",
    Number: "hl-number",
    String: "hl-string",
    Generic.Deleted: "hl-removed",
    Generic.Inserted: "hl-added",
    Generic.Heading: "hl-function",
    Generic.Subheading: "hl-function",
    Generic.Prompt: "hl-comment",
    Generic.Output: "hl-comment",
}


class Highlighter:
    """Highlights the code of one message, within limits of time and size."""

    def __init__(self, now: Callable[[], float] = time.process_time) -> None:
        self._now = now
        self._until = now() + SECONDS
        self._characters = CHARACTERS

    def highlight(self, code: str, language: str) -> str | None:
        """HTML of `code` with `span`s and classes; None where it stays without colours."""
        lexer = lexer_of(language.lower())
        self._characters -= len(code)
        if lexer is None or self._characters < 0:
            return None
        pieces: list[tuple[str, str]] = []
        for piece in _pieces(lexer, code):
            pieces.append(piece)
            if self._now() > self._until:
                return None
        if "".join(text for _, text in pieces) != code:  # some lexers drop characters
            return None
        return "".join(_html(name, text) for name, text in pieces)


def _pieces(lexer: Lexer, code: str) -> Iterator[tuple[str, str]]:
    """`(class, text)` in order; neighbours of one class are joined."""
    classified = ((class_of(kind), text) for kind, text in lexer.get_tokens(code))
    for name, group in groupby(classified, key=itemgetter(0)):
        yield name, "".join(text for _, text in group)


def _html(name: str, text: str) -> str:
    return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)


@cache
def class_of(kind: _TokenType) -> str:
    """The CSS class of a kind of token, or of the nearest kind above it; empty without one."""
    while kind is not None and kind not in CLASSES:
        kind = kind.parent
    return CLASSES.get(kind, "")


@cache
def _names_by_alias() -> dict[str, str]:
    return {
        alias: name for name, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases
    }


def lexer_of(language: str) -> Lexer | None:
    """Pygments' own lexer of a language; None for one that it does not know."""
    name = _names_by_alias().get(language)
    lexer = None if name is None else find_lexer_class(name)
    # The lexer may change no line breaks.
    return None if lexer is None else lexer(stripnl=False, ensurenl=False)

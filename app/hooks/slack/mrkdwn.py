"""Converts Slack's `mrkdwn`, which may hold Markdown too, to Markdown. No I/O.

`*bold*` and `~gone~` are Slack's; `**bold**`, `~~gone~~`, lists, tables and fences are Markdown's;
`_it_` and code are of both. A single asterisk is never Markdown's emphasis. One pass from left to
right, in time proportional to the text. Source:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections import deque

from app.hooks.slack import markdown_writer
from app.hooks.slack.references import (
    Reference,
    References,
    decoded,
    each,
    joined,
    pictured,
)

_TOKEN = re.compile(
    r"(?P<break>\n)|(?P<ticks>`+)|(?P<angle><)|(?P<entity>&(?:lt|gt|amp);)"
    r"|(?P<escaped>\\[!-/:-@\[-`{-~])|(?P<target>\]\([^\s()<>]*\))"
    r"|(?P<address>(?:https?://|www\.)[^\s<>|]+)|(?P<stars>\*+)|(?P<waves>~+)"
    r"|(?P<emoji>:[a-z0-9_+'-]{1,64}:)"
    r"|(?P<filename>__[A-Za-z0-9_]{1,64}?__(?=\.\w|[(/])|(?<=[/.])__[A-Za-z0-9_]{1,64}?__)"
)
_LINE = re.compile(r"([ \t]*)((?:(?:>|&gt;)[ \t]?)*)")
_QUOTE_MARK = re.compile(r">|&gt;")
_LIST = re.compile(r"[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{0,32}[ \t]*\n")
_REST_MARKS = re.compile(r"(?:(?:>|&gt;)[ \t]?){3}")
_IN_USERNAME = re.compile(r"[A-Za-z0-9_-]|\.[A-Za-z0-9_-]")
_OPENS_TAG = re.compile(r"[A-Za-z]")
_OPENS_ENTITY = re.compile(r"#?\w{1,62};")
REST_MARKS = 3
FENCE_TICKS = 3
LONGEST_TICKS = 100
FIRST_CJK = "\u2e80"
CODE_INDENT = 4


def markdown(text: str) -> str:
    """`text` as Markdown."""
    return _Conversion(text.replace("\r\n", "\n")).made()


class _Conversion:
    """The state of one conversion; `made()` runs it."""

    def __init__(self, text: str, *, may_quote_rest: bool = True) -> None:
        self._text = text
        self._may_quote_rest = may_quote_rest
        self._references = References(text)
        self._made = list[str]()
        self._open = dict[str, int]()
        self._line_end = -1
        self._unclosed_ticks = LONGEST_TICKS
        self._was_quote = self._is_quote = self._is_in_list = False

    def made(self) -> str:
        """The text as Markdown."""
        position = self._begin_line(0)
        while position < len(self._text):
            found = _TOKEN.search(self._text, position)
            if found is None:
                self._made.append(self._text[position:])
                break
            if found.start() > position:
                self._made.append(self._text[position : found.start()])
            position = getattr(self, f"_{found.lastgroup}")(found)
        self._close_line()
        return "".join(self._made)

    def _close_line(self) -> None:
        """End a line: marks that it opened and did not close stay text."""
        star = self._open.pop("*", None)
        if star is not None:
            self._made[star] = "\\*"
        self._open.clear()

    def _begin_line(self, position: int) -> int:
        found = _LINE.match(self._text, position)
        if found is None:  # The pattern takes an empty text, too.
            return position
        indent, marks = found[1], len(_QUOTE_MARK.findall(found[2]))
        if marks >= REST_MARKS and self._may_quote_rest:
            rest = self._text[position + len(indent) :]
            rest = _REST_MARKS.sub("", rest, count=1)
            self._made.append(markdown_writer.quote(_Conversion(rest, may_quote_rest=False).made()))
            return len(self._text)
        is_blank = found.end() >= len(self._text) or self._text[found.end()] == "\n"
        if not marks and self._is_quote and not is_blank:
            # Without an empty line Markdown would add the line to the quotation.
            self._made.append("\n")
        self._is_quote = bool(marks)
        is_item = _LIST.match(self._text, position) is not None
        self._is_in_list = is_item or (self._is_in_list and (bool(indent) or is_blank))
        is_code = len(indent.expandtabs(4)) >= CODE_INDENT and not self._is_in_list
        self._made.append(("" if is_code else indent) + "> " * marks)
        return found.end()

    def _break(self, found: re.Match[str]) -> int:
        self._close_line()
        self._made.append("\n")
        return self._begin_line(found.end())

    def _angle(self, found: re.Match[str]) -> int:
        reference = self._references.at(found.start())
        if reference is None:
            self._made.append("<")
            return found.end()
        return self._refer(*reference)

    def _refer(self, reference: Reference, end: int) -> int:
        before = self._made[-1] if self._made else ""
        if before.endswith("!") and reference.markdown.startswith("["):
            # It would be an image.
            self._made[-1] = before[:-1] + "\\!"
        self._made.append(joined(before, reference))
        if reference.is_mention and _IN_USERNAME.match(self._text, end):
            self._made.append(" ")
        return end

    def _entity(self, found: re.Match[str]) -> int:
        character = decoded(found[0])
        after = self._text[found.end() : found.end() + 64]
        has_meaning = {"<": _OPENS_TAG, "&": _OPENS_ENTITY}.get(character)
        is_mark = has_meaning is not None and has_meaning.match(after) is not None
        self._made.append("\\" + character if is_mark else character)
        return found.end()

    def _escaped(self, found: re.Match[str]) -> int:
        self._made.append(found[0])
        return found.end()

    _target = _escaped

    def _filename(self, found: re.Match[str]) -> int:
        """A name such as `__init__.py`, whose underscores are not marks of bold."""
        self._made.append(markdown_writer.inline(found[0]))
        return found.end()

    def _address(self, found: re.Match[str]) -> int:
        """An address; marks at its end do not belong to it."""
        address = found[0].rstrip("*_~`")
        entity = address.find("&gt;")
        address = address if entity < 0 else address[:entity]
        self._made.append(decoded(address))
        return found.start() + len(address)

    def _stars(self, found: re.Match[str]) -> int:
        is_item = self._is_item(found)
        if len(found[0]) > 1 or is_item:
            return self._escaped(found)
        return self._pair(found, "*", "**", "\\*")

    def _waves(self, found: re.Match[str]) -> int:
        return self._escaped(found) if len(found[0]) > 1 else self._pair(found, "~", "~~", "~")

    def _is_item(self, found: re.Match[str]) -> bool:
        """Whether an asterisk begins an item of a list."""
        after = self._text[found.end() : found.end() + 1]
        before = self._made[-1] if self._made else ""
        return after in (" ", "\t", "") and not before.strip("> \t\n")

    def _pair(self, found: re.Match[str], mark: str, markdown: str, unpaired: str) -> int:
        before = self._text[found.start() - 1 : found.start()]
        after = self._text[found.end() : found.end() + 1]
        opening = self._open.get(mark)
        closes = before.strip() and not _is_word(after)
        if opening is not None and closes and len(self._made) > opening + 1:
            self._made[self._open.pop(mark)] = markdown
            self._made.append(markdown)
            return found.end()
        if opening is None and after.strip() and not _is_word(before):
            self._open[mark] = len(self._made)
        self._made.append(unpaired)
        return found.end()

    def _emoji(self, found: re.Match[str]) -> int:
        before = self._text[found.start() - 1 : found.start()]
        after = self._text[found.end() : found.end() + 1]
        picture = found[0] if _is_word(before) or _is_word(after) else pictured(found[0])
        if picture != found[0]:
            self._made.append(picture)
            return found.end()
        # The second colon may be the start of the next name.
        self._made.append(found[0][:-1])
        return found.end() - 1

    def _ticks(self, found: re.Match[str]) -> int:
        if len(found[0]) >= FENCE_TICKS:
            return self._fence(found)
        closing = self._closing_tick(found)
        if closing < 0:
            self._made.append(found[0].replace("`", "\\`"))
            return found.end()
        content, end = self._text[found.end() : closing], closing + len(found[0])
        if len(found[0]) > 1 and content[:1] == " " == content[-1:] and content.strip():
            content = content[1:-1]
        whole = self._references.at(found.end()) if content.startswith("<") else None
        if whole is not None and whole[1] == closing and whole[0].url:
            words = markdown_writer.code(whole[0].words)
            self._made.append(markdown_writer.link(whole[0].url, words))
        else:
            self._made.append(markdown_writer.code(_in_code(content)))
        return end

    def _closing_tick(self, opening: re.Match[str]) -> int:
        """The start of the run of ticks that closes the code in this line, or -1."""
        if self._line_end < opening.end():
            found = self._text.find("\n", opening.end())
            self._line_end = len(self._text) if found < 0 else found
            self._closers = _Closers(self._text, opening.start(), self._line_end)
        return self._closers.after(opening)

    def _fence(self, found: re.Match[str]) -> int:
        ticks, closing = len(found[0]), None
        if ticks < self._unclosed_ticks:
            closing = re.compile(f"`{{{ticks},}}").search(self._text, found.end())
        if closing is None:
            self._unclosed_ticks = min(ticks, self._unclosed_ticks)
            self._made.append(found[0].replace("`", "\\`"))
            return found.end()
        content, end = self._text[found.end() : closing.start()], closing.end()
        before = "".join(self._made[-1:]).rpartition("\n")[2]
        if self._is_quote:
            # Each of its lines has the mark of the quotation already.
            self._made.append(_in_code(self._text[found.start() : end]))
            return end
        is_first = not before.strip()
        language = _LANGUAGE.match(content)
        is_markdown = language is not None and content.rpartition("\n")[2].strip() == ""
        if is_first and is_markdown:
            self._made.append(_in_code(self._text[found.start() : end]))
            return self._after_block(end)
        if "\n" not in content and not is_first:
            self._made.append(markdown_writer.code(_in_code(content)))
            return end
        if not is_first:
            self._made.append("\n")
        self._made.append(markdown_writer.fence(_in_code(content.strip("\n"))))
        return self._after_block(end)

    def _after_block(self, end: int) -> int:
        """Start a new line after a block of code."""
        blank = re.compile(r"[ \t]*").match(self._text, end)
        end = blank.end() if blank else end
        if end < len(self._text) and self._text[end] != "\n":
            self._close_line()
            self._made.append("\n")
            return self._begin_line(end)
        return end


class _Closers:
    """The runs of one or two ticks in a line, by length, from left to right."""

    def __init__(self, text: str, start: int, end: int) -> None:
        runs: dict[int, deque[int]] = {1: deque(), 2: deque()}
        for run in re.compile("`+").finditer(text, start, end):
            runs.get(len(run[0]), deque()).append(run.start())
        self._runs = runs

    def after(self, opening: re.Match[str]) -> int:
        """The start of the next run as long as `opening`, or -1."""
        runs = self._runs[len(opening[0])]
        while runs and runs[0] < opening.end():
            runs.popleft()
        return runs[0] if runs else -1


def _in_code(text: str) -> str:
    return each(text, lambda found: found.words, lambda other: other)


def _is_word(character: str) -> bool:
    """Whether it is a letter or digit of a script with spaces between words."""
    return character.isalnum() and character < FIRST_CJK

"""Writes Markdown: escaped text, links, code, quotations, headings. No I/O."""

import re
import string

# Marks of Markdown in any place; those of _BLOCK are marks at the start of a line only.
_MARKS = re.compile(
    r"[\\`*\[\]~]|_+|<(?=[A-Za-z]|$)|&(?=#?\w{1,64};|$)|@(?=[A-Za-z0-9]|$)|!(?=https?://|www\.|$)|(?:https?://|www\.)\S+"
)
_LABEL_MARKS = re.compile(r"[\\`*\[\]~|]|_+|<|&(?=#?\w{1,64};)|@(?=[A-Za-z0-9])")
# The start of a heading, quotation or list, or a line that underlines the one before it.
_BLOCK = re.compile(r"(?:#{1,6}(?=\s|$)|[-+](?=\s|$)|>|[-=:|][-=:|\s]*$)")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_PLAIN_ADDRESS = re.compile(r"(?:https?://|www\.)[A-Za-z0-9./:?=#+%_@$,;-]*[A-Za-z0-9/]")
_SAFE_SCHEME = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f\\<>\"`\s]")
_ENTITY = re.compile(r"&(?=#?\w{1,64};)")
_BRACKET = re.compile(r"[\[(\]]")
_BEGINS_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
_ALNUM = frozenset(string.ascii_letters + string.digits)


def literal(text: str) -> str:
    """Lines of text, escaped; addresses become links."""
    return "\n".join(map(_line, text.replace("\r\n", "\n").split("\n")))


def inline(text: str) -> str:
    """A part of a line, escaped; other parts may come before and after it."""
    escaped = _MARKS.sub(_escaped, text.rstrip())
    return escaped + text[len(text.rstrip()) :]


def _linked(address: str) -> str:
    """A link for an address that Markdown would not find, or not as a whole."""
    has_scheme = address.startswith("http")
    return link(address if has_scheme else f"http://{address}", label(address))


def literal_start(line: str) -> str:
    """A line of Markdown, escaped so that it starts no block."""
    if _BLOCK.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line


def label(text: str) -> str:
    """Text for the label of a link, escaped, in one line."""
    escaped = _LABEL_MARKS.sub(_escaped, " ".join(text.split()))
    # Markdown would let an address in it continue after the closing bracket.
    return _BEGINS_ADDRESS.sub(r"\\\g<0>", escaped) if _BRACKET.search(escaped) else escaped


def link(url: str, words: str) -> str:
    """A link with the Markdown `words`; for an unsafe address, words and address as text."""
    address = address_of(url)
    if address is None:
        return f"{words} ({label(url)})" if url.strip() else words
    return f"[{words or label(url)}]({address})"


def address_of(url: str) -> str | None:
    """The target of a link in Markdown; None unless it is `http:`, `https:` or `mailto:`."""
    url = url.strip()
    if _SAFE_SCHEME.match(url) is None:
        return None
    encoded = _UNSAFE_IN_ADDRESS.sub(_percent, url)
    encoded = _ENTITY.sub(r"\\&", encoded)
    return encoded if _is_balanced(encoded) else re.sub(r"[()]", r"\\\g<0>", encoded)


def code(text: str) -> str:
    """Text in one line, as code."""
    text = " ".join(text.split("\n"))
    ticks = "`" * (_longest_ticks(text) + 1)
    is_bare = text[:1] != "`" and text[-1:] != "`" and not (text[:1] == " " == text[-1:])
    return f"{ticks}{text}{ticks}" if is_bare else f"{ticks} {text} {ticks}"


def fence(text: str, language: str = "") -> str:
    """Lines of code."""
    ticks = "`" * max(3, _longest_ticks(text) + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"


def quote(markdown: str) -> str:
    """Markdown as a quotation."""
    return "\n".join(f"> {line}" if line else ">" for line in markdown.split("\n"))


def heading(text: str) -> str:
    """A heading in one line."""
    words = literal(" ".join(text.split()))
    # Markdown would drop a number sign at the end.
    return "### " + re.sub(r"#(?=#*$)", r"\\#", words)


def bold(markdown: str) -> str:
    """One line of Markdown in bold type."""
    return f"**{markdown}**"


def _line(text: str) -> str:
    return literal_start(_MARKS.sub(_escaped, text.strip() + " ").rstrip())


def _escaped(found: re.Match[str]) -> str:
    mark, before = found[0], found.string[found.start() - 1 : found.start()]
    if mark[0] in "hw":
        # `_line` appends a space, so an address at the end of a line is followed by one too.
        is_alone = not before.strip() and found.end() < len(found.string)
        return mark if is_alone and _PLAIN_ADDRESS.fullmatch(mark) else _linked(mark)
    if (
        mark[0] == "_"
        and before.isalnum()
        and found.string[found.end() : found.end() + 1].isalnum()
    ):
        return mark
    if mark == "@" and before in _ALNUM:
        return mark
    return "".join("\\" + character for character in mark)


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


def _is_balanced(address: str) -> bool:
    depth = deepest = 0
    for parenthesis in re.findall(r"[()]", address):
        depth += 1 if parenthesis == "(" else -1
        deepest = max(depth, deepest)
        if depth < 0:
            return False
    # Markdown parses at most 32 levels.
    return depth == 0 and deepest < 30


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)

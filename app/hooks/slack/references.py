"""Converts what Slack understands in every text: references in angle brackets, names of emoji.

References are links, people, channels, group mentions and dates. No I/O. Source:
https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import emoji
from msgspec import Struct

from app.hooks.slack import markdown_writer

_EMOJI = re.compile(r"(?<![\w:]):[a-z0-9_+'-]{1,64}:(?![\w:])")
# Slack's names that the `emoji` library does not know.
_ALSO_CALLED = {":simple_smile:": ":slightly_smiling_face:"}
_SCHEME = re.compile(r"(https?://|mailto:|[A-Za-z][A-Za-z0-9+.-]{1,31}:)\S")
_REFERENCE = re.compile(r"[@#][A-Za-z0-9][A-Za-z0-9._-]*$")
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}[A-Za-z0-9]")
_WEB_OR_MAIL = ("http://", "https://", "mailto:")
_TARGET = re.compile(r"<([!@#A-Za-z][^<>|\n]{0,8000})([|>])")
_WHOLLY_BOLD = re.compile(r"\*([^*\s](?:[^*]*[^*\s])?)\*")
_ENTITY = re.compile(r"&(lt|gt|amp);")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&"}
WORDS_CHARACTERS = 8_000
_LATEST_DATE_S = 253_402_300_799
GROUP_MENTIONS = {
    "here": "@here",
    "channel": "@everyone",
    "everyone": "@everyone",
    "group": "@everyone",
}


class Reference(Struct, frozen=True):
    """A reference as plain `words` and as `markdown`.

    `is_mention` where it only works with a space before it; `url` is the target of a link.
    """

    words: str
    markdown: str
    is_mention: bool = False
    url: str = ""


def decoded(text: str) -> str:
    """Text without the three entities that Slack wants in it."""
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)


def _may_have_words(target: str) -> bool:
    return target.startswith("!") or bool(_REFERENCE.match(target) or _SCHEME.match(target))


def _reference(target: str, words: str | None) -> Reference | None:
    if target.startswith("!"):
        return _special(target[1:], words or "")
    if _REFERENCE.match(target):
        return _person_or_channel(target, words or "")
    scheme = _SCHEME.match(target)
    if scheme is None or (words is None and scheme[1].lower() not in _WEB_OR_MAIL):
        return None
    return link(target, words or "")


def link(url: str, words: str) -> Reference:
    """A link. Words that are bold as a whole stay so, as in Slack."""
    whole = _WHOLLY_BOLD.fullmatch(words)
    if whole is not None:
        bold = markdown_writer.bold(markdown_writer.link(url, markdown_writer.label(whole[1])))
        return Reference(whole[1], bold, url=url)
    words = words or url.removeprefix("mailto:")
    return Reference(words, markdown_writer.link(url, markdown_writer.label(words)), url=url)


def group_mention(name: str) -> Reference:
    """The mention of one of GROUP_MENTIONS."""
    mention = GROUP_MENTIONS[name]
    return Reference(mention, mention, is_mention=True)


def person(words: str) -> Reference:
    """A person by name; a mention where the name is a member's username."""
    words = "@" + words.removeprefix("@")
    if _USERNAME.fullmatch(words[1:]):
        return Reference(words, words, is_mention=True)
    return Reference(words, markdown_writer.label(words))


def named(mark: str, words: str) -> Reference:
    """A person or channel of Slack, by the name or id that it has there."""
    shown = mark + words.removeprefix(mark) if words else ""
    return Reference(shown, markdown_writer.label(shown))


def moment(seconds: str, words: str = "", url: str = "") -> Reference:
    """A date: its `words`, or the time in UTC without them."""
    words = words or _in_utc(seconds)
    return link(url, words) if url else Reference(words, markdown_writer.label(words))


def _person_or_channel(target: str, words: str) -> Reference:
    if target[0] == "@" and words:
        return person(words)
    return named(target[0], words or target)


def _special(target: str, words: str) -> Reference:
    name, *more = target.split("^")
    if name in GROUP_MENTIONS:
        return group_mention(name)
    if name == "subteam":
        return named("@", words or "".join(more[:1]))
    if name == "date" and more:
        return moment(more[0], words, more[2] if len(more) > 2 else "")
    shown = words or f"<!{target}>"
    return Reference(shown, markdown_writer.label(shown))


def _in_utc(seconds: str) -> str:
    try:
        at = float(seconds)
    except ValueError:
        return seconds
    if not 0 <= at <= _LATEST_DATE_S:
        return seconds
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


class References:
    """The references of one text, found from left to right in time that grows with its length."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._closing = -1

    def at(self, start: int) -> tuple[Reference, int] | None:
        """The reference whose bracket opens at `start`, and where the text goes on."""
        found = _TARGET.match(self._text, start)
        if found is None:
            return None
        target, end = decoded(found[1]), found.end()
        if found[2] == ">":
            reference = _reference(target, None)
        elif not _may_have_words(target):
            return None
        else:
            closing = self._next_closing(end)
            if not end <= closing <= end + WORDS_CHARACTERS:
                return None
            words = " ".join(decoded(self._text[end:closing]).split())
            reference, end = _reference(target, words), closing + 1
        return None if reference is None else (reference, end)

    def _next_closing(self, position: int) -> int:
        if self._closing < position:
            found = self._text.find(">", position)
            self._closing = len(self._text) * 2 if found < 0 else found
        return self._closing


def each(text: str, replace: Callable[[Reference], str], other: Callable[[str], str]) -> str:
    """`text` with `replace` applied to its references and `other` to the text between them."""
    if "<" not in text:
        return other(decoded(text))
    made, position, start = list[str](), 0, -1
    references = References(text)
    while (start := text.find("<", start + 1)) >= 0:
        found = references.at(start)
        if found is None:
            continue
        made += other(decoded(text[position:start])), replace(found[0])
        position = found[1]
        start = position - 1
    made.append(other(decoded(text[position:])))
    return "".join(made)


def plain_markdown(text: str) -> str:
    """Text without formatting, only with references and emoji, as Markdown."""
    return "\n".join(map(_plain_line, text.replace("\r\n", "\n").split("\n")))


def plain_words(text: str) -> str:
    """The text without any marks, for the words of a link."""
    return with_emoji(each(text, lambda found: found.words, lambda other: other))


def with_emoji(text: str) -> str:
    """Text with emoji in place of names such as `:tada:`."""
    return _EMOJI.sub(lambda found: pictured(found[0]), text) if ":" in text else text


def _plain_line(line: str) -> str:
    """One line: references become NUL while the rest is escaped as a whole."""
    if not line.strip():
        return ""
    found = list[Reference]()

    def remember(reference: Reference) -> str:
        found.append(reference)
        return "\0"

    marked = each(line.replace("\0", ""), remember, lambda other: other)
    first, *others = markdown_writer.literal(with_emoji(marked)).split("\0")
    made = [first]
    for reference, other in zip(found, others, strict=True):
        made += [joined(made[-1], reference), other]
    return "".join(made)


def joined(before: str, reference: Reference) -> str:
    """The Markdown of the reference, after a space where a mention follows a word."""
    is_apart = not (before[-1:].isalnum() or before[-1:] in ("_", "@", "/", "."))
    return reference.markdown if is_apart or not reference.is_mention else f" {reference.markdown}"


def pictured(name: str) -> str:
    """The emoji of a name such as `:tada:`, or the name if there is no such emoji."""
    return emoji.emojize(_ALSO_CALLED.get(name, name), language="alias")

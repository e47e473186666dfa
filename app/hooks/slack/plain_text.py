"""Text in which Slack formats nothing: only its references and its names of emoji. No I/O."""

import re

import emoji

from app.hooks.slack import escaping
from app.hooks.slack.references import Reference, each

_EMOJI = re.compile(r"(?<![\w:]):[a-z0-9_+'-]{1,64}:(?![\w:])")
# Names of Slack's that the list of emoji does not know.
_ALSO_CALLED = {":simple_smile:": ":slightly_smiling_face:"}


def markdown(text: str) -> str:
    """Text in which only Slack's references mean something, as Markdown."""
    return "\n".join(map(_plain_line, text.replace("\r\n", "\n").split("\n")))


def words(text: str) -> str:
    """The text without marks, as it is read aloud: for the words of a link."""
    return with_emoji(each(text, lambda found: found.words, lambda other: other))


def with_emoji(text: str) -> str:
    """Text with its emoji in place of their names between colons."""
    return _EMOJI.sub(lambda found: pictured(found[0]), text) if ":" in text else text


def _plain_line(line: str) -> str:
    """References become marks that no text has, so that the line is escaped as a whole."""
    found = list[Reference]()

    def remember(reference: Reference) -> str:
        found.append(reference)
        return "\0"

    marked = each(line.replace("\0", ""), remember, lambda other: other)
    first, *others = escaping.literal(with_emoji(marked)).split("\0")
    made = [first]
    for reference, other in zip(found, others, strict=True):
        made += [joined(made[-1], reference), other]
    return "".join(made)


def joined(before: str, reference: Reference) -> str:
    """The reference, and a space where the word before it would keep it from being a mention."""
    is_apart = not (before[-1:].isalnum() or before[-1:] in ("_", "@", "/", "."))
    return reference.markdown if is_apart or not reference.is_call else f" {reference.markdown}"


def pictured(name: str) -> str:
    """The emoji of a name between colons, the name where there is none."""
    return emoji.emojize(_ALSO_CALLED.get(name, name), language="alias")

"""Converts text objects, and the links of buttons, menus and images, to Markdown. No I/O.

Source: https://docs.slack.dev/reference/block-kit/composition-objects/text-object
"""

from collections.abc import Iterator

from msgspec import Raw

from app.hooks.slack import markdown_writer, mrkdwn, references
from app.hooks.slack.schema import NOTHING, Element, TextObject, decoded, is_object, text_of

# A message holds no more.
TEXT_CHARACTERS = 65_536
ROWS = 100


def text_object(raw: Raw, path: str) -> str:
    """A text object, or bare text, as Markdown."""
    if not is_object(raw):
        return formatted(raw)
    words = decoded(raw, TextObject, path)
    if text_of(words.type) == "plain_text":
        return markdown_writer.literal(references.with_emoji(references.decoded(cut(words.text))))
    return formatted(words.text)


def formatted(raw: Raw) -> str:
    """Text in Slack's `mrkdwn`, as Markdown."""
    return mrkdwn.markdown(cut(raw).strip("\r\n"))


def unformatted(raw: Raw) -> str:
    """Text in which only references and emoji are marks, as Markdown."""
    return references.plain_markdown(cut(raw).strip())


def line(raw: Raw, path: str) -> str:
    """A text object, or bare text, as one line without marks."""
    text = cut(decoded(raw, TextObject, path).text if is_object(raw) else raw)
    return " ".join(references.plain_words(text).split())


def cut(raw: Raw) -> str:
    """The beginning of a text, as much as a message holds."""
    return text_of(raw)[:TEXT_CHARACTERS].replace("\0", "\ufffd")


def image(url: Raw, words: str) -> str:
    """A link to an image: loading it from elsewhere would tell that server who reads it."""
    address = cut(url)
    if not address.strip():
        return ""
    return markdown_writer.link(address, markdown_writer.label(words or "Image"))


def links(raw: Raw, path: str) -> Iterator[str]:
    """The links of a button, a menu or an image. Buttons that only call Slack have none."""
    element = decoded(raw, Element, path)
    if bytes(element.image_url) != bytes(NOTHING):
        yield image(element.image_url, line(element.alt_text, path))
    yield from _address(element, path)
    if bytes(element.options)[:1] != b"[":
        return
    for index, option in enumerate(decoded(element.options, list[Raw], path)[:ROWS]):
        here = f"{path}.options[{index}]"
        yield from _address(decoded(option, Element, here), here)


def _address(element: Element, path: str) -> Iterator[str]:
    address = cut(element.url).strip()
    if address:
        words = line(element.text, f"{path}.text")
        yield markdown_writer.link(address, markdown_writer.label(words or address))

"""Converts blocks, Slack's current layout of messages, to Markdown. No I/O.

Source: https://docs.slack.dev/reference/block-kit/blocks
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Raw

from app.hooks.slack import markdown_writer
from app.hooks.slack.rich_text import rich_text
from app.hooks.slack.schema import NOTHING, Block, Element, decoded, is_object, kind_of
from app.hooks.slack.text_objects import ROWS, cut, image, line, links, text_object

AT_MOST = 50
RULE = "---"


def blocks(rows: Sequence[Raw], path: str) -> Iterator[str]:
    """Each block as Markdown; unknown kinds and nulls are skipped. Raises Invalid."""
    for index, row in enumerate(rows[:AT_MOST]):
        if bytes(row) == bytes(NOTHING):
            continue
        here = f"{path}[{index}]"
        make = KINDS.get(kind_of(row, here))
        if make is not None:
            yield from filter(str.strip, make(decoded(row, Block, here), here))
    if len(rows) > AT_MOST:
        yield f"… {len(rows) - AT_MOST} more blocks"


def _header(block: Block, path: str) -> Iterator[str]:
    words = line(block.text, f"{path}.text")
    if words:
        yield markdown_writer.heading(words)


def _section(block: Block, path: str) -> Iterator[str]:
    yield text_object(block.text, f"{path}.text")
    for index, row in enumerate((block.fields or ())[:ROWS]):
        yield text_object(row, f"{path}.fields[{index}]")
    if is_object(block.accessory):
        yield from links(block.accessory, f"{path}.accessory")


def _context(block: Block, path: str) -> Iterator[str]:
    shown_elements = list[str]()
    for index, row in enumerate((block.elements or ())[:ROWS]):
        here = f"{path}.elements[{index}]"
        if is_object(row):
            element = decoded(row, Element, here)
            is_image = bytes(element.image_url) != bytes(NOTHING)
            words = " ".join(links(row, here)) if is_image else text_object(row, here)
            shown_elements += [words] if words.strip() else []
    yield " ".join(shown_elements)


def _actions(block: Block, path: str) -> Iterator[str]:
    yield " · ".join(actions(block.elements or (), f"{path}.elements"))


def actions(rows: Sequence[Raw], path: str) -> Iterator[str]:
    """The links among buttons and menus."""
    for index, row in enumerate(rows[:ROWS]):
        if is_object(row):
            yield from filter(None, links(row, f"{path}[{index}]"))


def _image(block: Block, path: str) -> Iterator[str]:
    address = block.image_url
    if is_object(block.slack_file):
        address = decoded(block.slack_file, Element, f"{path}.slack_file").url
    words = line(block.title, f"{path}.title") or line(block.alt_text, path)
    yield image(address, words) or markdown_writer.literal(words)


def _video(block: Block, path: str) -> Iterator[str]:
    words = line(block.title, f"{path}.title") or line(block.alt_text, path)
    address = cut(block.title_url).strip() or cut(block.video_url)
    yield markdown_writer.link(address, markdown_writer.label(words))
    yield text_object(block.description, f"{path}.description")


def _markdown(block: Block, _path: str) -> Iterator[str]:
    yield cut(block.text)


def _divider(_block: Block, _path: str) -> Iterator[str]:
    yield RULE


def _rich_text(block: Block, path: str) -> Iterator[str]:
    yield from rich_text(block.elements or (), f"{path}.elements")


KINDS: dict[str, Callable[[Block, str], Iterator[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "video": _video,
    "markdown": _markdown,
    "divider": _divider,
    "rich_text": _rich_text,
}

"""Attachments, Slack's legacy layout: text beside a coloured bar. No I/O.

Source: https://api.slack.com/reference/messaging/attachments
"""

import colorsys
import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from app.chat.markup.quote_colours import COLOURS
from app.hooks.slack import markdown_writer, references
from app.hooks.slack.blocks import RULE, actions, blocks
from app.hooks.slack.schema import Attachment, Field, decoded, is_object, text_of
from app.hooks.slack.text_objects import ROWS, cut, formatted, image, line, unformatted

GREY = COLOURS[0]
NAMED = {"good": "green", "warning": "orange", "danger": "red"}
# Hues up to these degrees; beyond the last one is red again.
HUES = (
    (15, "red"),
    (45, "orange"),
    (70, "yellow"),
    (165, "green"),
    (255, "blue"),
    (330, "purple"),
)
LEAST_SATURATION = 0.15
DARKEST, LIGHTEST = 0.08, 0.95
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")


def above(attachment: Attachment) -> str:
    """The text before the bar."""
    return _text(attachment, "pretext", attachment.pretext)


def beside(attachment: Attachment, path: str) -> Iterator[str]:
    """The parts beside the bar, each as Markdown; the fallback if there are none."""
    has_any = False
    for part in _parts(attachment, path):
        if part.strip():
            has_any = has_any or part != RULE
            yield part
    if not has_any and not above(attachment).strip():
        yield unformatted(attachment.fallback)


def _parts(attachment: Attachment, path: str) -> Iterator[str]:
    laid_out = list(blocks(attachment.blocks or (), f"{path}.blocks"))
    if any(part != RULE for part in laid_out):
        yield from laid_out
        return
    yield _linked(attachment.author_name, attachment.author_link, path)
    yield _title(attachment, path)
    yield _text(attachment, "text", attachment.text)
    yield "\n".join(_fields(attachment, path))
    yield image(attachment.image_url, "")
    yield image(attachment.thumb_url, "")
    yield " · ".join(actions(attachment.actions or (), f"{path}.actions"))
    yield _footer(attachment)


def _title(attachment: Attachment, path: str) -> str:
    title = _linked(attachment.title, attachment.title_link, path)
    return markdown_writer.bold(title) if title else ""


def _linked(words: Raw, url: Raw, path: str) -> str:
    """One line, as a link if `url` is an address."""
    address = cut(url).strip()
    if markdown_writer.address_of(address) is None:
        return " ".join(unformatted(words).split())
    shown = line(words, path)
    return markdown_writer.link(address, markdown_writer.label(shown)) if shown else ""


def _text(attachment: Attachment, name: str, raw: Raw) -> str:
    return formatted(raw) if _is_formatted(attachment, name) else unformatted(raw)


def _is_formatted(attachment: Attachment, name: str) -> bool:
    """Whether a field may be formatted: all may, or those in the list `mrkdwn_in`."""
    if bytes(attachment.mrkdwn_in)[:1] != b"[":
        return True
    return name in msgspec.json.decode(attachment.mrkdwn_in)


def _fields(attachment: Attachment, path: str) -> Iterator[str]:
    for index, row in enumerate((attachment.fields or ())[:ROWS]):
        if not is_object(row):
            continue
        field = decoded(row, Field, f"{path}.fields[{index}]")
        title = " ".join(unformatted(field.title).split())
        value = _text(attachment, "fields", field.value)
        colon = "" if not value.strip() or title.endswith((":", "?", "!")) else ":"
        name = markdown_writer.bold(title + colon) if title else ""
        if "\n" in value:
            # The value may be a list or code, which needs empty lines around it.
            yield f"\n{name}\n\n{value}\n"
        else:
            yield f"{name} {value}".strip()


def _footer(attachment: Attachment) -> str:
    words = " ".join(unformatted(attachment.footer).split())
    seconds = text_of(attachment.ts).partition(".")[0]
    is_time = seconds.isascii() and seconds.isdigit() and len(seconds) <= 12
    at = references.moment(seconds).markdown if is_time else ""
    return " · ".join(filter(None, (words, at)))


def colour_of(written: str) -> str:
    """The nearest of COLOURS to `good`, `warning`, `danger` or a hexadecimal colour."""
    written = written.strip()[:20]
    if written.lower() in NAMED:
        return NAMED[written.lower()]
    found = _HEX.fullmatch(written)
    return GREY if found is None else _nearest(found[1])


def _nearest(digits: str) -> str:
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if saturation < LEAST_SATURATION or not DARKEST < lightness < LIGHTEST:
        return GREY
    return next((name for upto, name in HUES if hue * 360 < upto), "red")

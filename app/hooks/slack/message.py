"""Converts a Slack message into Parley's form: Markdown, and the colours of its bars. No I/O.

Nothing beyond TEXT_BYTES is converted; a note says that there was more. Source:
https://api.slack.com/reference/messaging/payload
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Raw, Struct

from app.hooks.slack import attachments, markdown_writer, mrkdwn, references
from app.hooks.slack.blocks import RULE, blocks
from app.hooks.slack.schema import NOTHING, Attachment, decoded, text_of

TEXT_BYTES = 65_536
ATTACHMENTS = 100
BETWEEN = "\n\n"
FENCE = re.compile(r"^(?:> ?)?(`{3,})", re.MULTILINE)
LONGEST_FENCE = 100
QUOTED_FENCE = "\n> " + "`" * LONGEST_FENCE
LEFT_OUT = "… *The rest did not fit into a message.*"


class Converted(Struct, frozen=True):
    """`bars`: line in which a quotation begins (from 0) → its colour."""

    text: str
    bars: Mapping[int, str]


class Part(Struct, frozen=True):
    """A paragraph of Markdown, beside a bar of `colour` if it has one."""

    text: str
    colour: str | None = None


def message(
    text: str, block_rows: Sequence[Raw], attachment_rows: Sequence[Raw], *, is_formatted: bool
) -> Converted:
    """The message; its text is empty where nothing can be shown. Raises Invalid."""
    return _joined(_parts(text, block_rows, attachment_rows, is_formatted=is_formatted))


def _parts(
    text: str, block_rows: Sequence[Raw], attachment_rows: Sequence[Raw], *, is_formatted: bool
) -> Iterator[Part]:
    laid_out = list(_until_full(blocks(block_rows, "blocks")))
    if any(each != RULE for each in laid_out):
        yield from map(Part, laid_out)
    elif text.strip():
        yield Part(mrkdwn.markdown(text) if is_formatted else references.plain_markdown(text))
    for index, row in enumerate(attachment_rows[:ATTACHMENTS]):
        if bytes(row) != bytes(NOTHING):
            yield from _attachment(row, f"attachments[{index}]")
    if len(attachment_rows) > ATTACHMENTS:
        yield Part(f"… {len(attachment_rows) - ATTACHMENTS} more attachments")


def _attachment(row: Raw, path: str) -> Iterator[Part]:
    attachment = decoded(row, Attachment, path)
    pretext = attachments.above(attachment)
    if pretext.strip():
        yield Part(pretext)
    beside = "\n\n".join(_until_full(attachments.beside(attachment, path)))
    if beside.strip():
        yield Part(beside, attachments.colour_of(text_of(attachment.color)))


def _until_full(parts: Iterable[str]) -> Iterator[str]:
    left = TEXT_BYTES
    for part in parts:
        yield part
        left -= len(part)
        if left < 0:
            break


def _joined(parts: Iterable[Part]) -> Converted:
    taken, left = list[tuple[str, str | None]](), TEXT_BYTES + len(BETWEEN)
    for part in parts:
        text = part.text.strip("\n")
        text = markdown_writer.quote(text) if part.colour else text
        taken.append((text, part.colour))
        left -= len(text.encode()) + len(BETWEEN)
        if left < 0:
            break
    return _written(taken if left >= 0 else _shortened(taken))


def _written(taken: Iterable[tuple[str, str | None]]) -> Converted:
    bars, lines = dict[int, str](), 0
    texts = list[str]()
    for text, colour in taken:
        if colour is not None:
            bars[lines] = colour
        texts.append(text)
        lines += text.count("\n") + 2
    return Converted(BETWEEN.join(texts), bars)


def _shortened(taken: Sequence[tuple[str, str | None]]) -> Iterator[tuple[str, str | None]]:
    """As much as fits beside the note that there was more."""
    left = TEXT_BYTES - len(LEFT_OUT.encode())
    for text, colour in taken:
        size = len(text.encode()) + len(BETWEEN)
        if size <= left:
            yield text, colour
            left -= size
            continue
        start = _beginning(text, left - len(BETWEEN) - len(QUOTED_FENCE), colour is not None)
        if start:
            yield start, colour
        break
    yield LEFT_OUT, None


def _beginning(text: str, size: int, is_quoted: bool) -> str:
    """The first `size` bytes up to the end of a line or a word; no code is left open."""
    start = text.encode()[: max(0, size)].decode(errors="ignore")
    ends = (start.rfind("\n"), start.rfind(" "))
    start = start[: next((end for end in ends if end > len(start) // 2), None)].rstrip()
    ticks = ""
    for fence in FENCE.findall(start):
        if not ticks:
            ticks = fence
        elif len(fence) >= len(ticks):
            ticks = ""
    closing = f"\n> {ticks}" if is_quoted else f"\n{ticks}"
    return start + closing if ticks and len(ticks) <= LONGEST_FENCE else start

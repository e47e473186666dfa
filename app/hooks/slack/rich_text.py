"""Converts the block `rich_text`, which Slack's own composer makes, to Markdown. No I/O.

Source: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, zip_longest

from msgspec import Raw, Struct

from app.hooks.slack import markdown_writer, references
from app.hooks.slack.schema import (
    Element,
    Rich,
    Styles,
    decoded,
    is_object,
    is_true,
    kind_of,
    number_of,
    text_of,
)
from app.hooks.slack.text_objects import TEXT_CHARACTERS, cut

ELEMENTS = 2_000
DEEPEST_INDENT = 8
# From the innermost to the outermost.
MARKS = {"strike": "~~", "italic": "*", "bold": "**"}


class Run(Struct, frozen=True):
    """A piece of text in one style; `written` is its Markdown if that differs from `words`."""

    words: str
    written: str = ""
    styles: tuple[str, ...] = ()
    is_code: bool = False


def rich_text(rows: Sequence[Raw], path: str) -> Iterator[str]:
    """Its sections, lists, quotations and code, each as Markdown."""
    lists = list[str]()
    for index, row in enumerate(rows[:ELEMENTS]):
        here = f"{path}[{index}]"
        kind, part = kind_of(row, here), decoded(row, Rich, here)
        if kind == "rich_text_list":
            # Consecutive lists are the levels of one list. Markdown needs an empty line before a
            # numbered list that does not start with 1.
            lists.append("\n" * bool(lists and number_of(part.offset)))
            lists[-1] += "\n".join(_items(part, here))
            continue
        if lists:
            yield "\n".join(lists)
            lists = []
        make = PARTS.get(kind)
        if make is not None:
            yield make(part, f"{here}.elements")
    if lists:
        yield "\n".join(lists)


def _section(part: Rich, path: str) -> str:
    runs = list(_runs(part.elements or (), path))
    return "\n".join(map(_line, _lines(runs)))


def _quote(part: Rich, path: str) -> str:
    return markdown_writer.quote(_section(part, path))


def _preformatted(part: Rich, path: str) -> str:
    return markdown_writer.fence("".join(run.words for run in _runs(part.elements or (), path)))


def _items(part: Rich, path: str) -> Iterator[str]:
    indent = "    " * min(number_of(part.indent), DEEPEST_INDENT)
    number = number_of(part.offset) + 1 if text_of(part.style) == "ordered" else None
    for index, row in enumerate((part.elements or ())[:ELEMENTS]):
        here = f"{path}.elements[{index}]"
        content = _section(decoded(row, Rich, here), f"{here}.elements")
        mark = "- " if number is None else f"{number + index}. "
        yield indent + mark + content.replace("\n", f"\n{indent}    ")


PARTS: dict[str, Callable[[Rich, str], str]] = {
    "rich_text_section": _section,
    "rich_text_quote": _quote,
    "rich_text_preformatted": _preformatted,
}


def _runs(rows: Sequence[Raw], path: str) -> Iterator[Run]:
    left = TEXT_CHARACTERS
    for index, row in enumerate(rows[:ELEMENTS]):
        here = f"{path}[{index}]"
        element = decoded(row, Element, here)
        run = _run(text_of(element.type), element)
        if run is None or not run.words:
            continue
        left -= len(run.words)
        if left < 0:
            break
        is_styled = is_object(element.style)
        yield _styled(run, element.style, f"{here}.style") if is_styled else run


def _run(kind: str, element: Element) -> Run | None:
    make = ELEMENT_KINDS.get(kind)
    if make is not None:
        found = make(element)
        return Run(found.words, found.markdown)
    if kind == "emoji":
        return Run(_emoji(element))
    return Run(cut(element.text)) if kind == "text" else None


def _link(element: Element) -> references.Reference:
    return references.link(cut(element.url), " ".join(cut(element.text).split()))


def _broadcast(element: Element) -> references.Reference:
    name = cut(element.range)
    return references.group_mention(name if name in references.GROUP_MENTIONS else "channel")


def _date(element: Element) -> references.Reference:
    return references.moment(cut(element.timestamp), cut(element.fallback), cut(element.url))


def _user(element: Element) -> references.Reference:
    return references.named("@", cut(element.name) or cut(element.user_id))


def _usergroup(element: Element) -> references.Reference:
    return references.named("@", cut(element.name) or cut(element.usergroup_id))


def _channel(element: Element) -> references.Reference:
    return references.named("#", cut(element.name) or cut(element.channel_id))


def _colour(element: Element) -> references.Reference:
    return references.named("", cut(element.value))


ELEMENT_KINDS: dict[str, Callable[[Element], references.Reference]] = {
    "link": _link,
    "broadcast": _broadcast,
    "date": _date,
    "user": _user,
    "usergroup": _usergroup,
    "channel": _channel,
    "color": _colour,
}


def _emoji(element: Element) -> str:
    try:
        return "".join(chr(int(part, 16)) for part in cut(element.unicode).split("-"))
    except (ValueError, OverflowError):
        return references.pictured(f":{cut(element.name)}:")


def _styled(run: Run, raw: Raw, path: str) -> Run:
    styles = decoded(raw, Styles, path)
    names = tuple(name for name in MARKS if is_true(getattr(styles, name)))
    return Run(run.words, run.written, names, is_true(styles.code))


def _lines(runs: Sequence[Run]) -> Iterator[list[Run]]:
    line = list[Run]()
    for run in runs:
        first, *others = run.words.split("\n") if not run.written else [run.words]
        before = line[-1] if line else None
        if before and before.is_code and run.is_code and before.styles == run.styles:
            line[-1] = Run(before.words + first, "", run.styles, is_code=True)
        else:
            line.append(Run(first, run.written, run.styles, run.is_code))
        for other in others:
            yield line
            line = [Run(other, "", run.styles, run.is_code)]
    yield line


def _line(runs: Sequence[Run]) -> str:
    """One line; neighbours of one style share their marks."""
    texts = [run for run in runs if run.words]
    groups = [list(group) for _, group in groupby(texts, key=lambda run: run.styles)]
    made = ""
    for group, following in zip_longest(groups, groups[1:]):
        written = ""
        for run in group:
            written += _written(run, written[-1:] or made[-1:])
        after = following[0].words[:1] if following else ""
        written = _marked(written, group[0].styles, made[-1:], after)
        if made.endswith("!") and not made.endswith("\\!") and written.startswith("["):
            # It would be an image.
            made = made[:-1] + "\\!"
        made += written
    return markdown_writer.literal_start(made.strip())


def _written(run: Run, before: str) -> str:
    """The Markdown of a piece after the character `before`; mentions get spaces around them."""
    if run.is_code and run.words.strip() and before != "`":
        return markdown_writer.code(run.words)
    written = run.written or markdown_writer.inline(run.words)
    if not run.written.startswith("@"):
        return written
    return f"{written} " if not before.strip() else f" {written} "


def _marked(written: str, styles: Sequence[str], before: str, after: str) -> str:
    inner = written.strip()
    start, end = _spaces(written)
    before, after = start[-1:] or before, end[:1] or after
    inside = "~" if "strike" in styles else inner
    is_seen = _is_seen(before, inside[:1]) and _is_seen(after, inside[-1:])
    if not styles or not inner or not is_seen:
        return written
    for name in MARKS:
        if name in styles:
            inner = MARKS[name] + inner + MARKS[name]
    return start + inner + end


def _spaces(written: str) -> tuple[str, str]:
    begins = len(written) - len(written.lstrip())
    return written[:begins], written[len(written.rstrip()) :]


def _is_seen(outside: str, inside: str) -> bool:
    """Whether Markdown takes marks between these characters for marks (CommonMark, flanking)."""
    return outside not in ("*", "~", "_") and (not outside.isalnum() or inside.isalnum())

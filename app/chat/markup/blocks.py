"""Adds directions, alignment and task lists to the blocks of a parsed text. No I/O."""

import re

from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# Letters that are written from right to left, from Hebrew to Adlam.
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
CONTAINERS = {
    "blockquote_open",
    "bullet_list_open",
    "ordered_list_open",
    "list_item_open",
    "table_open",
}
LINES = {"paragraph_open", "heading_open", "th_open", "td_open"}
BETWEEN = {"thead_open", "tbody_open", "tr_open"}
ALIGNMENT = re.compile(r"text-align:(left|center|right)")
TASK = re.compile(r"\[([ xX])\](?= )")


def directions(state: StateCore) -> None:
    """Give each block the direction of its own first letter, where a text has both directions.

    To find the direction of a container, browsers skip children that have their own `dir`. So the
    first line of a quote or list gets none: it decides its container's direction and inherits it.
    """
    if RIGHT_TO_LEFT.search(state.src) is None:
        return
    is_first = False  # of a container that has a direction
    for token in state.tokens:
        if token.hidden or token.type in BETWEEN:
            continue
        if token.type in CONTAINERS | LINES and not is_first:
            token.attrSet("dir", "auto")
        is_first = token.type in CONTAINERS


def alignment(state: StateCore) -> None:
    """Replace the `style` of aligned columns, which the CSP forbids, by `align`."""
    for token in state.tokens:
        if token.type in ("th_open", "td_open") and "style" in token.attrs:
            found = ALIGNMENT.fullmatch(str(token.attrs.pop("style")))
            if found:
                token.attrSet("align", found[1])


def tasks(state: StateCore) -> None:
    """Turn the `[ ]` and `[x]` of task lists into checkboxes."""
    for item, line, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if item.type != "list_item_open" or line.type != "paragraph_open" or not inline.children:
            continue
        first = inline.children[0]
        box = TASK.match(first.content) if first.type == "text" else None
        if box and inline.content[box.end() :].strip():
            first.content = first.content[box.end() :]
            inline.children.insert(0, _box(is_done=box[1] != " "))


def _box(*, is_done: bool) -> Token:
    token = Token("task_box", "input", 0)
    token.attrs = {"type": "checkbox", "disabled": "", "aria-label": "done" if is_done else "to do"}
    if is_done:
        token.attrs["checked"] = ""
    return token

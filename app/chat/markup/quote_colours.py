"""Coloured bars beside quotations, for the attachments of webhooks. No I/O."""

from collections.abc import Mapping

from markdown_it.rules_core import StateCore

COLOURS = ("grey", "red", "orange", "yellow", "green", "blue", "purple")
CLASSES = {f"bar-{colour}" for colour in COLOURS}

Bars = Mapping[int, str]
"""One of COLOURS by the line in which a quotation begins, counted from 0."""

NONE: Bars = {}


def bars(state: StateCore) -> None:
    """A markdown-it rule: gives top-level quotations the colour of their first line."""
    colours: Bars = state.env["bars"]
    if not colours:
        return
    for token in state.tokens:
        if token.type == "blockquote_open" and token.level == 0 and token.map:
            colour = colours.get(token.map[0])
            if colour in COLOURS:
                token.attrSet("class", f"bar-{colour}")

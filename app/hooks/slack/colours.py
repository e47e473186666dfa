"""The colour of an attachment's bar. No I/O."""

import colorsys
import re

from app.chat.markup.bars import COLOURS

GREY = COLOURS[0]
NAMED = {"good": "green", "warning": "orange", "danger": "red"}
# The hues up to so many degrees; what follows the last is red again.
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


def colour_of(written: str) -> str:
    """The nearest of COLOURS to `good`, `warning`, `danger` or a colour in hexadecimal."""
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

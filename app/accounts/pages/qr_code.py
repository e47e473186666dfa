"""Draws the QR code of a link, for a phone that is held in front of the screen."""

import segno
from markupsafe import Markup

# A code with more is too dense for the camera of a phone. The address begins with the Host header,
# which is as long as its sender wants.
LONGEST = 500
BORDER = 2


def qr_code(address: str) -> Markup:
    """An inline SVG of the QR code (ISO/IEC 18004, level M), without styles or scripts; empty for
    an address that is too long for one."""
    if len(address) > LONGEST:
        return Markup()
    # The drawing has paths only: the address is in their shape, not in the text.
    drawing = _code(address).svg_inline(
        border=BORDER, omitsize=True, svgclass="qr-code", lineclass=None
    )
    return Markup(drawing)  # noqa: S704


def qr_rows(address: str) -> list[str]:
    """The modules of the same code, with its border: a row is a text of `1` (dark) and `0`. Without
    rows for an address that is too long for one."""
    if len(address) > LONGEST:
        return []
    return [
        "".join("1" if module else "0" for module in row)
        for row in _code(address).matrix_iter(border=BORDER)
    ]


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="m")

"""Draws the QR code of a link, for a phone that is held in front of the screen."""

import segno
from markupsafe import Markup


def qr_code(address: str) -> Markup:
    """An inline SVG of the QR code (ISO/IEC 18004, level M), without styles or scripts."""
    code = segno.make_qr(address, error="m")
    # The drawing has paths only: the address is in their shape, not in the text.
    drawing = code.svg_inline(border=2, omitsize=True, svgclass="qr-code", lineclass=None)
    return Markup(drawing)  # noqa: S704

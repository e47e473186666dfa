"""Draws the QR code of a link, for a phone that is held in front of the screen."""

import segno
from markupsafe import Markup

# A code with more is too dense for the camera of a phone. The address begins with the Host header,
# which is as long as its sender wants.
LONGEST = 500


def qr_code(address: str) -> Markup:
    """An inline SVG of the QR code (ISO/IEC 18004, level M), without styles or scripts; empty for
    an address that is too long for one."""
    if len(address) > LONGEST:
        return Markup()
    code = segno.make_qr(address, error="m")
    # The drawing has paths only: the address is in their shape, not in the text.
    drawing = code.svg_inline(border=2, omitsize=True, svgclass="qr-code", lineclass=None)
    return Markup(drawing)  # noqa: S704

"""Draws the QR code of a link, for a phone that is held in front of the screen."""

import segno


def qr_code(address: str) -> str:
    """An inline SVG of the QR code (ISO/IEC 18004, level M), without styles or scripts."""
    code = segno.make_qr(address, error="m")
    return code.svg_inline(border=2, omitsize=True, svgclass="qr-code", lineclass=None)

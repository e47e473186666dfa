"""The text of a message."""

import pytest

from app.chat.message_body import checked_text
from app.errors import Invalid, TooLarge


def test_text_is_measured_in_bytes() -> None:
    assert checked_text("é" * 32_768)
    with pytest.raises(TooLarge):
        checked_text("é" * 32_768 + "x")
    for wrong in ("", " \n\t", "a\0", "\u200b", "\u2800\u3164 \u00ad", "\u0301" * 9, "\U000e0041"):
        with pytest.raises(Invalid):
            checked_text(wrong)

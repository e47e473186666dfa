"""JSON for Socket.IO through msgspec: python-socketio takes this module as its `json`.

Whatever cannot be decoded is a ValueError, also what is nested too deeply.
"""

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def dumps(data: Any, **_: Any) -> str:
    """Compact JSON text."""
    return _encoder.encode(data).decode()


def loads(text: str | bytes, **_: Any) -> Any:
    """The value of `text`. Raises ValueError."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise ValueError(f"not JSON: {type(error).__name__}") from None

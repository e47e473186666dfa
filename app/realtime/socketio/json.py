"""JSON for Socket.IO through msgspec: python-socketio takes this module as its `json`.

Decoding raises ValueError for anything that is not JSON, is nested too deeply or would take too
long.
"""

from typing import Any

import msgspec

from app.errors import Invalid
from app.web.json_limits import must_be_light

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


def dumps(data: Any, **_: Any) -> str:
    """Compact JSON text."""
    return _encoder.encode(data).decode()


def loads(text: str | bytes, **_: Any) -> Any:
    """The value of `text`. Raises ValueError."""
    try:
        raw = text.encode() if isinstance(text, str) else text
        must_be_light(raw)
        return _decoder.decode(raw)
    except (msgspec.MsgspecError, Invalid, RecursionError, UnicodeError) as error:
        raise ValueError(f"not JSON: {type(error).__name__}") from None

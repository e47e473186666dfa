"""Records as MongoDB keeps them: their id is its `_id`, and what is None is left out. No I/O."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct


def document_of(record: Struct) -> dict[str, Any]:
    """The document of a record that has an `id`. Times stay times."""
    document = msgspec.to_builtins(record, builtin_types=(datetime,))
    document["_id"] = document.pop("id")
    return {name: value for name, value in document.items() if value is not None}

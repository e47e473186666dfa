"""Types for the text fields of requests, each with a maximal length.

The decoder refuses longer texts before any other code reads them. The rules for what people write
are shorter, and the services' own.
"""

from typing import Annotated

from msgspec import Meta

# Larger than any request: the service that takes the text measures it first.
WRITTEN_CHARACTERS = 2 * 1024 * 1024

# A name, an id, a choice.
Short = Annotated[str, Meta(max_length=1_000)]
# A password, a code, a token, an address.
Medium = Annotated[str, Meta(max_length=8_192)]
# The recipients of an announcement, the data of an event.
Long = Annotated[str, Meta(max_length=524_288)]
# A message; the service limits its bytes.
Written = Annotated[str, Meta(max_length=WRITTEN_CHARACTERS)]

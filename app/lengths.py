"""How long a text from outside can be before anything looks at it: types for requests' fields.

These are no rules about what people write. The services have those, with sentences that explain
them; a text within these lengths is short enough for a service to look at.
"""

from typing import Annotated

from msgspec import Meta

# Larger than any request: the service that takes the text measures it first.
WRITTEN_CHARACTERS = 2 * 1024 * 1024

# A name, an id, a choice.
Short = Annotated[str, Meta(max_length=1_000)]
# A password, a code, a token, an address.
Medium = Annotated[str, Meta(max_length=8_192)]
# The list of recipients of an announcement, the data of an event that is tried.
Long = Annotated[str, Meta(max_length=524_288)]
# A message, of which the service says in bytes how long it can be.
Written = Annotated[str, Meta(max_length=WRITTEN_CHARACTERS)]

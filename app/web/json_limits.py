"""How much work a JSON text makes, looked at before it is decoded. No I/O.

A megabyte can be a hundred thousand lists, or as many numbers like 1e300, of each of which the
decoder takes twenty microseconds to find the nearest one that there is.
"""

from app.errors import Invalid

CONTAINERS_AT_MOST = 20_000
VALUES_AT_MOST = 200_000
EXPONENTS_AT_MOST = 2_000
# Shorter ones can't hold as much as that: a number with an exponent takes four bytes.
LIGHT_BYTES = 4 * EXPONENTS_AT_MOST


def must_be_light(raw: bytes) -> None:
    """Raise Invalid for JSON that would take long to decode. Takes linear time itself."""
    if len(raw) <= LIGHT_BYTES:
        return
    if _is_light(raw):
        return
    # What stands in texts makes no work. Escaped quotation marks first: each of the others begins
    # or ends a text then.
    bare = raw.replace(b"\\\\", b"").replace(b'\\"', b"")
    if not _is_light(b"".join(bare.split(b'"')[::2])):
        raise Invalid("This has too many lists, objects or numbers for one request.")


def _is_light(text: bytes) -> bool:
    containers = text.count(b"[") + text.count(b"{")
    letters = text.count(b"e") + text.count(b"E") - text.count(b"true") - text.count(b"false")
    return (
        containers <= CONTAINERS_AT_MOST
        and containers + text.count(b",") <= VALUES_AT_MOST
        and letters <= EXPONENTS_AT_MOST
    )

"""Refuses JSON that would take long to decode, before it is decoded. No I/O.

A megabyte can hold a hundred thousand lists, or as many numbers like 1e300: the decoder takes
twenty microseconds for each, to find the nearest double.
"""

from app.errors import Invalid

CONTAINERS_AT_MOST = 20_000
VALUES_AT_MOST = 200_000
EXPONENTS_AT_MOST = 2_000
# A shorter text can't hold that many: a number with an exponent takes four bytes.
LIGHT_BYTES = 4 * EXPONENTS_AT_MOST


def must_be_light(raw: bytes) -> None:
    """Raise Invalid for JSON that would take long to decode. Takes linear time itself."""
    if len(raw) <= LIGHT_BYTES:
        return
    if _is_light(raw):
        return
    # Strings cost little, so they are left out. Without escaped quotation marks each other one
    # begins or ends a string.
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

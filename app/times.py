"""Times as they go over the wire."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present, to the millisecond, as the database keeps it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-03-01T09:41:07.123Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"

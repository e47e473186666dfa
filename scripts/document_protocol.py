"""Writes the tables of docs/PROTOCOL.md from the structs and errors in the code.

`python scripts/document_protocol.py` renews the page; `--check` only says whether it is stale.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import inspect

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app import errors  # noqa: E402
from app.analytics.client_events import EVENTS as ANALYTICS  # noqa: E402
from app.chat.client_events import EVENTS as CHAT  # noqa: E402
from app.chat.directory.client_events import EVENTS as DIRECTORY  # noqa: E402
from app.chat.drafts.service import EVENTS as DRAFTS  # noqa: E402
from app.chat.members.client_events import EVENTS as MEMBERS  # noqa: E402
from app.chat.pins.service import EVENTS as PINS  # noqa: E402
from app.chat.saved.service import EVENTS as SAVED  # noqa: E402
from app.lengths import WRITTEN_CHARACTERS  # noqa: E402
from app.notifications.client_events import EVENTS as NOTIFICATIONS  # noqa: E402
from app.realtime.dispatch import ClientEvents  # noqa: E402
from app.topics.client_events import EVENTS as TOPICS  # noqa: E402

PAGE = ROOT / "docs" / "PROTOCOL.md"
MARK = "made by scripts/document_protocol.py"


def page(text: str) -> str:
    """The page with its tables as the code has them now."""
    tables = {
        "errors": error_table(),
        "chat events": event_table({**CHAT, **MEMBERS, **DIRECTORY, **DRAFTS, **PINS, **SAVED}),
        "notification events": event_table(NOTIFICATIONS),
        "analytics events": event_table(ANALYTICS),
        "topic events": event_table(TOPICS),
    }
    for name, table in tables.items():
        section = re.compile(f"(<!-- {name}: {MARK} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        text, found = section.subn(lambda m, table=table: m[1] + table + m[2], text)
        if found != 1:
            raise SystemExit(f"{PAGE.name} has no place for the table of {name}.")
    return text


def error_table() -> str:
    """Code, status and meaning of every error."""
    kinds = sorted(errors.ParleyError.__subclasses__(), key=lambda kind: kind.status)
    rows = [f"| `{k.code}` | {k.status} | {one_line(k.__doc__)} |" for k in kinds]
    return table("code", "HTTP", "when", rows=rows)


def event_table(events: ClientEvents) -> str:
    """Name, fields and answer of every client event."""
    rows = [
        f"| `{name}` | {'<br>'.join(fields(event.request)) or '—'} "
        f"| {one_line(event.handler.__doc__)} |"
        for name, event in events.items()
    ]
    return table("event", "fields", "what it does, and its answer", rows=rows)


def table(*heads: str, rows: list[str]) -> str:
    """Markdown of a table."""
    return "\n".join(["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *rows, ""])


def one_line(text: str | None) -> str:
    if not text:
        raise SystemExit("Something in the tables has no docstring.")
    return " ".join(text.split()).replace("|", "\\|")


def fields(request: type[msgspec.Struct]) -> Iterator[str]:
    """`name` and kind of each field; one that can be left out has a question mark."""
    described = inspect.type_info(request)
    assert isinstance(described, inspect.StructType)
    for field in described.fields:
        yield f"`{field.encode_name}{'' if field.required else '?'}` {kind(field.type)}"


def kind(of: inspect.Type) -> str:
    """A type in words."""
    match of:
        case inspect.UnionType(types=types):
            return " or ".join(kind(t) for t in types if not isinstance(t, inspect.NoneType))
        case inspect.ListType(item_type=item, max_length=longest):
            return f"list of {kind(item)}" + at_most(longest)
        case inspect.DictType(value_type=value, max_length=longest):
            return f"{kind(value)} by name" + at_most(longest)
        case inspect.StructType(fields=parts):
            return "`{" + ", ".join(part.encode_name for part in parts) + "}`"
    return plain(of)


def at_most(longest: int | None) -> str:
    return f", at most {longest:,}" if longest else ""


def plain(of: inspect.Type) -> str:
    """A type that holds no other, in words."""
    match of:
        case inspect.LiteralType(values=values):
            return ", ".join(f"`{value}`" for value in dict.fromkeys(map(str, values)))
        case inspect.IntType(ge=least, le=most):
            bounds = "" if most == 2**53 - 1 else f" to {most}"
            return f"number from {least}{bounds}"
        case inspect.StrType(max_length=longest):
            # The service limits written texts in bytes, so no number of characters is given.
            return f"text to {longest}" if longest and longest < WRITTEN_CHARACTERS else "text"
        case inspect.AnyType():
            return "anything that JSON can say"
        case inspect.BoolType():
            return "yes or no"
        case inspect.DateTimeType():
            return "time"
    raise SystemExit(f"There are no words for {of} yet.")


def main() -> None:
    present = PAGE.read_text(encoding="utf-8")
    renewed = page(present)
    if "--check" in sys.argv[1:]:
        sys.exit(present != renewed and f"{PAGE.name} is stale; run scripts/document_protocol.py.")
    PAGE.write_text(renewed, encoding="utf-8")


if __name__ == "__main__":
    main()

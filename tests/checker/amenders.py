"""Did edits, deletions and reactions that were promised stay, and come from somebody?"""

from collections import defaultdict
from collections.abc import Iterator

from tests.checker.findings import Fault, Finding
from tests.checker.history import Amend, History, Shown


def check_amends(history: History, room: str) -> Iterator[Finding]:
    """Everything about changes of items against the room's final history."""
    by_item: dict[str, list[Amend]] = defaultdict(list)
    for amend in history.amends:
        if amend.room == room:
            by_item[amend.of].append(amend)
    texts = {(send.sender, send.client_id): send.text for send in history.sends_in(room)}
    for item in history.final[room]:
        if not item.system:
            original = texts.get((item.sender, item.client_id), item.text)
            yield from _of_item(room, item, by_item.get(item.id, []), original)


def _of_item(room: str, item: Shown, amends: list[Amend], original: str) -> Iterator[Finding]:
    promised = max((ack.rev for amend in amends for ack in amend.acks), default=0)
    if promised > item.rev:
        text = f"a change of {item.id} was promised rev {promised}, it stands at {item.rev}"
        yield Finding(Fault.LOST, room, text)
    yield from _deletion(room, item, [a for a in amends if a.kind == "delete"])
    if not item.deleted:
        yield from _text(room, item, [a for a in amends if a.kind == "edit"], original)
        yield from _reactions(room, item, [a for a in amends if a.kind in ("add", "remove")])


def _deletion(room: str, item: Shown, deletions: list[Amend]) -> Iterator[Finding]:
    if not item.deleted and any(amend.acks for amend in deletions):
        yield Finding(Fault.LOST, room, f"the deletion of {item.id}")
    if item.deleted and not deletions:
        yield Finding(Fault.INVENTED, room, f"nobody deleted {item.id}")
    if item.deleted and deletions and all(amend.is_refused for amend in deletions):
        yield Finding(Fault.REFUSED_BUT_PRESENT, room, f"the deletion of {item.id}")


def _text(room: str, item: Shown, edits: list[Amend], original: str) -> Iterator[Finding]:
    acked = [(ack.rev, amend.value) for amend in edits for ack in amend.acks]
    _, last = max(acked, default=(0, original))
    open_ended = {e.value for e in edits if not e.acks and not e.is_refused}
    if item.text in {last} | open_ended:
        return
    if item.text in {e.value for e in edits if e.is_refused}:
        yield Finding(Fault.REFUSED_BUT_PRESENT, room, f"{item.id} reads «{item.text[:40]}»")
    elif acked and item.text in {original} | {value for _, value in acked}:
        text = f"the edit of {item.id} to «{last[:40]}»; it reads «{item.text[:40]}»"
        yield Finding(Fault.LOST, room, text)
    else:
        yield Finding(Fault.INVENTED, room, f"{item.id} reads «{item.text[:40]}»")


def _reactions(room: str, item: Shown, amends: list[Amend]) -> Iterator[Finding]:
    present = {(emoji, user) for emoji, users in item.reactions for user in users}
    by_reaction: dict[tuple[str, str], list[Amend]] = defaultdict(list)
    for amend in amends:
        by_reaction[amend.value, amend.by].append(amend)
    for reaction in sorted(present - set(by_reaction)):
        yield Finding(Fault.INVENTED, room, f"{reaction} on {item.id}")
    for reaction, asked in by_reaction.items():
        yield from _one_reaction(room, item, reaction, asked, reaction in present)


def _one_reaction(
    room: str, item: Shown, reaction: tuple[str, str], asked: list[Amend], is_there: bool
) -> Iterator[Finding]:
    decided = [(ack.rev, amend.kind == "add") for amend in asked for ack in amend.acks]
    # A change that nobody was promised may have happened last, or never.
    possible = {amend.kind == "add" for amend in asked if not amend.acks and not amend.is_refused}
    possible.add(max(decided, default=(0, False))[1])
    if is_there in possible:
        return
    if not decided and is_there:
        yield Finding(Fault.REFUSED_BUT_PRESENT, room, f"{reaction} on {item.id}")
    else:
        yield Finding(Fault.LOST, room, f"a change of {reaction} on {item.id}")

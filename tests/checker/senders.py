"""Did the history keep what senders were promised, once, in order, and nothing else?"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.checker.findings import Fault, Finding
from tests.checker.history import History, Send, Shown

Key = tuple[str, str]


def check_sends(history: History, room: str) -> Iterator[Finding]:
    """Everything about messages against the room's final history."""
    final = history.final[room]
    by_key: dict[Key, list[Shown]] = defaultdict(list)
    for item in final:
        if not item.system:
            by_key[item.sender, item.client_id].append(item)
    sends = history.sends_in(room)
    yield from _numbered_twice(room, final)
    for send in sends:
        yield from _of_one(history, send, by_key[send.sender, send.client_id])
    yield from _invented(sends, room, by_key)
    yield from _promised_in_order(sends, room)


def _numbered_twice(room: str, final: list[Shown]) -> Iterator[Finding]:
    for what, counts in (
        ("seq", Counter(str(item.seq) for item in final)),
        ("id", Counter(item.id for item in final)),
    ):
        for value, times in counts.items():
            if times > 1:
                yield Finding(Fault.TWICE, room, f"{what} {value} is in the history {times} times")


def _of_one(history: History, send: Send, present: list[Shown]) -> Iterator[Finding]:
    name = f"{send.sender}'s {send.client_id} «{send.text[:40]}»"
    if len(present) > 1:
        ids = ", ".join(item.id for item in present)
        yield Finding(Fault.TWICE, send.room, f"{name} is there as {ids}")
    if len({(ack.id, ack.seq) for ack in send.acks}) > 1:
        yield Finding(Fault.TWICE, send.room, f"{name} was acknowledged as {send.acks}")
    if send.is_refused and present:
        yield Finding(Fault.REFUSED_BUT_PRESENT, send.room, f"{name} was refused: {send.tries}")
    for ack in send.acks[:1]:
        yield from _kept(history, send, ack.id, ack.seq, present)


def _kept(
    history: History, send: Send, item_id: str, seq: int, present: list[Shown]
) -> Iterator[Finding]:
    name = f"{send.sender}'s {send.client_id} «{send.text[:40]}»"
    found = next((item for item in present if item.id == item_id), None)
    if found is None:
        yield Finding(Fault.LOST, send.room, f"{name} was acknowledged as {item_id}, it is gone")
        return
    if found.seq != seq:
        yield Finding(
            Fault.REORDERED, send.room, f"{name} was promised seq {seq} and stands at {found.seq}"
        )
    if found.rev == found.seq and found.text != send.text:
        yield Finding(Fault.INVENTED, send.room, f"{name} reads «{found.text[:40]}», never changed")


def _invented(sends: list[Send], room: str, by_key: dict[Key, list[Shown]]) -> Iterator[Finding]:
    asked = {(send.sender, send.client_id) for send in sends}
    for key, items in by_key.items():
        if key not in asked and items:
            yield Finding(Fault.INVENTED, room, f"{items[0]} was never sent")


def _promised_in_order(sends: list[Send], room: str) -> Iterator[Finding]:
    """A message acknowledged before another was sent must have the lower seq, for any senders."""
    acked = [(send, send.acks[0].seq, send.acked_at) for send in sends if send.acks]
    by_end = sorted((ended, seq) for _, seq, ended in acked if ended is not None)
    highest, at = 0, 0
    for send, seq, _ in sorted(acked, key=lambda each: each[0].began_at):
        while at < len(by_end) and by_end[at][0] < send.began_at:
            highest, at = max(highest, by_end[at][1]), at + 1
        if seq < highest:
            text = f"{send.sender}'s {send.client_id} has seq {seq}, yet {highest} was there before"
            yield Finding(Fault.REORDERED, room, text)

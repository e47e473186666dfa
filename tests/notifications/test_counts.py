"""The unread count is exact whenever it is told, whatever else goes on."""

import asyncio
import random
from typing import Any

import pytest

from app.accounts.models import User
from app.notifications.models import Notice
from tests.harness.waiting import eventually
from tests.notifications.inboxes import Device, Inboxes

SENDERS = 20
READERS = 5
PAUSE_S = 0.02


async def _sends(inboxes: Inboxes, to: User, name: str, times: int) -> None:
    for number in range(times):
        await inboxes.sender.send([to.id], Notice(title=f"{name} {number}"), by=name)
        await asyncio.sleep(PAUSE_S)


async def _reads(device: Device, seed: int, sending: "asyncio.Future[Any]") -> None:
    dice = random.Random(seed)
    while not sending.done():
        unread = [i["id"] for i in device.items.values() if not i["read"]]
        some = dice.sample(unread, min(len(unread), dice.randrange(1, 8)))
        event = dice.choice(("notification:read", "notification:read", "notification:archive"))
        if dice.random() < 0.05:
            await device.does("notification:read", all=True)
        elif some:
            await device.does(event, ids=some)
        await asyncio.sleep(PAUSE_S)


async def _storm(inboxes: Inboxes, ben: User, times: int) -> None:
    """Each sender sends so many, and the readers read as long as that lasts."""
    devices = [await inboxes.opens(ben) for _ in range(READERS)]
    sending = asyncio.gather(*(_sends(inboxes, ben, f"sender {n}", times) for n in range(SENDERS)))
    await asyncio.gather(
        sending, *(_reads(device, seed, sending) for seed, device in enumerate(devices))
    )
    counted = await inboxes.counted(ben)
    head = await inboxes.head(ben)
    for device in devices:
        await eventually(lambda d=device: d.cursor == head, "everything arrived")
        assert device.unread == counted
        assert device.wrong_counts == []
        assert len(device.items) == SENDERS * times


async def test_twenty_send_and_five_read(inboxes: Inboxes, ben: User) -> None:
    await _storm(inboxes, ben, 20)


@pytest.mark.slow
async def test_twenty_send_and_five_read_for_long(inboxes: Inboxes, ben: User) -> None:
    await _storm(inboxes, ben, 200)

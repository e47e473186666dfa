"""How much fits, on both transports, however it is written as JSON."""

import pytest

from tests.chat.house import House, Member
from tests.realtime.raw import Poller, Raw

FITS = {
    "one byte each": "x" * 65_536,
    "two bytes each": "é" * 32_768,
    "three bytes each": "€" * 21_845 + "x",
    "four bytes each": "𝄞" * 16_384,
    "quotes, doubled in JSON": '"' * 65_536,
}


def escaped(text: str) -> str:
    """JSON with every character as \\uXXXX: up to six times as long."""
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


@pytest.mark.parametrize("text", FITS.values(), ids=FITS)
async def test_text_of_65536_bytes_passes_and_one_more_does_not(ana: Member, text: str) -> None:
    assert len(text.encode()) == 65_536
    sent = await ana.sends(text)
    assert await ana.fails("message:send", room="hallway", text=text + "x") == "too_large"
    there = {"room": "hallway", "id": sent["id"]}
    assert await ana.fails("message:edit", **there, text=text + "x") == "too_large"
    assert (await ana.joins())["items"][-1]["text"] == text


async def test_escaped_text_passes_on_both_transports(house: House, ana: Member) -> None:
    await ana.joins()
    token = await house.services.tokens.create(ana.id)
    event = '42/chat,{ack}["message:send",{{"room":"hallway","text":"{text}"}}]'
    async with Raw(house.address, token) as raw, Poller(house.address, token) as poller:
        for text in (FITS["one byte each"], FITS["two bytes each"]):
            await raw.say(event.format(ack=1, text=escaped(text)))
            assert (await raw.answer(1))["ok"] is True
            await poller.post(event.format(ack=2, text=escaped(text)))
            assert (await poller.answers(1))[2]["ok"] is True
            await poller.post(event.format(ack=3, text=escaped(text + "x")))
            assert (await poller.answers(1))[3]["error"]["code"] == "too_large"


async def test_polling_request_in_many_pieces_is_read_whole(house: House, ana: Member) -> None:
    text = FITS["one byte each"]
    body = f'42/chat,1["message:send",{{"room":"hallway","text":"{text}"}}]'.encode()

    async def pieces() -> object:
        for start in range(0, len(body), 1_000):
            yield body[start : start + 1_000]

    async with Poller(house.address, await house.services.tokens.create(ana.id)) as poller:
        assert (await poller.post(pieces()))[0] == 200
        assert (await poller.answers(1))[1]["ok"] is True


async def test_polling_client_sends_many_at_once(house: House, ana: Member) -> None:
    """Engine.IO's own limit of 16 packets would lose the others without a word."""
    events = [f'42/chat,{n}["message:send",{{"room":"hallway","text":"{n}"}}]' for n in range(100)]
    async with Poller(house.address, await house.services.tokens.create(ana.id)) as poller:
        await poller.post("\x1e".join(events))
        answers = await poller.answers(100)
    seqs = [answers[n]["seq"] for n in range(100)]
    assert seqs == sorted(seqs)

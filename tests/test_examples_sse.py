"""The reader in `examples/` works as it says, against a real server."""

import asyncio
import os
import sys
from pathlib import Path

from tests.chat.conftest import ana, house
from tests.chat.house import House, Member

__all__ = ["ana", "house"]

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "sse_reader.py"


async def test_sse_reader_shows_what_is_said(house: House, ana: Member) -> None:
    token = await house.services.tokens.create(ana.id)
    reader = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        house.address,
        "chat:hallway",
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PARLEY_TOKEN": token},
    )
    assert reader.stdout is not None
    try:
        async with asyncio.timeout(20):
            assert await reader.stdout.readline() == b"[connection] Connected\n"
            await ana.sends("hello, program")
            while await reader.stdout.readline() != b"Ana: hello, program\n":
                assert reader.returncode is None
    finally:
        reader.kill()
        await reader.wait()

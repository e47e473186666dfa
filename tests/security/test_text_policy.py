"""The policy for what people write: shown harmlessly, or refused as well where one wants that."""

import pytest

from app.errors import Invalid
from app.security.text_policy import text_check
from app.storage.mongo import Database
from tests.chat.house import open_house

REFUSED = [
    "<script>alert(1)</script>",
    "<SCRIPT src=//evil.example>",
    "[a](JavaScript:alert(1))",
    "vbscript:msgbox",
    "<img src=x onerror=alert(1)>",
    "<body ONLOAD=alert(1)>",
]
TAKEN = ["script", "java script", "on load = 3", "I load it, on error ask me", "<scrip t>"]


@pytest.mark.parametrize("text", REFUSED)
def test_reject_refuses_what_could_be_a_script(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        text_check("reject")(text, "text")
    assert refused.value.field == "text"
    text_check("escape")(text, "text")


@pytest.mark.parametrize("text", TAKEN)
def test_reject_takes_what_only_looks_like_it(text: str) -> None:
    text_check("reject")(text, "text")


async def test_a_server_that_rejects_does_so_wherever_people_write(database: Database) -> None:
    async with open_house(database, content_policy="reject") as house:
        ana = await house.invites("ana", "admin")
        member = await house.enters(ana)
        room = (await member.does("room:create", name="hall", kind="open"))["room"]["id"]
        sent = await member.does("message:send", room=room, text="hello")
        for event, fields in (
            ("message:send", {"room": room, "text": REFUSED[0]}),
            ("message:edit", {"room": room, "id": sent["id"], "text": REFUSED[0]}),
            ("room:create", {"name": REFUSED[0], "kind": "open"}),
            ("room:update", {"room": room, "topic": REFUSED[0]}),
        ):
            assert await member.fails(event, fields) == "invalid"

"""Forms: one encoding, measured before they are read."""

from collections.abc import AsyncIterator
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp.test_utils import TestClient

from app.web.request_body import FIELDS, FORM_BYTES
from app.web.route_helpers import FORM
from tests.web.site import site

TYPE = {"Content-Type": FORM, "Accept": "application/json"}


@pytest.fixture
async def client() -> AsyncIterator[TestClient]:
    async with site() as opened:
        yield opened


async def code(client: TestClient, body: bytes | str, kind: str = FORM) -> tuple[int, str]:
    """Status and error code of a form that has to be refused."""
    answer = await client.post("/api/choice", data=body, headers={"Content-Type": kind})
    return answer.status, (await answer.json())["error"]["code"]


async def test_a_form_becomes_its_struct(client: TestClient) -> None:
    posted = urlencode([("name", "Zoë & co"), ("rooms", "a"), ("rooms", "b"), ("count", "7")])
    for kind in (FORM, f"{FORM}; charset=utf-8"):
        answer = await client.post("/api/choice", data=posted, headers={"Content-Type": kind})
        assert answer.status == 200
        assert await answer.json() == {"name": "Zoë & co", "rooms": ["a", "b"], "count": 7}


async def test_an_empty_field_is_there_and_the_first_of_several_counts(client: TestClient) -> None:
    answer = await client.post("/api/choice", data="name=&rooms=&name=b", headers=TYPE)
    assert await answer.json() == {"name": "", "rooms": [""], "count": 0}


async def test_a_multipart_form_is_invalid(client: TestClient) -> None:
    with aiohttp.MultipartWriter("form-data", boundary="b") as parts:
        for number in range(1_000):
            parts.append("").set_content_disposition("form-data", name=f"f{number}")
        answer = await client.post("/api/choice", data=parts)
    assert answer.status == 400
    assert (await answer.json())["error"]["code"] == "invalid"


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data", "x"])
async def test_no_other_type_is_read_as_a_form(client: TestClient, kind: str) -> None:
    assert await code(client, "name=a", kind) == (400, "invalid")


@pytest.mark.parametrize(
    "body",
    [
        b"name=\xff",
        "name=%ff%fe",
        "name=%ed%a0%80",
        "count=many",
        "count=" + "9" * 5_000,
        "name=" + "a" * 101,
        "&".join(["rooms=a"] * 11),
        "&".join(["x=1"] * (FIELDS + 1)),
    ],
)
async def test_what_is_no_such_form_is_invalid(client: TestClient, body: bytes | str) -> None:
    assert await code(client, body) == (400, "invalid")


async def test_a_form_that_is_too_large_is_not_read(client: TestClient) -> None:
    large = b"name=" + b"a" * FORM_BYTES
    assert await code(client, large) == (413, "too_large")

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    answer = await client.post("/api/choice", data=pieces(), headers=TYPE)
    assert answer.status == 413

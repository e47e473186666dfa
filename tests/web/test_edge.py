"""The HTTP edge: callers, errors for programs and people, headers, other sites, the log."""

import asyncio
import contextlib
import json

import aiohttp
import pytest
import structlog
from structlog.testing import capture_logs

from app.errors import Forbidden, NotFound, ParleyError, RateLimited, Unavailable
from tests.harness.waiting import eventually
from tests.web.site import served, site

COOKIE = {"Cookie": "parley_session=ana"}
BEARER = {"Authorization": "Bearer ana"}
PAGE = {"Accept": "text/html"}


@pytest.mark.parametrize("headers", [COOKIE, BEARER, {"Authorization": "bearer  ana"}])
async def test_a_cookie_or_a_token_tells_who_calls(headers: dict[str, str]) -> None:
    async with site() as client:
        answer = await client.get("/api/who", headers=headers)
        assert answer.status == 200


async def test_nobody_is_asked_to_sign_in() -> None:
    async with site() as client:
        answer = await client.get("/api/who")
        assert answer.status == 401
        assert (await answer.json())["error"]["code"] == "unauthenticated"
        page = await client.get("/who?a=1&b=2", headers=PAGE, allow_redirects=False)
        assert page.status == 303
        assert page.headers["Location"] == "/login?next=/who%3Fa%3D1%26b%3D2"
        long = await client.get(f"/who?{'%41' * 2_000}", headers=PAGE, allow_redirects=False)
        assert long.headers["Location"] == "/login"
        posted = await client.post("/who", headers=PAGE, allow_redirects=False)
        assert posted.headers["Location"] == "/login"


async def test_a_bad_token_is_an_error_and_a_bad_cookie_nobody() -> None:
    async with site() as client:
        assert (await client.get("/api/who", headers={"Authorization": "Bearer x"})).status == 401
        bad = {"Cookie": "parley_session=forged"}
        assert (await client.get("/static/none", headers=bad)).status == 404
        assert (await client.get("/healthz", headers=bad)).status == 200


async def test_health_answers_while_the_database_is_away() -> None:
    async with site() as client:
        away = {"Cookie": "parley_session=away"}
        assert (await client.get("/healthz", headers=away)).status == 200
        answer = await client.get("/api/who", headers=away)
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "2"
        assert (await answer.json())["error"] == {
            "code": "unavailable",
            "message": "The database is away.",
            "retry_after": 1.5,
        }


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("Not for you."),
        NotFound("No such room."),
        RateLimited("Too often.", retry_after=7),
        Unavailable("Away.", retry_after=2),
    ],
)
async def test_an_error_is_an_object_for_programs_and_a_page_for_people(error: ParleyError) -> None:
    async with site(raised=error) as client:
        answer = await client.get("/api/raises")
        assert answer.status == error.status
        assert (await answer.json())["error"] == error.as_error()
        page = await client.get("/raises", headers=PAGE)
        assert page.status == error.status
        assert page.content_type == "text/html"
        assert error.message in await page.text()
        if error.retry_after:
            assert page.headers["Retry-After"] == str(error.retry_after)


async def test_a_page_escapes_what_an_error_says() -> None:
    async with site(raised=NotFound("<script>alert(1)</script>")) as client:
        assert "<script>alert" not in await (await client.get("/raises", headers=PAGE)).text()


async def test_unexpected_errors_show_nothing_of_the_inside_and_are_logged_once() -> None:
    async with site() as client:
        for path in ("/api/fails", "/fails"):
            with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
                answer = await client.get(path, headers=PAGE)
            text = await answer.text()
            assert answer.status == 500
            assert "secret" not in text
            assert "RuntimeError" not in text
            failures = [line for line in logs if line["event"] == "unexpected_error"]
            assert len(failures) == 1
            assert failures[0]["request_id"] == answer.headers["X-Request-ID"]
        assert answer.headers["X-Request-ID"] in text


async def test_an_answer_under_way_is_ended_and_not_begun_again() -> None:
    async with site() as client:
        answer = await client.get("/stops")
        assert await answer.text() == "so far"


async def test_unknown_addresses_and_methods() -> None:
    async with site() as client:
        assert (await (await client.get("/api/none")).json())["error"]["code"] == "not_found"
        page = await client.get("/none", headers=PAGE)
        assert page.status == 404
        assert "There is nothing here" in await page.text()
        wrong = await client.put("/api/note")
        assert wrong.status == 405
        assert wrong.headers["Allow"] == "POST"
        assert (await wrong.json())["error"]["code"] == "invalid"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"text": "hi"}', "application/json", 201),
        (b'{"text": "hi"}', "application/json; charset=utf-8", 201),
        (b'{"text": "hi"}', "text/plain", 400),
        (b"text=hi", "application/x-www-form-urlencoded", 400),
        (b'{"text": 1}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text": "' + b"x" * 2_100_000 + b'"}', "application/json", 413),
    ],
)
async def test_json_bodies(body: bytes, kind: str, status: int) -> None:
    async with site() as client:
        answer = await client.post("/api/note", data=body, headers={"Content-Type": kind})
        assert answer.status == status
        if status == 413:
            assert (await answer.json())["error"]["code"] == "too_large"


async def test_every_answer_has_the_security_headers_and_its_own_nonce() -> None:
    async with site() as client:
        policies, pages = set(), 0
        for path in ("/healthz", "/api/who", "/none", "/static/none", "/fails"):
            answer = await client.get(path, headers=PAGE, allow_redirects=False)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["Cache-Control"] == "no-store"
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'")
            if answer.content_type == "application/json":
                assert policy == "default-src 'none'; frame-ancestors 'none'"
            else:
                policies.add(policy)
                pages += 1
        assert len(policies) == pages > 1


async def test_over_tls_a_browser_is_to_come_back_over_tls_only() -> None:
    async with site(behind_tls=True) as client:
        for path in ("/healthz", "/api/who", "/none", "/static/none", "/fails"):
            answer = await client.get(path, headers=PAGE, allow_redirects=False)
            assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    async with site() as client:
        assert "Strict-Transport-Security" not in (await client.get("/healthz")).headers


async def post(client: object, path: str, headers: dict[str, str], **what: object) -> int:
    answer = await client.post(path, headers=headers, **what)  # type: ignore[attr-defined]
    return int(answer.status)


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_cannot_act_in_a_persons_name(foreign: dict[str, str]) -> None:
    async with site() as client:
        with capture_logs() as logs:
            assert await post(client, "/api/note", COOKIE | foreign, json={"text": "x"}) == 403
            assert await post(client, "/form", COOKIE | foreign, data={"a": "b"}) == 403
            # Signing a person in as somebody else needs no cookie, only a form.
            assert await post(client, "/form", foreign, data={"a": "b"}) == 403
        assert len([line for line in logs if line["event"] == "origin_refused"]) == 3
        assert "parley_session" not in json.dumps(logs, default=str)


async def test_our_own_pages_and_programs_may_act() -> None:
    async with site(allowed_origins=("https://chat.example",)) as client:
        own = {"Origin": f"http://127.0.0.1:{client.port}"}
        for headers in (
            COOKIE | own,
            COOKIE | {"Origin": "https://chat.example"},
            COOKIE | {"Sec-Fetch-Site": "same-origin"},
            COOKIE,
            BEARER,
            BEARER | {"Origin": "https://elsewhere.example"},
        ):
            assert await post(client, "/api/note", headers, json={"text": "x"}) == 201


async def test_the_log_has_one_line_without_codes() -> None:
    async with site() as client:
        with capture_logs() as logs:
            await client.get("/join/the-secret-code", headers=COOKIE)
            await client.get("/healthz")
        [line] = [line for line in logs if line["event"] == "request"]
        assert line["route"] == "/join/{code}"
        assert line["status"] == 200
        assert "the-secret-code" not in json.dumps(logs, default=str)


async def test_behind_tls_only_the_prefixed_cookie_counts() -> None:
    async with site(behind_tls=True) as client:
        assert (await client.get("/api/who", headers=COOKIE)).status == 401
        secure = {"Cookie": "__Host-parley_session=ana"}
        assert (await client.get("/api/who", headers=secure)).status == 200


async def test_https_is_believed_from_a_trusted_proxy() -> None:
    told = {"X-Forwarded-Proto": "https", "Cookie": "__Host-parley_session=ana"}
    async with site() as client:
        assert (await client.get("/api/who", headers=told)).status == 401
    async with site(trusted_proxies=("127.0.0.1",)) as client:
        assert (await client.get("/api/who", headers=told)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/who", "unauthenticated"),
        ("GET", "/nothing", "not_found"),
        ("GET", "/api/fails", "internal"),
        ("GET", "/stops", "internal"),
        ("POST", "/api/who", "invalid"),
    ],
)
async def test_each_error_that_somebody_is_told_is_counted_by_its_code(
    method: str, path: str, code: str
) -> None:
    failed: list[str] = []
    async with site(failed=failed.append) as client:
        with contextlib.suppress(aiohttp.ClientError):
            await (await client.request(method, path)).read()
        assert failed == [code]


async def test_what_is_answered_well_is_not_counted_as_an_error() -> None:
    failed: list[str] = []
    async with site(failed=failed.append) as client:
        assert (await client.get("/api/who", headers=BEARER)).status == 200
        # Nor is a page that sends somebody to sign in.
        assert (await client.get("/who", headers=PAGE, allow_redirects=False)).status == 303
    assert failed == []


async def test_who_leaves_while_a_websocket_is_opened_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate = asyncio.Event()
    gate.set()
    async with served(gate=gate) as runner:
        _, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        writer.write(
            b"GET /late HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        await eventually(lambda: not gate.is_set(), "it was asked for")
        writer.transport.abort()
        assert runner.server is not None
        (connection,) = runner.server.connections
        await eventually(lambda: connection.transport is None, "the server knows that it is gone")
        with capture_logs() as lines:
            gate.set()
            await eventually(lambda: any(e["event"] == "request" for e in lines), "it is over")
    assert [record.getMessage() for record in caplog.records] == []
    assert [line["event"] for line in lines] == ["request"]

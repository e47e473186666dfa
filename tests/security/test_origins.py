"""Which pages may call: exact origins only."""

import pytest
from msgspec import Struct

from app.security.origins import Origins


class Chosen(Struct):
    allowed_origins: tuple[str, ...] = ()
    behind_tls: bool = False


OURS = Origins(Chosen(allowed_origins=("https://yourdomain.com",)))


@pytest.mark.parametrize(
    "origin",
    ["https://yourdomain.com", "https://yourdomain.com:443", "HTTPS://YourDomain.com"],
)
def test_a_configured_origin_may_call(origin: str) -> None:
    assert OURS.allows(origin, "10.0.0.1:8000", "http")


@pytest.mark.parametrize(
    "origin",
    [
        "https://yourdomain.com.evil",
        "https://evil-yourdomain.com",
        "https://yourdomain.co",
        "https://yourdomain.com:8443",
        "http://yourdomain.com",
        "https://user@yourdomain.com",
        "https://yourdomain.com/",
        "https://yourdomain.com/path",
        "https://yourdomain.com?",
        "https://yourdomain.com#",
        "https://yourdomain.com@evil",
        "https://yourdomain.com:99999",
        "https://[::1",
        "null",
        "",
        " https://yourdomain.com",
        "https://your\tdomain.com",
        "yourdomain.com",
        "file://",
        "javascript:alert(1)",
    ],
)
def test_anything_near_it_may_not(origin: str) -> None:
    assert not OURS.allows(origin, "10.0.0.1:8000", "http")


def test_the_own_address_is_allowed() -> None:
    origins = Origins(Chosen())
    assert origins.allows("http://localhost:8000", "localhost:8000", "http")
    assert origins.allows("http://chat.example", "chat.example:80", "http")
    assert not origins.allows("http://localhost:8001", "localhost:8000", "http")
    assert not origins.allows("https://localhost:8000", "localhost:8000", "http")


def test_behind_tls_the_own_address_is_https() -> None:
    origins = Origins(Chosen(behind_tls=True))
    assert origins.allows("https://chat.example", "chat.example", "http")
    assert not origins.allows("http://chat.example", "chat.example", "http")


def test_no_origin_is_a_program() -> None:
    assert OURS.allows(None, "localhost:8000", "http")

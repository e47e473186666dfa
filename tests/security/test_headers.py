"""The content policy of a response."""

import pytest

from app.security.headers import content_security_policy, shell_policy


def directives(host: str) -> dict[str, str]:
    parts = (part.split(" ", 1) for part in content_security_policy("n0nce", host).split("; "))
    return {part[0]: part[1] for part in parts}


def test_only_our_scripts_run_and_only_we_are_connected_to() -> None:
    policy = directives("chat.example:8000")
    assert policy["default-src"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["script-src"] == "'nonce-n0nce'"
    assert policy["worker-src"] == "'self'"
    assert policy["connect-src"] == "'self' ws://chat.example:8000 wss://chat.example:8000"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "", "evil,*", "x\r\nSet-Cookie: a=b"])
def test_a_host_header_cannot_widen_the_policy(host: str) -> None:
    assert directives(host)["connect-src"] == "'self'"


def test_the_page_that_a_browser_keeps_has_no_nonce() -> None:
    policy = shell_policy("chat.example:8000")
    assert "script-src chat.example:8000/static/;" in policy
    assert "nonce" not in policy
    assert "require-trusted-types-for 'script'" in policy
    for host in ("chat.example; script-src *", "a" * 260 + "; script-src *", "a" * 3_000):
        assert "script-src 'self';" in shell_policy(host)

"""Secrets come from the system's random numbers, and are long enough that nobody guesses one."""

import secrets
from base64 import urlsafe_b64decode

import pytest

from app.accounts.secrets import fingerprint, mint


def test_a_secret_is_256_bits_of_the_systems_random_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(urlsafe_b64decode(mint() + "=")) * 8 == 256
    monkeypatch.setattr(secrets, "token_bytes", lambda count: b"\x07" * count)
    assert urlsafe_b64decode(mint() + "=") == b"\x07" * 32


def test_what_is_kept_of_a_secret_is_its_sha_256() -> None:
    assert fingerprint("abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")

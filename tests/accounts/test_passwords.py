"""Passwords: accepted, hashed off the loop, bounded, renewed."""

import asyncio
import subprocess
import sys
import time

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.accounts import passwords
from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.accounts.passwords import SHORTEST, Passwords, acceptable
from app.errors import Invalid, Unavailable
from tests.accounts.world import cheap, sign_in
from tests.harness.server import ROOT


def test_hashes_of_servers_are_as_costly_as_rfc_9106_asks() -> None:
    """In a process of its own: those of the tests are cheap."""
    show = "from app.accounts.account_services import Passwords as P; print(P()._nobodys.result())"
    ran = subprocess.run([sys.executable, "-c", show], cwd=ROOT, capture_output=True, check=True)
    assert ran.stdout.startswith(b"$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize("password", ["", "short12", "x" * 1025, "ana.lovelace"])
def test_unfit_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        acceptable(password, username="Ana.Lovelace")
    assert refusal.value.field == "password"


def test_a_password_is_measured_before_it_is_composed() -> None:
    """Composing 160 KB of marks would take seconds."""
    marks = "a" + "\u0323\u0301" * 80_000
    began = time.process_time()
    with pytest.raises(Invalid, match="at most 1024 bytes"):
        acceptable(marks)
    assert time.process_time() - began < 0.1


async def test_a_password_that_is_too_long_fits_nothing_and_takes_no_time() -> None:
    passwords = Passwords(cheap())
    began = time.process_time()
    assert not await passwords.verify(None, "a" + "\u0323\u0301" * 80_000)
    assert time.process_time() - began < 0.5
    passwords.close()


def test_what_many_people_use_is_refused() -> None:
    """At least the 3,000 most used ones of eight characters or more, in any case."""
    long_enough = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST]
    assert len(long_enough) > 10_000
    for password in (*long_enough[:3_000], "PassWord", "Football"):
        with pytest.raises(Invalid, match="This password is too common"):
            acceptable(password)


@pytest.mark.parametrize(
    "password", ["Parley2026", "!parley!", "parleyparley", "Admin-42", "ana.lovelace1!", "1welcome"]
)
def test_a_word_of_this_place_is_no_password(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        acceptable(password, username="Ana.Lovelace")
    assert refusal.value.field == "password"


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "parley of pirates", "ana-lovelace-1815-ada", "x" * 64, "мой пароль"],
)
def test_any_other_characters_pass(password: str) -> None:
    assert acceptable(password, username="ana.lovelace") == password


async def test_the_same_characters_typed_on_another_keyboard_fit() -> None:
    hashing = Passwords(cheap())
    stored = await hashing.hash("cafe\u0301 au lait")
    assert await hashing.verify(stored, "caf\u00e9 au lait")
    assert not await hashing.verify(stored, "cafe au lait")
    hashing.close()


async def test_nothing_stored_never_fits() -> None:
    hashing = Passwords(cheap())
    assert not await hashing.verify(None, "nobody has this password")
    hashing.close()


async def test_odd_input_is_only_wrong() -> None:
    hashing = Passwords(cheap())
    stored = await hashing.hash("correct horse")
    for odd in ("\ud800", "\0", "", "x" * 100_000):
        assert not await hashing.verify(stored, odd)
    hashing.close()


async def test_a_long_line_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MOST_WAITING", 3)
    hashing = Passwords(cheap(time_cost=3, memory_cost=1024))
    hashes = [hashing.hash("correct horse") for _ in range(5)]
    results = await asyncio.gather(*hashes, return_exceptions=True)
    refused = [r for r in results if isinstance(r, Unavailable)]
    assert len(refused) == 2
    assert refused[0].retry_after == 2
    assert await hashing.hash("correct horse")
    hashing.close()


async def test_signing_in_renews_an_outdated_hash(accounts: AccountServices, ana: User) -> None:
    weaker = await accounts.users._store.by_id(ana.id)
    accounts.sign_in._passwords = Passwords(cheap(time_cost=2))
    await sign_in(accounts, ana)
    renewed = await accounts.users._store.by_id(ana.id)
    assert weaker
    assert renewed
    assert "t=1" in str(weaker.password)
    assert "t=2" in str(renewed.password)
    await sign_in(accounts, ana)

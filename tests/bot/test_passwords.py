"""Passwords: what may be one, and how they are compared."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from bot.errors import AccountError
from bot.passwords import MAX_CHARS, MIN_CHARS, Passwords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
GOOD = "我家门前有两棵枣树一棵高"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(hasher=QUICK)


def test_a_password_fits_its_hash_alone(passwords: Passwords) -> None:
    kept = passwords.hashed(GOOD)

    assert passwords.fits(GOOD, kept)
    assert not passwords.fits(GOOD + "低", kept)
    assert not passwords.fits(GOOD, None)
    assert not passwords.fits("nobody has this password", None)
    assert GOOD not in kept
    assert kept.startswith("$argon2id$")


def test_the_same_words_from_another_keyboard_are_the_same_password(passwords: Passwords) -> None:
    assert passwords.fits("ｐａｓｓ phrase １２３", passwords.hashed("pass phrase 123"))


@pytest.mark.parametrize(
    "password",
    ["", "短", "a" * (MIN_CHARS - 1), "a" * 20, "abababababab", "123456789012", "cba" * 5, "a" * (MAX_CHARS + 1)],
)
def test_what_is_easily_guessed_is_no_password(passwords: Passwords, password: str) -> None:
    with pytest.raises(AccountError):
        passwords.hashed(password)


def test_ones_own_name_is_no_password(passwords: Passwords) -> None:
    with pytest.raises(AccountError):
        passwords.hashed("Wang-Fang-1985", name="wang-fang-1985")


def test_no_composition_is_asked_for(passwords: Passwords) -> None:
    assert passwords.hashed("correct horse battery staple")


def test_hashes_of_other_parameters_are_to_be_made_anew(passwords: Passwords) -> None:
    kept = passwords.hashed(GOOD)

    assert not passwords.outdated(kept)
    assert Passwords(hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)).outdated(kept)


def test_the_parameters_in_use_are_those_recommended() -> None:
    kept = Passwords().hashed(GOOD)

    assert "m=65536,t=3,p=4" in kept


@pytest.mark.parametrize("password", ["\ud800" * 12, "\x00" * 12, "😀" * 300])
def test_odd_input_is_compared_without_an_error(passwords: Passwords, password: str) -> None:
    assert not passwords.fits(password, passwords.hashed(GOOD))

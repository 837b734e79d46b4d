"""Passwords: what may be one, how they are hashed and compared. Knows no accounts."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import AccountError

MIN_CHARS = 12
MAX_CHARS = 256
# Fewer different characters than this is a row of the same keys.
_MIN_DIFFERENT = 5


class Passwords:
    """Argon2id with the library's parameters (RFC 9106, low memory). Thread-safe."""

    def __init__(self, *, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys: str | None = None

    def hashed(self, password: str, *, name: str = "") -> str:
        """The hash to keep. ``name``: whose it is. Raises: AccountError: too short, too long, or easily guessed."""
        return self._hasher.hash(_checked(password, name))

    def fits(self, password: str, kept: str | None) -> bool:
        """Whether it is the password; where there is none (``kept`` None) it takes as long to say no."""
        nobodys = self._nobody()
        try:
            return self._hasher.verify(kept or nobodys, _folded(password)[:MAX_CHARS]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(kept)

    def rehashed(self, password: str) -> str:
        """The hash of a password that was accepted before."""
        return self._hasher.hash(_folded(password)[:MAX_CHARS])

    def _nobody(self) -> str:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody has this password")
        return self._nobodys


def _folded(password: str) -> str:
    # The same words from another keyboard or input method are the same password (NIST SP 800-63B).
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode("utf-8"))


def _checked(password: str, name: str) -> str:
    password = _folded(password)
    if len(password) < MIN_CHARS:
        raise AccountError(f"密码至少 {MIN_CHARS} 个字符；可以用一句只有自己知道的话。")
    if len(password) > MAX_CHARS:
        raise AccountError(f"密码最多 {MAX_CHARS} 个字符。")
    if len(set(password)) < _MIN_DIFFERENT or password.casefold() == name.casefold() or _is_row(password):
        raise AccountError("这个密码太容易猜到；可以用一句只有自己知道的话。")
    return password


def _is_row(password: str) -> bool:
    """Whether it goes by one step or two: 123456789012, abcdefghijkl."""
    return len({ord(after) - ord(before) for before, after in pairwise(password)}) <= 2

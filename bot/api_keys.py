"""API keys as people make and end them: for the command line and the console alike, each act audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.audit import Trail
from bot.state.keys import ApiKeys, KeyInfo, NewKey
from corpus.visibility import PUBLIC_ONLY, Clearance


@dataclass(frozen=True, slots=True)
class KeyDesk:
    """Thread-safe. ``by`` is an actor of the audit. Every method may raise StoreError."""

    keys: ApiKeys
    trail: Trail

    def create(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        by: str,
        expires_at: datetime | None = None,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> NewKey:
        """Make a key; its secret is shown this once. Raises: KeyRequestError."""
        made = self.keys.create(name, scopes, expires_at=expires_at, clearance=clearance)
        self.trail.record(by, "key_created", f"{made.info.id} {made.info.name} ({','.join(made.info.scopes)})")
        return made

    def list_keys(self) -> list[KeyInfo]:
        """Every key, revoked ones too, oldest first."""
        return self.keys.list_keys()

    def any_keys(self) -> bool:
        """Whether there is any key that was not revoked."""
        return self.keys.any_keys()

    def revoke(self, id_or_name: str, *, by: str) -> KeyInfo:
        """Make a key useless from now on. Raises: KeyRequestError: no such key in force."""
        revoked = self.keys.revoke(id_or_name)
        self.trail.record(by, "key_revoked", f"{revoked.id} {revoked.name}")
        return revoked

"""Accounts of people at the web as they cross the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from bot.channels.wire import RequestBody, Text
from bot.state.accounts import LINK_HOURS, MAX_NAME_CHARS, Account
from corpus.visibility import PUBLIC_ONLY, Clearance, clearance_of

Role = Literal["user", "editor", "admin"]
Labels = Annotated[list[Annotated[Text, Field(max_length=64)]], Field(max_length=100)]


class AccountRequest(RequestBody):
    """An account to be made; ``clearance``: labels that it may see beside public documents, ``["*"]`` for all."""

    name: Annotated[Text, Field(min_length=1, max_length=MAX_NAME_CHARS)]
    role: Role = "user"
    clearance: Labels | None = None

    def cleared(self) -> Clearance:
        """What it is to see. Raises: ValueError: what stands there is no label."""
        return PUBLIC_ONLY if self.clearance is None else clearance_of(self.clearance)


class AccountPatch(RequestBody):
    """What to change of an account; what is left out or null stays as it is."""

    role: Role | None = None
    clearance: Labels | None = None
    disabled: bool | None = None

    def cleared(self) -> Clearance | None:
        """What it is to see from now on; None: as before. Raises: ValueError: what stands there is no label."""
        return None if self.clearance is None else clearance_of(self.clearance)


class AccountBody(BaseModel):
    """An account. ``provider``: an OpenID provider vouches for it; ``sessions``: in how many places it is signed in."""

    id: str
    name: str
    role: str
    clearance: list[str]
    has_password: bool
    provider: bool
    created_at: datetime
    created_by: str
    password_at: datetime | None
    last_sign_in_at: datetime | None
    disabled_at: datetime | None
    sessions: int

    @classmethod
    def of(cls, account: Account, sessions: int) -> Self:
        """The wire form of an account."""
        return cls.model_validate({**account.stated(), "sessions": sessions})


class LinkBody(BaseModel):
    """A link by which its holder sets the password once; shown here and nowhere else."""

    link: str
    valid_hours: int = LINK_HOURS


class NewAccountBody(AccountBody):
    """An account that was just made, with the link for whoever it is for."""

    link: str
    valid_hours: int = LINK_HOURS

    @classmethod
    def made(cls, account: Account, link: str) -> Self:
        """The wire form with the link."""
        return cls.model_validate({**account.stated(), "sessions": 0, "link": link})


class AccountListBody(BaseModel):
    """All accounts, by name."""

    accounts: list[AccountBody]


class EndedBody(BaseModel):
    """How many sessions were ended."""

    ended: int

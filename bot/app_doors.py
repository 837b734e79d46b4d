"""The composition root of the doors: keys, accounts, sessions, and how HTTP is told of them."""
# ruff: noqa: PLC0415

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot import app
from bot.accounts import Accounts
from bot.api_keys import KeyDesk
from bot.audit import Trail
from bot.settings import Settings
from bot.state.store import StateStore

if TYPE_CHECKING:
    from bot.channels.http_clients import DoorRules
    from bot.web_people import WebPeople


def accounts_of(state: StateStore) -> Accounts:
    """The accounts of people at the web."""
    from bot.passwords import Passwords

    return Accounts(state.accounts, state.sessions, Passwords(), Trail(state.audit))


def web_people(accounts: Accounts) -> WebPeople:
    """Who signs in at the web."""
    from bot.sign_in import SignIn
    from bot.web_people import WebPeople

    return WebPeople(accounts, SignIn(accounts.records, accounts.sessions, accounts.passwords, accounts.trail))


def key_desk(state: StateStore) -> KeyDesk:
    """The API keys, each act audited."""
    return KeyDesk(state.keys, Trail(state.audit))


@contextmanager
def open_accounts(settings: Settings) -> Iterator[Accounts]:
    """The accounts of people at the web."""
    with app.open_stores(settings) as stores:
        yield accounts_of(stores.state)


@contextmanager
def open_key_desk(settings: Settings) -> Iterator[KeyDesk]:
    """The API keys."""
    with app.open_stores(settings) as stores:
        yield key_desk(stores.state)


def door_rules(settings: Settings) -> DoorRules:
    """How the settings set the doors."""
    from bot.channels.http_clients import DoorRules

    http = settings.http
    proxies = tuple(ipaddress.ip_network(network) for network in sorted(http.trusted_proxies))
    return DoorRules(guests=http.guests == "on", public_url=http.public_url, trusted_proxies=proxies)


def is_locked(state: StateStore) -> bool:
    """Whether there is any key or account, so that HTTP may be reached from other machines."""
    return state.keys.any_keys() or state.accounts.any_accounts()

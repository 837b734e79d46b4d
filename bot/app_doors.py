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
from bot.app import Stores
from bot.audit import Trail
from bot.errors import SettingsError
from bot.settings import Settings
from bot.state.store import StateStore

if TYPE_CHECKING:
    from bot.channels.http_clients import DoorRules
    from bot.provider_people import ProviderPeople
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


def provider_people(settings: Settings, accounts: Accounts) -> ProviderPeople | None:
    """Who signs in through the OpenID provider; None where the settings name none. Raises: SettingsError."""
    oidc = settings.oidc
    if oidc.issuer is None or oidc.client_id is None:
        return None
    try:
        from bot.oidc import OidcOptions, OidcProvider
        from bot.provider_people import ProviderPeople
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"YIJU_OIDC__ISSUER is set and {error.name} is not installed; run: pip install 'yiju[oidc]'"
        ) from error
    from bot.sign_in import CALLBACK_PATH, SignIn

    options = OidcOptions(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret.get_secret_value() if oidc.client_secret else None,
        redirect_url=f"{settings.http.public_url}{CALLBACK_PATH}",
        scopes=oidc.scopes,
        name_claim=oidc.name_claim,
        groups_claim=oidc.groups_claim,
        user_group=oidc.user_group,
        editor_group=oidc.editor_group,
        admin_group=oidc.admin_group,
        clearance_claim=oidc.clearance_claim,
    )
    sign_in = SignIn(accounts.records, accounts.sessions, accounts.passwords, accounts.trail)
    return ProviderPeople(OidcProvider(options), accounts, sign_in, sets_clearance=options.clearance_claim is not None)


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
    return DoorRules(
        guests=http.guests == "on",
        public_url=http.public_url,
        trusted_proxies=proxies,
        always_locked=settings.oidc.issuer is not None,
    )


def is_locked(settings: Settings, state: StateStore) -> bool:
    """Whether there is any key, account or provider, so that HTTP may be reached from other machines."""
    return settings.oidc.issuer is not None or state.keys.any_keys() or state.accounts.any_accounts()


def require_lock_beyond_loopback(settings: Settings, stores: Stores) -> None:
    """Raises: SettingsError: other machines could reach HTTP, and no door is locked."""
    from bot.channels.http_access import is_loopback_host

    host = settings.http.host
    if not is_loopback_host(host) and not is_locked(settings, stores.state):
        raise SettingsError(
            f"YIJU_HTTP__HOST is '{host}', which other machines can reach, and there is no API key and no account; "
            "make one first: yiju keys create NAME --scope ask,documents,admin, or yiju accounts create NAME --role "
            "admin; or serve this machine alone: 127.0.0.1"
        )

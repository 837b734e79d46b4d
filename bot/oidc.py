"""Signing in through an OpenID provider: the code flow with PKCE, state and nonce, and what its claims mean here.

Asks no other address than the issuer's and those that its discovery document names.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bot.errors import SignInError
from bot.state.accounts import ADMIN, EDITOR, USER
from corpus.visibility import PUBLIC_ONLY, Clearance, clearance_of, is_label

# No HS256, whose key would be the client's secret, and no "none".
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
_TIMEOUT_SECONDS = 10.0
_KEPT_SECONDS = 3600.0
_LEEWAY_SECONDS = 60
_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OidcOptions:
    """The provider and what its claims mean. A group that is None: nobody is in it; ``user_group`` None: everybody."""

    issuer: str
    client_id: str
    client_secret: str | None
    redirect_url: str
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    groups_claim: str = "groups"
    user_group: str | None = None
    editor_group: str | None = None
    admin_group: str | None = None
    clearance_claim: str | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """Where to send the browser, and what to hold against its return."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for. ``subject``: issuer and subject, which never name another person."""

    subject: str
    name: str
    role: str
    clearance: Clearance


class OidcProvider:
    """Thread-safe. Methods raise SignInError where the provider cannot be had or does not vouch."""

    def __init__(
        self,
        options: OidcOptions,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._options = options
        self._transport = transport
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    def begin(self) -> Beginning:
        """Where to send somebody who wants to sign in."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"), state=state, nonce=nonce, code_verifier=verifier
            )
        return Beginning(str(address), state, nonce, verifier)

    def finish(self, code: str, *, nonce: str, verifier: str) -> Vouched:
        """Whom the provider vouches for by this code."""
        try:
            with self._client() as client:
                token = client.fetch_token(self._endpoint("token_endpoint"), code=code, code_verifier=verifier)
        except SignInError:
            raise
        except Exception as error:  # the library raises kinds of its own, of httpx and of requests' time
            raise SignInError(f"统一身份认证没有接受这次登录（{type(error).__name__}）。") from error
        claims = self._claims(str(token.get("id_token") or ""), nonce)
        return self._vouched(claims)

    def _client(self) -> OAuth2Client:
        options = self._options
        return OAuth2Client(
            options.client_id,
            options.client_secret,
            scope=options.scopes,
            redirect_uri=options.redirect_url,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if options.client_secret else "none",
            timeout=_TIMEOUT_SECONDS,
            follow_redirects=False,
            trust_env=False,
            transport=self._transport,
        )

    def _claims(self, id_token: str, nonce: str) -> Mapping[str, Any]:
        options = self._options
        rules = jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": options.issuer},
            aud={"essential": True, "value": options.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        for fresh in (False, True):  # the provider may have changed its keys
            try:
                keys = KeySet.import_key_set(self._document(self._endpoint("jwks_uri"), fresh=fresh))  # type: ignore[arg-type]
                claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError, KeyError, TypeError) as error:
                if fresh:
                    raise SignInError(f"身份令牌无效（{type(error).__name__}）。") from error
                continue
            break
        try:
            rules.validate(claims)
        except JoseError as error:
            raise SignInError(f"身份令牌无效（{type(error).__name__}）。") from error
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != options.client_id:
            raise SignInError("身份令牌不是发给这里的。")
        return claims

    def _vouched(self, claims: Mapping[str, Any]) -> Vouched:
        options = self._options
        groups = _texts(claims.get(options.groups_claim))
        role = USER
        if options.admin_group is not None and options.admin_group in groups:
            role = ADMIN
        elif options.editor_group is not None and options.editor_group in groups:
            role = EDITOR
        elif options.user_group is not None and options.user_group not in groups:
            raise SignInError("你的账号没有使用这里的权限，请联系管理员。")
        subject = str(claims["sub"])
        name = str(claims.get(options.name_claim) or claims.get("email") or subject)
        labels = _texts(claims.get(options.clearance_claim)) if options.clearance_claim else frozenset()
        # A label alone: that somebody sees everything is for a person here to say.
        clearance = clearance_of(label for label in labels if is_label(label)) if labels else PUBLIC_ONLY
        return Vouched(f"{options.issuer} {subject[:255]}", name, role, clearance)

    def _endpoint(self, name: str) -> str:
        issuer = self._options.issuer
        document = self._document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != issuer:
            raise SignInError("统一身份认证的地址与设置不符（YIJU_OIDC__ISSUER）。")
        address = str(document.get(name) or "")
        # As safe as the issuer itself: a document must not lead to plain http, or to this machine.
        if urlsplit(address).scheme != urlsplit(issuer).scheme or not urlsplit(address).hostname:
            raise SignInError(f"统一身份认证没有给出可用的 {name}。")
        return address

    def _document(self, address: str, *, fresh: bool = False) -> dict[str, Any]:
        known = self._known.get(address)
        if known is not None and not fresh and self._clock() - known[0] < _KEPT_SECONDS:
            return known[1]
        try:
            with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False, transport=self._transport) as client:
                response = client.get(address)
            response.raise_for_status()
            found = response.json() if len(response.content) <= _MAX_BYTES else None
        except (httpx.HTTPError, ValueError) as error:
            raise SignInError(f"统一身份认证连不上（{type(error).__name__}），请稍后再试。") from error
        if not isinstance(found, dict):
            raise SignInError("统一身份认证的回答无法读懂。")
        with self._lock:
            self._known[address] = (self._clock(), found)
        return found


def _texts(value: object) -> frozenset[str]:
    """A claim that is a text or a list of them."""
    values = value if isinstance(value, list) else [value]
    return frozenset(each for each in values if isinstance(each, str))

"""The groups of settings about who signs in at the web and how long that holds."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from bot.settings_parts import Part, WebAddress, Words


class SessionSettings(Part):
    """How long somebody stays signed in: after the last use, and in all."""

    idle_hours: int = Field(default=12, ge=1, le=24 * 366)
    days: int = Field(default=7, ge=1, le=366)


class OidcSettings(Part):
    """An OpenID provider through which people sign in; none by default."""

    issuer: WebAddress | None = None
    client_id: Words | None = None
    client_secret: SecretStr | None = None
    scopes: Words = "openid profile email"
    name_claim: Words = "preferred_username"
    groups_claim: Words = "groups"
    user_group: Words | None = None
    editor_group: Words | None = None
    admin_group: Words | None = None
    clearance_claim: Words | None = None

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.issuer is None:
            if self.client_id or self.client_secret:
                raise ValueError("YIJU_OIDC__CLIENT_ID is set without YIJU_OIDC__ISSUER; set the provider's address")
            return self
        if self.client_id is None:
            raise ValueError("YIJU_OIDC__ISSUER is set without YIJU_OIDC__CLIENT_ID; set the name the provider knows")
        host = urlsplit(self.issuer).hostname
        if not self.issuer.startswith("https://") and host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError(f"YIJU_OIDC__ISSUER is '{self.issuer}': a provider is asked by https:// alone")
        return self

"""The groups of settings, each with the checks of its own values.

A group says what it means for itself only; ``bot.settings`` puts them together and says where the values come from.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    try:
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or any(character.isspace() for character in value):
        raise ValueError("write a web address without ? and #, such as https://ask.example.org")
    return value.rstrip("/")


def _proxy(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in {"http", "https", "socks5", "socks5h"} or not parts.hostname:
        raise ValueError("write the proxy's address, such as http://user:password@proxy:3128 or socks5://proxy:1080")
    return value


def _bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", value.get_secret_value()):
        raise ValueError("that is not a bot token; copy it from @BotFather, such as 123456789:AAE-abc_def")
    return value


def _webhook_secret(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        raise ValueError("Telegram takes 1 to 256 of A-Z, a-z, 0-9, _ and -")
    return value


def _bot_api(value: str) -> str:
    value = _web_address(value)
    if not value.endswith("/bot"):
        raise ValueError("it must end in /bot (the token is appended), such as http://127.0.0.1:8081/bot")
    return value


def _ids(value: Any) -> Any:
    if isinstance(value, str):
        value = [part for part in re.split(r"[,，\s]+", value) if part]
    elif isinstance(value, int):
        value = [value]
    try:
        return frozenset(int(part) for part in value)
    except (TypeError, ValueError):
        raise ValueError(
            "write ids of users or groups as numbers with commas, such as 123456,-100987654; /start tells them"
        ) from None


def _on_off(value: Any) -> Any:
    # YAML takes on and off for true and false.
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _networks(value: Any) -> Any:
    parts = [part for part in re.split(r"[,，\s]+", value) if part] if isinstance(value, str) else value
    try:
        return frozenset(str(ipaddress.ip_network(part, strict=False)) for part in parts)
    except (TypeError, ValueError):
        raise ValueError("write addresses or networks with commas, such as 127.0.0.1,10.0.0.0/8") from None


def _origins(value: Any) -> Any:
    """Origins with commas; each as a browser names it: without path, with a small host and no usual port."""
    stated = re.split(r"[,，\s]+", value) if isinstance(value, str) else list(value)
    origins = tuple(str(each).rstrip("/") for each in stated if str(each).strip())
    for each in origins:
        parts = urlsplit(_web_address(each))
        usual = {"http": ":80", "https": ":443"}[parts.scheme]
        if parts.path or parts.username or parts.netloc != parts.netloc.lower() or parts.netloc.endswith(usual):
            raise ValueError("write origins as browsers name them, such as https://portal.example.org")
    return origins


def _user_ids(value: frozenset[int]) -> frozenset[int]:
    if any(user <= 0 for user in value):
        raise ValueError(
            "admins are users, whose ids are above zero; a group's id belongs in YIJU_TELEGRAM__ALLOWED_IDS"
        )
    return value


# A path is fixed when the settings are made, so that a later change of the working directory moves nothing.
Place = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Words = Annotated[str, Field(min_length=1)]
Ids = Annotated[frozenset[int], BeforeValidator(_ids)]
# Where Telegram's own servers push to.
_HOOK_PORTS = (443, 80, 88, 8443)


class Part(BaseModel):
    """A group of settings that cannot be changed after it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class EmbeddingSettings(Part):
    """The model that turns text into vectors, and what runs it."""

    model: Words = "bundled"
    backend: Literal["auto", "onnx-int8", "onnx", "torch"] = "auto"


class ReaderSettings(Part):
    """What reads passages for an answer."""

    model: Literal["bundled", "rules"] = "bundled"


class IndexSettings(Part):
    """The index: what holds the vectors, when a new snapshot may serve, how many are kept.

    ``gate_points``: percentage points that ``answer_accuracy`` of the golden questions may fall by.
    """

    backend: Literal["faiss"] = "faiss"
    golden_questions: Place | None = None
    gate_points: float = Field(default=2, ge=0, le=100)
    asked_questions: int = Field(default=50, ge=0, le=1000)
    kept_snapshots: int = Field(default=3, ge=1, le=100)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.golden_questions is not None and not self.golden_questions.is_file():
            raise ValueError(
                f"YIJU_INDEX__GOLDEN_QUESTIONS is '{self.golden_questions}', which is no file; correct or remove it"
            )
        return self


class HttpSettings(Part):
    """Where the HTTP server listens and what it takes."""

    host: Words = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    public_url: WebAddress | None = None
    max_body_mb: int = Field(default=32, ge=1, le=1024)
    guests: Annotated[Literal["on", "off"], BeforeValidator(_on_off)] = "off"
    trusted_proxies: Annotated[frozenset[str], BeforeValidator(_networks)] = frozenset()
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = ()


class TelegramSettings(Part):
    """The Telegram channel; off without a token. No limit to questions: 0."""

    token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = None
    base_url: Annotated[str, AfterValidator(_bot_api)] | None = None
    proxy_url: Annotated[SecretStr, AfterValidator(_proxy)] | None = None
    webhook_url: WebAddress | None = None
    webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = None
    access: Literal["allowlist", "open"] = "allowlist"
    admin_ids: Annotated[Ids, AfterValidator(_user_ids)] = frozenset()
    allowed_ids: Ids = frozenset()
    user_questions_per_minute: int = Field(default=20, ge=0, le=10_000)
    chat_questions_per_minute: int = Field(default=60, ge=0, le=10_000)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.webhook_url and self.webhook_secret is None:
            raise ValueError(
                "YIJU_TELEGRAM__WEBHOOK_URL is set without YIJU_TELEGRAM__WEBHOOK_SECRET, so anyone could pose as "
                "Telegram; set the secret, or remove the URL for long polling"
            )
        if self.webhook_secret is not None and self.webhook_url is None:
            raise ValueError(
                "YIJU_TELEGRAM__WEBHOOK_SECRET is set without YIJU_TELEGRAM__WEBHOOK_URL; set the URL, or remove the "
                "secret for long polling"
            )
        if self.webhook_url and self.token is None:
            raise ValueError("YIJU_TELEGRAM__WEBHOOK_URL is set without YIJU_TELEGRAM__TOKEN; set the token too")
        if self.webhook_url and not self.webhook_url.startswith("https://") and self.base_url is None:
            raise ValueError(
                f"YIJU_TELEGRAM__WEBHOOK_URL is '{self.webhook_url}': Telegram sends to https:// addresses only"
            )
        if self.webhook_url and self.base_url is None and (urlsplit(self.webhook_url).port or 443) not in _HOOK_PORTS:
            raise ValueError(
                f"YIJU_TELEGRAM__WEBHOOK_URL is '{self.webhook_url}': Telegram sends to ports "
                f"{', '.join(map(str, _HOOK_PORTS))} only; a server of your own (YIJU_TELEGRAM__BASE_URL) to any"
            )
        return self


class AnsweringSettings(Part):
    """How many questions are answered at the same time."""

    concurrency: int = Field(default=2, ge=1, le=64)


class NotificationSettings(Part):
    """Questions that found no answer and are kept until they have one."""

    days: int = Field(default=90, ge=1, le=3660)
    per_user: int = Field(default=20, ge=1, le=1000)

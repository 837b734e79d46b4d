"""Every setting of the program, checked once at start and passed down as a value that cannot change.

The only module that looks at environment variables, and only at those of the mapping it is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.errors import SettingsError
from bot.settings_doors import OidcSettings, SessionSettings
from bot.settings_limits import LimitSettings
from bot.settings_llm import LlmSettings
from bot.settings_parts import (
    AnsweringSettings,
    EmbeddingSettings,
    HttpSettings,
    IndexSettings,
    NotificationSettings,
    Part,
    Place,
    ReaderSettings,
    TelegramSettings,
)
from bot.settings_serving import ServingSettings
from bot.settings_sources import Name, SetValue, collect, variable

_LowerCase = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


class Settings(Part):
    """All settings. ``corpus`` and ``database`` are what was set; use ``corpus_dir`` and ``database_url``."""

    data_dir: Place = Field(default=Path("data"), validate_default=True)
    models_dir: Place = Field(default=Path("data/models"))
    corpus: Place | None = Field(default=None, alias="corpus_dir")
    terms_file: Place | None = None
    database: SecretStr | None = Field(default=None, alias="database_url")
    conversation_hours: int = Field(default=24, ge=1, le=24 * 366)
    retention_days: int = Field(default=365, ge=0, le=36_600)
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _LowerCase] = "info"
    log_format: Literal["text", "json"] = "text"
    embedding: EmbeddingSettings = EmbeddingSettings()
    index: IndexSettings = IndexSettings()
    reader: ReaderSettings = ReaderSettings()
    http: HttpSettings = HttpSettings()
    telegram: TelegramSettings = TelegramSettings()
    llm: LlmSettings = LlmSettings()
    answering: AnsweringSettings = AnsweringSettings()
    sessions: SessionSettings = SessionSettings()
    oidc: OidcSettings = OidcSettings()
    serving: ServingSettings = ServingSettings()
    limits: LimitSettings = LimitSettings()
    notifications: NotificationSettings = NotificationSettings()

    @model_validator(mode="before")
    @classmethod
    def _models_in_data_dir(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {"models_dir": Path(str(values.get("data_dir", "data"))) / "models", **values}

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.oidc.issuer is not None and self.http.public_url is None:
            raise ValueError(
                "YIJU_OIDC__ISSUER is set without YIJU_HTTP__PUBLIC_URL, where the provider sends people back; set it"
            )
        if self.data_dir.exists() and not self.data_dir.is_dir():
            raise ValueError(f"YIJU_DATA_DIR is '{self.data_dir}', which is a file; name a folder")
        if self.terms_file is not None and not self.terms_file.is_file():
            raise ValueError(f"YIJU_TERMS_FILE is '{self.terms_file}', which is no file; correct or remove it")
        if self.llm.base_url is not None and self.llm.timeout_seconds >= self.serving.timeout_seconds:
            raise ValueError(
                f"YIJU_LLM__TIMEOUT_SECONDS is {self.llm.timeout_seconds:g} and YIJU_SERVING__TIMEOUT_SECONDS "
                f"{self.serving.timeout_seconds:g}: requests would end before the language model is given up; "
                "lower the first or raise the second"
            )
        return self

    @property
    def corpus_dir(self) -> Path:
        """The folder or file of documents: what was set, or the shipped samples."""
        if self.corpus is not None:
            return self.corpus
        from corpus.samples import samples_dir  # noqa: PLC0415 - only where it is asked for

        return samples_dir()

    @property
    def database_url(self) -> str:
        """A SQLAlchemy URL, with its password: never show it."""
        if self.database is not None:
            return self.database.get_secret_value()
        return "sqlite:///" + quote(str(self.data_dir / "yiju.db"), safe=" +/")

    @property
    def index_dir(self) -> Path:
        """Snapshots of the index."""
        return self.data_dir / "index"

    @property
    def uploads_dir(self) -> Path:
        """Files that were uploaded: source of truth beside the corpus."""
        return self.data_dir / "uploads"

    @property
    def vector_cache_path(self) -> Path:
        """Vectors of text that was embedded before."""
        return self.data_dir / "vectors.db"

    @property
    def question_threads(self) -> int:
        """Threads for questions: those that wait for a language model take none from the others."""
        return self.answering.concurrency + (self.llm.concurrency if self.llm.base_url else 0)

    def secret_values(self) -> tuple[str, ...]:
        """Every secret that is set, for logs to blot out; of the database URL its password alone."""
        telegram = self.telegram
        held = (telegram.token, telegram.webhook_secret, self.llm.api_key, self.oidc.client_secret)
        secrets = [secret.get_secret_value() for secret in held if secret is not None]
        for address in (self.database, telegram.proxy_url):
            password = urlsplit(address.get_secret_value()).password if address is not None else None
            secrets.extend({password, unquote(password)} if password else ())
        return tuple(secrets)

    def shown(self) -> dict[str, str]:
        """Every setting by its variable as text for people; a secret says only whether it is set."""
        return {variable(name): _shown(self, name) for name in setting_names()}


def load_settings(environ: Mapping[str, str], config: Path | None = None) -> Settings:
    """The settings of ``environ`` over those of a YAML file.

    The file is ``config``, or else the one YIJU_CONFIG names, or else ``yiju.yaml`` in the working directory if there.
    Raises: SettingsError: names everything that is unknown, contradictory or out of range, with the cure.
    """
    found = collect(environ, config, list(setting_names()), secret_names())
    values: dict[str, Any] = {}
    for name, given in found.items():
        level = values
        for part in name[:-1]:
            level = level.setdefault(part, {})
        level[name[-1]] = given.value
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [_problem(details, found) for details in error.errors()]
        raise SettingsError("\n".join(problems)) from None


def setting_names() -> list[Name]:
    """The path of every setting, in the order of the fields."""
    return [name for name, _ in _settings()]


def secret_names() -> list[Name]:
    """The settings that are never shown and may be given as ``..._FILE``."""
    return [name for name, field in _settings() if "SecretStr" in str(field.annotation)]


def _settings() -> Iterator[tuple[Name, FieldInfo]]:
    for key, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Part):
            for inner, inner_field in field.annotation.model_fields.items():
                yield (key, inner), inner_field
        else:
            yield (field.alias or key,), field


def _shown(settings: Settings, name: Name) -> str:
    attribute = {"corpus_dir": "corpus", "database_url": "database"}.get(name[-1], name[-1])
    owner: Any = getattr(settings, name[0]) if len(name) == 2 else settings
    value = getattr(owner, attribute)
    if value is None or value == frozenset():
        return "(default)" if len(name) == 1 else "(not set)"
    if isinstance(value, SecretStr):
        return "(set, not shown)"
    return ",".join(map(str, sorted(value))) if isinstance(value, frozenset) else str(value)


def _problem(details: ErrorDetails, found: Mapping[Name, SetValue]) -> str:
    name = tuple(str(part) for part in details["loc"])[:2]
    reason = str(details.get("ctx", {}).get("error") or details["msg"])
    given = found.get(name)
    if given is None:
        return reason  # a check of several settings, which names them itself
    shown = "" if name in secret_names() else f" is {str(given.value)[:80]!r}"
    return f"{given.origin}{shown}: {reason[0].lower()}{reason[1:]}; correct it or remove it{_default(name)}"


def _default(name: Name) -> str:
    default = dict(_settings())[name].default
    return f" (default {default})" if isinstance(default, str | int | float) else ""

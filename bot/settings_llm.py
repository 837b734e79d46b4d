"""The optional language model that puts answers to open questions together: where it is, and what it may take."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from bot.settings_parts import Part, WebAddress, Words
from corpus.visibility import Clearance, clearance_of, labels_in


def _labels(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    labels = frozenset(labels_in(value))
    clearance_of(labels)  # says which of them is none
    return labels


class LlmSettings(Part):
    """An OpenAI-compatible endpoint; none by default. ``clearance``: labels of documents that may be sent there."""

    base_url: WebAddress | None = None
    model: Words | None = None
    api_key: SecretStr | None = None
    timeout_seconds: float = Field(default=20, ge=1, le=300)
    max_tokens: int = Field(default=800, ge=50, le=8000)
    concurrency: int = Field(default=2, ge=1, le=64)
    clearance: Annotated[frozenset[str], BeforeValidator(_labels)] = frozenset()

    @property
    def sent(self) -> Clearance:
        """Which documents may be sent: public ones always."""
        return clearance_of(self.clearance)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.base_url is None and (self.model or self.api_key):
            given = "YIJU_LLM__MODEL" if self.model else "YIJU_LLM__API_KEY"
            raise ValueError(
                f"{given} is set without YIJU_LLM__BASE_URL; set the endpoint's address, or remove {given}"
            )
        if self.base_url and self.model is None:
            raise ValueError("YIJU_LLM__BASE_URL is set without YIJU_LLM__MODEL; name the model to ask for")
        return self

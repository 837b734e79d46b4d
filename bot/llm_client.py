"""Asks an OpenAI-compatible endpoint for one completion: within a time, up to a size, and never with a redirect.

What fails is said by its kind alone: neither the endpoint's words nor the key get into logs or messages.
"""

from __future__ import annotations

import asyncio
import json

import httpx

from bot.answering.llm_prompt import Prompt
from bot.errors import LlmError

MAX_RESPONSE_BYTES = 256 * 1024


class LlmClient:
    """One endpoint and model. Thread-safe: each request has a connection of its own."""

    def __init__(
        self, base_url: str, model: str, *, api_key: str | None, timeout_seconds: float, max_tokens: int
    ) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self.model = model
        self._headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        self._timeout_seconds = timeout_seconds
        self._max_tokens = max_tokens

    def complete(self, prompt: Prompt) -> str:
        """What the model writes. Blocks the calling thread. Raises: LlmError."""
        return _content(asyncio.run(self._asked(prompt)))

    async def _asked(self, prompt: Prompt) -> bytes:
        body = {
            "model": self.model,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            "temperature": 0,
            "max_tokens": self._max_tokens,
        }
        try:
            # Of the whole request: the timeouts of a connection begin anew with every byte that drips in.
            async with (
                asyncio.timeout(self._timeout_seconds),
                httpx.AsyncClient(timeout=None) as client,  # noqa: S113 - see above
                client.stream("POST", self._url, json=body, headers=self._headers) as response,
            ):
                if response.status_code != 200:
                    raise LlmError("status", f"the language model answered {response.status_code}")
                return await _read(response)
        except TimeoutError:
            raise LlmError("timeout", f"the language model took more than {self._timeout_seconds:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise LlmError("unreachable", f"the language model cannot be reached ({type(error).__name__})") from None


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise LlmError("malformed", f"the language model sent more than {MAX_RESPONSE_BYTES} bytes")
    return bytes(body)


def _content(body: bytes) -> str:
    try:
        choice = json.loads(body)["choices"][0]
        content, reason = choice["message"]["content"], choice.get("finish_reason")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise LlmError("malformed", "the language model sent no completion") from None
    if reason == "length":
        raise LlmError("truncated", "the language model was cut short; raise YIJU_LLM__MAX_TOKENS")
    if not isinstance(content, str):
        raise LlmError("malformed", "the language model sent no text")
    return content

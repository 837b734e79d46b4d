"""What stands behind the doors while only they are looked at: nothing, or what notes the clearance it is asked with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.document_editing import DocumentEditing
from corpus.documents import Document
from corpus.visibility import PUBLIC_ONLY, Clearance

_READING = frozenset({"ask", "passage", "document", "shown", "browse", "opened", "retire", "restore", "answer"})


class Anything:
    """Stands for services whose answers do not matter: what is asked of it fails, which the page then says."""

    def __getattr__(self, name: str) -> Anything:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything()

    def __call__(self, *args: object, **kwargs: object) -> object:
        raise RuntimeError("nothing is behind this page")


@dataclass
class Recorder:
    """Keeps the clearance that a fake was asked with."""

    seen: list[Clearance] = field(default_factory=list)

    def document_of(self, fake: Any) -> Callable[[str, Clearance], Document]:
        def document(document_id: str, clearance: Clearance) -> Document:
            self.seen.append(clearance)
            found = fake.document(document_id)
            assert isinstance(found, Document)
            return found

        return document

    def around(self, fake: Any) -> Any:
        recorder = self

        class Around:
            def __getattr__(self, name: str) -> Any:
                found = getattr(fake, name)
                if name == "editing":
                    return DocumentEditing(fake.edits, recorder.document_of(fake), fake.edits)
                if not callable(found):
                    return found

                def call(*args: Any, **kwargs: Any) -> Any:
                    if name in _READING:
                        given = next((each for each in args if isinstance(each, Clearance)), PUBLIC_ONLY)
                        recorder.seen.append(kwargs.get("clearance", given))
                    return found(*args, **kwargs)

                return call

        return Around()

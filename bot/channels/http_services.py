"""What HTTP needs from the rest of the bot, as narrow protocols; the composition root gives the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Protocol

from bot.answers import Answer
from bot.catalogue import DocumentRun
from bot.channels.http_access import KeyRing
from bot.channels.http_clients import USUAL_RULES, DoorRules
from bot.channels.http_doors import SessionRing
from bot.channels.http_rate_limits import UNLIMITED, AskerLimits
from bot.conversations import ConversationPage, ShownConversation
from bot.document_editing import DocumentEditing
from bot.document_query import DocumentQuery, Mark
from bot.earlier import Exchange
from bot.gate import Serving
from bot.meters import Meters
from bot.passage_view import PassageView
from bot.state.accounts import Account
from bot.state.answers import SavedAnswer
from bot.state.conversation_list import Place
from bot.state.jobs import JobView
from bot.state.replays import Replays
from bot.state.sessions import NewSession, Session
from bot.uploads import Upload
from corpus.documents import Document
from corpus.visibility import PUBLIC_ONLY, Clearance

if TYPE_CHECKING:
    from bot.channels.console.services import ConsoleServices
    from bot.oidc import Beginning


class Questions(Protocol):
    """The only use case, and what hangs on its answers."""

    def ask(
        self,
        question: str,
        *,
        owner: str,
        conversation_id: str | None = None,
        top_k: int = 5,
        earlier: Sequence[Exchange] | None = None,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> Answer:
        """The answer to a question."""
        ...

    def answer(self, answer_id: str, *, owner: str, clearance: Clearance = PUBLIC_ONLY) -> SavedAnswer:
        """An answer that was given to the owner, where they may see it still."""
        ...

    def passage(self, passage_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> PassageView:
        """A passage with its document and neighbours."""
        ...

    def feedback(
        self, answer_id: str, *, owner: str, rating: str, reason: str | None = None, comment: str | None = None
    ) -> object:
        """Keep what a reader thinks of an answer."""
        ...


class Administration(Protocol):
    """What administrators do."""

    def start_reindex(
        self, full: bool = False, dry_run: bool = False, allow_mass_removal: bool = False, *, started_by: str
    ) -> str:
        """The id of the started job."""
        ...

    def job(self, job_id: str) -> JobView:
        """A job as of now."""
        ...

    def pause_job(self, job_id: str, *, by: str) -> JobView:
        """Pause the embedding that a job does or leads to."""
        ...

    def resume_job(self, job_id: str, *, by: str) -> JobView:
        """End a pause."""
        ...

    def stop_job(self, job_id: str, *, by: str) -> JobView:
        """Have a job stop."""
        ...

    def status(self) -> Mapping[str, object]:
        """Figures about index and jobs by name."""
        ...

    def browse(
        self,
        query: DocumentQuery,
        *,
        limit: int,
        after: Mark | None = None,
        offset: int = 0,
        clearance: Clearance = PUBLIC_ONLY,
    ) -> DocumentRun:
        """Documents that a query is about, behind a place in their order."""
        ...

    def document(self, document_id: str, *, clearance: Clearance = PUBLIC_ONLY) -> Document:
        """A document that answers, by its id or an alias."""
        ...

    @property
    def editing(self) -> DocumentEditing:
        """What is said of documents beside their files."""
        ...

    def retire(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> None:
        """From now on the document never answers."""
        ...

    def restore(self, document_id: str, *, by: str, clearance: Clearance = PUBLIC_ONLY) -> bool:
        """Undo ``retire``; whether the document answers again without a re-index."""
        ...

    def save_upload_chunks(self, name: str, chunks: Iterable[bytes], *, by: str) -> Upload:
        """Take a file in as a source."""
        ...


class Conversations(Protocol):
    """Somebody's own conversations."""

    def listed(self, owner: str, *, limit: int = ..., after: Place | None = None) -> ConversationPage:
        """The latest first, those behind a place alone."""
        ...

    def opened(self, conversation_id: str, *, owner: str, clearance: Clearance = ...) -> ShownConversation:
        """One with its answers."""
        ...

    def forget(self, conversation_id: str, *, owner: str) -> None:
        """Delete one."""
        ...


class SignInDesk(SessionRing, Protocol):
    """Signing in and out, and what people do to their own account. ``owner`` is that of the asker: ``user:ID``."""

    def with_password(self, name: str, password: str, *, address: str, agent: str) -> NewSession:
        """A new session."""
        ...

    def out(self, token: str) -> None:
        """End a session."""
        ...

    def of_link(self, token: str) -> Account:
        """Whose password a link sets."""
        ...

    def use_link(self, token: str, password: str) -> Account:
        """Set a password by a link."""
        ...

    def own_sessions(self, owner: str) -> list[Session]:
        """Where an account is signed in."""
        ...

    def end_own(self, owner: str, session_id: str) -> None:
        """Sign out there."""
        ...

    def change_password(self, owner: str, old: str, new: str, *, address: str) -> None:
        """Change one's own password."""
        ...


class ProviderDesk(Protocol):
    """Signing in through an OpenID provider."""

    def begin_with_provider(self) -> Beginning:
        """Where to send the browser."""
        ...

    def with_provider(self, code: str, *, nonce: str, verifier: str, address: str, agent: str) -> NewSession:
        """A new session of whomever the provider vouches for."""
        ...


class Webhook(Protocol):
    """Who takes what Telegram pushes."""

    def admits(self, secret: str) -> bool:
        """Whether the secret is right."""
        ...

    async def receive(self, body: bytes) -> None:
        """Take an update; once this returns it is not lost. Raises: MalformedUpdateError, BusyError, StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class HttpServices:
    """Everything the routes use. ``ready`` tells what serves, or raises why nothing can be answered.

    ``webhook`` takes what Telegram pushes; None where it pushes nothing. ``people``: who signs in at the web; None
    where nobody can. ``rules``: how the doors are set. ``public_url`` is where permalinks begin; None: at the address
    that was asked. ``meters`` count what happens. ``stopping`` is set while the server still
    answers and is about to stop. ``console``: the pages for administrators.
    ``replays`` keep what writes were answered.
    """

    questions: Questions
    admin: Administration
    keys: KeyRing
    ready: Callable[[], Serving]
    conversations: Conversations = field(kw_only=True)
    webhook: Webhook | None = None
    people: SignInDesk | None = None
    provider: ProviderDesk | None = None
    rules: DoorRules = USUAL_RULES
    public_url: str | None = None
    meters: Meters = field(default_factory=Meters)
    stopping: Event = field(default_factory=Event)
    replays: Replays | None = None
    console: ConsoleServices | None = None


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds that keep one client from starving the others; ``cors_origins``: web pages elsewhere that may call."""

    max_body_bytes: int = 1024 * 1024
    max_upload_bytes: int = 64 * 1024 * 1024
    workers: int = 2
    waiting: int = 32
    timeout_seconds: float = 30.0
    askers: AskerLimits = UNLIMITED
    cors_origins: tuple[str, ...] = ()

"""The console over a real data folder with a small corpus; no model is needed, and jobs run within the process."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

from argon2 import PasswordHasher
from starlette.testclient import TestClient

from bot.accounts import Accounts
from bot.admin import AdminParts, AdminService, IndexStatus
from bot.api_keys import KeyDesk
from bot.app import Stores, people_of
from bot.app_admin import gaps, health_check, snapshot_orders, staged_uploads
from bot.app_console import console_services
from bot.app_doors import key_desk, web_people
from bot.audit import Trail
from bot.catalogue import Catalogue
from bot.channels.console.services import ConsoleServices
from bot.channels.failures import in_words
from bot.channels.http_api import create_http_app
from bot.channels.http_services import HttpLimits, HttpServices
from bot.gate import Serving
from bot.health import ErrorTally
from bot.indexing_jobs import IndexingJobs, JobParts, Listener, ReindexOptions
from bot.passwords import Passwords
from bot.people import People
from bot.settings import Settings
from bot.state.audit_pages import AuditFilter
from corpus.visibility import Clearance
from retrieval.manifest import Manifest
from retrieval.snapshot import Snapshot, serving_id, snapshot_folder
from tests.bot.fakes import FakeConversations, FakeKeys, FakeQuestions
from tests.bot.index_place import Place

LIMITS = HttpLimits(max_upload_bytes=200_000)
Row = tuple[str, str, str]
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class Shared:
    """What a server has that the console uses."""

    settings: Settings
    stores: Stores
    admin: AdminService
    people: People
    keys: KeyDesk
    accounts: Accounts
    live_versions: Callable[[], frozenset[int]]


@dataclass
class Desk:
    """The console, its services, and a browser of this machine. ``hold`` keeps jobs from going on."""

    place: Place
    services: ConsoleServices
    keys: FakeKeys
    client: TestClient
    hold: threading.Event = field(default_factory=threading.Event)

    def get(self, path: str, status: int = 200, headers: Mapping[str, str] | None = None) -> str:
        response = self.client.get(path, headers=headers)
        assert response.status_code == status, response.text
        return response.text

    def post(self, path: str, given: Mapping[str, str] = NOTHING, *, status: int = 303, **fields: str) -> str:
        """Send a form; where it leads, or the page where it leads nowhere."""
        response = self.client.post(path, data={**given, **fields}, follow_redirects=False)
        assert response.status_code == status, response.text
        return response.headers.get("location", response.text)

    def upload(self, *files: tuple[str, str], status: int = 200, headers: Mapping[str, str] | None = None) -> str:
        sent = [("file", (name, text.encode(), "text/plain")) for name, text in files]
        response = self.client.post("/admin/uploads", files=sent, headers=headers)
        assert response.status_code == status, response.text
        return response.text

    def ended(self, location: str) -> str:
        """The page of a job, once it has ended."""
        path, end = location.partition("?")[0], time.monotonic() + 20
        while "hx-trigger" in self.get(path) and time.monotonic() < end:
            time.sleep(0.02)
        return self.get(location)

    def trail(self) -> list[Row]:
        """What was done, latest last: by whom, what, to what."""
        return [
            (each.deed.actor, each.deed.action, each.deed.detail)
            for each in self.place.stores.state.audit_pages.all(AuditFilter())
        ]

    def document_id(self, title: str) -> str:
        page = self.services.admin.documents(offset=0, limit=100, retired=False)
        return next(each.id for each in page.documents if each.title == title)


@contextmanager
def opened_desk(place: Place, *, limits: HttpLimits = LIMITS) -> Iterator[Desk]:
    settings, stores = place.settings, place.stores
    made: list[Desk] = []

    def live_versions() -> frozenset[int]:
        serving = serving_id(settings.index_dir)
        if serving is None:
            return frozenset()
        with closing(Snapshot.open(snapshot_folder(settings.index_dir, serving))) as snapshot:
            return frozenset(snapshot.versions.tolist())

    def status(_: Clearance) -> IndexStatus:
        serving = serving_id(settings.index_dir)
        if serving is None:
            return IndexStatus(None, None, 0, 0, 0)
        said = Manifest.read(snapshot_folder(settings.index_dir, serving))
        return IndexStatus(said.snapshot, None, said.documents, said.passages, said.embedded)

    def run(options: ReindexOptions, listener: Listener) -> dict[str, object]:
        made[0].hold.wait(20)
        return place.index(full=options.full, dry_run=options.dry_run, allow_mass_removal=options.allow_mass_removal)

    trail = Trail(stores.state.audit)
    jobs = IndexingJobs(
        JobParts(stores.state.jobs, settings.index_dir, reindex=run, fill=lambda _: {}, words_for=in_words)
    )
    admin = AdminService(
        AdminParts(
            jobs=jobs,
            catalogue=Catalogue(stores.documents, live_versions),
            uploads_dir=settings.uploads_dir,
            staged=staged_uploads(settings, max_bytes=100_000),
            index_status=status,
            unfinished=stores.documents.state_counts,
            snapshots=snapshot_orders(settings, stores),
            gaps=lambda: gaps(settings, stores),
            health=health_check(settings, stores, ErrorTally()).health,
            max_upload_bytes=100_000,
            trail=trail,
        )
    )
    # A hasher that costs nothing: what is tested here are pages.
    passwords = Passwords(hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    accounts = Accounts(stores.state.accounts, stores.state.sessions, passwords, trail)
    shared = Shared(
        settings, stores, admin, people_of(settings, stores.state), key_desk(stores.state), accounts, live_versions
    )
    services, keys = console_services(shared), FakeKeys()
    http = HttpServices(
        FakeQuestions(),
        admin,
        keys,
        lambda: Serving("s1", 1.0),
        console=services,
        conversations=FakeConversations(),
        replays=stores.state.replays,
        people=web_people(accounts),
    )
    app = create_http_app(http, limits=limits)
    with TestClient(
        app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 50000), raise_server_exceptions=False
    ) as client:
        made.append(Desk(place, services, keys, client))
        made[0].hold.set()
        yield made[0]
        made[0].hold.set()
    admin.close()


def visible(page: str) -> str:
    """The text of a page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))

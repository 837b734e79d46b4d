"""Everything the program remembers of people, behind one door: its tables live beside those of the corpus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from bot.state.accounts import AccountRecords
from bot.state.answer_figures import AnswerFigures
from bot.state.answer_messages import AnswerMessages
from bot.state.answers import Answers
from bot.state.audit import AuditLog
from bot.state.audit_pages import AuditPages
from bot.state.conversations import Conversations, now_utc
from bot.state.gap_marks import GapMarks
from bot.state.inbox import Inbox
from bot.state.jobs import Jobs
from bot.state.kept_questions import KeptQuestions
from bot.state.keys import ApiKeys
from bot.state.people import PeopleRecords
from bot.state.ratings import Ratings
from bot.state.replays import Replays
from bot.state.sessions import USUAL_LIMITS, SessionLimits, Sessions
from bot.state.tables import VERSION_TABLE
from bot.state.usage_figures import UsageFigures
from corpus.database import migrate

MIGRATIONS = Path(__file__).parent / "migrations"


class StateStore:
    """Everything that is remembered, in one database. Safe to use from several threads and processes."""

    def __init__(
        self,
        engine: Engine,
        *,
        conversation_hours: float = 24,
        session_limits: SessionLimits = USUAL_LIMITS,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        self._engine = engine
        self.conversations = Conversations(engine, hours=conversation_hours, clock=clock)
        self.answers = Answers(engine, clock=clock)
        self.figures = AnswerFigures(engine, clock=clock)
        self.answer_messages = AnswerMessages(engine)
        self.jobs = Jobs(engine, clock=clock)
        self.inbox = Inbox(engine, clock=clock)
        self.keys = ApiKeys(engine, clock=clock)
        self.accounts = AccountRecords(engine, clock=clock)
        self.sessions = Sessions(engine, limits=session_limits, clock=clock)
        self.people = PeopleRecords(engine, clock=clock)
        self.audit = AuditLog(engine, clock=clock)
        self.audit_pages = AuditPages(engine)
        self.usage = UsageFigures(engine, clock=clock)
        self.gap_marks = GapMarks(engine, clock=clock)
        self.ratings = Ratings(engine, clock=clock)
        self.replays = Replays(engine, clock=clock)
        self.kept_questions = KeptQuestions(engine, clock=clock)

    def migrate(self) -> None:
        """Create the tables or bring them up to date. Raises: StoreError."""
        migrate(self._engine, MIGRATIONS, VERSION_TABLE)

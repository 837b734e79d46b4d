"""The tables of what the program remembers of people. Tables only; ``migrations`` creates them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from corpus.columns import NAMING, RowId, UtcDateTime

VERSION_TABLE = "alembic_version_bot"
ACTIVE = "state IN ('queued', 'running')"
UNSENT = "state IN ('waiting', 'found', 'sending')"
metadata = MetaData(naming_convention=NAMING)

# An id that a client chose means a conversation of its own for every owner.
conversations = Table(
    "conversations",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("owner", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime, nullable=False),
    UniqueConstraint("owner", "conversation_id"),
    Index(None, "last_used_at"),
    sqlite_autoincrement=True,
)

turns = Table(
    "turns",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("conversation", RowId, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("question", Text, nullable=False),
    Column("resolved_question", Text, nullable=False),
    Column("short_answer", Text),
    Column("outcome", Text, nullable=False),
    Column("document_id", Text),
    Column("passage_id", Text),
    Column("asked_at", UtcDateTime, nullable=False),
    # The answer that it got; null where it was stored by earlier versions.
    Column("answer_id", Text),
    Index(None, "conversation"),
    sqlite_autoincrement=True,
)

answers = Table(
    "answers",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("answer_id", Text, nullable=False, unique=True),
    Column("owner", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("snapshot", Text),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # The question completed from the conversation; null where it was stored by earlier versions.
    Column("resolved_question", Text),
    Index(None, "conversation_id"),
    Index(None, "outcome", "created_at"),
    Index(None, "created_at"),
    sqlite_autoincrement=True,
)

# Which messages of a chat carry which answer, so that replies and edits find it. A place is a chat as one bot sees it.
answer_messages = Table(
    "answer_messages",
    metadata,
    Column("place", Text, primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("answer_id", Text, ForeignKey("answers.answer_id", ondelete="CASCADE"), nullable=False),
    # The message that asked; null where no message did, as with a pressed button.
    Column("question_message_id", BigInteger),
    Index(None, "answer_id"),
    Index(None, "place", "question_message_id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("answer_id", Text, ForeignKey("answers.answer_id", ondelete="CASCADE"), primary_key=True),
    Column("rating", Text, nullable=False),
    Column("reason", Text),
    Column("comment", Text),
    Column("created_at", UtcDateTime, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("job_id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("report", Text),
    Column("error", Text),
    Column("started_by", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("phase", Text),
    Column("rate", Float),
    Column("eta_seconds", Float),
    Column("stop_asked_by", Text),
    Index(None, "kind"),
    # At most one of a kind at a time, whoever starts it.
    Index("uq_jobs_active_kind", "kind", unique=True, sqlite_where=text(ACTIVE), postgresql_where=text(ACTIVE)),
    sqlite_autoincrement=True,
)

# What a channel was handed: at most once each, and not forgotten before it has been dealt with.
inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("bot_id", Text, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger),
    Column("body", Text),
    Column("state", Text, nullable=False),
    Column("answer_id", Text),
    Column("tries", Integer, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("bot_id", "update_id"),
    Index(None, "state", "received_at"),
    sqlite_autoincrement=True,
)

# A key itself is never stored: ``digest`` is the SHA-256 of its secret half, which has 256 random bits.
api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    # From then on it is good for nothing; null: never.
    Column("expires_at", UtcDateTime),
    # Labels of documents that it may see beside public ones, with commas; "*": all. Null: none.
    Column("clearance", Text),
)

# People who sign in at the web. ``folded``: the name as it is compared; ``password``: an argon2 hash, null where there
# is none (yet); ``subject``: issuer and subject of an OpenID provider that vouches for them.
accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("folded", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("clearance", Text, nullable=False),
    Column("password", Text),
    Column("subject", Text, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("password_at", UtcDateTime),
    Column("last_sign_in_at", UtcDateTime),
    Column("disabled_at", UtcDateTime),
)

# Who is signed in where. ``digest`` is the SHA-256 of the cookie's token, which has 256 random bits.
sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "account"),
    Index(None, "expires_at"),
)

# Links by which somebody sets a password once. ``digest`` is the SHA-256 of the link's token.
password_links = Table(
    "password_links",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "account"),
)

# Users (ids above zero) and groups (below) of Telegram that asked for access or were given it. Those whom the settings
# name need no row. ``told``: the state and role that was told to those whom it concerns.
people = Table(
    "people",
    metadata,
    Column("telegram_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("username", Text),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    Column("told", Text),
    # Counts the changes of the row, so that a sum tells whether any row was changed.
    Column("changes", Integer, nullable=False),
    Index(None, "state"),
)

# What users and groups may see beside public documents: labels between commas, "*" for all of them, "" for none.
# ``changes`` as above.
telegram_clearances = Table(
    "telegram_clearances",
    metadata,
    Column("telegram_id", BigInteger, primary_key=True, autoincrement=False),
    Column("labels", Text, nullable=False),
    Column("changes", Integer, nullable=False),
)

# What a stranger reads to an administrator. It names who asks and opens nothing by itself.
pairing_codes = Table(
    "pairing_codes",
    metadata,
    Column("code", Text, primary_key=True),
    Column("telegram_id", BigInteger, ForeignKey("people.telegram_id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index(None, "telegram_id"),
    Index(None, "expires_at"),
)

# Who did what and when: questions with what came of them, and what administrators did. ``actor`` is telegram:ID,
# key:ID, local or cli:NAME; ``place`` the owner of the conversation; ``sources`` a JSON list of document ids.
audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("place", Text),
    Column("detail", Text, nullable=False),
    Column("outcome", Text),
    Column("sources", Text),
    Column("answer_id", Text),
    Column("latency_ms", Float),
    Index(None, "at"),
    Index(None, "actor", "at"),
    sqlite_autoincrement=True,
)

# Questions without an answer that are asked again until they have one. ``address`` is JSON that only ``channel`` reads.
kept_questions = Table(
    "kept_questions",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("owner", Text, nullable=False),
    Column("asker", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("resolved_question", Text, nullable=False),
    # What tells that two questions are the same: letters and digits alone, folded.
    Column("folded", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("asked_answer_id", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    # The snapshot that was asked last, and a digest of what it found.
    Column("snapshot", Text),
    Column("evidence", Text),
    Column("answer_id", Text),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "state", "channel"),
    Index(None, "asker"),
    Index(
        "uq_kept_questions_unsent",
        "owner",
        "folded",
        unique=True,
        sqlite_where=text(UNSENT),
        postgresql_where=text(UNSENT),
    ),
    sqlite_autoincrement=True,
)

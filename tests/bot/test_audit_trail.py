"""The audit trail as the bot writes it: who acted, in whose name, and that it never stands in the way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.answers import Answer
from bot.audit import Actor, Trail, acting, audited, local_person
from bot.channels.work_pool import WorkPool
from bot.errors import InvalidQuestionError
from bot.state.audit import AuditLog, Deed
from bot.state.tables import metadata
from corpus.database import open_database
from corpus.errors import StoreError
from tests.bot.fakes import answer
from tests.databases import database_url


@pytest.fixture
def log(tmp_path: Path, backend: str) -> AuditLog:
    engine = open_database(database_url(tmp_path))
    metadata.create_all(engine)
    return AuditLog(engine)


@dataclass
class Asked:
    """A service whose questions are audited."""

    trail: Trail

    @audited
    def ask(self, question: str, *, owner: str) -> Answer:
        if not question:
            raise InvalidQuestionError("问题是空的")
        return answer(question)


def deeds(log: AuditLog) -> list[Deed]:
    return [entry.deed for entry in log.find()]


def test_a_question_is_kept_with_its_outcome_and_sources(log: AuditLog) -> None:
    Asked(Trail(log)).ask("北京大学何时创办？", owner="key:k1")
    (deed,) = deeds(log)
    assert deed == Deed(
        actor="key:k1",
        channel="http",
        action="question",
        detail="北京大学何时创办？",
        place="key:k1",
        outcome="answered",
        sources=("d1",),
        answer_id="a1",
        latency_ms=12.345,
    )


def test_a_question_that_fails_is_kept_too_and_fails_as_before(log: AuditLog) -> None:
    with pytest.raises(InvalidQuestionError, match="空"):
        Asked(Trail(log)).ask("", owner="local")
    (deed,) = deeds(log)
    assert (deed.actor, deed.outcome, deed.sources, deed.answer_id) == (
        "local",
        "failed: InvalidQuestionError",
        (),
        None,
    )


def test_in_a_group_the_asker_is_kept_beside_the_group_also_from_a_worker(log: AuditLog) -> None:
    service = Asked(Trail(log))

    async def ask(pool: WorkPool, user: int) -> None:
        with acting(Actor(f"telegram:{user}", "telegram")):
            await pool.run(lambda: service.ask(f"问题{user}？", owner="telegram:-1001:5"))

    async def ask_all() -> None:
        pool = WorkPool("test", workers=2, waiting=20)
        await asyncio.gather(*(ask(pool, user) for user in range(10)))
        pool.close()

    asyncio.run(ask_all())
    assert {(deed.actor, deed.detail, deed.place) for deed in deeds(log)} == {
        (f"telegram:{user}", f"问题{user}？", "telegram:-1001:5") for user in range(10)
    }


def test_who_acts_is_forgotten_after_the_block(log: AuditLog) -> None:
    service = Asked(Trail(log))
    with pytest.raises(InvalidQuestionError), acting(Actor("telegram:22", "telegram")):
        service.ask("", owner="telegram:-1")
    service.ask("问？", owner="local")
    assert [deed.actor for deed in deeds(log)] == ["local", "telegram:22"]


@pytest.mark.parametrize(
    ("name", "channel"),
    [("telegram:22", "telegram"), ("key:ab", "http"), ("local", "http"), ("cli:root", "cli"), ("", "http")],
)
def test_the_channel_follows_from_the_name(name: str, channel: str) -> None:
    assert Actor.named(name) == Actor(name, channel)


def test_the_user_of_the_command_line_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "zhang")
    assert local_person() == Actor("cli:zhang", "cli")


def test_a_user_without_a_name_is_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise OSError("no such user")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert local_person() == Actor("cli", "cli")


def test_a_full_disk_stops_nobody(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Deed) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(log, "add", full)
    trail = Trail(log)
    trail.record("telegram:11", "reindex", "full")
    assert Asked(trail).ask("问？", owner="local").answer_id == "a1"
    assert deeds(log) == []

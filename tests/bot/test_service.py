"""The one use case, over a real reader and database and a search that can be worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Answer, Outcome
from bot.earlier import Exchange
from bot.errors import InvalidQuestionError, UnknownAnswerError
from bot.passage_view import PassageView
from bot.responding import MAX_QUESTION_CHARS, Policy
from bot.service import QAService, cleaned
from bot.stages import Stage, heard_by
from bot.state.store import StateStore
from corpus.database import open_database
from corpus.errors import DocumentNotFoundError, StoreError
from corpus.visibility import Clearance
from retrieval.errors import NoSnapshotError
from retrieval.hits import Hit, TermStatistics
from retrieval.reading.rule_reader import RuleReader
from tests.databases import database_url
from tests.retrieval.reading.helpers import TOWN, CountedStatistics, hits_of


@dataclass
class FixedSearch:
    """Finds the same passages for every question, and remembers what was asked."""

    hits: list[Hit]
    asked: list[str] = field(default_factory=list)
    snapshot_id: str = "s1"
    embedded: float = 0.25

    @property
    def statistics(self) -> TermStatistics:
        return CountedStatistics([hit.passage.text for hit in self.hits] + ["北京大学创办于1898年。"])

    def search(self, question: str, *, top_k: int) -> list[Hit]:
        self.asked.append(question)
        return self.hits[:top_k]

    @contextmanager
    def session(self, clearance: Clearance) -> Iterator[FixedSearch]:
        yield self


class NothingIndexed:
    """A search before the first index."""

    def session(self, clearance: Clearance) -> AbstractContextManager[FixedSearch]:
        raise NoSnapshotError("nothing is indexed yet; run: yiju index")


class NoPassages:
    def view(self, passage_id: str, clearance: Clearance) -> PassageView:
        raise DocumentNotFoundError(f"no passage {passage_id!r}")

    def may_show(self, answer: Answer, clearance: Clearance) -> bool:
        return True


@pytest.fixture
def state(tmp_path: Path, backend: str) -> StateStore:
    store = StateStore(open_database(database_url(tmp_path)))
    store.migrate()
    return store


def service(state: StateStore, search: FixedSearch | NothingIndexed) -> QAService:
    reader = RuleReader(similarity=lambda _, sentences: [0.0] * len(sentences), variants=lambda question: [question])
    return QAService(search=search, reader=reader, passages=NoPassages(), state=state, policy=Policy(threshold=0.5))


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(
    state: StateStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*unused: object, **unused_too: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(state.answers, "save", full)
    answer = service(state, FixedSearch(hits_of(TOWN))).ask("荷塘镇花茶产值是多少？", owner="local")
    assert answer.short_answer == "8600万元"
    assert "the disk is full" in caplog.text


def test_an_answer_carries_its_evidence_and_its_snapshot(state: StateStore) -> None:
    answer = service(state, FixedSearch(hits_of(TOWN))).ask("荷塘镇花茶产值是多少？", owner="local")

    assert (answer.outcome, answer.short_answer, answer.snapshot) == (Outcome.ANSWERED, "8600万元", "s1")
    assert answer.embedded == 0.25
    assert answer.citations[0].passage == TOWN[answer.citations[0].passage_start :][: len(answer.citations[0].passage)]
    assert answer.ranking[0] == (answer.citations[0].document_id, answer.citations[0].passage_id)


def test_a_follow_up_is_searched_in_full(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    first = qa.ask("荷塘镇花茶产值是多少？", owner="local")

    qa.ask("那种植面积呢？", owner="local", conversation_id=first.conversation_id)

    assert search.asked[-1] == "荷塘镇花茶的种植面积是多少"


def test_a_chain_of_follow_ups_stays_below_the_limit_of_a_question(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    conversation = None
    for question in ("荷塘镇花茶" * 390 + "产值多少", "它" + "去年的" * 600 + "面积是多少"):
        conversation = qa.ask(question, owner="local", conversation_id=conversation).conversation_id

    assert max(map(len, search.asked)) <= MAX_QUESTION_CHARS


def test_what_the_asker_brings_along_is_the_conversation_and_none_is_kept(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    said = [Exchange("荷塘镇花茶产值是多少？", "8600万元"), Exchange("谢谢", None)]

    answer = qa.ask("那种植面积呢？", owner="key:1", earlier=said)

    assert search.asked == ["荷塘镇花茶的种植面积是多少"]
    assert qa.answer(answer.answer_id, owner="key:1").resolved_question == "荷塘镇花茶的种植面积是多少"
    assert state.conversations.open(answer.conversation_id, "key:1").turns == ()
    qa.ask("那种植面积呢？", owner="key:1", earlier=[])
    assert search.asked[-1] == "那种植面积呢？"


def test_stages_are_told_in_their_order(state: StateStore) -> None:
    heard: list[Stage] = []
    with heard_by(heard.append):
        service(state, FixedSearch(hits_of(TOWN))).ask("荷塘镇花茶产值是多少？", owner="local")

    assert heard == [Stage.SEARCHING, Stage.READING, Stage.COMPOSING]


def test_a_question_may_follow_an_earlier_answer_instead_of_the_last_one(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    first = qa.ask("荷塘镇花茶产值是多少？", owner="local")
    last = qa.ask("杜阮凉瓜产值是多少？", owner="local", conversation_id=first.conversation_id)

    qa.ask("那种植面积呢？", owner="local", conversation_id=first.conversation_id, follows=first.answer_id)
    assert search.asked[-1] == "荷塘镇花茶的种植面积是多少"
    # Also from another conversation, and never from one that is somebody else's or unknown.
    qa.ask("那种植面积呢？", owner="local", follows=last.answer_id)
    assert search.asked[-1] == "杜阮凉瓜的种植面积是多少"
    for owner, follows in (("key:2", first.answer_id), ("local", "unknown")):
        qa.ask("那种植面积呢？", owner=owner, follows=follows)
        assert search.asked[-1] == "那种植面积呢？"


def test_small_talk_is_nothing_to_follow(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    asked = qa.ask("荷塘镇花茶产值是多少？", owner="local")
    thanks = qa.ask("谢谢", owner="local", conversation_id=asked.conversation_id)

    qa.ask("那种植面积呢？", owner="local", conversation_id=asked.conversation_id, follows=thanks.answer_id)

    assert search.asked[-1] == "荷塘镇花茶的种植面积是多少"


def test_an_edited_question_takes_the_place_of_the_earlier_one(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    conversation = qa.ask("荷塘镇花茶产值是多少？", owner="local").conversation_id
    wrong = qa.ask("杜阮凉瓜产值是多少？", owner="local", conversation_id=conversation)
    right = qa.ask("那种植面积呢？", owner="local", conversation_id=conversation, replaces=wrong.answer_id)

    # Completed from what came before the question that was edited.
    assert search.asked[-1] == "荷塘镇花茶的种植面积是多少"
    turns = state.conversations.open(conversation, "local").turns
    assert [turn.question for turn in turns] == ["荷塘镇花茶产值是多少？", "那种植面积呢？"]
    assert turns[-1].answer_id == right.answer_id


def test_what_replaces_an_answer_of_another_conversation_is_added(state: StateStore) -> None:
    qa = service(state, FixedSearch(hits_of(TOWN)))
    old = qa.ask("荷塘镇花茶产值是多少？", owner="local")
    new = qa.ask("杜阮凉瓜产值是多少？", owner="local", replaces=old.answer_id)

    assert len(state.conversations.open(old.conversation_id, "local").turns) == 1
    assert len(state.conversations.open(new.conversation_id, "local").turns) == 1


def test_a_preview_is_remembered_nowhere(state: StateStore) -> None:
    qa = service(state, FixedSearch(hits_of(TOWN)))
    previewed = qa.preview("荷塘镇花茶产值是多少？")

    assert previewed.short_answer == "8600万元"
    assert qa.preview("你好").outcome is Outcome.CHAT
    with pytest.raises(UnknownAnswerError):
        qa.answer(previewed.answer_id, owner="")
    assert state.answers.most_asked(5, days=1) == []
    with pytest.raises(InvalidQuestionError):
        qa.preview(" ")


def test_an_answer_is_shown_again_to_its_owner_alone(state: StateStore) -> None:
    qa = service(state, FixedSearch(hits_of(TOWN)))
    given = qa.ask("荷塘镇花茶产值是多少？", owner="local")

    again = qa.answer(given.answer_id, owner="local")
    assert (again.question, again.answer.short_answer) == ("荷塘镇花茶产值是多少？", "8600万元")
    with pytest.raises(UnknownAnswerError):
        qa.answer(given.answer_id, owner="key:2")


def test_the_last_answer_of_a_conversation_is_the_one_with_sources(state: StateStore) -> None:
    qa = service(state, FixedSearch(hits_of(TOWN)))
    given = qa.ask("荷塘镇花茶产值是多少？", owner="local")
    qa.ask("谢谢", owner="local", conversation_id=given.conversation_id)

    last = qa.last_answer(given.conversation_id, owner="local")
    assert last is not None
    assert last.answer.answer_id == given.answer_id
    assert qa.last_answer(given.conversation_id, owner="key:2") is None
    assert qa.last_answer("another", owner="local") is None


def test_another_owner_does_not_continue_a_conversation(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    first = qa.ask("荷塘镇花茶产值是多少？", owner="key:1")

    qa.ask("那种植面积呢？", owner="key:2", conversation_id=first.conversation_id)

    assert search.asked[-1] == "那种植面积呢？"


def test_small_talk_is_not_searched_and_does_not_break_a_follow_up(state: StateStore) -> None:
    search = FixedSearch(hits_of(TOWN))
    qa = service(state, search)
    first = qa.ask("荷塘镇花茶产值是多少？", owner="local")

    thanks = qa.ask("谢谢", owner="local", conversation_id=first.conversation_id)
    qa.ask("那种植面积呢？", owner="local", conversation_id=first.conversation_id)

    assert (thanks.outcome, thanks.citations, thanks.snapshot) == (Outcome.CHAT, (), None)
    assert search.asked == ["荷塘镇花茶产值是多少？", "荷塘镇花茶的种植面积是多少"]


def test_what_the_documents_do_not_say_is_not_found(state: StateStore) -> None:
    answer = service(state, FixedSearch(hits_of(TOWN))).ask("护照过期了怎么换？", owner="local")

    assert (answer.outcome, answer.short_answer, answer.citations) == (Outcome.NOT_FOUND, None, ())
    assert [s.document_id for s in answer.suggestions] == ["d1"]


def test_an_empty_index_finds_nothing(state: StateStore) -> None:
    answer = service(state, FixedSearch([])).ask("荷塘镇花茶产值是多少？", owner="local")

    assert (answer.outcome, answer.ranking, answer.suggestions) == (Outcome.NOT_FOUND, (), ())


def test_before_the_first_index_it_is_not_ready(state: StateStore) -> None:
    with pytest.raises(NoSnapshotError, match="yiju index"):
        service(state, NothingIndexed()).ask("荷塘镇花茶产值是多少？", owner="local")


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("", "空"),
        ("  \n", "空"),
        ("？！。", "空"),
        ("凉" * (MAX_QUESTION_CHARS + 1), "上限"),
        ("凉瓜" * 5000, "上限"),
        ("凉瓜\x00产值", "不是文字"),
        ("PK\x03\x04\x14\x00凉瓜", "不是文字"),
        ("凉瓜\ud800", "不是文字"),
    ],
)
def test_a_bad_question_is_refused_with_the_reason(state: StateStore, question: str, reason: str) -> None:
    with pytest.raises(InvalidQuestionError, match=reason):
        service(state, FixedSearch(hits_of(TOWN))).ask(question, owner="local")


def test_feedback_needs_an_answer_of_ones_own(state: StateStore) -> None:
    qa = service(state, FixedSearch(hits_of(TOWN)))
    answer = qa.ask("荷塘镇花茶产值是多少？", owner="key:1")

    qa.feedback(answer.answer_id, owner="key:1", rating="up")
    with pytest.raises(UnknownAnswerError):
        qa.feedback(answer.answer_id, owner="key:2", rating="up")


def test_top_k_bounds_the_ranking_only(state: StateStore) -> None:
    hits = [h for n in range(6) for h in hits_of(TOWN, document_id=f"d{n}")]

    answer = service(state, FixedSearch(hits)).ask("荷塘镇花茶产值是多少？", owner="local", top_k=2)

    assert (len(answer.ranking), answer.outcome) == (2, Outcome.ANSWERED)


@given(st.text(max_size=200))
def test_a_question_is_cleaned_or_refused(question: str) -> None:
    try:
        text = cleaned(question)
    except InvalidQuestionError:
        return
    assert text == question.strip()
    assert text


def test_a_question_is_audited_with_its_sources_and_a_preview_only_for_somebody(state: StateStore) -> None:
    asked = service(state, FixedSearch(hits_of(TOWN)))
    answer = asked.ask("荷塘镇花茶产值是多少？", owner="key:ab")
    asked.preview("荷塘镇花茶产值是多少？")
    asked.preview("荷塘镇花茶产值是多少？", owner="telegram:22")
    with pytest.raises(InvalidQuestionError):
        asked.ask(" ", owner="local")
    failed, previewed, kept = (entry.deed for entry in state.audit.find())
    assert (kept.actor, kept.outcome, kept.answer_id) == ("key:ab", answer.outcome, answer.answer_id)
    assert kept.sources
    assert set(kept.sources) == {citation.document_id for citation in answer.citations}
    assert (previewed.actor, previewed.channel) == ("telegram:22", "telegram")
    assert (failed.actor, failed.outcome) == ("local", "failed: InvalidQuestionError")


def test_an_audit_that_cannot_be_kept_does_not_hold_an_answer_back(
    state: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*unused: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(state.audit, "add", full)
    assert service(state, FixedSearch(hits_of(TOWN))).ask("荷塘镇花茶产值是多少？", owner="local").answer_id

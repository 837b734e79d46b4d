"""Over a real index: what somebody may not see shows nowhere, and answers are those of an installation without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.answers import Answer, Outcome
from bot.asking_again import AskingAgain, Behind
from bot.catalogue import Catalogue
from bot.errors import UnknownAnswerError
from bot.notifications import Notifications
from bot.passage_view import PassageFinder
from bot.related import RelatedQuestions
from bot.service import QAService
from bot.state.kept_questions import KeptQuestion
from corpus.errors import DocumentNotFoundError
from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance
from retrieval import snapshots
from retrieval.indexing import fit_for
from retrieval.live import LiveIndex
from retrieval.searching import LiveSearch
from retrieval.snapshot import Snapshot
from retrieval.snapshot_embedders import SnapshotEmbedders
from retrieval.terms import Terms
from tests.bot.index_place import Place, opened_place

INNER, PARTY = Clearance(frozenset({"内部"})), Clearance(frozenset({"党组"}))
SECRET = (
    "清溪镇凉瓜产业内部通报\n\n"
    "经核查，今年清溪镇凉瓜产值为9876万元，比公开的少。全镇凉瓜种植大户共有77户。凉瓜冷库由翡翠公司承建。\n"
)
QUESTIONS = (
    "清溪镇凉瓜产值多少？",
    "清溪镇凉瓜种植大户有多少户？",
    "凉瓜冷库由谁承建？",
    "翡翠公司",
    "东江大桥全长多少公里？",
    "内部通报说了什么？",
)
# What stands in the hidden document alone.
CANARIES = ("9876", "77户", "翡翠公司承建", "内部通报", "经核查", "mi.txt", "mi.md")


class Office:
    """A place that answers, over everything that an installation is made of but the model."""

    def __init__(self, place: Place, held: ExitStack) -> None:
        self.place = place
        embedders = SnapshotEmbedders(place.embedder)
        documents, state = place.stores.documents, place.stores.state
        live = LiveIndex(place.settings.index_dir, fit_for(place.embedder), prepare=self.prepare)
        held.callback(live.close)
        self.live = live
        self.search = LiveSearch(live, documents, embedders, Terms.shipped())
        finder = PassageFinder(documents, self.search.live_versions)
        responder = place.responder()
        self.responder = responder
        self.service = QAService(
            search=self.search,
            reader=responder._reader,
            passages=finder,
            state=state,
            policy=responder._policy,
        )
        self.catalogue = Catalogue(documents, self.search.live_versions)
        self.store = documents

    def prepare(self, snapshot: Snapshot) -> None:
        self.search.prepare(snapshot)

    def label(self, name: str, label: str | None) -> None:
        sidecar = self.place.corpus / f"{name}.meta.yaml"
        sidecar.unlink(missing_ok=True)
        if label is not None:
            sidecar.write_text(f"visibility: {label}\n", encoding="utf-8")

    def index(self) -> None:
        assert self.place.index()["snapshot"] is not None
        self.live.look()

    def ask(self, question: str, clearance: Clearance = PUBLIC_ONLY, **more: Any) -> Answer:
        return self.service.ask(question, owner="key:1", clearance=clearance, **more)

    def titles(self, clearance: Clearance, words: str = "", *, retired: bool = False) -> list[str]:
        page = self.catalogue.documents(offset=0, limit=50, retired=retired, words=words, clearance=clearance)
        assert page.total == len(page.documents)
        return [listing.title for listing in page.documents]


@contextmanager
def opened_office(folder: Path) -> Iterator[Office]:
    with ExitStack() as held:
        place = held.enter_context(opened_place(folder))
        yield Office(place, held)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened_office(tmp_path / "office") as made:
        made.place.write("mi.txt", SECRET)
        made.label("mi.txt", "内部")
        made.index()
        yield made


@pytest.fixture
def without(tmp_path: Path) -> Iterator[Office]:
    """An installation that never had the hidden document."""
    with opened_office(tmp_path / "without") as made:
        made.index()
        yield made


def told(answer: Answer) -> dict[str, object]:
    """All of an answer that does not name the installation or measure it."""
    return {
        "outcome": answer.outcome,
        "text": answer.text,
        "short": answer.short_answer,
        "citations": answer.citations,
        "suggestions": answer.suggestions,
        "sources": answer.sources,
        "alternatives": answer.alternatives,
        "ranking": answer.ranking,
        "labels": answer.labels,
    }


def test_answers_are_those_of_an_installation_without_what_is_hidden(office: Office, without: Office) -> None:
    for question in QUESTIONS:
        seen = office.ask(question)
        assert told(seen) == told(without.ask(question)), question
        assert not [canary for canary in CANARIES if canary in repr(seen)]
        assert told(office.ask(question, PARTY)) == told(seen)


def test_who_is_cleared_gets_the_hidden_answer_and_its_conflict_with_the_public_one(office: Office) -> None:
    found = office.ask("凉瓜冷库由谁承建？", INNER)
    assert (found.outcome, found.labels) == (Outcome.ANSWERED, ("内部",))
    assert "翡翠公司" in found.text
    both = office.ask("清溪镇凉瓜产值多少？", EVERYTHING)
    assert {"9876", "1.3亿元"} <= {each for each in ("9876", "1.3亿元") if each in repr(both)}


def test_lists_search_and_documents_know_nothing_of_what_is_hidden(office: Office) -> None:
    hidden = next(
        listing
        for listing in office.catalogue.documents(offset=0, limit=9, retired=False, clearance=INNER).documents
        if listing.source_path == "mi.txt"
    )
    assert (hidden.visibility, len(office.titles(INNER))) == ("内部", 3)
    for clearance in (PUBLIC_ONLY, PARTY):
        assert len(office.titles(clearance)) == 2
        assert office.titles(clearance, "凉瓜产业") == office.titles(clearance, "mi.txt") == []
        with pytest.raises(DocumentNotFoundError) as refused:
            office.catalogue.document(hidden.id, clearance)
        with pytest.raises(DocumentNotFoundError) as unknown:
            office.catalogue.document("0" * 16, clearance)
        assert str(refused.value) == str(unknown.value).replace("0" * 16, hidden.id)
        for act in (office.catalogue.retire, office.catalogue.restore):
            with pytest.raises(DocumentNotFoundError):
                act(hidden.id, clearance)
        with pytest.raises(DocumentNotFoundError):
            office.catalogue.card(hidden.version, clearance)
    office.catalogue.retire(hidden.id, INNER)
    assert (office.titles(PUBLIC_ONLY, retired=True), len(office.titles(INNER, retired=True))) == ([], 1)
    with pytest.raises(DocumentNotFoundError) as retired:
        office.catalogue.document(hidden.id)
    assert "停用" not in str(retired.value)
    with pytest.raises(DocumentNotFoundError, match="停用"):
        office.catalogue.document(hidden.id, INNER)
    assert office.catalogue.restore(hidden.id, INNER)
    assert office.search.counts(PUBLIC_ONLY)[0] == 2
    assert office.search.counts(EVERYTHING)[0] == 3


def test_passages_and_saved_answers_are_shown_as_long_as_they_may_be_seen(office: Office) -> None:
    answer = office.ask("凉瓜冷库由谁承建？", INNER, conversation_id="c1")
    passage_id = answer.citations[0].passage_id
    assert "翡翠公司" in office.service.passage(passage_id, clearance=INNER).passage.text
    assert office.service.answer(answer.answer_id, owner="key:1", clearance=INNER).answer == answer
    assert office.service.last_answer("c1", owner="key:1", clearance=INNER) is not None
    # The clearance was taken away since.
    with pytest.raises(DocumentNotFoundError):
        office.service.passage(passage_id)
    with pytest.raises(UnknownAnswerError):
        office.service.answer(answer.answer_id, owner="key:1")
    assert office.service.last_answer("c1", owner="key:1") is None


def test_a_follow_up_is_not_completed_from_an_answer_that_may_not_be_seen_any_longer(office: Office) -> None:
    first = office.ask("凉瓜冷库由谁承建？", INNER, conversation_id="c1")
    follow_up = "它有多少户？"
    cleared = office.service._before(_conversation(office), None, None, None, "key:1", INNER)
    assert cleared == ("凉瓜冷库由谁承建？", first.short_answer)
    assert first.short_answer is not None
    assert office.service._before(_conversation(office), None, None, None, "key:1", PUBLIC_ONLY) == (
        "凉瓜冷库由谁承建？",
        None,
    )
    following = office.service._before(_conversation(office), first.answer_id, None, None, "key:1", PUBLIC_ONLY)
    assert following == ("凉瓜冷库由谁承建？", None)
    assert first.short_answer not in repr(office.ask(follow_up, conversation_id="c1", follows=first.answer_id))


def _conversation(office: Office) -> Any:
    return office.place.stores.state.conversations.open("c1", "key:1")


def test_a_label_holds_in_the_snapshot_that_is_gone_back_to(office: Office) -> None:
    question = "清溪镇凉瓜产值多少？"
    before = office.place.serving()
    assert before is not None
    answer = office.ask(question)
    assert answer.outcome is Outcome.ANSWERED
    office.label("gua.txt", "内部")
    office.index()
    assert office.ask(question).outcome is Outcome.NOT_FOUND
    snapshots.roll_back(office.place.settings.index_dir, before)
    office.live.look()
    assert office.place.serving() == before
    closed = office.ask(question)
    assert closed.snapshot == before
    assert (closed.outcome, "1.3亿元" in repr(closed)) == (Outcome.NOT_FOUND, False)
    assert office.titles(PUBLIC_ONLY) == ["东江大桥今日通车"]
    with pytest.raises(DocumentNotFoundError):
        office.service.passage(answer.citations[0].passage_id)
    with pytest.raises(UnknownAnswerError):
        office.service.answer(answer.answer_id, owner="key:1")
    assert office.ask(question, INNER).outcome is Outcome.ANSWERED


def test_a_label_that_goes_opens_the_document_with_the_next_index_and_not_an_older_one(office: Office) -> None:
    question = "凉瓜冷库由谁承建？"
    before = office.place.serving()
    assert before is not None
    office.label("mi.txt", None)
    assert office.ask(question).outcome is Outcome.NOT_FOUND
    office.index()
    assert office.ask(question).outcome is Outcome.ANSWERED
    snapshots.roll_back(office.place.settings.index_dir, before)
    office.live.look()
    assert office.ask(question).outcome is Outcome.NOT_FOUND


def test_a_label_that_is_put_on_at_once_is_in_force_for_the_next_question(office: Office) -> None:
    question = "清溪镇凉瓜产值多少？"
    document_id = office.ask(question).citations[0].document_id
    office.store.hold_label(document_id, "党组")
    assert office.ask(question).outcome is Outcome.NOT_FOUND
    assert office.ask(question, PARTY).outcome is Outcome.ANSWERED


def test_related_questions_are_looked_for_with_the_eyes_of_who_gets_them(office: Office) -> None:
    related = RelatedQuestions(office.service)
    answer = office.ask("凉瓜冷库由谁承建？", INNER)
    assert any("户" in question for question in related.find(answer, INNER))
    assert related.known(answer) is None
    assert related.find(answer) == ()


def test_kept_questions_are_asked_and_delivered_with_the_clearance_of_their_place(office: Office) -> None:
    cleared = [PUBLIC_ONLY]
    state = office.place.stores.state

    def clearance(_: KeptQuestion) -> Clearance:
        return cleared[0]

    def seen(passage_id: str, clearance: Clearance) -> object:
        return office.service.passage(passage_id, clearance=clearance)

    notifications = Notifications(state.kept_questions, state.answers, passage=seen, clearance=clearance)
    behind = Behind(lambda: office.live.snapshot_id, office.search.background_session)
    asking = AskingAgain(state, office.responder, behind, days=9, clearance=clearance, enough=0.0)
    asked = office.ask("凉瓜冷库由谁承建？")
    # Kept as if an older snapshot had been asked.
    state.answers.save(replace(asked, snapshot="s0"), question="凉瓜冷库由谁承建？", owner="key:1")
    kept = notifications.keep(asked.answer_id, owner="key:1", asker="key:1", channel="x", address={"chat_id": 1})
    assert (asking.look(), notifications.due("x")) == (0, [])
    cleared[0] = INNER
    office.place.write("xin.txt", "新闻\n\n镇里今天开了会。\n")
    office.index()
    assert asking.look() == 1
    # The clearance was taken away between finding and sending.
    cleared[0] = PUBLIC_ONLY
    assert notifications.take(kept.question.id) is None
    assert notifications.due("x") == []


def test_front_matter_and_lines_carry_labels_too(office: Office) -> None:
    (office.place.corpus / "mi.txt").unlink()
    office.place.write("mi.md", f"---\nvisibility: 内部\n---\n# 通报\n\n{SECRET}")
    office.place.write(
        "lines.jsonl", '{"id": "l1", "title": "行", "text": "镇里共有八十座桥。", "visibility": "党组"}\n'
    )
    office.index()
    assert [len(office.titles(each)) for each in (PUBLIC_ONLY, INNER, PARTY, EVERYTHING)] == [2, 3, 3, 4]
    assert office.ask("凉瓜冷库由谁承建？").outcome is Outcome.NOT_FOUND

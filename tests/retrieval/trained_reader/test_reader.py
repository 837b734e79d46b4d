"""The trained reader over a network that can be worked out by hand, and over real rules and real passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document, Passage
from retrieval.hits import Hit, Reading
from retrieval.reading.rule_reader import RuleReader
from retrieval.reading.wordings import wordings
from retrieval.terms import Terms
from retrieval.trained_reader.calibration import Coefficients, ReaderCalibration
from retrieval.trained_reader.features import FEATURES, FOREIGN_FEATURES
from retrieval.trained_reader.reader import TrainedReader
from tests.retrieval.reading.helpers import TOWN, CountedStatistics, hits_of
from tests.retrieval.trained_reader.fake_network import CharacterEncoder, KnowingSession

QUESTION = "荷塘镇花茶产值是多少？"
SIDE = Coefficients({"fused": 0.1, "margin": 1.0}, {"intercept": 0.0, "margin": 1.0})
CALIBRATION = ReaderCalibration(SIDE, SIDE, threshold=0.5, stop_at=0.9, batches=(2, 3))
OTHERS = ("图书馆藏书众多，全天开放。", "码头每天有渡轮来往两岸。", "山路弯弯，游人不绝。", "校舍修葺一新。")


def no_similarity(question: str, sentences: Sequence[str]) -> list[float]:
    raise AssertionError("a question that the network reads is not compared by meaning")


def reader(
    answers: Mapping[str, float],
    *,
    encoder: CharacterEncoder | None = None,
    calibration: ReaderCalibration = CALIBRATION,
    terms: Terms | None = None,
) -> tuple[TrainedReader, KnowingSession]:
    session = KnowingSession(answers)
    rules = RuleReader(similarity=no_similarity, variants=wordings(terms or Terms.of([])))
    return TrainedReader(session, encoder or CharacterEncoder(), rules, calibration=calibration), session


def hits(*texts: str) -> list[Hit]:
    found = []
    for rank, text in enumerate(texts, start=1):
        document = Document(f"d{rank}", f"文件{rank}", text, None, None, None, f"d{rank}.txt")
        found.append(Hit(Passage(f"p{rank}", f"d{rank}", text, 0, len(text), None), document, 2.0 - rank / 10, rank))
    return found


def read(made: TrainedReader, question: str, found: Sequence[Hit]) -> list[Reading]:
    return made.read(question, found, CountedStatistics([hit.passage.text for hit in found]))


def words(reading: Reading) -> list[str]:
    return [reading.hit.document.text[span.start : span.end] for span in reading.answer_spans]


def test_the_words_are_the_networks_made_whole_and_the_evidence_is_their_sentence() -> None:
    made, _ = reader({"8600": 4.0})

    best = read(made, QUESTION, hits_of(TOWN))[0]

    assert words(best) == ["8600万元"]
    text = best.hit.document.text[best.evidence.start : best.evidence.end]
    assert text == "荷塘镇今年种植茉莉花约300户，面积1200多亩，花茶产值达8600万元。"
    assert best.answer_score == pytest.approx(1 - best.no_answer_score)
    assert best.answer_score > 0.9


@pytest.mark.parametrize("question", [QUESTION, "What is the output value of tea?"])
def test_an_answer_in_a_passage_that_is_not_embedded_yet_is_given(question: str) -> None:
    found = hits_of(TOWN)
    side = Coefficients({"margin": 1.0}, {"intercept": -8.0, "dense": 10.0})
    made, _ = reader({"8600万元": 4.0}, calibration=replace(CALIBRATION, native=side, foreign=side))

    near, far, unknown = (
        read(made, question, [replace(hit, dense=dense) for hit in found])[0].answer_score
        for dense in (0.95, 0.7, None)
    )

    assert far < unknown < near


def test_what_the_network_reads_ranks_whatever_the_search_thought() -> None:
    made, _ = reader({"8600万元": 4.0})

    readings = read(made, QUESTION, hits(OTHERS[0], TOWN))

    assert [reading.hit.rank for reading in readings] == [2, 1]
    assert readings[1].answer_score < 0.5


def test_without_hits_nothing_is_read() -> None:
    made, session = reader({})

    assert (made.read(QUESTION, [], CountedStatistics([])), session.runs) == ([], [])


def test_reading_stops_once_a_passage_surely_answers() -> None:
    made, session = reader({"8600万元": 4.0})

    readings = read(made, QUESTION, hits(TOWN, *OTHERS))

    assert session.runs == [2]
    assert len(readings) == 5
    assert readings[0].hit.rank == 1


def test_reading_goes_on_while_nothing_surely_answers() -> None:
    made, session = reader({"8600万元": 4.0})

    readings = read(made, QUESTION, hits(*OTHERS[:3], TOWN))

    assert session.runs == [2, 2]
    assert words(readings[0]) == ["8600万元"]


def test_no_more_is_read_than_the_batches_say() -> None:
    made, session = reader({})

    readings = read(made, QUESTION, hits(*OTHERS, *OTHERS))

    assert session.runs == [2, 3]
    assert len(readings) == 8


def test_to_fit_the_table_everything_is_read() -> None:
    made, session = reader({"8600万元": 4.0})
    found = hits(TOWN, *OTHERS)

    examined = made.examine(QUESTION, found, CountedStatistics([TOWN]))

    assert session.runs == [2, 3]
    assert {frozenset(each.values) for each in examined} == {frozenset(FEATURES)}


def test_what_is_not_read_keeps_the_rules_words_behind_and_never_passes_for_an_answer() -> None:
    made, session = reader({"8600万元": 4.0})

    readings = read(made, QUESTION, hits(TOWN, OTHERS[0], TOWN))

    assert session.runs == [2]
    assert words(readings[0]) == ["8600万元"]
    assert (readings[2].hit.rank, words(readings[2])) == (3, ["8600万元"])
    assert readings[2].answer_score < CALIBRATION.threshold
    assert [reading.relevance for reading in readings] == sorted((r.relevance for r in readings), reverse=True)


def test_a_document_in_which_the_rules_see_another_answer_is_read_after_all() -> None:
    made, session = reader({"9000万元": 4.0, "8600万元": 3.0})
    rival = "荷塘镇花茶产值达9000万元。"

    readings = read(made, QUESTION, hits(rival, OTHERS[0], OTHERS[1], TOWN))

    assert session.runs == [2, 1]
    assert [words(reading) for reading in readings[:2]] == [["9000万元"], ["8600万元"]]
    assert readings[1].hit.rank == 4
    assert readings[1].answer_score >= CALIBRATION.threshold
    assert len(readings) == 4


def test_no_more_than_a_few_documents_that_differ_are_read_after_all() -> None:
    made, session = reader({"9000万元": 4.0})
    rivals = [f"荷塘镇花茶产值达{n}000万元。" for n in range(2, 9)]

    readings = read(made, QUESTION, hits("荷塘镇花茶产值达9000万元。", OTHERS[0], *rivals))

    assert session.runs == [2, 4]
    assert len({reading.hit.rank for reading in readings}) == 9


def test_another_figure_of_a_document_that_was_read_is_no_reason_to_read_on() -> None:
    made, session = reader({"9000万元": 4.0})
    first, second = hits("荷塘镇花茶产值达9000万元。", OTHERS[0])
    text = "荷塘镇花茶产值达8600万元。"
    same = Hit(Passage("p9", "d1", text, 0, len(text), None), replace(first.document, text=text), 1.0, 3)

    read(made, QUESTION, [first, second, same])

    assert session.runs == [2]


def test_a_foreign_question_is_left_to_the_network() -> None:
    made, session = reader({"8600万元": 4.0})
    found = hits(TOWN, *OTHERS)

    examined = made.examine("What is the output value of flower tea?", found, CountedStatistics([TOWN]), may_stop=True)

    assert words(examined[0].reading) == ["8600万元"]
    assert set(examined[0].values) == set(FOREIGN_FEATURES)
    assert session.runs == [2]
    assert [(words(e.reading), e.reading.answer_score) for e in examined[2:]] == [([], 0.0)] * 3


def test_a_long_passage_is_read_in_windows() -> None:
    text = OTHERS[1] * 30 + "花茶产值达8600万元。" + OTHERS[2] * 30
    made, session = reader({"8600万元": 4.0}, encoder=CharacterEncoder(window=100))

    best = read(made, QUESTION, hits(text))[0]

    assert session.runs[0] > 5
    assert words(best) == ["8600万元"]
    assert best.hit.document.text[best.evidence.start : best.evidence.end] == "花茶产值达8600万元。"


def test_a_list_is_given_in_its_parts() -> None:
    made, _ = reader({"采花比赛": 4.0})

    best = read(made, "花海节设置了哪些项目？", hits_of(TOWN))[0]

    assert words(best) == ["采花比赛", "“一路飘香”徒步活动", "摄影展"]


def test_a_yes_no_question_gets_the_clause_that_says_so() -> None:
    made, _ = reader({"没有": 4.0})

    best = read(made, "该项目使用财政资金了吗？", hits_of(TOWN))[0]

    assert words(best) == ["该项目没有使用财政资金"]


def test_a_clause_does_not_begin_inside_a_number() -> None:
    made, _ = reader({"用地": 4.0})

    best = read(made, "该项目有用地指标吗？", hits("该项目位于荷塘镇，共有３，０００亩用地指标，已经开工。"))[0]

    assert words(best) == ["共有３，０００亩用地指标"]


def test_the_passages_own_word_is_asked_where_the_asker_has_another() -> None:
    encoder = CharacterEncoder()
    made, _ = reader({"3万斤": 4.0}, encoder=encoder, terms=Terms.of([["茉莉花茶", "香片"]]))

    read(made, "香片年产多少？", hits("全镇茉莉花茶年产3万斤。", "香片年产2万斤。"))

    assert [question for question, _ in encoder.asked] == ["茉莉花茶年产多少?", "香片年产多少？"]


def test_agreeing_documents_support_each_other_and_are_no_rivals() -> None:
    found = hits("花茶产值达8600万元。", "花茶产值达0.86亿元。", "花茶产值达7000万元。")
    calibration = replace(CALIBRATION, batches=(3,))
    made, _ = reader({"8600万元": 4.0, "0.86亿元": 4.0, "7000万元": 1.0}, calibration=calibration)

    examined = made.examine(QUESTION, found, CountedStatistics([TOWN]))

    by_rank = {each.reading.hit.rank: each.values for each in examined}
    assert [by_rank[rank]["support"] for rank in (1, 2, 3)] == [1.0, 1.0, 0.0]
    assert by_rank[1]["lead"] > 0
    assert by_rank[2]["lead"] > 0
    assert by_rank[3]["lead"] < 0


def test_another_year_near_the_words_tells_against_them() -> None:
    made, _ = reader({"8600万元": 4.0})

    (examined,) = made.examine("2021年花茶产值是多少？", hits("2023年花茶产值达8600万元。"), CountedStatistics([TOWN]))

    assert examined.values["contradicted"] == 1.0
    assert examined.values["numbers"] == 1.0


@given(
    question=st.text(max_size=40),
    text=st.text(alphabet=st.sampled_from("荷塘镇3０多亩,。、“”？\n𠮷a１. "), min_size=1, max_size=60),
    answer=st.text(alphabet="荷塘镇3０多亩、", min_size=1, max_size=4),
)
def test_any_question_on_any_text_gives_spans_inside_the_passage(question: str, text: str, answer: str) -> None:
    made, _ = reader({answer: 4.0})
    for reading in read(made, question, hits(text)):
        for span in [reading.evidence, *reading.answer_spans]:
            assert 0 <= span.start <= span.end <= len(text)
        assert all(reading.evidence.start <= s.start < s.end <= reading.evidence.end for s in reading.answer_spans)
        assert 0.0 <= reading.answer_score <= 1.0


@pytest.mark.parametrize("question", ["", "？", "𠮷", "！！！", "a" * 2000, "多少" * 500])
def test_odd_questions_are_read_without_harm(question: str) -> None:
    made, _ = reader({"8600万元": 1.0})

    assert 0.0 <= read(made, question, hits_of(TOWN))[0].answer_score <= 1.0

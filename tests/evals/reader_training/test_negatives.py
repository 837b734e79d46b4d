from __future__ import annotations

from evals.reader_training.negatives import NearestPassages

PASSAGES = ["荷岸镇水产产值4.1亿元。", "东桥镇修建冷库两座。", "荷岸镇水产养殖面积800亩。", "天气晴朗。"]


def test_the_nearest_share_the_most_telling_words() -> None:
    nearest = NearestPassages(PASSAGES)
    assert nearest.nearest(["荷岸镇水产产值多少", "冷库修了几座"], 2) == [[0, 2], [1]]


def test_a_question_without_any_known_word_has_none_near() -> None:
    assert NearestPassages(PASSAGES).nearest(["zzz", ""], 3) == [[], []]


def test_traditional_questions_meet_simplified_passages() -> None:
    assert NearestPassages(PASSAGES).nearest(["水產養殖面積"], 1) == [[2]]

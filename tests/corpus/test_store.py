"""What is put into the store comes out of it: files, versions, passages."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import store_rows, store_writing
from corpus.documents import Document, FileLine, Passage, PreparedDocument, StoredLine
from corpus.errors import DocumentNotFoundError, StoreError
from corpus.store import DocumentStore
from tests.corpus.store_documents import fingerprint, open_store, outcome, prepared

pytestmark = pytest.mark.usefixtures("backend")
FIRST = fingerprint("第一版")
SECOND = fingerprint("第二版")


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return open_store(tmp_path)


def test_a_file_is_remembered_by_path_and_fingerprint(store: DocumentStore) -> None:
    file = outcome(prepared("甲"), prepared("乙"), failures=("第3行：缺少 id。",), encoding="gb18030")
    remembered = store.remember_file(FIRST, file)
    assert store.remembered_file("镇/年.txt", FIRST) == remembered
    assert remembered.encoding == "gb18030"
    assert remembered.failures == ("第3行：缺少 id。",)
    assert len(remembered.versions) == 2
    assert store.remembered_file("镇/年.txt", SECOND) is None
    assert store.remembered_file("县/年.txt", FIRST) is None


def test_many_files_are_looked_up_at_once(store: DocumentStore) -> None:
    expected = {
        path: store.remember_file(FIRST, outcome(prepared(path), path=path)) for path in ("一.txt", "二.txt", "三.txt")
    }
    asked = dict.fromkeys(expected, FIRST) | {"三.txt": SECOND, "四.txt": FIRST}
    assert store.remembered_files(asked) == {path: expected[path] for path in ("一.txt", "二.txt")}
    assert store.remembered_files({}) == {}


def test_lines_of_a_file_are_known_by_their_marks_in_its_latest_state(store: DocumentStore) -> None:
    file = replace(
        outcome(prepared("甲"), prepared("乙"), path="行.jsonl"), lines=(FileLine(b"1", None), FileLine(None, None))
    )
    first = store.remember_file(FIRST, file).versions
    assert store.known_lines("行.jsonl") == {b"1": StoredLine(first[0], "甲")}
    changed = replace(
        outcome(prepared("丙"), path="行.jsonl"),
        lines=(FileLine(b"3", None), FileLine(b"1", StoredLine(first[0], "甲"))),
    )
    remembered = store.remember_file(SECOND, changed)
    assert remembered.versions[1] == first[0]
    assert store.remembered_file("行.jsonl", SECOND) == remembered
    assert store.known_lines("行.jsonl") == {
        b"3": StoredLine(remembered.versions[0], "丙"),
        b"1": StoredLine(first[0], "甲"),
    }
    assert store.known_lines("没有.jsonl") == {}


def test_a_file_without_documents_is_remembered(store: DocumentStore) -> None:
    failed = outcome(path="坏.txt", failures=("读不出来。",), encoding=None)
    assert store.remember_file(FIRST, failed).versions == ()
    assert store.remembered_file("坏.txt", FIRST) is not None


def test_remembering_twice_stores_once(store: DocumentStore) -> None:
    file = outcome(prepared("甲"), prepared("乙"))
    first = store.remember_file(FIRST, file)
    again = store.remember_file(FIRST, file)
    assert again.versions == first.versions
    assert len(list(store.passage_rows(first.versions))) == 6


def test_a_changed_document_gets_a_new_version_and_the_old_one_stays(store: DocumentStore) -> None:
    old = store.remember_file(FIRST, outcome(prepared("甲"), prepared("乙")))
    new = store.remember_file(SECOND, outcome(prepared("甲", ["改过了。"]), prepared("乙")))
    assert new.versions[1] == old.versions[1]
    assert new.versions[0] > max(old.versions)
    assert store.document(old.versions[0]).text != store.document(new.versions[0]).text == "改过了。"
    assert store.find_versions("甲") == [old.versions[0], new.versions[0]]


def test_a_document_that_stands_twice_in_a_file_is_one_version(store: DocumentStore) -> None:
    assert len(store.remember_file(FIRST, outcome(prepared("甲"), prepared("甲"))).versions) == 1


def test_versions_are_told_without_their_text(store: DocumentStore) -> None:
    document = prepared("甲")
    (version,) = store.remember_file(FIRST, outcome(document)).versions
    (info,) = store.versions([version, version, 999])
    assert (info.version, info.document_id, info.content_hash) == (version, "甲", document.content_hash)
    assert (info.source_path, info.title, info.passages) == ("镇/年.txt", "镇里的一年", 3)
    assert (info.publisher, info.published_at, info.url, info.visibility) == (
        document.document.publisher,
        document.document.published_at,
        document.document.url,
        "public",
    )


def test_a_document_comes_back_whole_with_any_id_and_label(store: DocumentStore) -> None:
    document = Document('a/b "c"\n;--', "题", "𠮷野家开业。😀", None, None, None, "@uploads/x.jsonl", "内部")
    (version,) = store.remember_file(FIRST, outcome(PreparedDocument(document, (), "0" * 64))).versions
    assert store.document(version) == document
    assert store.find_versions(document.id) == [version]


def test_passages_stream_in_the_order_of_their_rows(store: DocumentStore) -> None:
    documents = [prepared(f"文{number}", [f"第{number}号。", "完。"], headings=["党委", None]) for number in range(450)]
    versions = store.remember_file(FIRST, outcome(*documents)).versions
    rows = list(store.passage_rows(reversed(versions)))
    assert [row.passage for row in rows] == [passage for document in documents for passage in document.passages]
    assert [row.row for row in rows] == sorted({row.row for row in rows})
    assert (rows[0].document_title, rows[0].publisher) == ("镇里的一年", "本镇公众号")
    assert list(store.passage_rows([])) == []


def test_rows_load_with_their_documents(store: DocumentStore) -> None:
    document = prepared("甲")
    versions = store.remember_file(FIRST, outcome(document)).versions
    rows = [row.row for row in store.passage_rows(versions)]
    loaded = store.load_rows([rows[2], rows[0], 10**9, rows[2]])
    assert loaded == {
        rows[0]: (document.passages[0], document.document),
        rows[2]: (document.passages[2], document.document),
    }
    assert store.load_rows([]) == {}


def test_more_ids_than_fit_one_query(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("corpus.store", "corpus.store_writing"):
        monkeypatch.setattr(f"{module}.IDS_PER_QUERY", 3)
    documents = [prepared(f"文{number}") for number in range(10)]
    versions = store.remember_file(FIRST, outcome(*documents)).versions
    assert [info.document_id for info in store.versions(versions)] == [each.document.id for each in documents]
    rows = [row.row for row in store.passage_rows(versions)]
    assert sorted(store.load_rows(rows)) == rows
    assert store.remember_file(SECOND, outcome(*documents)).versions == versions


def test_neighbours_end_with_the_document(store: DocumentStore) -> None:
    document = prepared("甲")
    versions = store.remember_file(FIRST, outcome(document, prepared("乙"))).versions
    rows = [row.row for row in store.passage_rows(versions)]
    first, middle, last = document.passages
    assert store.neighbours(rows[0]) == (None, middle)
    assert store.neighbours(rows[1]) == (first, last)
    assert store.neighbours(rows[2]) == (middle, None)
    with pytest.raises(DocumentNotFoundError, match="yiju index"):
        store.neighbours(10**9)


def test_a_passage_is_found_in_every_version_that_holds_it(store: DocumentStore) -> None:
    document = prepared("甲")
    first = store.remember_file(FIRST, outcome(document)).versions
    second = store.remember_file(SECOND, outcome(prepared("甲", title="另一个题目"))).versions
    found = store.find_passage(document.passages[1].id)
    assert [(ref.version, ref.ordinal) for ref in found] == [(first[0], 1), (second[0], 1)]
    assert store.find_passage("没有") == []


def test_an_unknown_version_is_an_error(store: DocumentStore) -> None:
    with pytest.raises(DocumentNotFoundError, match="7"):
        store.document(7)


def test_offsets_that_do_not_fit_are_refused_before_anything_is_stored(store: DocumentStore) -> None:
    document = prepared("甲")
    wrong = Passage("x", "甲", "别的字", 0, 3, None)
    with pytest.raises(StoreError, match="nothing of the file was stored"):
        store.remember_file(FIRST, outcome(prepared("乙"), PreparedDocument(document.document, (wrong,), "1" * 64)))
    assert store.find_versions("乙") == []


def test_text_that_is_not_unicode_is_refused_with_the_cure(store: DocumentStore) -> None:
    with pytest.raises(StoreError, match=r"not valid Unicode.*rename"):
        store.remember_file(FIRST, outcome(prepared("甲"), path="坏\udcff名.txt"))


@pytest.mark.parametrize("text", ["", "字", "𠮷" * 5, "ＡＢＣ１２３", "😀👍🏽", "没有标点的一行" * 14_286])
def test_edge_texts_come_back_unchanged(store: DocumentStore, text: str) -> None:
    document = Document("甲", text[:20], text, None, None, None, "a.txt")
    passages = (Passage("p", "甲", text, 0, len(text), None),) if text else ()
    (version,) = store.remember_file(FIRST, outcome(PreparedDocument(document, passages, "2" * 64))).versions
    assert store.document(version) == document
    assert tuple(row.passage for row in store.passage_rows([version])) == passages


VALID_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(VALID_TEXT.filter(bool), st.lists(VALID_TEXT.filter(bool), max_size=4)),
        max_size=6,
        unique_by=lambda pair: pair[0],
    )
)
def test_whatever_is_stored_comes_back(store: DocumentStore, contents: list[tuple[str, list[str]]]) -> None:
    example = secrets.token_hex(8)
    documents = [prepared(example + document_id, sentences) for document_id, sentences in contents]
    versions = store.remember_file(FIRST, outcome(*documents, path=example)).versions
    stored = [store.document(version) for version in versions]
    passages = [row.passage for row in store.passage_rows(versions)]
    again = store.remember_file(SECOND, outcome(*reversed(documents), path=example)).versions
    assert stored == [each.document for each in documents]
    assert passages == [passage for each in documents for passage in each.passages]
    assert again == tuple(reversed(versions))


@given(st.lists(st.integers(), max_size=50), st.integers(min_value=1, max_value=7))
def test_chunks_keep_everything_in_order(elements: list[int], size: int) -> None:
    chunked = list(store_rows.chunks(elements, size))
    assert [element for chunk in chunked for element in chunk] == elements
    assert all(0 < len(chunk) <= size for chunk in chunked)


def test_a_batch_is_bounded_by_its_passages() -> None:
    documents = [prepared(str(number), ["完。"] * 900) for number in range(5)] + [prepared("长", ["完。"] * 5000)]
    sizes = [sum(len(each.passages) for each in batch) for batch in store_writing._batches(documents)]
    assert sizes == [1800, 1800, 900, 5000]

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.permalinks import permalink


@pytest.mark.parametrize("base", ["https://ask.example.org", "https://ask.example.org/"])
def test_a_passage_has_one_address(base: str) -> None:
    assert permalink(base, "p1") == "https://ask.example.org/p/p1"


def test_an_address_below_a_path_keeps_it() -> None:
    assert permalink("https://example.org/yiju", "p1") == "https://example.org/yiju/p/p1"


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_any_id_is_one_part_of_the_path_and_comes_back_from_it(passage_id: str) -> None:
    parts = urlsplit(permalink("https://example.org", passage_id))

    assert (parts.query, parts.fragment) == ("", "")
    assert parts.path.count("/") == 2
    assert unquote(parts.path.removeprefix("/p/")) == passage_id

"""Labels and clearances."""

from __future__ import annotations

import pytest

from corpus.visibility import EVERYTHING, PUBLIC_ONLY, Clearance, clearance_of, is_label, labels_in

INTERNAL = Clearance(frozenset({"内部"}))


@pytest.mark.parametrize(
    ("clearance", "label", "allowed"),
    [
        (PUBLIC_ONLY, "public", True),
        (PUBLIC_ONLY, "内部", False),
        (INTERNAL, "public", True),
        (INTERNAL, "内部", True),
        (INTERNAL, "秘密", False),
        (EVERYTHING, "秘密", True),
    ],
)
def test_a_label_is_seen_by_who_is_cleared_for_it(clearance: Clearance, label: str, allowed: bool) -> None:
    assert clearance.allows(label) is allowed


def test_a_clearance_covers_labels_it_allows_each_of() -> None:
    assert INTERNAL.covers(["public", "内部"])
    assert not INTERNAL.covers(["public", "内部", "秘密"])
    assert PUBLIC_ONLY.covers([])


@pytest.mark.parametrize("clearance", [PUBLIC_ONLY, INTERNAL, EVERYTHING])
def test_what_a_clearance_states_is_read_back(clearance: Clearance) -> None:
    assert clearance_of(clearance.stated()) == clearance


def test_all_labels_beside_others_are_everything() -> None:
    assert clearance_of(["内部", "*"]) == EVERYTHING


@pytest.mark.parametrize("wrong", ["", " ", "a b", "x" * 65, "内部;DROP", "a,b", "<b>"])
def test_what_is_no_label_is_refused(wrong: str) -> None:
    assert not is_label(wrong)
    with pytest.raises(ValueError, match="is no label"):
        clearance_of([wrong])


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("", ()),
        (" ，, ", ()),
        ("内部", ("内部",)),
        (" 内部，机密、党组,a  b ", ("内部", "机密", "党组", "a", "b")),
        ("内部;机密", ("内部;机密",)),
        ("*", ("*",)),
    ],
)
def test_labels_are_typed_with_commas_or_spaces_between_them(typed: str, labels: tuple[str, ...]) -> None:
    assert labels_in(typed) == labels

"""What changed between two revisions, as lists and pages show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask

from app.diffs import difference
from app.forum.changes import changes_of, rows_of, stretches

LABELS = {"title": "Title", "problem": "The problem", "costs": "Costs"}


@dataclass(frozen=True)
class Text:
    number: int
    texts: dict[str, Any]


def test_parts_that_say_the_same_are_no_change(app: Flask) -> None:
    before = Text(1, {"title": "Boxes", "problem": "Two bins burned", "costs": ""})
    after = Text(2, {"title": "Boxes", "problem": "Three bins burned again", "tags": ["x"]})
    (change,) = changes_of(before, after, LABELS)
    assert (change.key, change.label, change.words_removed, change.words_added) == ("problem", "The problem", 1, 2)


def test_a_part_that_came_or_went_is_a_change(app: Flask) -> None:
    changes = changes_of(Text(1, {"problem": "Fires"}), Text(2, {"costs": "310 cedis"}), LABELS)
    assert [(each.key, each.words_removed, each.words_added) for each in changes] == [
        ("problem", 1, 0),
        ("costs", 0, 2),
    ]


def test_a_page_of_rows_is_compared_with_the_one_after_it(app: Flask) -> None:
    texts = [Text(number, {"title": f"Boxes {number}"}) for number in (4, 3, 2, 1)]
    assert [(row.revision.number, len(row.changes)) for row in rows_of(texts, LABELS, size=3)] == [
        (4, 1),
        (3, 1),
        (2, 1),
    ]
    assert [len(row.changes) for row in rows_of(texts, LABELS, size=4)] == [1, 1, 1, 0]


def test_words_that_were_counted_are_known_afterwards(app: Flask) -> None:
    before, after = Text(1, {"title": "Known before"}), Text(2, {"title": "Known after"})
    (first,), (again,) = changes_of(before, after, LABELS), changes_of(before, after, LABELS)
    assert not again.is_counted
    assert first.count() == (1, 1)
    assert again.is_counted


def test_long_unchanged_text_is_left_out_between_changes() -> None:
    middle = "same words here " * 60
    pieces = difference(f"old start {middle}old end", f"new start {middle}new end").pieces
    shown = stretches(pieces)
    assert [each.kind for each in shown] == ["removed", "added", "same", "left-out", "same", "removed", "added", "same"]
    assert sum(len(each.text) for each in shown) < 400
    assert "".join(each.text for each in stretches(pieces, is_whole=True) if each.kind != "removed").startswith(
        "new start"
    )


def test_text_before_the_first_change_and_after_the_last_is_left_out_too() -> None:
    around = "same words here " * 60
    shown = stretches(difference(f"{around}one{around}", f"{around}two{around}").pieces)
    assert [each.kind for each in shown] == ["left-out", "same", "removed", "added", "same", "left-out"]


def test_what_has_no_spaces_is_cut_as_well() -> None:
    shown = stretches(difference("a" + "電" * 500 + "b", "a" + "電" * 500 + "c").pieces)
    assert "left-out" in [each.kind for each in shown]

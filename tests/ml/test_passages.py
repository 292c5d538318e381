"""Each section of a text is given the piece of the course that helps, and the two sentences by which it does."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ml import cuts
from ml.encoders import HashingEncoder
from ml.passages import SECTIONS_PER_PIECE, UNREAD, Meeting, Shelf, Spoken, chosen
from ml.statistics import CorpusStatistics
from ml.words import terms

ENCODER = HashingEncoder()
WIPING = {
    "title": "Wipe it, then hand it on",
    "summary": "Fear for private data keeps old laptops in drawers. Erase the hard disk before a laptop is donated.",
    "activity": "Write a promise for owners: what is erased, how and by whom.",
}
COOLING = {
    "title": "Cold gases",
    "summary": "Old fridges leak refrigerant gas when somebody cuts the pipes. A technician takes the gas out first.",
}
TITLE_ALONE = {"title": "Erase the hard disk of a laptop before it is donated"}
IDEA = {
    "title": "Old laptops with private data for our school",
    "problem": "Nobody dares to give a laptop away, because private data is on the hard disk.",
    "place": "The choir meets on Thursdays beside the harbour.",
    "approach": "We erase the hard disk of each laptop before it is donated to a school.",
}
EVERY = [text for piece in (WIPING, COOLING, IDEA) for text in piece.values()]
VECTORS = ENCODER.encode(EVERY)
STATISTICS = CorpusStatistics.of(VECTORS, VECTORS, [terms(text) for text in EVERY], encoder=ENCODER.name)


def spoken(key: str, sections: Mapping[str, str]) -> Spoken:
    pairs = [(name, f"{each.strip('.')}.") for name, text in sections.items() for each in text.split(". ")]
    texts = [text for _, text in pairs]
    vectors = STATISTICS.sentences(ENCODER.encode(texts))
    return Spoken(key, vectors, [name for name, _ in pairs], [frozenset(terms(text)) for text in texts])


def shelf(**pieces: Mapping[str, str]) -> Shelf:
    return Shelf.of([spoken(key, sections) for key, sections in pieces.items()], STATISTICS)


def meeting(section: str, key: str, score: float) -> Meeting:
    return Meeting(section, key, mine=0, theirs=0, parts={"sentence": score})


def test_a_section_meets_the_piece_on_its_subject_and_both_sentences_are_named() -> None:
    idea, course = spoken("idea", IDEA), shelf(wiping=WIPING, cooling=COOLING)
    found = chosen(course.meetings(idea))
    assert found["approach"].key == "wiping"
    assert idea.sections[found["approach"].mine or 0] == "approach"
    assert course.pieces[0].sections[found["approach"].theirs] == "summary"
    assert found["approach"].theirs == 2


def test_a_section_on_another_subject_is_told_nothing() -> None:
    assert "place" not in chosen(shelf(wiping=WIPING, cooling=COOLING).meetings(spoken("idea", IDEA)))


def test_what_counts_adds_up_to_the_score_and_is_named() -> None:
    best = shelf(wiping=WIPING).meetings(spoken("idea", IDEA))[0]
    assert set(best.parts) == {"sentence", "section", "text", "words"}
    assert best.score == pytest.approx(sum(best.parts.values()))
    assert cuts.passage_cut(ENCODER.name) <= best.score <= 1


def test_titles_are_neither_asked_about_nor_quoted() -> None:
    idea = spoken("idea", {"title": WIPING["summary"]})
    assert shelf(wiping=WIPING).meetings(idea) == []
    assert shelf(named=TITLE_ALONE).meetings(spoken("idea", IDEA)) == []


@pytest.mark.parametrize("pieces", [{}, {"wiping": WIPING}])
def test_where_nothing_is_said_nothing_is_found(pieces: dict[str, Mapping[str, str]]) -> None:
    nothing = Spoken("idea", VECTORS[:0], [], [])
    assert shelf(**pieces).meetings(nothing) == []
    assert shelf(**pieces).to_fill(nothing, {"costs": VECTORS[0]}) == []


def test_equal_texts_give_equal_lists_whatever_the_order_of_the_pieces() -> None:
    idea = spoken("idea", IDEA)
    one = chosen(shelf(wiping=WIPING, cooling=COOLING, again=WIPING).meetings(idea))
    other = chosen(shelf(again=WIPING, cooling=COOLING, wiping=WIPING).meetings(idea))
    assert {section: (each.key, each.theirs) for section, each in one.items()} == {
        section: (each.key, each.theirs) for section, each in other.items()
    }


def test_no_piece_stands_for_more_than_two_sections_while_another_is_close_enough() -> None:
    every = [
        meeting(section, "busy", score) for section, score in (("problem", 0.9), ("approach", 0.8), ("needs", 0.7))
    ]
    found = chosen([*every, meeting("needs", "other", 0.4)])
    assert {section: each.key for section, each in found.items()} == {
        "problem": "busy",
        "approach": "busy",
        "needs": "other",
    }


def test_a_piece_stands_for_a_third_section_when_nothing_else_is_close_enough() -> None:
    every = [meeting(section, "busy", 0.9) for section in ("problem", "approach", "needs")]
    assert len(chosen(every)) == 3
    assert len(chosen(every, is_repeated=False)) == SECTIONS_PER_PIECE


def test_of_two_that_help_about_as_much_the_unread_one_is_preferred_and_says_so() -> None:
    both = [meeting("problem", "read", 0.5), meeting("problem", "new", 0.5 - UNREAD / 2)]
    assert chosen(both)["problem"].key == "read"
    preferred = chosen(both, unread={"new"})["problem"]
    assert preferred.key == "new"
    assert preferred.parts["unread"] == UNREAD


def test_what_helps_clearly_more_stays_first_though_it_was_read() -> None:
    both = [meeting("problem", "read", 0.5), meeting("problem", "new", 0.5 - 2 * UNREAD)]
    assert chosen(both, unread={"new"})["problem"].key == "read"


def test_a_thin_section_is_filled_by_what_the_form_asks_and_what_the_text_is_about() -> None:
    course = shelf(wiping=WIPING, cooling=COOLING)
    asked = "Write a promise for owners of a laptop: what is erased, how and by whom."
    question = STATISTICS.sentences(ENCODER.encode([asked]))[0]
    about = spoken("idea", IDEA).only(("title", "problem"))
    found = course.to_fill(about, {"approach": question})
    assert found[0].key == "wiping"
    assert found[0].mine is None
    assert set(found[0].parts) == {"asked", "text", "words"}


def test_what_the_form_asks_is_no_reason_for_a_text_on_another_subject() -> None:
    course = shelf(wiping=WIPING, cooling=COOLING)
    question = course.pieces[0].sentences[3]  # as near to a piece as can be
    about = spoken("choir", {"title": "A choir at the harbour", "problem": "Many were told that they cannot sing."})
    assert course.to_fill(about, {"approach": question}) == []


def test_only_some_sections_can_be_kept() -> None:
    about = spoken("idea", IDEA).only(("title", "problem"))
    assert set(about.sections) == {"title", "problem"}
    assert len(about.sentences) == len(about.terms) == len(about.sections)

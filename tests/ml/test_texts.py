"""Texts are cut into sentences and passages without losing a word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.texts import plain_text, split_passages, split_sentences, text_digest, word_count

LETTERS = st.text(st.characters(categories=["L", "N", "P", "Zs"], include_characters="\n.!?…。؟-*"), max_size=300)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("We collect phones. You repair them!", ["We collect phones.", "You repair them!"]),
        ("Dr. Mensah paid 12.50 euros. It was late.", ["Dr. Mensah paid 12.50 euros.", "It was late."]),
        ("See https://example.org/a.b?c=d. Then go on", ["See https://example.org/a.b?c=d.", "Then go on"]),
        ("Cables, plugs, etc. are sorted. Etc.", ["Cables, plugs, etc. are sorted.", "Etc."]),
        ("你好世界。我们回收电池！", ["你好世界。", "我们回收电池！"]),
        ("ما هذا؟ هذه بطارية.", ["ما هذا؟", "هذه بطارية."]),
        ("¿Quién paga? Nadie.", ["¿Quién paga?", "Nadie."]),
        ("Am 3. Mai sammeln wir. Dann nicht.", ["Am 3. Mai sammeln wir.", "Dann nicht."]),
        ("well... maybe so", ["well... maybe so"]),
        ("- one box\n- two boxes", ["one box", "two boxes"]),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(LETTERS)
def test_the_splitter_loses_no_words(text: str) -> None:
    assert [word for sentence in split_sentences(text) for word in words(sentence)] == words(text)


@given(LETTERS)
def test_every_sentence_is_trimmed_and_not_empty(text: str) -> None:
    assert all(sentence and sentence == sentence.strip() for sentence in split_sentences(text))


def test_plain_text_keeps_the_words_of_links_lists_and_code_and_drops_the_marks() -> None:
    markdown = (
        "# A **plan**\n\nSee [the box](https://a.org).\nSame line &amp; more.\n\n- one\n- `two`\n\n![photo](x.png)"
    )
    assert plain_text(markdown) == "A plan\nSee the box. Same line & more.\none\ntwo"


def test_a_script_never_becomes_a_readable_word() -> None:
    assert plain_text("Hello\n\n<script>\nalert(2)\n</script>\n\n<b>world</b>") == "Hello\nworld"


def test_the_title_comes_first_and_counts_as_a_sentence_however_short() -> None:
    passages = split_passages({"problem": "Old batteries burn behind the school.", "title": "Battery boxes"})
    assert [(one.section, one.level, one.text) for one in passages] == [
        ("title", "section", "Battery boxes"),
        ("title", "sentence", "Battery boxes"),
        ("problem", "section", "Old batteries burn behind the school."),
        ("problem", "sentence", "Old batteries burn behind the school."),
    ]


def test_a_sentence_too_short_to_say_anything_is_left_out_but_keeps_its_place() -> None:
    passages = split_passages({"problem": "Really? Old batteries burn behind the school."})
    assert [(one.position, one.text) for one in passages if one.level == "sentence"] == [
        (1, "Old batteries burn behind the school.")
    ]


def test_passages_without_a_word_are_left_out() -> None:
    assert split_passages({"title": "?!", "problem": " ", "needs": "—"}) == []


@given(st.integers(1, 1200), st.booleans())
def test_a_long_section_is_cut_into_passages_of_about_180_words_and_keeps_all(length: int, with_stops: bool) -> None:
    written = " ".join(f"word{at}" + ("." if with_stops and at % 12 == 11 else "") for at in range(length))
    pieces = [one for one in split_passages({"problem": written}) if one.level == "section"]
    assert words(" ".join(piece.text for piece in pieces)) == words(written)
    assert [piece.position for piece in pieces] == list(range(len(pieces)))
    assert all(word_count(piece.text) <= 192 for piece in pieces)


def test_a_section_gives_no_more_than_sixty_sentences() -> None:
    passages = split_passages({"evidence": "This is one of very many sentences. " * 200})
    assert sum(one.level == "sentence" for one in passages) == 60


def test_a_chinese_section_is_cut_although_it_has_no_spaces() -> None:
    pieces = [one for one in split_passages({"problem": "我们回收电池" * 200}) if one.level == "section"]
    assert len(pieces) > 1
    assert "".join(piece.text for piece in pieces).replace(" ", "") == "我们回收电池" * 200


def test_one_digest_for_both_ways_of_writing_an_accent() -> None:
    assert text_digest("caf\u00e9") == text_digest("cafe\u0301") != text_digest("cafe")

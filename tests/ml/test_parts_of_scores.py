"""An explanation says all that a score is made of, the same whoever stands beside it, and from either side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ml.explaining import OTHER, Explanation, Pair, Part, Wording, explain, parts_of, percentages
from ml.features import Text
from ml.ranking import Match, Person, compare, rank_people, rank_texts, said
from ml.weights import Kind, WeightSet, shipped_weights
from tests.ml.test_ranking import NOW, QUERY, STATISTICS, some_person, some_text, text

SYMMETRIC = {"meaning", "sentences", "title", "topics", "place", "author", "phase"}
KINDS: tuple[Kind, ...] = ("idea", "question", "resource", "nugget")
some_texts = st.lists(some_text, max_size=6, unique_by=lambda one: one.key)
some_people = st.lists(some_person, max_size=5, unique_by=lambda one: one.key)
whole_text = st.builds(
    lambda one, author, phase: replace(one, author=author, phase=phase, sentences=one.vectors[1:]),
    some_text,
    st.sampled_from([None, "ama", "kofi"]),
    st.sampled_from([None, "ideas"]),
)


def explained(query: Text, match: Match, subject: Text, spoken: Sequence[Text]) -> Explanation:
    vectors = [each.vectors for each in spoken if len(each.vectors)]
    mine = STATISTICS.sentences(query.vectors)
    return explain(
        Pair(
            query=query,
            subject=subject,
            match=match,
            spoken={"hashing-384": (mine, STATISTICS.sentences(vectors[0]))} if vectors else {},
            wordings=[Wording(each.terms, list(each.terms), each.language) for each in spoken],
            wanted_roles=query.needed_roles,
            brought_roles=subject.roles,
        ),
        STATISTICS,
    )


def explanations_of_texts(query: Text, texts: Sequence[Text], kind: Kind) -> dict[object, Explanation]:
    by_key = {each.key: each for each in texts}
    matches = rank_texts(query, texts, STATISTICS, kind=kind, limit=len(texts), cut=False, now=NOW)
    return {match.key: explained(query, match, by_key[match.key], [by_key[match.key]]) for match in matches}


def explanations_of_people(query: Text, people: Sequence[Person]) -> dict[object, Explanation]:
    by_key = {person.key: person for person in people}
    matches = rank_people(query, people, STATISTICS, limit=len(people), cut=False, now=NOW)
    stated = {key: person.statement or Text(key, roles=person.roles) for key, person in by_key.items()}
    return {match.key: explained(query, match, stated[match.key], said(by_key[match.key])) for match in matches}


def check(why: Explanation, kind: Kind) -> None:
    names = [part.name for part in why.parts]
    assert sum(part.adds for part in why.parts) == pytest.approx(why.score, abs=1e-6)
    assert all(part.adds > 0 for part in why.parts)
    assert len(names) == len(set(names))
    assert set(names) <= set(shipped_weights().parts[kind])
    assert not why.parts or sum(part.share for part in why.parts) == pytest.approx(1)
    assert [part.share for part in why.parts] == pytest.approx(sorted((part.share for part in why.parts), reverse=True))
    assert not why.parts or sum(percent for _, percent in percentages(why.parts)) == 100


def assert_same(one: Explanation, other: Explanation) -> None:
    """But for the last digits of a product of matrices, which depend on what stands beside a row."""
    parts = {part.name: part.adds for part in other.parts}
    assert {part.name: part.adds for part in one.parts} == pytest.approx(parts, abs=1e-6)
    assert replace(one, score=0, parts=()) == replace(other, score=0, parts=())


@settings(deadline=None, max_examples=60)
@given(some_text, some_texts, st.sampled_from(KINDS))
def test_the_parts_of_a_text_add_up_to_its_score(query: Text, texts: list[Text], kind: Kind) -> None:
    for why in explanations_of_texts(query, texts, kind).values():
        check(why, kind)


@settings(deadline=None, max_examples=60)
@given(some_text, some_people)
def test_the_parts_of_a_person_add_up_to_their_score(query: Text, people: list[Person]) -> None:
    for why in explanations_of_people(query, people).values():
        check(why, "person")


@settings(deadline=None, max_examples=40)
@given(some_text, some_texts, st.sampled_from(KINDS), st.randoms())
def test_a_text_is_explained_the_same_again_and_in_any_order(
    query: Text, texts: list[Text], kind: Kind, random: Random
) -> None:
    first = explanations_of_texts(query, texts, kind)
    assert explanations_of_texts(query, texts, kind) == first
    for key, why in explanations_of_texts(query, random.sample(texts, len(texts)), kind).items():
        assert_same(why, first[key])


@settings(deadline=None, max_examples=40)
@given(some_text, some_people, st.randoms())
def test_a_person_is_explained_the_same_again_and_in_any_order(
    query: Text, people: list[Person], random: Random
) -> None:
    first = explanations_of_people(query, people)
    assert explanations_of_people(query, people) == first
    for key, why in explanations_of_people(query, random.sample(people, len(people))).items():
        assert_same(why, first[key])


@settings(deadline=None, max_examples=60)
@given(whole_text, whole_text)
@example(replace(QUERY, author="ama"), text("boxes", "Battery boxes", "Pupils drop phone batteries.", author="ama"))
def test_what_two_texts_share_is_the_same_from_either_side(one: Text, other: Text) -> None:
    """By their meaning, sentences, titles, topics, place, author and phase.

    Not so their words, as BM25 weighs how often the one text uses the words that the other asks with; nor roles, as one
    side needs what the other brings; nor freshness, which is that of one of the two.
    """
    there, back = _shared(one, other), _shared(other, one)
    assert there == pytest.approx(back, abs=1e-6)


def _shared(query: Text, other: Text) -> dict[str, float]:
    weights = WeightSet("all alike", {"idea": dict.fromkeys(sorted(SYMMETRIC), 1 / len(SYMMETRIC))})
    compared = compare(query, [other], STATISTICS, now=NOW, weights=weights)
    (match,) = compared.ranked(kind="idea", limit=1, cut=False)
    return dict(match.parts)


def test_every_part_that_is_compared_from_either_side_has_a_case() -> None:
    one = replace(
        QUERY,
        topics=frozenset({"repair"}),
        country="GH",
        author="ama",
        phase="ideas",
        sentences=QUERY.vectors[1:],
        key="one",
    )
    assert all(_shared(one, replace(one, key="other")).values())


def test_where_the_parts_give_more_than_a_score_can_be_they_still_add_up_to_it() -> None:
    """As learned weights may."""
    match = Match("key", 1.0, {"meaning": 0.9, "words": 0.6, "role": 0.0}, 0.5, "close", says_enough=True)
    meaning, words = parts_of(match)
    assert (meaning.name, words.name) == ("meaning", "words")
    assert meaning.adds == pytest.approx(0.6)
    assert meaning.adds + words.adds == pytest.approx(1)


def test_nothing_has_no_parts() -> None:
    assert parts_of(Match("key", 0.0, {"meaning": 0.0}, 0.0, "worth a look", says_enough=False)) == []
    assert percentages([]) == []


def test_what_is_less_than_one_percent_is_gathered() -> None:
    parts = [Part("meaning", 0.49, 0.98), Part("title", 0.004, 0.008), Part("place", 0.003, 0.006)]
    parts.append(Part("topics", 0.003, 0.006))
    assert percentages(parts) == [("meaning", 98), (OTHER, 2)]


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=10))
def test_percents_add_up_and_are_less_than_one_away(sizes: list[float]) -> None:
    shares = {f"part {number}": size / sum(sizes) for number, size in enumerate(sizes)}
    percents = dict(percentages([Part(name, share, share) for name, share in shares.items()]))
    assert sum(percents.values()) == 100
    for name, percent in percents.items():
        if name != OTHER:
            assert abs(percent - 100 * shares[name]) < 1 + 1e-9


def test_roles_that_are_wanted_and_brought_are_told_apart_from_those_in_common() -> None:
    mine = replace(
        QUERY, needed_roles=frozenset({"recycler"}), roles=frozenset({"teacher"}), topics=frozenset({"repair"})
    )
    theirs = replace(
        text("a", "Boxes", "Phones"),
        roles=frozenset({"recycler", "teacher", "student"}),
        topics=frozenset({"repair", "fees"}),
    )
    (why,) = explanations_of_texts(mine, [theirs], "idea").values()
    assert (why.roles, why.roles_in_common, why.topics) == ({"recycler"}, {"teacher"}, {"repair"})

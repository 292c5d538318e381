"""Rankings are bounded, explained by their parts, the same each time, and silent when nothing fits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml import ranking
from ml.encoders import HashingEncoder, MiniLM, unit_rows
from ml.features import Text
from ml.ranking import Match, Person, rank_people, rank_texts
from ml.statistics import CorpusStatistics, Damping
from ml.weights import shipped_weights
from ml.words import numbered_terms, terms

ENCODER = HashingEncoder()
NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = [
    "battery",
    "school",
    "phone",
    "fridge",
    "gas",
    "copper",
    "cable",
    "repair",
    "library",
    "fee",
    "customs",
    "glove",
]
BODIES = {
    "boxes": ("Battery boxes in schools", "Pupils drop phone batteries into sand boxes that a recycler collects."),
    "fridges": ("A fee on fridges", "Importers pay a fee so that cooling gas is recovered from refrigerators."),
    "cables": ("Cable strippers", "Workers strip copper cables instead of burning them in open fires."),
    "repair": ("Repair evening", "Volunteers repair toasters and kettles in the public library."),
}


def text(key: str, title: str, body: str, **facts: object) -> Text:
    vectors = ENCODER.encode([title, body])
    return Text(key, vectors, terms(f"{title} {body}"), terms(title), **facts)  # type: ignore[arg-type]


def corpus() -> list[Text]:
    return [text(key, *body) for key, body in BODIES.items()]


def statistics_of(
    texts: list[Text], encoder: str = "hashing-384", languages: set[str] | None = None
) -> CorpusStatistics:
    vectors = np.concatenate([one.vectors for one in texts])
    return CorpusStatistics.of(vectors, vectors, [one.terms for one in texts], encoder=encoder, languages=languages)


STATISTICS = statistics_of(corpus())
QUERY = text("mine", "Phone batteries at school", "Old phone batteries go into a box and a recycler collects them.")

written = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
some_text = st.builds(
    text,
    st.text("abc", min_size=1, max_size=2),
    written,
    written,
    topics=st.frozensets(st.sampled_from(["batteries", "repair"])),
    roles=st.frozensets(st.sampled_from(["recycler", "teacher"])),
    needed_roles=st.frozensets(st.sampled_from(["recycler", "teacher"])),
    country=st.sampled_from([None, "GH", "CH"]),
    language=st.sampled_from(["en", "es"]),
    written_at=st.one_of(st.none(), st.integers(0, 900).map(lambda days: NOW - timedelta(days=days))),
)
some_person = st.builds(
    Person, st.text("abc", min_size=1, max_size=2), st.lists(some_text, max_size=3), st.one_of(st.none(), some_text)
)


def check(match: Match) -> None:
    assert 0 <= match.score <= 1
    assert abs(match.score - sum(match.parts.values())) < 1e-6
    assert all(0 <= part <= 1 for part in match.parts.values())


@settings(deadline=None, max_examples=40)
@given(some_text, st.lists(some_text, max_size=8), st.sampled_from(["all-MiniLM-L6-v2", "hashing-384", "another"]))
def test_parts_add_up_to_the_score_which_is_bounded(query: Text, candidates: list[Text], encoder: str) -> None:
    statistics = replace(STATISTICS, encoder=encoder)
    for match in rank_texts(query, candidates, statistics, kind="idea", cut=False, now=NOW):
        check(match)


@settings(deadline=None, max_examples=40)
@given(some_text, st.lists(some_person, max_size=6))
def test_parts_add_up_for_people_too(query: Text, people: list[Person]) -> None:
    for match in rank_people(query, people, STATISTICS, cut=False, limit=10):
        check(match)


@settings(deadline=None, max_examples=40)
@given(some_text, st.lists(some_text, max_size=8, unique_by=lambda one: one.key), st.randoms())
def test_the_order_of_candidates_changes_nothing(query: Text, candidates: list[Text], random: Random) -> None:
    shuffled = random.sample(candidates, len(candidates))
    matches = rank_texts(query, candidates, STATISTICS, kind="idea", cut=False)
    again = rank_texts(query, shuffled, STATISTICS, kind="idea", cut=False)
    assert [match.key for match in matches] == [match.key for match in again]


@settings(deadline=None, max_examples=40)
@given(some_text, st.lists(some_text, max_size=8))
def test_a_key_is_listed_once_and_best_first(query: Text, candidates: list[Text]) -> None:
    matches = rank_texts(query, candidates, STATISTICS, kind="idea", cut=False, limit=100)
    assert {match.key for match in matches} == {candidate.key for candidate in candidates}
    assert len(matches) == len({match.key for match in matches})
    assert [match.score for match in matches] == sorted((match.score for match in matches), reverse=True)


def test_equal_scores_come_in_the_order_of_their_keys() -> None:
    candidates = [text(key, *BODIES["boxes"]) for key in ("c", "a", "b")]
    assert [match.key for match in rank_texts(QUERY, candidates, STATISTICS, kind="idea", cut=False)] == ["a", "b", "c"]


def test_what_meets_the_idea_is_shown_and_the_rest_is_not() -> None:
    matches = rank_texts(QUERY, corpus(), STATISTICS, kind="idea")
    assert [match.key for match in matches] == ["boxes"]
    assert matches[0].strength in {"close", "related"}


def test_place_topics_and_date_never_lift_another_subject_over_the_cut() -> None:
    facts = {"topics": frozenset({"batteries"}), "country": "GH", "written_at": NOW}
    mine = text("mine", "Phone batteries", "Old phone batteries go into a box.", **facts)
    other = text("other", *BODIES["fridges"], **facts)
    assert rank_texts(mine, [other], STATISTICS, kind="idea", now=NOW) == []


def test_near_copies_fill_one_place_in_the_list() -> None:
    copies = [text(f"copy{number}", *BODIES["boxes"]) for number in range(3)]
    assert [match.key for match in rank_texts(QUERY, copies, STATISTICS, kind="idea")] == ["copy0"]
    assert len(rank_texts(QUERY, copies, STATISTICS, kind="idea", cut=False)) == 3


def test_the_newer_of_two_equal_ideas_comes_first_and_says_so() -> None:
    old = text("a-old", *BODIES["boxes"], written_at=NOW - timedelta(days=300))
    new = text("b-new", *BODIES["boxes"], written_at=NOW.replace(tzinfo=None))
    first, second = rank_texts(QUERY, [old, new], STATISTICS, kind="idea", cut=False, now=NOW)
    assert (first.key, second.key) == ("b-new", "a-old")
    assert first.parts["freshness"] > second.parts["freshness"] > 0


def test_a_needed_role_counts_more_than_a_shared_one() -> None:
    mine = text("mine", *BODIES["boxes"], needed_roles=frozenset({"recycler"}), roles=frozenset({"teacher"}))
    brings, shares, neither = (
        text(key, *BODIES["repair"], roles=frozenset(roles))
        for key, roles in (("brings", {"recycler"}), ("shares", {"teacher"}), ("neither", set()))
    )
    matches = rank_texts(mine, [neither, shares, brings], STATISTICS, kind="idea", cut=False)
    assert [match.key for match in matches] == ["brings", "shares", "neither"]


def test_an_empty_text_ranks_last_and_breaks_nothing() -> None:
    empty = Text("empty", np.zeros((0, 384), dtype=np.float32))
    matches = rank_texts(QUERY, [empty, *corpus()], STATISTICS, kind="idea", cut=False)
    assert matches[-1].key == "empty"
    assert matches[-1].evidence == 0
    assert rank_texts(empty, corpus(), STATISTICS, kind="idea") == []
    assert rank_texts(QUERY, [], STATISTICS, kind="idea") == []
    assert rank_people(QUERY, [], STATISTICS) == []


def test_without_any_statistics_a_match_is_still_found() -> None:
    matches = rank_texts(QUERY, corpus(), CorpusStatistics.empty(384, "hashing-384"), kind="idea", cut=False)
    assert matches[0].key == "boxes"


def test_an_encoder_that_reads_english_alone_says_nothing_of_the_meaning_of_spanish() -> None:
    spanish = text("es", *BODIES["boxes"], language="es")
    (match,) = rank_texts(QUERY, [spanish], statistics_of(corpus(), "all-MiniLM-L6-v2", {"en"}), kind="idea", cut=False)
    assert match.parts["meaning"] == 0
    assert match.parts["words"] > 0


def test_whoever_wrote_or_says_they_know_is_suggested_and_who_wrote_on_something_else_is_not() -> None:
    people = [
        Person("wrote", [text("x", *BODIES["boxes"])]),
        Person(
            "states", [], text("y", "I collect phone batteries", "I am a recycler of phone batteries from schools.")
        ),
        Person("busy", [text(f"z{number}", *BODIES["fridges"], written_at=NOW) for number in range(40)]),
        Person("silent", []),
    ]
    assert {match.key for match in rank_people(QUERY, people, STATISTICS, now=NOW)} == {"wrote", "states"}


def test_a_private_query_changes_no_statistics() -> None:
    before = STATISTICS.to_json()
    rank_texts(QUERY, corpus(), STATISTICS, kind="idea")
    assert STATISTICS.to_json() == before


def test_statistics_come_back_from_json_as_they_were() -> None:
    again = CorpusStatistics.from_json(STATISTICS.to_json())
    np.testing.assert_allclose(again.sentences(QUERY.vectors), STATISTICS.sentences(QUERY.vectors), atol=1e-5)
    assert again.to_json() == STATISTICS.to_json()
    assert again.topic_weight("repair") == STATISTICS.topic_weight("repair")
    assert again.rarity("batteri") == STATISTICS.rarity("batteri") < STATISTICS.rarity("unheard")


@pytest.mark.encoder
def test_the_same_aim_in_other_words_is_found_by_meaning() -> None:
    minilm = MiniLM(threads=1)

    def meant(key: str, title: str, body: str) -> Text:
        return Text(key, minilm.encode([title, body]), terms(f"{title} {body}"), terms(title))

    texts = [meant(key, *body) for key, body in BODIES.items()]
    query = meant("mine", "Used mobile cells", "Students gather worn-out lithium cells from handsets in class.")
    assert rank_texts(query, texts, statistics_of(texts, minilm.name), kind="idea", cut=False)[0].key == "boxes"


def test_what_people_ask_is_not_numbered_for_ever() -> None:
    rank_texts(QUERY, corpus(), STATISTICS, kind="idea")
    before = numbered_terms()
    asked = text("asked", "Zyxophone wobbulators", "Nobody has ever heard of flimflamicity or quuxification.")
    rank_texts(asked, corpus(), STATISTICS, kind="idea", cut=False)
    assert numbered_terms() == before


def test_sentences_that_meet_count_though_the_texts_as_wholes_are_alike() -> None:
    def spoken(key: str, sentence: str) -> Text:
        return replace(
            text(key, "A plan for our town", "Many people work on it."), sentences=ENCODER.encode([sentence])
        )

    mine = spoken("mine", "Pupils drop old phone batteries into a box of sand.")
    other, near = (
        spoken("other", "The mayor opens a garden."),
        spoken("near", "Old phone batteries go into sand boxes."),
    )
    first, second = rank_texts(mine, [other, near], STATISTICS, kind="idea", cut=False)
    assert (first.key, second.key) == ("near", "other")
    assert first.parts["sentences"] > second.parts["sentences"]


def test_only_the_best_of_a_long_list_are_compared_by_their_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "LOOKED_AT_CLOSELY", 2)
    few = rank_texts(QUERY, corpus(), STATISTICS, kind="idea", limit=1, cut=False)
    every = rank_texts(QUERY, corpus(), STATISTICS, kind="idea", limit=4, cut=False)
    assert few == every[:1]
    assert len(every) == 4


def test_a_rare_topic_in_common_counts_more_than_a_frequent_one() -> None:
    topics = [["repair"], ["repair"], ["repair"], ["batteries"]]
    known = CorpusStatistics.of(QUERY.vectors, QUERY.vectors, [QUERY.terms] * 4, topics=topics, encoder="hashing-384")
    mine = replace(QUERY, topics=frozenset({"repair", "batteries"}))
    frequent, rare = (replace(text(topic, "A", "b c"), topics=frozenset({topic})) for topic in ("repair", "batteries"))
    parts = {match.key: match.parts for match in rank_texts(mine, [frequent, rare], known, kind="idea", cut=False)}
    assert parts["batteries"]["topics"] > parts["repair"]["topics"] > 0


def test_what_all_texts_of_a_field_share_tells_them_less_apart() -> None:
    chance = np.random.default_rng(3)
    shared = np.zeros(64, dtype=np.float32)
    shared[0] = 1
    sides = chance.choice([-1, 1], size=(400, 1)).astype(np.float32)
    field = unit_rows(2 * sides * shared + chance.normal(size=(400, 64)).astype(np.float32) / 3)
    damped = Damping.of(field, documents=400)
    assert abs(damped(field)[:, 0]).mean() < 0.8 * abs(unit_rows(field - field.mean(axis=0))[:, 0]).mean()


def test_few_texts_change_nothing_of_how_texts_are_told_apart() -> None:
    vectors = QUERY.vectors
    np.testing.assert_allclose(Damping.none(384)(vectors), vectors, atol=1e-6)
    np.testing.assert_allclose(Damping.of(vectors, documents=0)(vectors), vectors, atol=1e-6)


def test_whoever_wrote_a_moment_ago_comes_before_whoever_has_been_away() -> None:
    def writer(key: str, days: int) -> Person:
        return Person(key, [replace(text(key, *BODIES["boxes"]), written_at=NOW - timedelta(days=days))])

    first, second = rank_people(QUERY, [writer("away", 90), writer("here", 1)], STATISTICS, now=NOW)
    assert (first.key, second.key) == ("here", "away")
    assert first.parts["presence"] > 0 == second.parts["presence"]


def test_words_of_a_person_are_those_of_the_query_that_they_used_anywhere_each_once() -> None:
    def writer(key: str, *said: str) -> Person:
        return Person(key, [Text(number, terms=terms(each)) for number, each in enumerate(said)])

    query = Text("mine", terms=terms("phone batteries in a school"))
    people = [
        writer("all", "My phone is old.", "A school with batteries, many batteries."),
        writer("one", "My phone is old.", "This phone.", "That phone."),
        writer("other", "A choir sings."),
        writer("silent"),
    ]
    parts = {each.key: each.parts["words"] for each in rank_people(query, people, STATISTICS, limit=4, cut=False)}
    assert parts["all"] == pytest.approx(shipped_weights().parts["person"]["words"])
    assert parts["all"] > parts["one"] > parts["other"] == parts["silent"] == 0
    again = {each.key: each.parts["words"] for each in rank_people(query, people[1:], STATISTICS, cut=False)}
    assert again["one"] == parts["one"]


def test_a_piece_of_the_same_module_or_in_the_same_language_comes_first_among_equals() -> None:
    query, piece = replace(QUERY, module=2), text("", *BODIES["boxes"])
    alike = [
        replace(piece, key="another language", language="fr"),
        replace(piece, key="another module", module=3),
        replace(piece, key="same module", module=2),
    ]
    ranked = rank_texts(query, alike, STATISTICS, kind="nugget", cut=False)
    assert [match.key for match in ranked] == ["same module", "another module", "another language"]


def test_whose_answer_on_the_subject_helped_comes_before_whose_did_not() -> None:
    answer, elsewhere = text("", *BODIES["boxes"]), replace(text("", *BODIES["repair"]), is_accepted=True)
    people = [
        Person("a", [answer]),
        Person("b", [replace(answer), elsewhere]),
        Person("c", [replace(answer, is_accepted=True)]),
    ]
    ranked = rank_people(QUERY, people, STATISTICS, cut=False)
    received = {match.key: match.parts["received"] for match in ranked}
    assert ranked[0].key == "c"
    assert received["c"] > received["b"]
    assert received["a"] == 0

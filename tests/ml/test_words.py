"""Words are folded, stemmed and counted by language."""

from threading import Thread

import pytest

from ml.words import stem_labels, terms


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Collecting batteries", "collected BATTERY"),
        ("es", "Recogemos baterías", "recogemos bateria"),
        ("fr", "l'école réparée", "école réparés"),
        ("pt", "baterias recicladas", "bateria reciclada"),
        ("de", "Batterien für Schulen", "Batterie Schule"),
        ("ru", "мобильные телефоны", "мобильный телефон"),
        ("ar", "المدارس", "مدارس"),
    ],
)
def test_forms_of_a_word_become_one_term(language: str, one: str, other: str) -> None:
    assert terms(one, language).keys() == terms(other, language).keys()


def test_stop_words_and_single_letters_are_no_terms() -> None:
    assert terms("We have the a and it's what they were") == {}
    assert terms("el de la y lo que", "es-MX") == {}


def test_e_waste_is_one_word() -> None:
    assert terms("E-waste or ewaste") == {"ewast": 2}


def test_chinese_gives_pairs_of_characters() -> None:
    assert terms("回收电池", "zh") == {"回收": 1, "收电": 1, "电池": 1}


def test_an_unknown_language_is_folded_and_not_stemmed() -> None:
    assert terms("Baterías viejas", "xx") == {"baterias": 1, "viejas": 1}


def test_changing_a_result_changes_no_later_one() -> None:
    terms("one battery").clear()
    assert terms("one battery") == {"batteri": 1}


def test_labels_give_terms_back_as_they_were_written_without_the_capital_of_a_sentence() -> None:
    labels = stem_labels("Batteries and battery boxes in Accra")
    assert labels == {"batteri": "battery", "box": "boxes", "accra": "Accra"}


def test_threads_stem_at_once_without_mixing_their_words() -> None:
    found: dict[int, list[str]] = {}

    def count(seed: int) -> None:
        found[seed] = [next(iter(terms(f"collecting{seed}x{at}ings"))) for at in range(300)]

    threads = [Thread(target=count, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(stem.startswith(f"collecting{seed}x") for seed, stems in found.items() for stem in stems)

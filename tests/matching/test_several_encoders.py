"""Texts in several languages, read by several encoders, and the change from some encoders to others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Guest
from app.database import db, transaction
from app.matching import encoding as encodings
from app.matching.commands import embed_subjects, embed_waiting, reembed, waiting_subjects
from app.matching.encoding import encoding, encoding_for, use
from app.matching.models import IndexGeneration, KeptStatistics, MatchableText, Passage
from app.matching.queries import matches_of
from app.settings import EncoderSpec
from ml.encoders import Encoder, EncoderUnavailable, HashingEncoder, Vectors
from tests.conftest import Client
from tests.factories import make_idea, make_person, make_private_group

DICTIONARY = {
    "pilas": "batteries",
    "escuela": "school",
    "caja": "box",
    "recoger": "collect",
    "usadas": "used",
    "taller": "workshop",
    "bateria": "batteries",
}
SPANISH = "Recoger pilas usadas: una caja en cada escuela. Los alumnos ponen las pilas usadas en la caja de la escuela."
ENGLISH = "Collect used batteries: a box in each school. The pupils put the used batteries in the box of the school."


class EnglishOnly:
    name = "english"
    dimension = 384
    languages: frozenset[str] | None = frozenset({"en"})

    def encode(self, texts: Sequence[str]) -> Vectors:
        return HashingEncoder().encode(texts)


class Bridge:
    """Knows some Spanish words by heart; of another dimension than the one for English."""

    name = "bridge"
    dimension = 385
    languages: frozenset[str] | None = frozenset({"en", "es"})

    def encode(self, texts: Sequence[str]) -> Vectors:
        known = HashingEncoder().encode(
            [re.sub(r"\w+", lambda word: DICTIONARY.get(word[0], word[0]), text) for text in texts]
        )
        return np.pad(known, ((0, 0), (0, 1)))


def encoder_of(spec: EncoderSpec, _threads: int) -> Encoder:
    return {"minilm": EnglishOnly(), "use-multilingual": Bridge(), "basic": HashingEncoder()}[spec.name]


ENGLISH_ALONE, BOTH = (EncoderSpec("minilm"),), (EncoderSpec("minilm"), EncoderSpec("use-multilingual"))


@pytest.fixture(autouse=True)
def encoders(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(encodings, "encoder_of", encoder_of)
    before = encoding()
    use(encoding_for(BOTH, app.config["COMMONS"]))
    yield
    use(before)


def make_two() -> tuple[int, int]:
    """The same idea in English and in Spanish."""
    english = make_idea(title="Boxes for used batteries", sections={"problem": ENGLISH})
    spanish = make_idea(title="Cajas para pilas", sections={"problem": SPANISH}, language="es")
    return english.id, spanish.id


def read_by(idea_id: int) -> set[str]:
    return set(
        db.session.scalars(select(Passage.encoder).where(Passage.subject_id == idea_id, Passage.subject_kind == "idea"))
    )


def found_beside(idea_id: int) -> dict[int, float]:
    return {found.row.id: found.parts["meaning"] for found in matches_of(Guest(), ("idea", idea_id)).ideas}


def test_a_text_is_kept_by_each_encoder_that_reads_its_language() -> None:
    english, spanish = make_two()
    swahili = make_idea(
        title="Betri", sections={"problem": "Betri za zamani zinatupwa kwenye takataka."}, language="sw"
    )
    embed_waiting()
    assert read_by(english) == {"english", "bridge"}
    assert read_by(spanish) == {"bridge"}
    assert read_by(swahili.id) == set()
    assert waiting_subjects() == []


def test_an_idea_finds_its_twin_in_another_language_from_both_sides(run_jobs: Callable[[], int]) -> None:
    english, spanish = make_two()
    for number in range(6):
        make_idea(title=f"Quiet garden {number}", sections={"problem": f"Roses grow slowly beside the wall {number}."})
    run_jobs()
    embed_waiting()
    assert found_beside(english)[spanish] > 0
    assert found_beside(spanish)[english] > 0


def test_the_twin_says_in_which_language_it_is_and_quotes_its_own_words(
    run_jobs: Callable[[], int], client: Client
) -> None:
    english, _ = make_two()
    run_jobs()
    embed_waiting()
    page = client.get(f"/ideas/{english}", follow_redirects=True).text
    assert "in Spanish" in page
    assert "una caja en cada escuela" in page


def test_texts_are_embedded_anew_beside_the_ones_in_use_until_all_are_done(
    app: Flask, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(encoding_for(ENGLISH_ALONE, app.config["COMMONS"]))
    english, spanish = make_two()
    run_jobs()
    before = found_beside(english)
    both = encoding_for(BOTH, app.config["COMMONS"])

    embed_subjects("idea", [english, spanish], both.wanted)  # interrupted after these
    assert encoding().name == "english"
    assert found_beside(english) == before
    assert read_by(spanish) == {"bridge"}

    encoded: list[str] = []
    bridge = both.wanted.encoders[1]
    encode = bridge.encode
    monkeypatch.setattr(bridge, "encode", lambda texts: encoded.extend(texts) or encode(texts))
    told: list[tuple[int, int]] = []
    reembed(both, lambda done, total: told.append((done, total)))
    assert not any("batter" in text or "pilas" in text for text in encoded)  # it goes on where it stopped
    assert told[-1][0] == told[-1][1]
    assert encoding().name == "english+bridge"
    assert set(db.session.scalars(select(MatchableText.encoders))) == {"english+bridge"}
    assert spanish in found_beside(english)
    assert waiting_subjects() == []


def test_what_the_former_encoders_left_is_gone_afterwards(app: Flask, run_jobs: Callable[[], int]) -> None:
    make_two()
    run_jobs()
    embed_waiting()
    reembed(encoding_for(ENGLISH_ALONE, app.config["COMMONS"]))
    assert set(db.session.scalars(select(Passage.encoder))) == {"english"}
    assert set(db.session.scalars(select(MatchableText.encoders))) == {"english"}
    assert len(db.session.scalars(select(KeptStatistics.encoder)).all()) == 1


def test_other_processes_follow_once_the_change_is_complete(app: Flask, run_jobs: Callable[[], int]) -> None:
    english, spanish = make_two()
    run_jobs()
    reembed(encoding_for(ENGLISH_ALONE, app.config["COMMONS"]))
    use(encoding_for(BOTH, app.config["COMMONS"]))  # as a process has it that began before
    assert spanish not in found_beside(english)
    assert encoding().name == "english"


def test_the_first_text_settles_the_encoders_whatever_the_settings_say_later(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    make_two()
    run_jobs()
    assert [each["name"] for each in db.session.scalar(select(IndexGeneration.encoders))] == [
        "minilm",
        "use-multilingual",
    ]
    use(encoding_for((EncoderSpec("basic"),), app.config["COMMONS"]))
    embed_waiting()
    assert set(db.session.scalars(select(MatchableText.encoders))) == {"english+bridge"}


def test_an_encoder_that_cannot_be_loaded_changes_nothing(
    app: Flask, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    use(encoding_for(ENGLISH_ALONE, app.config["COMMONS"]))
    make_two()
    run_jobs()
    monkeypatch.setattr(Bridge, "encode", fail)
    with pytest.raises(EncoderUnavailable, match="bridge"):
        reembed(encoding_for(BOTH, app.config["COMMONS"]))
    assert encoding().name == "english"
    assert set(db.session.scalars(select(MatchableText.encoders))) == {"english"}


def fail(_self: Encoder, _texts: Sequence[str]) -> Vectors:
    raise EncoderUnavailable("out of memory")


def test_one_missing_encoder_leaves_the_others_at_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bridge, "encode", fail)
    use(encoding_for(BOTH, app.config["COMMONS"]))
    encoding().warm()
    assert encoding().name == "english"
    assert not encoding().is_basic


def test_a_text_that_no_encoder_reads_says_so_and_is_found_by_its_words(
    run_jobs: Callable[[], int], client: Client
) -> None:
    for number in range(6):
        make_idea(title=f"Quiet garden {number}", sections={"problem": f"Roses grow slowly beside the wall {number}."})
    words = "Betri za zamani zinatupwa kwenye takataka na watoto huchoma nyaya kando ya shule."
    one = make_idea(title="Betri za shule", sections={"problem": words}, language="sw")
    other = make_idea(title="Betri na nyaya", sections={"problem": words + " Tukusanye."}, language="sw")
    run_jobs()
    embed_waiting()
    page = client.get(f"/ideas/{one.id}", follow_redirects=True).text
    assert "Not matched by meaning" in page
    assert "Swahili" in page
    assert f"/ideas/{other.id}" in page


def test_private_texts_in_any_language_stay_out_of_what_is_known_of_the_whole(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    make_two()
    embed_waiting()
    before = db.session.scalars(select(KeptStatistics.content)).one()
    member = make_person()
    group = make_private_group(member)
    for number in range(5):
        make_idea(by=member, group=group, title=f"Taller {number}", sections={"problem": SPANISH}, language="es")
    embed_waiting()
    with transaction():
        db.session.query(KeptStatistics).update({"texts": 0})
    embed_waiting()
    assert db.session.scalars(select(KeptStatistics.content)).one() == before

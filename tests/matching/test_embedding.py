"""Vectors follow texts: what changed is embedded again, what is gone is gone, nothing is embedded twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import Guest
from app.database import db
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.matching.commands import embed_subjects, embed_waiting, refresh_statistics, waiting_subjects
from app.matching.encoding import encoding
from app.matching.models import MatchableText, Passage
from app.matching.standing import standing_of
from app.matching.statistics import current_statistics
from app.matching.tasks import reconcile
from app.matching.texts import candidates, quotes_of
from ml.encoders import EncoderUnavailable, Vectors
from tests.factories import make_idea, make_person, make_private_group, revise


def passages(subject_id: int) -> list[Passage]:
    return list(
        db.session.scalars(select(Passage).where(Passage.subject_kind == "idea", Passage.subject_id == subject_id))
    )


def test_an_idea_is_split_into_sections_and_sentences_with_unit_vectors(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    idea = make_idea(
        title="Boxes for batteries",
        sections={
            "problem": "Batteries burn in our bins. Nobody dares to touch them.",
            "costs": "Two hundred cedi for sand.",
        },
    )
    run_jobs()
    stored = passages(idea.id)
    assert {(each.section, each.level) for each in stored} == {
        (section, level) for section in ("title", "problem", "costs") for level in ("section", "sentence")
    } - ({("title", "sentence")} if not any(p.section == "title" and p.level == "sentence" for p in stored) else set())
    assert len([each for each in stored if each.level == "sentence" and each.section == "problem"]) == 2
    assert np.allclose([np.linalg.norm(each.vector) for each in stored], 1, atol=1e-3)
    assert {each.encoder for each in stored} == {encoding().name}


def test_only_what_changed_is_encoded_again(
    app: Flask, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    idea = make_idea(title="Boxes for batteries", sections={"problem": "Batteries burn in our bins every week."})
    run_jobs()
    encoded: list[str] = []
    encode = encoding().encoders.encoders[0].encode

    def note(texts: Sequence[str]) -> Vectors:
        encoded.extend(texts)
        return encode(texts)

    monkeypatch.setattr(encoding().encoders.encoders[0], "encode", note)
    revise(idea, sections={**idea.sections, "costs": "Sand costs nothing at the beach here."})
    run_jobs()
    assert set(encoded) == {"Sand costs nothing at the beach here."}


def test_what_is_deleted_loses_its_vectors(app: Flask, run_jobs: Callable[[], int]) -> None:
    idea = make_idea()
    run_jobs()
    assert passages(idea.id)
    delete_post(idea, by=idea.author)
    run_jobs()
    assert passages(idea.id) == []


def test_a_lost_job_is_found_again(app: Flask, run_jobs: Callable[[], int]) -> None:
    from sqlalchemy import delete

    from app.database import transaction
    from app.jobs.models import Job

    idea = make_idea()
    with transaction():
        db.session.execute(delete(Job))
    assert ("idea", idea.id) in waiting_subjects()
    reconcile()
    run_jobs()
    assert passages(idea.id)
    assert waiting_subjects() == []


def test_an_encoder_that_fails_stores_nothing_and_the_job_stays(
    app: Flask, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_texts: Sequence[str]) -> Vectors:
        raise EncoderUnavailable("out of memory")

    idea = make_idea()
    monkeypatch.setattr(encoding().encoders.encoders[0], "encode", fail)
    run_jobs()
    assert passages(idea.id) == []
    assert db.session.get(MatchableText, ("idea", idea.id, encoding().name)) is None
    assert ("idea", idea.id) in waiting_subjects()


def test_embedding_twice_changes_nothing(app: Flask, run_jobs: Callable[[], int]) -> None:
    idea = make_idea()
    run_jobs()
    before = [each.id for each in passages(idea.id)]
    embed_subjects("idea", [idea.id])
    assert [each.id for each in passages(idea.id)] == before


def test_progress_is_told_and_ends_with_all_done(app: Flask) -> None:
    make_idea()
    told: list[tuple[int, int]] = []
    count = embed_waiting(lambda done, total: told.append((done, total)))
    assert count >= 2  # the idea and its author
    assert told[-1] == (count, count)


def test_private_texts_leave_no_trace_in_what_is_known_of_the_whole(app: Flask, run_jobs: Callable[[], int]) -> None:
    make_idea(title="Boxes for batteries", sections={"problem": "Batteries burn in bins."})
    embed_waiting()
    before = current_statistics(standing_of(Guest()))[encoding().name]
    member = make_person()
    for number in range(5):
        make_idea(
            by=member,
            group=make_private_group(member),
            title=f"Xylophone {number}",
            sections={"problem": "Xylophone xylophone."},
            topics=["batteries"],
        )
    embed_waiting()
    refresh_statistics()
    after = current_statistics(standing_of(Guest()))[encoding().name]
    assert after.documents == before.documents
    for level in ("sections", "sentences"):
        for name in ("centre", "directions", "kept"):
            assert np.array_equal(getattr(getattr(after, level), name), getattr(getattr(before, level), name))
    assert after.topic_frequency == before.topic_frequency
    assert not any("xyloph" in term for term in after.document_frequency)


def test_no_passage_without_a_word_is_stored(app: Flask, run_jobs: Callable[[], int]) -> None:
    idea = make_idea(
        title="Boxes for batteries", sections={"problem": "Batteries burn.", "costs": "...", "needs": "🔋"}
    )
    run_jobs()
    assert {each.section for each in passages(idea.id)} <= {"title", "problem"}
    assert db.session.scalar(select(func.count()).select_from(MatchableText)) >= 1


def test_a_text_is_in_the_language_it_is_written_in_whatever_the_form_says(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    problem = "Los alumnos tiran las pilas viejas a la basura porque nadie las recoge en la escuela."
    idea = make_idea(title="Recoger pilas en el liceo", sections={"problem": problem}, language="en")
    run_jobs()
    assert languages_of(idea) == ({"es"}, "es")


def test_a_short_text_is_in_the_language_that_was_chosen(app: Flask, run_jobs: Callable[[], int]) -> None:
    idea = make_idea(title="Pilas", sections={"problem": "En el liceo."}, language="fr")
    run_jobs()
    assert languages_of(idea) == ({"fr"}, "fr")


def test_a_text_embedded_anew_meanwhile_is_shown_without_its_sentences_and_then_with_them(
    app: Flask, run_jobs: Callable[[], int], client: FlaskClient
) -> None:
    said = "Pupils throw swollen batteries into the bin. The caretaker burns them on Fridays."
    ideas = [make_idea(title=f"Swollen batteries, school {number}", sections={"problem": said}) for number in range(3)]
    run_jobs()
    keys = [("idea", idea.id) for idea in ideas]
    found = candidates(standing_of(Guest()), keys)
    older = {key: replace(candidate, digest="of an older text") for key, candidate in found.items()}
    assert not any(quotes_of(older).values())
    assert all(len(quotes) == 3 for quotes in quotes_of(found).values())
    with patch("app.matching.texts._load_quotes", return_value={}), patch.dict(app.extensions):
        app.extensions.pop("kept_quotes")
        for idea in ideas:
            assert client.get(post_address(idea)).status_code == 200


def languages_of(idea: Idea) -> tuple[set[str], str]:
    """Of its passages, and of the text as ranking sees it."""
    passages = select(Passage.language).where(Passage.subject_kind == "idea", Passage.subject_id == idea.id)
    text = db.session.get_one(MatchableText, ("idea", idea.id, encoding().name))
    return set(db.session.scalars(passages)), text.content["language"]

"""Asking: the form, what is stored, and who may."""

from __future__ import annotations

from sqlalchemy import func, select

from app.database import db
from app.forum.events import post_published
from app.forum.models import Follow, Revision
from app.groups.queries import challenge_group
from app.questions.models import Question
from tests.factories import make_person, make_private_group, make_question


def asked(**changes: object) -> dict[str, object]:
    return {
        "title": "Who takes swollen phone batteries in Accra?",
        "body": "We keep **eleven** of them in dry sand.",
        "roles": ["recycler", "official"],
        "topics": ["batteries"],
        "country": "GH",
        "language": "en",
        "group": challenge_group().id,
        **changes,
    }


def only_question() -> Question:
    return db.session.scalars(select(Question)).one()


def questions() -> int:
    return db.session.scalar(select(func.count()).select_from(Question)) or 0


def test_a_question_is_published_with_its_tags_and_first_words(client_for):
    person = make_person()
    response = client_for(person).post("/questions", data=asked())
    question = only_question()
    assert response.status_code == 303
    assert response.location == f"/questions/{question.id}/who-takes-swollen-phone-batteries-in-accra"
    assert question.gist == "We keep eleven of them in dry sand."
    assert [role.id for role in question.roles] == ["recycler", "official"]
    assert [topic.id for topic in question.topics] == ["batteries"]
    assert (question.country, question.language, question.answer_count) == ("GH", "en", 0)


def test_the_first_save_is_a_revision_and_the_asker_follows(client_for):
    person = make_person()
    client_for(person).post("/questions", data=asked())
    question = only_question()
    revision = db.session.scalars(select(Revision)).one()
    assert (revision.number, revision.title) == (1, question.title)
    assert revision.sections["body"] == "We keep **eleven** of them in dry sand."
    assert db.session.get(Follow, (question.id, person.id)) is not None


def test_publication_is_announced(client_for):
    heard = []
    with post_published.connected_to(lambda post: heard.append(post.id)):
        client_for(make_person()).post("/questions", data=asked())
    assert heard == [only_question().id]


def test_a_title_alone_is_enough(client_for):
    client_for(make_person()).post(
        "/questions", data={"title": "Who takes swollen batteries?", "language": "en", "group": 1}
    )
    assert only_question().body == ""


def test_a_title_that_is_too_short_comes_back_with_all_that_was_typed(client_for):
    response = client_for(make_person()).post("/questions", data=asked(title="Batteries?"))
    assert response.status_code == 422
    assert 'value="Batteries?"' in response.text
    assert "We keep **eleven** of them in dry sand." in response.text
    assert 'value="recycler" checked' in response.text
    assert 'href="#title">Your question: At least 15 characters: what, where, for what?' in response.text
    assert questions() == 0


def test_a_text_that_is_too_long_comes_back(client_for):
    response = client_for(make_person()).post("/questions", data=asked(body="x" * 8001))
    assert response.status_code == 422
    assert "At most 8000 characters, please." in response.text


def test_an_unknown_role_is_refused(client_for):
    assert client_for(make_person()).post("/questions", data=asked(roles=["king"])).status_code == 422


def test_a_guest_is_asked_to_sign_in(client):
    assert client.get("/questions/new").location.startswith("/sign-in")
    assert client.post("/questions", data=asked()).status_code == 401
    assert questions() == 0


def test_the_form_takes_a_title_from_the_address(client_for):
    page = client_for(make_person(country="GH", languages=["fr"])).get(
        "/questions/new?title=Who+repairs+%22solar%22+lamps"
    )
    assert page.status_code == 200
    assert 'value="Who repairs &#34;solar&#34; lamps"' in page.text
    assert '<option selected value="GH">' in page.text
    assert '<option selected value="fr">' in page.text


def test_the_form_shows_what_is_similar_without_and_with_scripts(client_for):
    page = client_for(make_person()).get("/questions/new").text
    assert 'hx-post="/matches/draft"' in page
    assert 'formaction="/matches/draft" name="kind" value="question"' in page
    assert '<input type="hidden" name="kind" value="question">' in page
    assert 'id="similar" aria-live="polite"' in page


def test_the_panel_beside_the_form_is_a_fragment(client_for):
    fragment = client_for(make_person()).fragment("/questions/new", "similar")
    assert "<form" not in fragment.text


def test_a_member_may_ask_in_a_private_group(client_for):
    person = make_person()
    group = make_private_group(person)
    browser = client_for(person)
    assert group.name in browser.get("/questions/new").text
    browser.post("/questions", data=asked(group=group.id))
    assert only_question().group_id == group.id


def test_a_stranger_may_not_ask_in_a_private_group(client_for):
    group = make_private_group(make_person())
    assert client_for(make_person()).post("/questions", data=asked(group=group.id)).status_code == 422
    assert questions() == 0


def test_only_what_the_form_offers_is_taken_from_it(client_for):
    other = make_person()
    client_for(make_person()).post("/questions", data=asked(author_id=other.id, answer_count=9, source="x"))
    question = only_question()
    assert (question.author_id == other.id, question.answer_count, question.source) == (False, 0, None)


def test_a_preview_publishes_nothing_and_keeps_the_text(client_for):
    page = client_for(make_person()).post("/questions", data=asked(preview="1"))
    assert page.status_code == 200
    assert "<strong>eleven</strong>" in page.text
    assert "We keep **eleven** of them in dry sand." in page.text
    assert questions() == 0


def test_a_language_without_spaces_needs_fewer_characters(client_for):
    browser = client_for(make_person())
    assert browser.post("/questions", data=asked(title="谁回收旧电池？", language="zh")).status_code == 303
    assert browser.post("/questions", data=asked(title="Batteries?")).status_code == 422


def test_an_imported_question_keeps_its_moment_and_source(app):
    old = make_question().published_at.replace(year=2019)
    question = make_question(published_at=old, source="elsewhere-7", source_url="https://example.org/7")
    assert (question.published_at, question.active_at) == (old, old)
    assert db.session.scalars(select(Revision.created_at).where(Revision.post_id == question.id)).one() == old

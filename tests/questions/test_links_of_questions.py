"""What a question is about: one idea, nugget or resource, shown to those who may see it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from app.course.commands import load_catalogue
from app.course.models import Nugget, Resource
from app.database import db, now, transaction
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.groups.models import Membership
from app.lineage.commands import accept_merge, propose_merge
from app.questions.models import Question
from tests.factories import make_idea, make_moderator, make_person, make_private_group, make_question
from tests.questions.test_asking import asked, only_question


@pytest.fixture
def catalogue(begin_with):
    begin_with(load_catalogue)


def private_idea():
    member = make_person()
    group = make_private_group(member)
    return make_idea(by=member, group=group, title="Our private battery boxes"), member


def test_a_question_about_an_idea_names_it_and_the_idea_lists_it(client_for):
    idea, browser = make_idea(title="Battery boxes for all schools"), client_for(make_person())
    form = browser.get(f"/questions/new?idea={idea.id}").text
    assert f'name="about" value="idea-{idea.id}"' in form
    assert "Battery boxes for all schools" in form
    assert 'href="/questions/new">Ask without this link' in form
    browser.post("/questions", data=asked(about=f"idea-{idea.id}"))
    question = only_question()
    assert question.idea_id == idea.id
    assert f'href="{post_address(idea)}"' in browser.get(post_address(question)).text
    page = browser.get(post_address(idea)).text
    assert question.title in page
    assert f'href="/questions/new?idea={idea.id}"' in page


@pytest.mark.parametrize("kind", ["nugget", "resource"])
def test_a_question_about_a_piece_of_the_course_is_listed_on_its_page(client_for, catalogue, kind):
    piece = db.session.query({"nugget": Nugget, "resource": Resource}[kind]).first()
    browser = client_for(make_person())
    path = f"/course/nuggets/{piece.key}" if kind == "nugget" else f"/resources/{piece.key}"
    assert f'href="/questions/new?{kind}={piece.id}"' in browser.get(path).text
    assert piece.title in browser.get(f"/questions/new?{kind}={piece.id}").get_data(as_text=True).replace("&#39;", "'")
    browser.post("/questions", data=asked(about=f"{kind}-{piece.id}"))
    assert getattr(only_question(), f"{kind}_id") == piece.id
    assert only_question().title in browser.get(path).text
    assert f'href="{path}"' in browser.get(post_address(only_question())).text


def test_the_link_is_kept_when_the_form_comes_back(client_for):
    idea, browser = make_idea(), client_for(make_person())
    for wrong in ({"title": "Short"}, {"preview": "1"}):
        page = browser.post("/questions", data=asked(about=f"idea-{idea.id}", **wrong)).text
        assert f'name="about" value="idea-{idea.id}"' in page


@pytest.mark.parametrize("about", ["idea-4711", "idea-x", "person-1", "idea-99999999999", "nonsense"])
def test_what_is_not_there_is_refused_in_plain_words_and_the_text_kept(client_for, about):
    response = client_for(make_person()).post("/questions", data=asked(about=about))
    assert response.status_code == 422
    assert "We keep **eleven** of them in dry sand." in response.text
    assert db.session.query(Question).count() == 0


def test_an_address_that_names_nothing_gives_the_plain_form(client_for):
    browser = client_for(make_person())
    for asks in ("idea=4711", "idea=x", "nugget=&idea=", "resource=99999999999"):
        page = browser.get(f"/questions/new?{asks}")
        assert page.status_code == 200
        assert 'name="about"' not in page.text


def test_an_idea_in_another_group_does_not_exist_for_a_stranger(client, client_for):
    idea, member = private_idea()
    stranger = client_for(make_person())
    assert idea.title not in stranger.get(f"/questions/new?idea={idea.id}").text
    assert stranger.post("/questions", data=asked(about=f"idea-{idea.id}")).status_code == 422
    question = make_question(by=member, about=f"idea-{idea.id}")
    for browser in (client, stranger):
        page = browser.get(post_address(question))
        assert page.status_code == 200
        assert idea.title not in page.text
        assert f"/ideas/{idea.id}" not in page.text
    assert idea.title in client_for(member).get(post_address(question)).text


def test_the_form_offers_the_group_of_the_idea_first(client_for):
    idea, member = private_idea()
    page = client_for(member).get(f"/questions/new?idea={idea.id}").text
    assert f'<option selected value="{idea.group_id}">' in page


def test_the_form_begins_with_the_topics_of_the_idea(client_for):
    idea = make_idea(topics=["batteries", "education"])
    page = client_for(make_person()).get(f"/questions/new?idea={idea.id}").text
    assert 'value="batteries" checked' in page
    assert 'value="education" checked' in page
    assert 'value="finance" checked' not in page


def test_questions_of_a_group_are_not_listed_on_an_open_idea(client, client_for):
    idea, member = make_idea(), make_person()
    make_question(
        by=member, group=make_private_group(member), title="What does our group ask?", about=f"idea-{idea.id}"
    )
    assert "What does our group ask?" not in client.get(post_address(idea)).text
    assert "What does our group ask?" not in client_for(make_person()).get(post_address(idea)).text
    assert "What does our group ask?" in client_for(member).get(post_address(idea)).text


def test_a_deleted_idea_is_named_no_more(client):
    idea = make_idea(title="Battery boxes for all schools")
    question = make_question(about=f"idea-{idea.id}")
    delete_post(idea, by=idea.author)
    assert "Battery boxes for all schools" not in client.get(post_address(question)).text


def test_a_question_follows_its_idea_into_those_that_took_it_in(client):
    ideas = [make_idea() for _ in range(3)]
    question = make_question(about=f"idea-{ideas[0].id}")
    for idea, into in pairwise(ideas):
        accept_merge(propose_merge(idea, into=into, by=idea.author, line=""), by=into.author)
    assert question.title in client.get(post_address(ideas[-1])).text
    assert f'href="{post_address(ideas[-1])}"' in client.get(post_address(question)).text


def revised(**changes):
    return {"title": "Who takes swollen batteries in Tema?", "language": "en", "seen": 1, **changes}


def test_a_revision_keeps_the_link_or_takes_it_off(client_for):
    idea = make_idea()
    question = make_question(about=f"idea-{idea.id}")
    browser, path = client_for(question.author), f"/questions/{question.id}/revisions"
    assert "Keep this link" in browser.get(f"/questions/{question.id}/edit").text
    browser.post(path, data=revised(keep_about="y"))
    assert db.session.get(Question, question.id).idea_id == idea.id
    browser.post(path, data=revised(seen=2))
    assert db.session.get(Question, question.id).idea_id is None


def test_whoever_cannot_see_the_link_does_not_take_it_off(client_for):
    asker = make_person()
    group = make_private_group(asker)
    idea = make_idea(by=asker, group=group)
    question = make_question(by=asker, about=f"idea-{idea.id}")
    with transaction():
        db.session.query(Membership).filter_by(user_id=asker.id, group_id=group.id).delete()
    browser = client_for(asker)
    assert "Keep this link" not in browser.get(f"/questions/{question.id}/edit").text
    browser.post(f"/questions/{question.id}/revisions", data=revised())
    assert db.session.get(Question, question.id).idea_id == idea.id


def test_five_questions_are_shown_the_newest_first(client):
    idea = make_idea()
    for number in range(6):
        make_question(title=f"Which box number {number} is it?", about=f"idea-{idea.id}")
    page = client.get(post_address(idea)).text
    assert "Which box number 0" not in page
    assert page.index("Which box number 5") < page.index("Which box number 1")


def test_a_hidden_question_is_not_listed_even_for_moderators(client_for):
    idea = make_idea()
    question = make_question(title="Which box is hidden here?", about=f"idea-{idea.id}")
    with transaction():
        question.hidden_at = now()
    assert "Which box is hidden here?" not in client_for(make_moderator()).get(post_address(idea)).text

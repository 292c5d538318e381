"""A question's page: what it shows, to whom, at which address."""

from __future__ import annotations

import json
import re

import pytest

from app.database import transaction
from app.forum.commands import delete_post, post_comment
from app.questions.commands import comment_on_answer, support_answer
from app.questions.models import Answer, Question
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question


def address(question: Question) -> str:
    return f"/questions/{question.id}/{question.slug}"


def hide(thing: Question | Answer) -> None:
    with transaction():
        thing.hidden_at = thing.author.created_at


def test_the_page_shows_the_question_its_answers_and_comments(client):
    asker = make_person(display_name="Efua Boateng")
    question = make_question(
        by=asker,
        title="Who takes swollen batteries?",
        body="In *sand*.",
        roles=["recycler"],
        topics=["batteries"],
        country="GH",
    )
    make_answer(question, body="Bring them to the **depot** on Friday.")
    post_comment(question, by=asker, body="Which depot do you mean?")
    page = client.get(address(question))
    assert page.status_code == 200
    for words in ("Efua Boateng", "<em>sand</em>", "Recycler &amp; dismantler", "Batteries", "Ghana"):
        assert words in page.text
    assert "<strong>depot</strong>" in page.text
    assert "1 answer" in page.text
    assert "Which depot do you mean?" in page.text


def test_other_addresses_lead_to_the_canonical_one(client):
    question = make_question()
    for path in (f"/questions/{question.id}", f"/questions/{question.id}/another-name"):
        response = client.get(path)
        assert response.status_code == 301
        assert response.location == address(question)
    assert f'<link rel="canonical" href="http://localhost{address(question)}">' in client.get(address(question)).text


def test_a_question_that_never_was_is_not_found(client):
    assert client.get("/questions/4711/what").status_code == 404
    assert client.get("/questions/99999999999/what").status_code == 404


def test_a_deleted_question_is_gone(client):
    question = make_question()
    delete_post(question, by=question.author)
    assert client.get(address(question)).status_code == 410
    assert client.get(f"/questions/{question.id}").status_code == 410


def test_a_hidden_question_is_for_moderators_alone(client, client_for):
    question = make_question()
    hide(question)
    assert client.get(address(question)).status_code == 404
    assert client_for(make_person()).get(address(question)).status_code == 404
    assert "only moderators see this question" in client_for(make_moderator()).get(address(question)).text


def test_a_hidden_answer_is_for_moderators_alone(client, client_for):
    answer = make_answer(body="Burn the cables in the yard at night.")
    path = address(answer.question)
    hide(answer)
    assert "Burn the cables" not in client.get(path).text
    assert "Burn the cables" not in client_for(answer.author).get(path).text
    assert "Burn the cables" in client_for(make_moderator()).get(path).text


def test_what_a_private_group_asks_is_seen_by_members_alone(client, client_for):
    member = make_person()
    question = make_question(by=member, group=make_private_group(member))
    path = address(question)
    for page in (
        path,
        f"/questions/{question.id}",
        f"/questions/{question.id}/revisions",
        f"/questions/{question.id}/revisions/1",
    ):
        assert client.get(page).status_code == 404
        assert client_for(make_person()).get(page).status_code == 404
    assert client_for(member).get(path).status_code == 200


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>']
)
def test_texts_cannot_bring_scripts(client, text):
    question = make_question(title=f"A title with {text}", body=text)
    make_answer(question, body=f"An answer with {text}")
    page = client.get(address(question)).text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_search_engines_read_the_question_and_its_answers(client):
    question = make_question(title="Who takes </script> batteries?")
    accepted, other = make_answer(question), make_answer(question)
    with transaction():
        question.accepted_answer_id = accepted.id
    response = client.get(address(question))
    nonce, content = re.search(
        r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', response.text
    ).groups()
    entity = json.loads(content)["mainEntity"]
    assert f"'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
    assert (entity["name"], entity["answerCount"]) == (question.title, 2)
    assert entity["acceptedAnswer"]["text"] == accepted.body
    assert [each["text"] for each in entity["suggestedAnswer"]] == [other.body]


def test_a_link_to_the_page_carries_its_title_and_first_words(client):
    page = client.get(address(make_question(title="Who takes swollen batteries?", body="In sand, since May."))).text
    assert '<meta property="og:title" content="Who takes swollen batteries?">' in page
    assert '<meta property="og:description" content="In sand, since May.">' in page


def test_a_text_in_another_language_says_so(client):
    page = client.get(address(make_question(title="¿Quién recibe baterías hinchadas?", language="es"))).text
    assert 'dir="auto" lang="es">¿Quién recibe baterías hinchadas?</h1>' in page
    assert "Español" in page


def test_a_guest_is_invited_to_sign_in_and_sees_no_tools(client):
    question = make_answer().question
    page = client.get(address(question)).text
    assert "Sign in to answer" in page
    for tool in ("/edit", "/deletion", "/acceptance", "/moderation/answers"):
        assert tool not in page


def test_the_page_stays_within_thirteen_queries_however_much_is_said(client_for, count_queries):
    question = make_question(roles=["recycler", "teacher"], topics=["batteries", "health"])
    for _ in range(5):
        answer = make_answer(question, sources=["A book"])
        support_answer(answer, by=make_person())
        comment_on_answer(answer, by=make_person(), body="A remark on it.")
        post_comment(question, by=make_person(), body="A remark on that.")
    browser, path = client_for(make_person()), address(question)
    browser.get(path)  # its matches are kept from now on
    count_queries.clear()
    browser.get(path)
    assert len([each for each in count_queries if each.startswith("SELECT")]) <= 13


def test_the_answers_are_a_fragment(client):
    question = make_answer().question
    fragment = client.fragment(address(question), "answers").text
    assert fragment.lstrip().startswith('<section class="stack" id="answers"')
    assert "<h1" not in fragment

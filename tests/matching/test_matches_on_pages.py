"""What stands beside a text: near texts with a reason, and nothing that the viewer may not see."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import User
from app.database import db, transaction
from app.forum.commands import delete_post
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.matching.commands import embed_waiting, move_generation
from app.matching.models import MatchableText
from app.matching.queries import matches_of
from app.moderation.commands import hide_post
from app.questions.commands import accept_answer
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
    revise,
)

FILLER = (
    ("Fridge exchange by district", "Old fridges leak refrigerant gas when scrap dealers cut the pipes."),
    ("Lamp racks in the town hall", "Fluorescent tubes break in mixed containers and release mercury."),
    ("Tender wording for laptops", "Our college buys laptops without asking for spare parts or repair."),
    ("Solar lantern clinic", "Solar lanterns fail after two years because nobody replaces the cell."),
    ("Customs checklist for used phones", "Inspectors open containers without a list of what counts as waste."),
    ("Women collectors and fair prices", "Women who collect cables are paid less than men for the same copper."),
)
PROBLEM = "Swollen phone batteries end in the classroom bin and catch fire."
NEAR = "Pupils throw swollen phone batteries into the bin, and the bin catches fire."


@pytest.fixture(autouse=True)
def some_other_ideas(run_jobs: Callable[[], int]) -> None:
    for title, problem in FILLER:
        make_idea(title=title, sections={"problem": problem})


def battery_idea(**facts: object) -> Idea:
    return make_idea(**{"title": "Safe boxes for swollen batteries", "sections": {"problem": PROBLEM}, **facts})


def near_idea(**facts: object) -> Idea:
    return make_idea(**{"title": "Battery fire drill at school", "sections": {"problem": NEAR}, **facts})


def beside(client: FlaskClient, idea: Idea) -> str:
    page = client.get(post_address(idea)).text
    return page[page.index('<aside class="matches"') : page.index("</aside>")]


def test_an_idea_shows_near_ideas_with_the_two_sentences_that_meet(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    idea, near = battery_idea(), near_idea()
    run_jobs()
    shown = beside(client, idea)
    assert near.title in shown
    assert PROBLEM in shown
    assert NEAR in shown
    assert "Tender wording" not in shown


def test_before_a_text_is_embedded_the_page_says_that_matching_catches_up(client: FlaskClient) -> None:
    assert "catching up" in beside(client, battery_idea())


@pytest.mark.parametrize("end", [delete_post, partial(hide_post, reason="Off the subject")])
def test_an_answer_is_no_reason_any_more_when_its_question_is_gone(
    client: FlaskClient, run_jobs: Callable[[], int], end: Callable[..., object]
) -> None:
    idea, said = (
        battery_idea(),
        "Swollen phone batteries go into sand, never into the classroom bin, or they catch fire.",
    )
    answer = make_answer(by=make_person(asks_a_week=3, display_name="Ama Mensah"), body=said)
    run_jobs()
    assert said in beside(client, idea)
    end(answer.question, by=make_moderator())
    assert said not in beside(client, idea)
    run_jobs()
    assert said not in beside(client, idea)


def test_a_text_that_an_earlier_version_embedded_waits_for_its_vectors(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    idea, near = battery_idea(), near_idea()
    run_jobs()
    with transaction():
        db.session.execute(update(MatchableText).values(form=1, digest="", content={"words": "of before"}))
        move_generation()
    assert "catching up" in beside(client, idea)
    embed_waiting()
    assert near.title in beside(client, idea)


def test_a_deletion_is_gone_from_the_lists_of_others_at_once(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    idea, near = battery_idea(), near_idea()
    run_jobs()
    assert near.title in beside(client, idea)
    delete_post(near, by=near.author)
    assert near.title not in beside(client, idea)


def test_a_hidden_idea_is_gone_from_the_lists_of_others_at_once(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    idea, near = battery_idea(), near_idea()
    run_jobs()
    assert near.title in beside(client, idea)
    hide_post(near, by=make_moderator(), reason="Copied from elsewhere.")
    assert near.title not in beside(client, idea)


def test_an_edit_is_seen_in_the_lists_of_others_once_its_job_has_run(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    idea, other = battery_idea(), make_idea(title="A plan for our street", sections={"problem": "We talk too little."})
    run_jobs()
    assert other.title not in beside(client, idea)
    revise(other, sections={"problem": NEAR})
    run_jobs()
    assert other.title in beside(client, idea)


def test_a_private_idea_is_matched_for_members_alone(
    client: FlaskClient, client_for: Callable[[User], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    member, stranger = make_person(), make_person()
    idea = battery_idea()
    private = near_idea(by=member, group=make_private_group(member), title="Our class keeps batteries")
    run_jobs()
    reader = make_person()
    from app.groups.commands import join_group

    join_group(private.group, person=reader)
    assert private.title not in beside(client, idea)
    assert private.title not in beside(client_for(stranger), idea)
    assert private.title in beside(client_for(reader), idea)
    assert private.title not in beside(client_for(stranger), idea)


def test_nobody_is_shown_their_own_ideas_as_matches(
    client: FlaskClient, client_for: Callable[[User], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    author = make_person()
    idea, own = battery_idea(by=author), near_idea(by=author)
    run_jobs()
    assert own.title in beside(client, idea)
    assert own.title not in beside(client_for(author), idea)


def test_people_are_listed_with_their_consent_only(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    offers = "I teach schools to store swollen phone batteries so that no bin catches fire."
    willing = make_person(display_name="Willing Wanda", asks_a_week=3, offers=offers, roles=["recycler"])
    silent = make_person(display_name="Silent Sam", asks_a_week=0, offers=offers)
    for person in (willing, silent):
        make_answer(make_question(title="Where do swollen phone batteries go?"), by=person, body=PROBLEM)
    announce(willing, silent)
    idea = battery_idea(needed_roles=["recycler"])
    run_jobs()
    shown = beside(client, idea)
    assert "Willing Wanda" in shown
    assert "Brings a role this needs" in shown
    assert "Silent Sam" not in shown


def test_taking_consent_back_works_at_once(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    person = make_person(display_name="Willing Wanda", asks_a_week=3, offers=NEAR)
    announce(person)
    idea = battery_idea()
    run_jobs()
    assert "Willing Wanda" in beside(client, idea)
    with transaction():
        person.asks_a_week = 0
        announce(person)
    assert "Willing Wanda" not in beside(client, idea)


def test_what_someone_wrote_in_private_does_not_make_them_known_to_others(
    client: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    person = make_person(display_name="Quiet Quentin", asks_a_week=3)
    near_idea(by=person, group=make_private_group(person))
    idea = battery_idea()
    run_jobs()
    assert "Quiet Quentin" not in beside(client, idea)


def test_what_one_viewer_may_see_is_not_kept_for_another(
    client: FlaskClient, client_for: Callable[[User], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    member, reader = make_person(), make_person()
    idea = battery_idea()
    near_idea(by=member, group=make_private_group(member, reader), title="Kept among us")
    run_jobs()
    assert "Kept among us" in beside(client_for(reader), idea)
    assert "Kept among us" not in beside(client, idea)


def test_the_same_page_gives_the_same_list(client: FlaskClient, run_jobs: Callable[[], int], app: Flask) -> None:
    idea = battery_idea()
    for number in range(4):
        near_idea(title=f"Battery fire drill {number}")
    run_jobs()
    first = beside(client, idea)
    for kept in [name for name in app.extensions if name.startswith("kept_")]:
        del app.extensions[kept]
    assert beside(client, idea) == first


def test_an_idea_page_with_its_matches_takes_at_most_thirteen_queries(
    client_for: Callable[[User], FlaskClient], count_queries: list[str], run_jobs: Callable[[], int]
) -> None:
    idea, reader = battery_idea(), client_for(make_person())
    near_idea()
    run_jobs()
    reader.get(post_address(idea))
    count_queries.clear()
    reader.get(post_address(idea))
    assert len([each for each in count_queries if not each.startswith(("BEGIN", "SET"))]) <= 13


def announce(*people: User) -> None:
    from app.accounts.events import profile_changed

    with transaction():
        for person in people:
            profile_changed.send(person)
    db.session.flush()


def test_a_text_that_waits_for_its_vectors_does_not_claim_to_be_alone_and_looks_again(client: FlaskClient) -> None:
    idea = make_idea(title="Zeppelin xylophone quartet", sections={"problem": "Zeppelins need xylophones."})
    shown = beside(client, idea)
    assert "catching up" in shown
    assert "Nothing is close enough" not in shown
    assert 'hx-trigger="load delay:3s"' in shown
    fragment = client.fragment(post_address(idea), "matches").text
    assert "catching up" in fragment
    assert "<html" not in fragment


def test_nobody_is_quoted_with_the_words_of_whoever_asked(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    person = make_person(display_name="Willing Wanda", asks_a_week=3)
    question = make_question(title="Why do swollen phone batteries in the classroom bin catch fire?")
    make_answer(question, by=person, body="Dry sand in a steel box stops swollen phone batteries from catching fire.")
    announce(person)
    idea = battery_idea()
    run_jobs()
    shown = beside(client, idea)
    people = shown[shown.index("related-people") :]
    people = people[: people.index("</section>")]
    assert "Willing Wanda" in people
    assert question.title not in people


def test_a_list_never_has_a_weaker_match_above_a_stronger_one(client: FlaskClient, run_jobs: Callable[[], int]) -> None:
    idea = battery_idea(topics=["batteries"], country="GH")
    near_idea(topics=["batteries"], country="GH", title="Battery fire drill in town")
    near_idea(title="Batteries and other bins of our town", sections={"problem": "Phone batteries end in bins here."})
    make_idea(title="Old phones in the bin of our school", sections={"problem": "Our phones end in a bin."})
    run_jobs()
    strengths = re.findall(r'data-level="(\d)"', beside(client, idea).split("related-people")[0])
    assert strengths
    assert strengths == sorted(strengths, reverse=True)


def test_that_an_answer_helped_is_known_as_soon_as_it_is_accepted(run_jobs: Callable[[], int]) -> None:
    answers = [make_answer(body=NEAR, by=make_person(asks_a_week=3)) for _ in range(2)]
    idea = make_idea(title="Boxes for swollen batteries", sections={"problem": PROBLEM})
    run_jobs()
    accept_answer(answers[1], by=answers[1].question.author)
    run_jobs()
    people = matches_of(make_person(), ("idea", idea.id)).people
    assert [found.row.key[1] for found in people] == [answers[1].author_id, answers[0].author_id]
    assert people[0].parts["received"] > people[1].parts["received"] == 0

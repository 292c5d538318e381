"""What someone says of a match changes their own lists at once, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import User
from app.database import db, transaction
from app.feedback.models import Impression, Judgement
from app.forum.queries import post_address
from app.ideas.models import Idea
from app.matching.commands import embed_waiting
from app.matching.models import LearnedWeights
from app.matching.weights import weights_now
from ml.weights import shipped_weights
from tests.factories import make_idea, make_moderator, make_person, make_private_group

FILLER = ("Old fridges leak gas.", "Tubes break in containers.", "Laptops without spare parts.", "Lanterns fail early.")
PROBLEM = "Swollen phone batteries end in the classroom bin and catch fire."
NEAR = "Pupils throw swollen phone batteries into the bin, and the bin catches fire."

ClientFor = Callable[[User], FlaskClient]


@pytest.fixture
def two_ideas(run_jobs: Callable[[], int]) -> tuple[Idea, Idea]:
    for problem in FILLER:
        make_idea(title=problem, sections={"problem": problem})
    idea = make_idea(title="Safe boxes for swollen batteries", sections={"problem": PROBLEM})
    near = make_idea(title="Battery fire drill at school", sections={"problem": NEAR})
    embed_waiting()
    return idea, near


def lists(client: FlaskClient, idea: Idea) -> str:
    page = client.get(post_address(idea)).text
    return page[page.index('<aside class="matches"') : page.index("</aside>")]


def say(client: FlaskClient, verdict: str, idea: Idea, match: Idea, language: str = "en", **kwargs: object):
    sent = {"judgement": f"{verdict} idea-{idea.id} idea-{match.id} 1 {language}", "page": post_address(idea)}
    return client.post("/matches/judgements", data=sent, **kwargs)


@pytest.mark.parametrize("verdict", ["wrong-topic", "wrong-language", "known", "unsafe"])
def test_a_match_that_is_no_good_leaves_this_persons_list_at_once(
    verdict: str, two_ideas: tuple[Idea, Idea], client: FlaskClient, client_for: ClientFor
) -> None:
    idea, near = two_ideas
    reader = client_for(make_person())
    other = client_for(make_person())
    assert near.title in lists(reader, idea)
    answer = say(reader, verdict, idea, near)
    assert answer.status_code == 303
    assert answer.location.endswith(post_address(idea))
    assert near.title not in lists(reader, idea)
    assert near.title in lists(other, idea)
    assert near.title in lists(client, idea)


def test_a_useful_match_stays_and_is_marked_for_this_person_alone(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    reader = client_for(make_person())
    say(reader, "useful", idea, near)
    assert near.title in lists(reader, idea)
    assert "You found this useful" in lists(reader, idea)
    assert "You found this useful" not in lists(client_for(make_person()), idea)


def test_a_verdict_can_be_taken_back_beside_the_match_and_in_the_settings(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    reader = client_for(make_person())
    say(reader, "wrong-topic", idea, near)
    told = reader.get("/me/matches").text
    assert near.title in told
    assert "Wrong topic" in told
    (place,) = re.findall(r'name="place" value="([^"]+)"', told)
    assert reader.post("/matches/judgements/deletion", data={"place": place, "page": "/me/matches"}).status_code == 303
    assert near.title in lists(reader, idea)
    assert "Nothing yet" in reader.get("/me/matches").text


def test_the_last_word_counts(two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    idea, near = two_ideas
    reader = client_for(make_person())
    say(reader, "wrong-topic", idea, near)
    say(reader, "useful", idea, near)
    assert db.session.scalars(select(Judgement.verdict)).all() == ["useful"]
    assert near.title in lists(reader, idea)


def test_a_language_that_is_not_wanted_leaves_every_list_of_this_person(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    third = make_idea(title="Batteries burn in bins", sections={"problem": NEAR + " Every week."})
    embed_waiting()
    reader = client_for(make_person())
    assert near.title in lists(reader, third)
    say(reader, "wrong-language", idea, near)
    assert near.title not in lists(reader, third)
    assert "no matches in English" in reader.get("/me/matches").text


def test_moderators_see_what_was_marked_as_unsafe(two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    idea, near = two_ideas
    moderator = client_for(make_moderator())
    assert near.title not in moderator.get("/moderation").text
    for _ in range(2):
        say(client_for(make_person()), "unsafe", idea, near)
    desk = moderator.get("/moderation").text
    assert near.title in desk
    assert "2 members" in desk


def test_with_htmx_the_match_gives_way_to_a_line_with_an_undo(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    answer = say(client_for(make_person()), "wrong-topic", idea, near, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.strip().startswith('<li class="match">')
    assert 'role="status"' in answer.text
    assert f'name="place" value="idea-{idea.id} idea-{near.id} 1 en"' in answer.text


def test_guests_see_no_buttons_and_are_asked_to_sign_in(two_ideas: tuple[Idea, Idea], client: FlaskClient) -> None:
    idea, near = two_ideas
    assert "Is this a good match?" not in lists(client, idea)
    answer = say(client, "useful", idea, near)
    assert answer.status_code == 401
    assert db.session.scalars(select(Judgement)).all() == []


def test_what_a_person_may_not_see_cannot_be_judged(two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    idea, _ = two_ideas
    member = make_person()
    secret = make_idea(by=member, group=make_private_group(member), title="Secret plan")
    stranger = client_for(make_person())
    assert say(stranger, "useful", idea, secret).status_code == 404
    assert say(stranger, "useful", secret, idea).status_code == 404
    assert db.session.scalars(select(Judgement)).all() == []


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "useful",
        "useful idea-1 idea-2",
        "useful idea-1 idea-2 1 xx",
        "useful user-1 idea-2 1 en",
        "great idea-1 idea-2 1 en",
        "useful idea-99999999999 idea-2 1 en",
    ],
)
def test_what_no_button_sends_is_refused(sent: str, two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    answer = client_for(make_person()).post("/matches/judgements", data={"judgement": sent})
    assert answer.status_code == 400
    assert db.session.scalars(select(Judgement)).all() == []


def test_who_was_shown_which_rank_is_written_down_once_a_day_and_without_a_text(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    reader = make_person()
    browser = client_for(reader)
    for _ in range(2):
        browser.get(post_address(idea)).close()
    shown = db.session.scalars(select(Impression).where(Impression.match_kind == "idea")).all()
    assert [(each.person_id, each.subject_id, each.match_id, each.rank) for each in shown] == [
        (reader.id, idea.id, near.id, 1)
    ]
    assert shown[0].weights.startswith("shipped")
    texts = [value for each in shown for value in vars(each).values() if isinstance(value, str)]
    assert not any(word in text for text in texts for word in ("batter", "Swollen"))


def test_guests_leave_no_trace(two_ideas: tuple[Idea, Idea], client: FlaskClient) -> None:
    client.get(post_address(two_ideas[0])).close()
    assert db.session.scalars(select(Impression)).all() == []


def test_that_a_match_was_opened_is_told_aside(two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    idea, near = two_ideas
    browser = client_for(make_person())
    browser.get(post_address(idea)).close()
    assert browser.post("/matches/opens", data={"match": f"idea-{idea.id} idea-{near.id} 1 en"}).status_code == 204
    opened = db.session.scalars(select(Impression.opened_at).where(Impression.match_id == near.id)).all()
    assert None not in opened
    assert browser.post("/matches/opens", data={"match": "nonsense"}).status_code == 400


def test_the_desk_leaves_out_what_a_person_knew(client_for: ClientFor) -> None:
    reader = make_person(roles=["teacher"])
    needed = make_idea(title="Teachers wanted for a battery lesson", needed_roles=["teacher"])
    embed_waiting()
    browser = client_for(reader)
    assert needed.title in browser.get(f"/u/{reader.name}").text
    sent = {"judgement": f"known person-{reader.id} idea-{needed.id} 1 en", "page": "/"}
    assert browser.post("/matches/judgements", data=sent).status_code == 303
    assert needed.title not in browser.get(f"/u/{reader.name}").text


def test_what_a_person_said_goes_with_the_person(two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    idea, near = two_ideas
    reader = make_person()
    say(client_for(reader), "useful", idea, near)
    with transaction():
        db.session.execute(delete(User).where(User.id == reader.id))
    assert db.session.scalars(select(Judgement)).all() == []


def test_a_language_that_is_not_wanted_is_said_of_texts_and_not_of_people(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    helper = make_person(display_name="Ama Owusu", asks_a_week=3, offers=PROBLEM)
    embed_waiting()
    reader = client_for(make_person())
    assert helper.display_name in lists(reader, idea)
    say(reader, "wrong-language", idea, near)
    assert helper.display_name in lists(reader, idea)
    sent = {"judgement": f"wrong-language idea-{idea.id} person-{helper.id} 1 en", "page": "/"}
    reader.post("/matches/judgements", data=sent)
    assert helper.display_name not in lists(reader, idea)


def test_a_person_who_is_not_understood_takes_no_texts_along(
    two_ideas: tuple[Idea, Idea], client_for: ClientFor
) -> None:
    idea, near = two_ideas
    helper = make_person(display_name="Ama Owusu", asks_a_week=3, offers=PROBLEM)
    embed_waiting()
    reader = client_for(make_person())
    sent = {"judgement": f"wrong-language idea-{idea.id} person-{helper.id} 1 en", "page": "/"}
    reader.post("/matches/judgements", data=sent)
    assert near.title in lists(reader, idea)


@pytest.mark.parametrize("sent", ["", "idea-1", "idea-1 idea-2 1 xx"])
def test_what_no_undo_sends_is_refused(sent: str, client_for: ClientFor) -> None:
    answer = client_for(make_person()).post("/matches/judgements/deletion", data={"place": sent})
    assert answer.status_code == 400


def test_a_judgement_is_of_the_weights_that_made_the_list(two_ideas: tuple[Idea, Idea], client_for: ClientFor) -> None:
    idea, near = two_ideas
    reader = make_person()
    browser = client_for(reader)
    browser.get(post_address(idea)).close()
    shown_by = shipped_weights().name
    db.session.add(LearnedWeights(name="newer", parts=dict(shipped_weights().parts), scores={}, measured={}))
    db.session.commit()
    say(browser, "useful", idea, near)
    assert db.session.scalars(select(Judgement.weights)).one() == shown_by != weights_now().name

"""Write an idea: the form, what is refused, what is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.events import post_published
from app.forum.models import Follow, Revision
from app.groups.models import Group
from app.groups.queries import challenge_group
from app.ideas.commands import publish_idea
from app.ideas.models import Idea
from app.refusals import NotAllowed
from tests.factories import make_idea, make_person, make_private_group

ClientFor = Callable[[User], FlaskClient]


def an_idea(**facts: Any) -> dict[str, Any]:
    return {
        "title": "Battery boxes in every school of Accra",
        "problem": "Pupils throw **phone batteries** into the bin.",
        "language": "en",
        **facts,
    }


def only_idea() -> Idea:
    return db.session.scalars(select(Idea)).one()


def test_a_guest_who_wants_to_write_is_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.get("/ideas/new").location.startswith("/sign-in")
    assert client.post("/ideas", data=an_idea()).status_code == 401
    assert db.session.scalar(select(Idea)) is None


def test_a_title_and_a_problem_are_enough(client_for: ClientFor) -> None:
    author = make_person()
    response = client_for(author).post("/ideas", data=an_idea())
    idea = only_idea()
    assert (response.status_code, response.location) == (
        303,
        f"/ideas/{idea.id}/battery-boxes-in-every-school-of-accra",
    )
    assert (idea.author_id, idea.group_id, idea.stage) == (author.id, challenge_group().id, "published")
    assert idea.gist == "Pupils throw phone batteries into the bin."


def test_all_that_was_written_and_chosen_is_kept(client_for: ClientFor) -> None:
    sections = {"place": "Osu", "approach": "Boxes", "evidence": "38 kg", "impact": "No fires", "costs": "310 cedis"}
    rest = {"needs": "A recycler", "next_step": "Ask two importers", "country": "GH"}
    tags = {"roles": ["teacher", "student"], "needed_roles": ["recycler"], "topics": ["batteries", "education"]}
    client_for(make_person()).post("/ideas", data=an_idea(**sections, **rest, **tags))
    idea = only_idea()
    assert {**sections, "needs": "A recycler", "next_step": "Ask two importers"}.items() <= idea.sections.items()
    assert idea.country == "GH"
    assert {role.id for role in idea.roles} == {"teacher", "student"}
    assert [role.id for role in idea.needed_roles] == ["recycler"]
    assert {topic.id for topic in idea.topics} == {"batteries", "education"}


def test_the_author_follows_the_idea_and_its_first_revision_is_kept(app: Flask) -> None:
    author = make_person()
    idea = make_idea(by=author)
    assert db.session.get(Follow, (idea.id, author.id)) is not None
    revision = db.session.scalars(select(Revision).where(Revision.post_id == idea.id)).one()
    assert (revision.number, revision.title, revision.sections) == (1, idea.title, {"problem": idea.problem})
    assert revision.created_at == idea.published_at


def test_publishing_is_announced(app: Flask) -> None:
    announced = []
    with post_published.connected_to(announced.append):
        idea = make_idea()
    assert announced == [idea]


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"title": "Too short"}, "At least 15 characters"),
        ({"title": " "}, "This is needed"),
        ({"problem": "  \n "}, "This is needed"),
        ({"problem": ""}, "This is needed"),
        ({"problem": "x" * 4001}, "4000 characters, please"),
        ({"next_step": "x" * 1501}, "At most 1500 characters"),
        ({"title": "x" * 256}, "At most 255 characters"),
        ({"roles": ["emperor"]}, "not a valid choice"),
        ({"topics": ["batteries", "education", "health", "gender", "finance", "climate", "children"]}, "at most 6"),
        ({"country": "XX"}, "Not a valid choice"),
        ({"language": "tlh"}, "Not a valid choice"),
        ({"group": "999999"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    client_for: ClientFor, facts: dict[str, Any], message: str
) -> None:
    response = client_for(make_person()).post("/ideas", data=an_idea(place="Beside the harbour of Tema", **facts))
    page = response.text
    assert response.status_code == 422
    assert message in page
    assert "There is a problem" in page
    assert "Beside the harbour of Tema" in page
    assert db.session.scalar(select(Idea)) is None


def test_a_title_in_chinese_or_japanese_may_be_shorter(client_for: ClientFor) -> None:
    client = client_for(make_person())
    assert client.post("/ideas", data=an_idea(title="学校电池回收箱", language="zh")).status_code == 303
    assert client.post("/ideas", data=an_idea(title="学校电池回收箱", language="en")).status_code == 422


def test_a_preview_shows_the_text_and_saves_nothing(client_for: ClientFor) -> None:
    response = client_for(make_person()).post("/ideas", data=an_idea(preview="1"))
    assert response.status_code == 200
    assert "<strong>phone batteries</strong>" in response.text
    assert "Pupils throw **phone batteries** into the bin.</textarea>" in response.text
    assert db.session.scalar(select(Idea)) is None


def test_the_preview_is_a_fragment_too(client_for: ClientFor) -> None:
    client = client_for(make_person())
    fragment = client.fragment("/ideas", "preview", method="POST", data=an_idea(preview="1")).text  # type: ignore[attr-defined]
    assert "<strong>phone batteries</strong>" in fragment
    assert "<html" not in fragment
    assert "<form" not in fragment


def test_the_form_knows_whom_it_helps(client_for: ClientFor) -> None:
    page = client_for(make_person(country="GH", languages=["fr"])).get("/ideas/new?title=Lamps").text
    assert 'value="Lamps"' in page
    assert '<option selected value="GH">' in page
    assert '<option selected value="fr">' in page
    assert 'id="similar"' in page
    assert 'formaction="/matches/draft"' in page


def test_the_group_is_asked_for_only_when_there_is_a_choice(client_for: ClientFor) -> None:
    member = make_person()
    assert '<select class="" id="group"' not in client_for(member).get("/ideas/new").text
    assert 'type="hidden" name="group"' in client_for(member).get("/ideas/new").text
    group = make_private_group(member)
    assert group.name in client_for(member).get("/ideas/new").text


def test_an_idea_can_be_written_in_a_private_group(client_for: ClientFor) -> None:
    member = make_person()
    group = make_private_group(member)
    client_for(member).post("/ideas", data=an_idea(group=str(group.id)))
    assert only_idea().group_id == group.id


def test_nobody_can_write_in_a_group_of_others(client_for: ClientFor) -> None:
    group = make_private_group(make_person())
    assert client_for(make_person()).post("/ideas", data=an_idea(group=str(group.id))).status_code == 422
    with pytest.raises(NotAllowed):
        publish_idea(by=make_person(), group=group, title="Lamps at the pharmacy", sections={"problem": "Mercury."})
    assert db.session.scalar(select(Idea)) is None


def test_what_an_idea_cannot_be_given_is_ignored(client_for: ClientFor) -> None:
    person, other = make_person(), make_person()
    forged = {"author_id": other.id, "featured_reason": "it is mine", "support_count": 99, "stage": "ready"}
    client_for(person).post("/ideas", data=an_idea(**forged))
    idea = only_idea()
    assert (idea.author_id, idea.featured_reason, idea.support_count, idea.stage) == (person.id, None, 0, "published")


def test_control_characters_do_not_reach_the_database(client_for: ClientFor) -> None:
    client_for(make_person()).post("/ideas", data=an_idea(problem="Lead\x07 in\r\nthe dust\x1b"))
    assert only_idea().problem == "Lead in\nthe dust"


def test_a_group_must_exist(app: Flask) -> None:
    with pytest.raises(NotAllowed):
        make_idea(group=Group(id=4711, slug="none", name="None"))

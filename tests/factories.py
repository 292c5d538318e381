"""People and texts to test with, made by the product's own commands, so that what hangs on them is there too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from app.accounts.events import person_registered
from app.accounts.models import User
from app.database import db, now, transaction
from app.feedback.models import Impression, Judgement
from app.forum.models import Post
from app.groups.commands import join_challenge_group, join_group, open_group
from app.groups.models import Group
from app.groups.queries import challenge_group
from app.ideas.commands import publish_idea, revise_idea
from app.ideas.models import Idea
from app.questions.commands import answer_question, ask_question
from app.questions.models import Answer, Question
from app.taxonomy.queries import roles_named, topics_named

_numbers = count(1)


def make_person(*, roles: list[str] | None = None, topics: list[str] | None = None, **facts: Any) -> User:
    """A member of the Challenge Group."""
    number = next(_numbers)
    with transaction():
        person = User(**{"name": f"person-{number}", "display_name": f"Person {number}", "languages": ["en"], **facts})
        person.roles, person.topics = roles_named(roles or []), topics_named(topics or [])
        db.session.add(person)
        db.session.flush()
        join_challenge_group(person)
        person_registered.send(person)
    return person


def make_moderator(**facts: Any) -> User:
    return make_person(is_moderator=True, **facts)


def make_private_group(*members: User) -> Group:
    number = next(_numbers)
    group = open_group(slug=f"private-{number}", name=f"Private group {number}", is_private=True)
    for member in members:
        join_group(group, person=member)
    return group


def make_question(*, by: User | None = None, group: Group | None = None, **facts: Any) -> Question:
    number = next(_numbers)
    asked = {"title": f"Who collects old phones in town {number}?", "body": f"I asked at shop {number}.", **facts}
    return ask_question(by=by or make_person(), group=group or challenge_group(), **asked)


def make_answer(question: Question | None = None, *, by: User | None = None, body: str = "", **facts: Any) -> Answer:
    text = body or f"The depot at gate {next(_numbers)} takes them on Fridays."
    return answer_question(question or make_question(), by=by or make_person(), body=text, **facts)


def make_idea(*, by: User | None = None, group: Group | None = None, **facts: Any) -> Idea:
    number = next(_numbers)
    sections = {"problem": f"Pupils of school {number} throw phone batteries into the classroom bin."}
    written = {"title": f"Battery boxes for school number {number}", "sections": sections, **facts}
    return publish_idea(by=by or make_person(), group=group or challenge_group(), **written)


def judge(
    subject: Post, matches: Sequence[Post], *, verdicts: Sequence[str], people: int = 5, by: Sequence[User] = ()
) -> None:
    """So many members, or these, are shown these matches beside the subject, in this order, and each says this."""
    for person in by or [make_person() for _ in range(people)]:
        with transaction(is_shown=False):
            for rank, (match, verdict) in enumerate(zip(matches, verdicts, strict=True), start=1):
                place = {"person_id": person.id, "subject_kind": subject.kind, "subject_id": subject.id}
                place |= {"match_kind": match.kind, "match_id": match.id, "rank": rank, "weights": "shipped-2026-11"}
                db.session.add(Judgement(**place, verdict=verdict, language=match.language))
                db.session.add(Impression(**place, shown_on=now().date(), strength="close"))


def revise(idea: Idea, **facts: Any) -> None:
    """The author saves the idea again, with these facts changed; its tags go."""
    kept = {"title": idea.title, "sections": idea.sections, "language": idea.language}
    bare = {"roles": [], "needed_roles": [], "topics": [], "country": None, "reason": ""}
    revise_idea(idea, by=idea.author, seen=idea.revision, **{**bare, **kept, **facts})

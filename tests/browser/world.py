"""What the pages show in browser tests beside the demo community: two people, a moderator, posts in every state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now
from app.forum.commands import delete_post, follow, post_comment, support
from app.forum.models import Post
from app.forum.queries import post_address
from app.ideas.commands import revise_idea
from app.ideas.models import Idea, Way
from app.joining.commands import accept_joining, ask_to_join
from app.joining.models import Joining
from app.moderation.commands import hide_comment, hide_post
from app.quality.commands import measure_matches
from app.questions.commands import accept_answer, revise_question
from app.questions.models import Question
from tests.factories import judge, make_answer, make_idea, make_moderator, make_person, make_question

PROBLEM = "Pupils of our school in Accra throw phone batteries into the bin, and the caretaker burns it on Fridays."
APPROACH = "A locked box beside the gate, a pupil who keeps the key, and a collector who comes when it is full."


@dataclass(frozen=True)
class World:
    """Ids of people, and paths of pages."""

    author: int
    other: int
    moderator: int
    new: int
    """A person who has said nothing of themselves."""
    paths: dict[str, str]


def build_world() -> World:
    author = make_person(
        display_name="Akosua Mensah-Boateng",
        name="akosua",
        roles=["teacher", "citizen"],
        topics=["batteries", "education"],
        country="GH",
        languages=["en", "fr"],
        about="I teach science.",
        offers="I can help with boxes for *batteries*.",
        may_be_asked=True,
        links=["https://example.org/school"],
    )
    other = make_person(display_name="Luis Ortega", name="luis", roles=["recycler"], topics=["batteries"], country="PE")
    moderator = make_moderator(display_name="Mei Tanaka", name="mei")
    idea, question = _idea(author, other), _question(author, other)
    for post in (idea, question, _demo(Idea, "kumasi-school-battery-boxes")):
        follow(post, by=author)
    spam = post_comment(idea, by=other, body="Buy my phones.")
    hide_comment(spam, by=moderator, reason="it sells something")
    hidden = make_idea(by=other, title="Open every battery by hand and sort the cells")
    hide_post(hidden, by=moderator, reason="it advises to open batteries, which burns hands and eyes")
    deleted = make_idea(by=author)
    delete_post(deleted, by=author)
    later = _later_idea(idea, other)
    joined = db.session.scalars(select(Joining).where(Joining.idea_id == idea.id, Joining.state == "joined")).one()
    new = make_person(display_name="Newcomer", name="newcomer")
    left = make_idea(by=author)
    ask_to_join(left, by=new, line="I can hold the ladder.")
    delete_post(left, by=author)
    _judged_matches(idea)
    return World(
        author=author.id,
        other=other.id,
        moderator=moderator.id,
        new=new.id,
        paths={
            "idea": post_address(idea),
            "idea_parts": f"/ideas/{idea.id}",
            "removal": f"/ideas/{idea.id}/joinings/{joined.id}/removal",
            "left": post_address(left),
            "later_idea": post_address(later),
            "build_on_idea": f"/ideas/new?builds-on={idea.id}",
            "question": post_address(question),
            "question_parts": f"/questions/{question.id}",
            "deleted": post_address(deleted),
            "hidden": post_address(hidden),
            "hidden_comment": f"/moderation/comments/{spam.id}",
            "demo_idea": post_address(_demo(Idea, "kumasi-school-battery-boxes")),
            "demo_question": post_address(_demo(Question, "swollen-battery-in-class")),
        },
    )


def _idea(author: User, other: User) -> Idea:
    tags = {
        "roles": ["teacher", "student"],
        "needed_roles": ["recycler", "official"],
        "topics": ["batteries", "education"],
    }
    title = "A battery box at the gate of every school in Accra"
    idea = make_idea(by=author, title=title, sections={"problem": PROBLEM}, country="GH", **tags)
    sections = {
        "problem": f"{PROBLEM}\n\n- glass\n- *foil*\n\n> Who pays?\n\n| kg | week |\n|---|---|\n| 3 | 1 |",
        "approach": APPROACH,
    }
    facts = {"stage": "refining", "country": "GH", "language": "en", "reason": "Say how it works", **tags}
    facts["ways"] = [Way(_demo(Idea, "kumasi-school-battery-boxes").id, "builds-on")]
    revise_idea(idea, by=author, title=title, sections=sections, seen=1, **facts)
    first = post_comment(idea, by=other, body="Who holds the **key** in the holidays?")
    post_comment(idea, by=author, body="The caretaker. `Two` keys.", parent=first)
    support(idea, by=other)
    accept_joining(ask_to_join(idea, by=make_person(display_name="Esi Darko"), line="I have a key."), by=author)
    ask_to_join(idea, by=other, line="I can fetch the full boxes every second Friday.")
    return idea


def _later_idea(idea: Idea, other: User) -> Idea:
    """One that differs from the author's."""
    way = Way(idea.id, "differs", "A collector comes to the class; nothing is stored at the gate.")
    return make_idea(by=other, title="A collector who comes to the class", ways=[way])


def _question(author: User, other: User) -> Question:
    tags = {"roles": ["recycler"], "topics": ["batteries"]}
    title = "Who takes phone batteries from a school in Accra, and on which day?"
    question = make_question(by=author, title=title, body=PROBLEM, country="GH", **tags)
    body = f"{PROBLEM}\n\nWe have eleven kilograms."
    facts = {"title": title, "country": "GH", "language": "en", "reason": "Say how much", **tags}
    revise_question(question, by=author, body=body, seen=1, **facts)
    accept_answer(make_answer(question, by=other), by=author)
    make_answer(question, by=make_person())
    post_comment(question, by=other, body="Are they swollen?")
    return question


def _judged_matches(idea: Idea) -> None:
    """Enough of them that match quality is drawn, on two days."""
    demo = select(Idea).where(Idea.source.startswith("demo:")).order_by(Idea.id).limit(4)
    judge(idea, db.session.scalars(demo).all(), verdicts=["useful", "useful", "known", "wrong-topic"])
    with time_machine.travel(now() - timedelta(days=1), tick=False):
        measure_matches()
    measure_matches()


def _demo(kind: type[Post], key: str) -> Post:
    return db.session.scalars(select(kind).where(Post.source == f"demo:{key}")).one()

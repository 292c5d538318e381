"""What the pages show in browser tests beside the demo community: two people, a moderator, posts in every state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, now
from app.drafts.commands import save_draft, share_draft
from app.drafts.forms import TypedDraft
from app.drafts.models import Draft, Place
from app.forum.commands import delete_post, follow, post_comment, support
from app.forum.models import Post
from app.forum.queries import post_address
from app.ideas.commands import revise_idea
from app.ideas.models import Idea, Way
from app.moderation.commands import hide_comment, hide_post
from app.quality.commands import measure_matches
from app.questions.commands import (
    accept_answer,
    close_question,
    comment_on_answer,
    revise_answer,
    revise_question,
    support_answer,
)
from app.questions.models import Answer, Question
from app.queue.commands import claim_question, put_to
from app.teams.commands import Invitation, accept_joining, ask_to_join, invite
from app.teams.models import Joining
from tests.factories import judge, make_answer, make_idea, make_moderator, make_person, make_question

PROBLEM = "Pupils of our school in Accra throw phone batteries into the bin, and the caretaker burns it on Fridays."
LONG_WORD = f"https://example.org/{'batteriesammelbehälter' * 4}"
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
        asks_a_week=3,
        links=["https://example.org/school"],
    )
    other = make_person(display_name="Luis Ortega", name="luis", roles=["recycler"], topics=["batteries"], country="PE")
    moderator = make_moderator(display_name="Mei Tanaka", name="mei")
    idea, question = _idea(author, other), _question(author, other)
    closed, waiting = _closed_question(author, idea, question), _open_question(author, other)
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
    invited = make_idea(by=other, title=f"A second box beside {LONG_WORD}")
    invite(invited, [Invitation(author.name, "teacher", "Your pupils know how full a box gets.")], by=other)
    invite(idea, [Invitation(make_person(name="kofi", display_name="Kofi Asare", asks_a_week=3).name)], by=author)
    make_person(name="ama", display_name="Ama Serwaa", roles=["recycler"], topics=["batteries"], asks_a_week=3)
    _judged_matches(idea)
    draft = _draft(moderator, idea, other)
    return World(
        author=author.id,
        other=other.id,
        moderator=moderator.id,
        new=new.id,
        paths={
            "idea": post_address(idea),
            "idea_parts": f"/ideas/{idea.id}",
            "idea_number": str(idea.id),
            "removal": f"/ideas/{idea.id}/joinings/{joined.id}/removal",
            "left": post_address(left),
            "invited": post_address(invited),
            "invitation": f"/ideas/{invited.id}/invitation",
            "later_idea": post_address(later),
            "build_on_idea": f"/ideas/new?builds-on={idea.id}",
            "draft": f"/drafts/{draft.token}",
            "question": post_address(question),
            "question_parts": f"/questions/{question.id}",
            "closed_question": post_address(closed),
            "ask_about": f"/questions/new?idea={idea.id}",
            "question_to_comment": f"/questions/{closed.id}/comment",
            "answer": f"/answers/{_answer(question, other).id}",
            "deleted": post_address(deleted),
            "hidden": post_address(hidden),
            "hidden_comment": f"/moderation/comments/{spam.id}",
            "demo_idea": post_address(_demo(Idea, "kumasi-school-battery-boxes")),
            "open_question": post_address(waiting),
            "open_question_parts": f"/questions/{waiting.id}",
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
    facts = {"country": "GH", "language": "en", "reason": "Say how it works", **tags}
    facts["ways"] = [Way(_demo(Idea, "kumasi-school-battery-boxes").id, "builds-on")]
    revise_idea(idea, by=author, title=title, sections=sections, seen=1, **facts)
    first = post_comment(idea, by=other, body="Who holds the **key** in the holidays?")
    post_comment(idea, by=author, body="The caretaker. `Two` keys.", parent=first)
    support(idea, by=other, reason="My street has *three* such bins.")
    accept_joining(ask_to_join(idea, by=make_person(display_name="Esi Darko"), line="I have a key."), by=author)
    ask_to_join(idea, by=other, line="I can fetch the full boxes every second Friday.")
    return idea


def _later_idea(idea: Idea, other: User) -> Idea:
    """One that differs from the author's."""
    way = Way(idea.id, "differs", "A collector comes to the class; nothing is stored at the gate.")
    return make_idea(by=other, title="A collector who comes to the class", ways=[way])


def _closed_question(author: User, idea: Idea, other: Question) -> Question:
    """About the author's idea, answered elsewhere."""
    question = make_question(by=author, title="Who empties the boxes in the holidays?", about=f"idea-{idea.id}")
    note = {"closing": "elsewhere", "elsewhere": f"/questions/{other.id}", "note": "Read the second answer."}
    close_question(question, by=author, **note)
    return question


def _open_question(author: User, other: User) -> Question:
    """Someone is on it, and someone else was asked."""
    question = make_question(by=author, title="Which fire box fits under a school desk?", topics=["batteries"])
    make_person(display_name="Abena Ofori", name="abena", topics=["batteries"], asks_a_week=1)
    put_to(question, name="abena", by=author, line="You wrote about boxes.")
    claim_question(question, by=other)
    return question


def _question(author: User, other: User) -> Question:
    tags = {"roles": ["recycler"], "topics": ["batteries"]}
    tags |= {"place": "A school gate", "tried": "The shop said *no*.", "wanted": "contact", "needed_by": now().date()}
    title = "Who takes phone batteries from a school in Accra, and on which day?"
    question = make_question(by=author, title=title, body=PROBLEM, country="GH", **tags)
    body = f"{PROBLEM}\n\nWe have eleven kilograms."
    facts = {"title": title, "country": "GH", "language": "en", "reason": "Say how much", **tags}
    revise_question(question, by=author, body=body, seen=1, **facts)
    answer = make_answer(question, by=other, sources=["https://example.org/depot", "I asked at the gate."])
    accept_answer(answer, by=author)
    facts = {"body": f"{answer.body} Ring first.", "sources": answer.sources, "reason": "One more thing"}
    revise_answer(answer, by=other, seen=1, **facts)
    support_answer(answer, by=author)
    comment_on_answer(answer, by=author, body="At *which* gate?")
    make_answer(question, by=make_person())
    post_comment(question, by=other, body="Are they swollen?")
    return question


def _draft(by: User, idea: Idea, other: User) -> Draft:
    """In two versions, and shared; and a comment that is a draft too."""
    texts = [["title", f"A cart for {LONG_WORD}"], ["problem", PROBLEM]]
    draft = save_draft(TypedDraft(Place("idea"), "cart", 0, "", texts), by=by)
    save_draft(TypedDraft(Place("idea"), "cart", 1, "", [*texts, ["approach", APPROACH]]), by=by)
    share_draft(draft, [other], by=by)
    save_draft(TypedDraft(Place("comment", idea.id), "who", 0, "", [["body", "Who *pays* for the lock?"]]), by=by)
    return draft


def _answer(question: Question, by: User) -> Answer:
    return db.session.scalars(select(Answer).where(Answer.question_id == question.id, Answer.author_id == by.id)).one()


def _judged_matches(idea: Idea) -> None:
    """Enough of them that match quality is drawn, on two days."""
    demo = select(Idea).where(Idea.source.startswith("demo:")).order_by(Idea.id).limit(4)
    judge(idea, db.session.scalars(demo).all(), verdicts=["useful", "useful", "known", "wrong-topic"])
    with time_machine.travel(now() - timedelta(days=1), tick=False):
        measure_matches()
    measure_matches()


def _demo(kind: type[Post], key: str) -> Post:
    return db.session.scalars(select(kind).where(Post.source == f"demo:{key}")).one()

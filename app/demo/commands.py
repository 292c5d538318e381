"""Load the invented community from the project's content, through the commands that real people's pages call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select, update

from app.accounts.events import person_registered
from app.accounts.models import User
from app.accounts.queries import is_name_taken
from app.database import db, now, transaction
from app.expertise.commands import endorse_answer, verify_field
from app.expertise.queries import topic_of
from app.forum.commands import follow, post_comment, support
from app.forum.models import Comment, Follow, Post, Revision, Support
from app.groups.models import Group
from app.groups.queries import challenge_group
from app.ideas.commands import publish_idea
from app.journal.models import JournalEntry
from app.moderation.commands import feature_idea
from app.questions.commands import accept_answer, answer_question, ask_question, have_too
from app.taxonomy.commands import remember_loaded
from app.taxonomy.queries import is_loaded, roles_named, topics_named

CONTENT = Path(__file__).parent.parent / "content" / "demo"
TEAM = {"name": "commons-team", "display_name": "Commons team", "about": "Looks after the demo community."}
Content = dict[str, Any]
People = dict[str, User]


@dataclass(frozen=True)
class CommunitySize:
    """How much was new."""

    people: int
    ideas: int
    questions: int

    def __str__(self) -> str:
        return f"{self.people} people, {self.ideas} ideas, {self.questions} questions, all invented and marked as demo"


def load_demo_community(folder: Path = CONTENT) -> CommunitySize | None:
    """Add the people, ideas and questions of the content files that are not there yet. Moments count back from now.

    Returns None, having done nothing, when the files read as they did at the last load.
    """
    files = [folder / name for name in ("people.yaml", "ideas.yaml", "questions.yaml")]
    if is_loaded(files):
        return None
    people, ideas, questions = (yaml.safe_load(file.read_text("utf-8"))[file.stem] for file in files)
    with transaction():
        known = _known_people()
        new_people = [facts for facts in [*people, TEAM] if facts["name"] not in known]
        newcomers = [_invent(facts, known) for facts in new_people]
        joined_at = _moment(max(post["days_ago"] for post in [*ideas, *questions]) + 1)
        db.session.execute(
            update(User).where(User.id.in_([each.id for each in newcomers])).values(created_at=joined_at)
        )
        told = update(JournalEntry).where(JournalEntry.by_id.in_([each.id for each in newcomers]))
        db.session.execute(told.values(created_at=joined_at))
        for facts in new_people:
            _confirm(facts, known)
        new_ideas, new_questions = _new(ideas), _new(questions)
        group = challenge_group()
        for idea in new_ideas:
            _publish(idea, known, group)
        for question in new_questions:
            _ask(question, known, group)
        remember_loaded(files)
    return CommunitySize(people=len(newcomers), ideas=len(new_ideas), questions=len(new_questions))


def _known_people() -> People:
    return {
        person.name.removesuffix("-demo"): person
        for person in db.session.scalars(select(User).where(User.kind == "demo"))
    }


def _invent(facts: Content, known: People) -> User:
    """Add a person; a member who has the name already keeps it."""
    facts = {"languages": ["en"], **facts}
    name = f"{facts['name']}-demo" if is_name_taken(facts["name"]) else facts["name"]
    facts.pop("verified", None)
    roles, topics = roles_named(facts.pop("roles", ())), topics_named(facts.pop("topics", ()))
    person = User(**{**facts, "name": name}, roles=roles, topics=topics, kind="demo")
    person.is_moderator = facts["name"] == TEAM["name"]
    db.session.add(person)
    db.session.flush()
    person_registered.send(person)
    known[facts["name"]] = person
    return person


def _confirm(facts: Content, people: People) -> None:
    """What the team says that the person knows."""
    for each in facts.get("verified", ()):
        moment = _moment(each["days_ago"])
        person, topic = people[facts["name"]], topic_of(each["topic"])
        verify_field(person, topic, by=people[TEAM["name"]], note=each["note"], created_at=moment)
        told = update(JournalEntry).where(JournalEntry.person_id == person.id, JournalEntry.post_id.is_(None))
        db.session.execute(told.values(created_at=moment))


def _new(posts: list[Content]) -> list[Content]:
    sources = set(db.session.scalars(select(Post.source).where(Post.source.startswith("demo:"))))
    return [post for post in posts if _source(post) not in sources]


def _publish(content: Content, people: People, group: Group) -> None:
    idea = publish_idea(
        by=people[content["author"]],
        group=group,
        title=content["title"],
        sections=content["sections"],
        roles=content.get("serves", ()),
        needed_roles=content.get("needs_roles", ()),
        topics=content.get("topics", ()),
        stage=content["stage"],
        country=content.get("country"),
        language=content["language"],
        published_at=_moment(content["days_ago"]),
        source=_source(content),
    )
    if featured := content.get("featured"):
        moment = _moment(featured["days_ago"])
        feature_idea(idea, by=people[TEAM["name"]], reason=featured["reason"], featured_at=moment)
    _gather_round(idea, content, people)


def _ask(content: Content, people: People, group: Group) -> None:
    question = ask_question(
        by=people[content["author"]],
        group=group,
        title=content["title"],
        body=content["body"],
        roles=content.get("roles", ()),
        topics=content.get("topics", ()),
        country=content.get("country"),
        language=content["language"],
        place=content.get("place", ""),
        tried=content.get("tried", ""),
        wanted=content.get("wanted", ""),
        needed_by=_moment(-content["needed_in_days"]).date() if "needed_in_days" in content else None,
        about=_about(content),
        published_at=_moment(content["days_ago"]),
        source=_source(content),
    )
    for name in content.get("too", ()):
        have_too(question, by=people[name])
    for each in content.get("answers", ()):
        moment = _moment(each["days_ago"])
        said = {"body": each["text"], "sources": each.get("sources", ())}
        answer = answer_question(question, by=people[each["by"]], **said, created_at=moment)
        if each.get("accepted"):
            accept_answer(answer, by=question.author)
        for given in each.get("endorsements", ()):
            moment = _moment(given["days_ago"])
            endorse_answer(answer, by=people[given["by"]], reason=given["reason"], created_at=moment)
    _gather_round(question, content, people)


def _about(content: Content) -> str:
    """The idea that a question is about, as a form names it."""
    if "about" not in content:
        return ""
    idea = db.session.scalar(
        select(Post.id).where(Post.source == f"demo:{content['about']}", Post.deleted_at.is_(None))
    )
    return f"idea-{idea}" if idea else ""


def _gather_round(post: Post, content: Content, people: People) -> None:
    """Comments, support and followers; all at their own moments, or at the post's latest one."""
    for comment in content.get("comments", ()):
        _comment(post, comment, people)
    for name in content.get("supporters", ()):
        support(post, by=people[name])
    for name in content.get("followers", ()):
        follow(post, by=people[name])
    db.session.flush()
    post.active_at = _moment(min(_days(content)))
    for model in (Support, Follow, JournalEntry):
        db.session.execute(update(model).where(model.post_id == post.id).values(created_at=post.active_at))
    db.session.execute(update(Revision).where(Revision.post_id == post.id).values(created_at=post.published_at))


def _comment(post: Post, content: Content, people: People, parent: Comment | None = None) -> None:
    moment = _moment(content["days_ago"])
    comment = post_comment(post, by=people[content["by"]], body=content["text"], parent=parent, created_at=moment)
    for reply in content.get("replies", ()):
        _comment(post, reply, people, parent=comment)


def _days(content: Content) -> Iterator[float]:
    """How many days ago each thing on a post happened."""
    yield content["days_ago"]
    for name in ("comments", "replies", "answers"):
        for each in content.get(name, ()):
            yield from _days(each)


def _moment(days_ago: float) -> datetime:
    return now() - timedelta(days=days_ago)


def _source(post: Content) -> str:
    return f"demo:{post['key']}"

"""Who is with an idea, what it still needs, and who may be invited: as far as the viewer may know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, case, exists, func, literal, or_, select, union
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import User, Viewer, user_role
from app.accounts.queries import Author, short_name
from app.database import db, now
from app.expertise.models import PersonField
from app.forum.models import Post, post_needed_role, post_topic
from app.forum.queries import PostRow, Tag, ids_merged_into, post_rows
from app.groups.models import Group, Membership
from app.groups.queries import is_listed_in, is_listed_to, sees_group
from app.ideas.models import Idea
from app.ideas.queries import archived_idea_ids, visible_ideas
from app.journal.queries import asked_this_week, next_room_at
from app.pages import ON_DESK
from app.questions.models import Answer
from app.refusals import NotThere
from app.taxonomy.models import Role
from app.teams.models import OPEN_STATES, CalledRole, Joining
from app.teams.policy import can_answer, is_joining_offered

TOLD_FOR = timedelta(days=14)
"""So long someone reads on their desk what was answered."""
NOT_AGAIN = timedelta(days=30)
"""So long nobody is invited again who said no themselves."""
OWN_NO = ("refused", "left")
MOST_INVITED = 13
"""At once: one for each role."""


@dataclass(frozen=True)
class JoiningRow:
    """One person and their state; the lines are for the author and for themselves, and empty for others."""

    id: int
    line: str
    invitation: str
    state: str
    asked_at: datetime
    role_id: str | None
    role: str | None
    """The name of what they bring, where that was said."""
    is_asked_to_lead: bool
    """For the author and for themselves."""
    person: Author


@dataclass(frozen=True)
class Joinings:
    """All of one idea that the viewer may see, the first who asked first."""

    joined: list[JoiningRow] = field(default_factory=list)
    requests: list[JoiningRow] = field(default_factory=list)
    """Those without an answer; for the author alone."""
    invited: list[JoiningRow] = field(default_factory=list)
    """Likewise."""
    own: JoiningRow | None = None
    """The viewer's."""


def joinings_of(viewer: Viewer, idea: Idea) -> Joinings:
    """One query. `idea` is one that the viewer may see."""
    is_own = Joining.person_id == viewer.id
    may_answer = can_answer(viewer, idea)
    states = OPEN_STATES if may_answer else ("joined",)
    seen, seen_by_two = or_(is_own, Joining.state.in_(states)), or_(is_own, literal(may_answer))

    def told(line: Any) -> ColumnElement[str]:
        return line if may_answer else case((is_own, line), else_="")

    found = db.session.execute(
        select(Joining.id, told(Joining.line), told(Joining.invitation), Joining.state, Joining.asked_at)
        .add_columns(Joining.role_id, Role.name, and_(seen_by_two, Joining.lead_asked_at.is_not(None)))
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(User, User.id == Joining.person_id)
        .outerjoin(Role, Role.id == Joining.role_id)
        .where(Joining.idea_id == idea.id, seen)
        .order_by(Joining.asked_at, Joining.id)
    )
    rows = [
        JoiningRow(id, line, invitation, state, asked_at, role_id, role, is_asked_to_lead, Author(*author))
        for id, line, invitation, state, asked_at, role_id, role, is_asked_to_lead, *author in found
    ]
    return Joinings(
        joined=[row for row in rows if row.state == "joined"],
        requests=[row for row in rows if row.state == "asked" and row.person.id != viewer.id],
        invited=[row for row in rows if row.state == "invited" and row.person.id != viewer.id],
        own=next((row for row in rows if row.person.id == viewer.id), None),
    )


@dataclass(frozen=True)
class Word:
    """What someone hears of teams: of a person who asks or answers, or of the author of an idea who does."""

    idea: Idea
    person: User
    """Who asks or invites, or who answered."""
    is_author: bool
    """Whether that is the author of the idea."""
    state: str
    """That of a Joining, or `lead` for whoever is asked to lead the idea."""
    line: str
    role: str | None
    at: datetime


def words_for(person: User) -> list[Word]:
    """What waits for this person's answer, then the answers of late to what they asked; of each the newest first. One
    query."""
    lately = Joining.answered_at >= now() - TOLD_FOR
    is_theirs, is_own_idea = Joining.person_id == person.id, Idea.author_id == person.id
    asked = and_(is_own_idea, Joining.state == "asked")
    answered_to_author = and_(is_own_idea, Joining.is_invited, Joining.state.in_(("joined", "refused")), lately)
    invited = and_(is_theirs, Joining.state == "invited")
    leads = and_(is_theirs, Joining.lead_asked_at.is_not(None))
    answered = and_(is_theirs, ~Joining.is_invited, Joining.state.in_(("joined", "declined")), lately)
    waits, at = or_(asked, invited, leads), func.coalesce(Joining.lead_asked_at, Joining.answered_at, Joining.asked_at)
    found = (
        visible_ideas(person)
        .join(Joining, Joining.idea_id == Idea.id)
        .where(Post.hidden_at.is_(None), or_(waits, answered_to_author, answered))
        .order_by(case((waits, 0), else_=1), at.desc(), Joining.id.desc())
        .options(joinedload(Idea.author))
        .add_columns(Joining)
        .options(joinedload(Joining.person), joinedload(Joining.role))
        .limit(ON_DESK)
    )
    return [_word(idea, joining, person) for idea, joining in db.session.execute(found)]


def _word(idea: Idea, joining: Joining, person: User) -> Word:
    is_author = idea.author_id != person.id
    line = joining.invitation if joining.state == "invited" else joining.reply if joining.state == "refused" else ""
    return Word(
        idea,
        idea.author if is_author else joining.person,
        is_author,
        "lead" if is_author and joining.lead_asked_at else joining.state,
        line,
        joining.role.name if joining.role else None,
        joining.lead_asked_at or joining.answered_at or joining.asked_at,
    )


def ideas_to_join(viewer: Viewer, authors: Mapping[int, Author]) -> set[int]:
    """Those of these ideas, given by id with their authors, that the viewer is offered to join. One query."""
    if not authors:
        return set()
    asked = select(Joining.idea_id, Joining.state).where(Joining.idea_id.in_(authors.keys()))
    states = {row.idea_id: row.state for row in db.session.execute(asked.where(Joining.person_id == viewer.id))}
    return {each for each, author in authors.items() if is_joining_offered(viewer, author, states.get(each))}


def is_with_unseen(viewer: Viewer, idea_id: int) -> bool:
    """Whether the viewer is with an idea that they may not see any more, or has asked to be or was invited."""
    visible = visible_ideas(viewer).where(Idea.id == idea_id).with_only_columns(Idea.id)
    own = select(Joining.id).where(Joining.idea_id == idea_id, Joining.person_id == viewer.id)
    unseen = own.where(Joining.state.in_(OPEN_STATES), Joining.idea_id.not_in(visible))
    return viewer.is_signed_in and db.session.scalar(unseen) is not None


def waiting_at_merged(target_id: int) -> Sequence[Joining]:
    """Requests and invitations without an answer at ideas that were merged into this one."""
    waiting = select(Joining).where(
        Joining.state.in_(("asked", "invited")), Joining.idea_id.in_(ids_merged_into(target_id))
    )
    return db.session.scalars(waiting.options(joinedload(Joining.person)).order_by(Joining.id)).all()


def request_to(author: Viewer, idea: Idea, joining_id: int) -> Joining:
    """What is between someone and the idea, for its author. Raises NotThere for everyone else."""
    wanted = select(Joining).where(Joining.id == joining_id, Joining.idea_id == idea.id)
    joining = db.session.scalar(wanted) if can_answer(author, idea) else None
    if joining is None:
        raise NotThere(_("There is no such request."))
    return joining


def joined_to(author: Viewer, idea: Idea, joining_id: int) -> Joining:
    """Someone who is with the idea, for its author. Raises NotThere for everyone else."""
    joining = request_to(author, idea, joining_id)
    if joining.state != "joined":
        raise NotThere(_("This person is not with the idea any more."))
    return joining


def sees(person: User, idea: Idea) -> bool:
    """Whether somebody who is with an idea, or asked to be, is still among those who may see it."""
    still = select(User.id).where(User.id == person.id, sees_group(literal(idea.group_id)))
    return db.session.scalar(still) is not None


def is_lead_offered(idea_id: int) -> bool:
    """Whether somebody is asked to lead the idea."""
    asked = select(Joining.id).where(Joining.idea_id == idea_id, Joining.lead_asked_at.is_not(None))
    return db.session.scalar(asked) is not None


def invitation_to(viewer: Viewer, idea: Idea) -> JoiningRow:
    """The viewer's, as long as it is open. Raises NotThere."""
    own = joinings_of(viewer, idea).own
    if own is None or own.state != "invited":
        raise NotThere(_("You have no open invitation to this idea."))
    return own


# What an idea needs


@dataclass(frozen=True)
class Need:
    """A role that an idea lacks, and the sentence that calls for it; none where the author declared it."""

    role: Tag
    sentence: str = ""

    @property
    def is_declared(self) -> bool:
        return not self.sentence


def needs_of(idea_ids: Collection[int]) -> dict[int, list[Need]]:
    """The roles that these ideas declare or call for and nobody with them brings; one query, an entry for each id."""
    needs: dict[int, list[Need]] = {idea_id: [] for idea_id in idea_ids}
    if needs:
        for idea_id, sentence, *role in db.session.execute(_NEEDS, {"ids": list(needs)}):
            needs[idea_id].append(Need(Tag(*role), sentence))
    return needs


def open_needs(idea_ids: Any = None, role_ids: Collection[str] | None = None) -> Subquery:
    """(idea_id, role_id, sentence): of these ideas or all, of these roles or all."""
    declared = select(
        post_needed_role.c.post_id.label("idea_id"), post_needed_role.c.role_id, literal("").label("said")
    )
    called = select(CalledRole.idea_id, CalledRole.role_id, CalledRole.sentence.label("said"))
    if idea_ids is not None:
        declared = declared.where(post_needed_role.c.post_id.in_(idea_ids))
        called = called.where(CalledRole.idea_id.in_(idea_ids))
    if role_ids is not None:
        declared = declared.where(post_needed_role.c.role_id.in_(role_ids))
        called = called.where(CalledRole.role_id.in_(role_ids))
    every = union(declared, called).subquery()
    needed = (
        select(every.c.idea_id, every.c.role_id, func.min(every.c.said).label("sentence"))  # declared before called
        .join(Idea.__table__, Idea.__table__.c.id == every.c.idea_id)
        .where(~_is_brought(every.c.idea_id, every.c.role_id))
        .group_by(every.c.idea_id, every.c.role_id)
    )
    return needed.subquery()


def _is_brought(idea_id: ColumnElement[int], role_id: ColumnElement[str]) -> ColumnElement[bool]:
    """By the author, or by someone who joined: with the role that was agreed or, without one, with all they have."""
    post, joining, had = aliased(Post.__table__), aliased(Joining.__table__), user_role.alias()
    by_author = exists().where(post.c.id == idea_id, had.c.user_id == post.c.author_id, had.c.role_id == role_id)
    is_joined = and_(joining.c.idea_id == idea_id, joining.c.state == "joined")
    as_agreed = exists().where(is_joined, joining.c.role_id == role_id)
    by_profile = exists().where(
        is_joined, joining.c.role_id.is_(None), had.c.user_id == joining.c.person_id, had.c.role_id == role_id
    )
    return or_(by_author, as_agreed, by_profile)


def _needs_of_some() -> Select[Any]:
    """Of the ideas in the parameter `ids`; built once, as building takes longer than running."""
    every = open_needs(bindparam("ids", expanding=True))
    found = select(every.c.idea_id, every.c.sentence, Role.id, Role.name).join(Role, Role.id == every.c.role_id)
    return found.order_by(Role.position, Role.id)


_NEEDS = _needs_of_some()


def ideas_needing(person: User) -> Select[int]:
    """Ids of the ideas that lack a role of the person; neither of archived ones nor of those that they have to do with
    already."""
    needs = open_needs(role_ids=[role.id for role in person.roles])
    known = select(Joining.idea_id).where(Joining.person_id == person.id, Joining.state != "withdrawn")
    return select(needs.c.idea_id).where(needs.c.idea_id.not_in(known), needs.c.idea_id.not_in(archived_idea_ids()))


@dataclass(frozen=True)
class UncoveredIdeas:
    """One page of them, each with its needs that nobody covers, and how many there are."""

    rows: Sequence[PostRow]
    needs: Mapping[int, Sequence[Need]]
    total: int


def uncovered_ideas(viewer: Viewer, *, limit: int, offset: int) -> UncoveredIdeas:
    """Visible ideas that somebody works on, with a need for which nobody can be asked, the oldest first; three queries.

    That is a member, no invented person, who agreed to be asked, has the role, and knows a topic of the idea or wrote
    on one; where the idea has no topic, the role is enough.
    """
    needs = _uncovered_needs()
    ideas = visible_ideas(viewer).where(Post.hidden_at.is_(None), Idea.id.not_in(archived_idea_ids()))
    ideas = ideas.join(needs, needs.c.idea_id == Idea.id)
    found = ideas.join(Role, Role.id == needs.c.role_id).with_only_columns(
        Idea.id, needs.c.sentence, Role.id, Role.name
    )
    lacking: dict[int, list[Need]] = {}
    in_order = found.order_by(Post.published_at, Post.id, Role.position, Role.id)
    for idea_id, sentence, *role in db.session.execute(in_order):
        lacking.setdefault(idea_id, []).append(Need(Tag(*role), sentence))
    here = list(lacking)[offset : offset + limit]
    shown = select(Post).where(Post.id.in_(here)).order_by(Post.published_at, Post.id)
    return UncoveredIdeas(post_rows(shown), lacking, len(lacking))


def _uncovered_needs() -> Subquery:
    """What a group keeps to itself is covered by its members; a pair of role and topic tells of everything else."""
    needs = open_needs()
    post, group = aliased(Post.__table__), aliased(Group.__table__)
    reach = _reach()
    someone_else = or_(reach.c.first != post.c.author_id, reach.c.last != post.c.author_id)
    is_within = and_(reach.c.role_id == needs.c.role_id, someone_else)
    on_topic = exists().where(is_within, post_topic.c.post_id == post.c.id, post_topic.c.topic_id == reach.c.topic_id)
    on_anything = and_(
        ~exists().where(post_topic.c.post_id == post.c.id), exists().where(is_within, reach.c.topic_id == "")
    )
    member = (
        select(User.id).where(User.kind == "member", User.may_be_asked).join(Membership, Membership.user_id == User.id)
    )
    of_group = member.join(user_role, user_role.c.user_id == User.id).where(
        Membership.group_id == post.c.group_id, user_role.c.role_id == needs.c.role_id, User.id != post.c.author_id
    )
    is_covered = case((group.c.is_private, of_group.exists()), else_=or_(on_topic, on_anything))
    return (
        select(needs.c.idea_id, needs.c.role_id, needs.c.sentence)
        .join(post, post.c.id == needs.c.idea_id)
        .join(group, group.c.id == post.c.group_id)
        .where(~is_covered)
        .subquery()
    )


def _reach() -> Any:
    """For each role and topic the first and the last of those who can be asked, by id; "" stands for any topic."""
    public = select(Group.id).where(Group.is_private.is_(False))
    present = and_(Post.group_id.in_(public), Post.deleted_at.is_(None), Post.hidden_at.is_(None))
    written = select(Post.author_id, post_topic.c.topic_id).join(post_topic, post_topic.c.post_id == Post.id)
    answered = (
        select(Answer.author_id, post_topic.c.topic_id)
        .join(Post, Post.id == Answer.question_id)
        .join(post_topic, post_topic.c.post_id == Post.id)
        .where(Answer.deleted_at.is_(None), Answer.hidden_at.is_(None))
    )
    knowing = union(
        select(PersonField.person_id.label("user_id"), PersonField.topic_id),
        written.where(present),
        answered.where(present),
        select(User.id, literal("")),
    ).subquery()
    askable = select(User.id).where(User.kind == "member", is_listed_in(())).subquery()
    return (
        select(user_role.c.role_id, knowing.c.topic_id)
        .add_columns(func.min(askable.c.id).label("first"), func.max(askable.c.id).label("last"))
        .join(askable, askable.c.id == user_role.c.user_id)
        .join(knowing, knowing.c.user_id == askable.c.id)
        .group_by(user_role.c.role_id, knowing.c.topic_id)
        .cte("reach")
    )


# Who may be invited


@dataclass(frozen=True)
class Load:
    """How often someone agreed to be asked a week, and how often they were in the last one."""

    agreed: int
    asked: int

    @property
    def is_full(self) -> bool:
        return self.asked >= self.agreed


def loads_of(person_ids: Collection[int]) -> dict[int, Load]:
    """Of each of these people; two queries."""
    agreed = select(User.id, User.asks_a_week).where(User.id.in_(person_ids))
    asked = asked_this_week(person_ids)
    return {person_id: Load(most, asked[person_id]) for person_id, most in db.session.execute(agreed)}


@dataclass(frozen=True)
class Invitee:
    """Someone whom the author wants to invite, by the short name that was given."""

    name: str
    hindrance: str | None
    """Why they cannot be invited now."""
    person: User | None = None
    joining: Joining | None = None

    @property
    def shown(self) -> str:
        """As the author is told of them."""
        return self.person.display_name if self.person else self.name

    @property
    def has_asked(self) -> bool:
        return self.joining is not None and self.joining.state == "asked"


def invitees(idea: Idea, names: Sequence[str]) -> list[Invitee]:
    """By the idea's author; at most MOST_INVITED, each once; three queries. Who cannot be asked and who does not exist
    look the same."""
    wanted = list(dict.fromkeys(map(short_name, names)))[:MOST_INVITED]
    people = select(User, Joining).outerjoin(Joining, and_(Joining.person_id == User.id, Joining.idea_id == idea.id))
    found = db.session.execute(
        people.where(User.name.in_(wanted), may_be_invited(idea)), execution_options={"populate_existing": True}
    )
    known = {person.name: (person, joining) for person, joining in found}
    loads = loads_of([each.id for each, _joining in known.values()])
    not_here = _("This person does not take invitations here. Send them the link to the idea: they may ask to join it.")
    return [
        Invitee(name, _hindrance(*known[name], loads[known[name][0].id]), *known[name])
        if name in known
        else Invitee(name, not_here)
        for name in wanted
    ]


def invitable_of(idea: Idea, person_ids: Collection[int]) -> set[int]:
    """Those of these people whom the idea's author may invite, if their week has room. One query at most."""
    has_state = exists().where(Joining.person_id == User.id, Joining.idea_id == idea.id)
    is_closed = has_state.where(Joining.state.in_(("joined", "invited")))
    found = select(User.id).where(User.id.in_(person_ids), may_be_invited(idea), ~is_closed)
    return set(db.session.scalars(found)) if person_ids else set()


def may_be_invited(idea: Idea) -> ColumnElement[bool]:
    """Of a User: agreed to be asked by such as the author, is here to answer, and may see the idea."""
    return and_(is_listed_to(idea.author), User.kind == "member", User.id != idea.author_id, _may_see(idea))


def _may_see(idea: Idea) -> ColumnElement[bool]:
    is_open = exists().where(Group.id == idea.group_id, Group.is_private.is_(False))
    is_member = exists().where(Membership.group_id == idea.group_id, Membership.user_id == User.id)
    return or_(is_open, is_member)


def _hindrance(person: User, joining: Joining | None, load: Load) -> str | None:
    state = joining.state if joining else None
    if state == "joined":
        return _("They are with this idea already.")
    if state == "asked":
        return None  # to invite them is to accept
    if state == "invited":
        return _("They are invited already, and have not answered yet.")
    if joining and state in OWN_NO and joining.answered_at and joining.answered_at + NOT_AGAIN > now():
        day = format_date(joining.answered_at + NOT_AGAIN, "d MMMM")
        return _("They said no to this idea. You can invite them again on %(day)s.", day=day)
    if load.is_full:
        day = format_date(next_room_at(person.id, load.agreed), "d MMMM")
        return _("They have been asked as often as they agreed to this week. Try again on %(day)s.", day=day)
    return None


@dataclass(frozen=True)
class Bringing:
    """What someone brings of the roles that an idea lacks, and what there is between them and its author."""

    roles: frozenset[str]
    can_answer: bool
    """They are here to be invited; invented people are not."""
    has_asked: bool
    """To join; for the author alone."""


def people_bringing(viewer: Viewer, idea: Idea, role_ids: Collection[str]) -> dict[int, Bringing]:
    """Those who agreed to be asked by such as the viewer, may see the idea and have one of these roles; one query.

    Not those who are with it and, for its author, whom they have invited or said no to, or who said no of late.
    """
    is_author, joining = can_answer(viewer, idea), aliased(Joining)
    is_closed = joining.state == "joined"
    if is_author:
        said_no = and_(joining.state.in_(OWN_NO), joining.answered_at > now() - NOT_AGAIN)
        is_closed = or_(joining.state.in_(("joined", "invited", "declined", "removed")), said_no)
    found = (
        select(User.id, user_role.c.role_id, User.kind, joining.state)
        .join(user_role, user_role.c.user_id == User.id)
        .outerjoin(joining, and_(joining.person_id == User.id, joining.idea_id == idea.id))
        .where(is_listed_to(viewer), User.id != idea.author_id, _may_see(idea))
        .where(user_role.c.role_id.in_(role_ids), or_(joining.id.is_(None), ~func.coalesce(is_closed, False)))
    )
    bringing: dict[int, Bringing] = {}
    for person_id, role_id, kind, state in db.session.execute(found):
        before = bringing[person_id].roles if person_id in bringing else frozenset()
        bringing[person_id] = Bringing(before | {role_id}, kind == "member", is_author and state == "asked")
    return bringing

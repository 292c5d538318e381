"""Questions that look for an answer: in whose queue, with whom, and since when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from app.accounts.models import User, Viewer, user_role
from app.accounts.queries import Author
from app.database import db, now
from app.expertise.models import PersonField
from app.expertise.queries import fields_of
from app.forum.models import Post, post_role, post_topic
from app.forum.queries import PostRow, is_visible, post_rows, tags_of, visible_posts
from app.groups.queries import is_open_to, is_tutor, is_tutor_in
from app.kept import kept
from app.matching.queueing import STAFF, OpenQuestion, Ranked, near_questions, ranked_queue
from app.questions.models import Answer, Question
from app.queue.models import ASKED_FOR, Ask, Claim, Escalation, Pass
from app.refusals import NotThere

SHOWN = 15
MOST_OF_EACH = 100
"""Questions in a person's fields that are weighed: of the newest, and of those with a date or that wait longest."""
MOST_CLAIMS = 3
ESCALATED_SHOWN = 20
KEPT_QUESTIONS = 20_000


PERSON = (User.id.label("person_id"), User.name, User.display_name, User.kind)


@dataclass(frozen=True)
class Claimed:
    """Who is on a question, and until when."""

    question_id: int
    person: Author
    until: datetime


@dataclass(frozen=True)
class QueueRow:
    """One question in a person's queue."""

    post: PostRow
    ranked: Ranked
    claimed: Claimed | None
    topics: Mapping[str, str]
    """Names by id."""
    roles: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """One question that was put to a person."""

    post: PostRow
    line: str
    by: Author | None
    """None where the Commons found the person."""
    asked_at: datetime
    claimed: Claimed | None


@dataclass(frozen=True)
class Queue:
    """What waits for one person, the most pressing first."""

    claims: list[tuple[PostRow, Claimed]]
    asked: list[Asked]
    rows: list[QueueRow]
    knows_something: bool
    """The person has fields or roles by which questions can be found for them."""
    left: list[tuple[PostRow, Claimed | None]]
    """What nobody answers and the person looks after, as a moderator or tutor, with whoever is on it now."""


def queue_of(person: User) -> Queue:
    """What is theirs, what was put to them, and what fits them; each question stands in one of them alone."""
    claims, fields = _own_claims(person), fields_of([person.id])[person.id]
    claimed = {post.id for post, _claimed in claims}
    asked = [each for each in asked_of(person) if each.post.id not in claimed]
    waiting = claimed | {each.post.id for each in asked}
    rows = _ranked_rows(person, fields, but=waiting)
    left = _left_to(person, but=waiting | {row.post.id for row in rows})
    return Queue(claims, asked, rows, bool(fields or person.roles), left)


def asked_of(person: User) -> list[Asked]:
    """Questions that were put to the person and wait for them, the first asked first."""
    asks = select(Ask.question_id, Ask.line, Ask.asked_at, *PERSON)
    own = asks.outerjoin(User, User.id == Ask.by_id).where(Ask.person_id == person.id, Ask.state == "asked")
    found = db.session.execute(own.order_by(Ask.asked_at, Ask.id)).all()
    posts = _posts(person, [row.question_id for row in found])
    claimed = claims_on(posts) if posts else {}
    return [
        Asked(
            posts[row.question_id],
            row.line,
            _author(row) if row.person_id else None,
            row.asked_at,
            claimed.get(row.question_id),
        )
        for row in found
        if row.question_id in posts
    ]


def asked_count(person: User) -> int:
    """How many questions wait for just this person; one query."""
    waiting = _open(person).join(Ask, Ask.question_id == Question.id)
    own = waiting.where(Ask.person_id == person.id, Ask.state == "asked").with_only_columns(
        func.count(), maintain_column_froms=True
    )
    return db.session.scalar(own.order_by(None)) or 0


def live_claim(question_id: int) -> Claim | None:
    """Of whoever is on the question now."""
    return db.session.scalar(select(Claim).where(Claim.question_id == question_id, is_live()))


def live_claims_of(person: User) -> Sequence[Claim]:
    """On questions that still look for an answer and that the person still sees."""
    waiting = _open(person).with_only_columns(Post.id, maintain_column_froms=True)
    own = select(Claim).where(Claim.person_id == person.id, is_live())
    return db.session.scalars(own.where(Claim.question_id.in_(waiting))).all()


def has_answered(person: User, question: Question) -> bool:
    answers = exists().where(Answer.question_id == question.id, is_answer_by(person.id))
    return bool(db.session.scalar(select(answers)))


def had_it(person: User, question: Question) -> bool:
    """They were asked about it, passed it, or answered it."""
    asked = exists().where(Ask.question_id == question.id, Ask.person_id == person.id)
    passed = exists().where(Pass.question_id == question.id, Pass.person_id == person.id)
    answered = exists().where(Answer.question_id == question.id, is_answer_by(person.id))
    return bool(db.session.scalar(select(or_(asked, passed, answered))))


def asks_to_take_up(question: Question) -> Sequence[Ask]:
    """Those that were over with the question, of people who have not answered it since."""
    answered = exists().where(Answer.question_id == question.id, is_answer_by(Ask.person_id))
    return db.session.scalars(select(Ask).where(Ask.question_id == question.id, Ask.state == "over", ~answered)).all()


def questions_to_lapse() -> Sequence[Question]:
    """Those with a claim whose day is over, or an ask that nobody heard for a week."""
    over = select(Claim.question_id).where(_is_over())
    unheard = select(Ask.question_id).where(_is_unheard())
    return db.session.scalars(select(Question).where(Post.id.in_(over.union(unheard)))).all()


def claims_over(question: Question) -> Sequence[Claim]:
    return db.session.scalars(select(Claim).where(Claim.question_id == question.id, _is_over())).all()


def asks_unheard(question: Question) -> Sequence[Ask]:
    return db.session.scalars(select(Ask).where(Ask.question_id == question.id, _is_unheard())).all()


@dataclass(frozen=True)
class Part:
    """What a viewer has to do with a question."""

    claimed: Claimed | None
    is_mine: bool
    """The viewer is on it."""
    is_asked: bool
    has_passed: bool
    has_answered: bool
    can_hand_on: bool
    """They are on it, were asked, know a topic or have a role of it, or look after its group or the site: whoever has
    nothing to do with it does not spend other people's week."""


def part_in(viewer: Viewer, question: Question) -> Part:
    """One query."""
    asked = exists().where(Ask.question_id == question.id, Ask.person_id == viewer.id, Ask.state == "asked")
    passed = exists().where(Pass.question_id == question.id, Pass.person_id == viewer.id)
    answered = exists().where(Answer.question_id == question.id, is_answer_by(viewer.id))
    posts = Post.__table__
    row = db.session.execute(
        select(Claim.until, *PERSON, asked.label("is_asked"), passed.label("has_passed"))
        .add_columns(answered.label("has_answered"))
        .add_columns(or_(*_reasons_to_care(viewer, question)).label("cares"))
        .select_from(posts)
        .outerjoin(Claim, and_(Claim.question_id == posts.c.id, is_live()))
        .outerjoin(User, User.id == Claim.person_id)
        .where(posts.c.id == question.id)
    ).one()
    claimed = Claimed(question.id, _author(row), row.until) if row.until else None
    is_mine = bool(claimed and claimed.person.id == viewer.id)
    can_hand_on = is_mine or bool(row.is_asked or row.cares) or viewer.is_moderator
    return Part(
        claimed, is_mine, bool(row.is_asked), bool(row.has_passed), bool(row.has_answered), can_hand_on=can_hand_on
    )


def _reasons_to_care(viewer: Viewer, question: Question) -> list[ColumnElement[bool]]:
    """They know a topic of it, have a role that it asks, or look after its group."""
    on_topic = and_(post_topic.c.post_id == question.id, post_topic.c.topic_id == PersonField.topic_id)
    to_role = and_(post_role.c.post_id == question.id, post_role.c.role_id == user_role.c.role_id)
    return [
        exists().where(PersonField.person_id == viewer.id, on_topic),
        exists().where(user_role.c.user_id == viewer.id, to_role),
        is_tutor_in(viewer.id, question.group_id),
    ]


def claims_on(question_ids: Collection[int]) -> dict[int, Claimed]:
    """Who is on which of these questions; one query."""
    claims = select(Claim.question_id, Claim.until, *PERSON)
    live = claims.join(User, User.id == Claim.person_id).where(Claim.question_id.in_(question_ids), is_live())
    return {row.question_id: Claimed(row.question_id, _author(row), row.until) for row in db.session.execute(live)}


@dataclass(frozen=True)
class AskRow:
    """Someone who was asked about a question, as whoever asks it sees it."""

    id: int
    person: Author
    state: str
    asked_at: datetime
    handed_on_by: Author | None
    """None where whoever asks the question did so themselves."""
    can_withdraw: bool


def asks_by_commons(question: Question) -> int:
    """To how many people the Commons put it by itself."""
    found = select(func.count()).where(Ask.question_id == question.id, Ask.by_id.is_(None))
    return db.session.scalar(found) or 0


def asks_of(viewer: Viewer, question: Question) -> list[AskRow]:
    """Whom people put the viewer's question to, the first asked first: the viewer, or those who handed it on."""
    return [
        AskRow(
            row.id,
            _author(row),
            row.state,
            row.asked_at,
            handed_on_by=None if row.by_id == viewer.id else Author(*row[-4:]),
            can_withdraw=row.by_id == viewer.id and row.state == "asked",
        )
        for row in asks_about(question, reader=viewer)
        if row.by_id is not None
    ]


def ask_of(viewer: Viewer, question: Question, ask_id: int) -> Ask:
    """One that the viewer made about this question. Raises NotThere."""
    own = select(Ask).where(Ask.id == ask_id, Ask.question_id == question.id, Ask.by_id == viewer.id)
    ask = db.session.scalar(own) if viewer.is_signed_in else None
    if ask is None:
        raise NotThere(_("You have not asked this person."))
    return ask


def escalated_for(viewer: Viewer) -> list[PostRow]:
    """Questions that came to moderators and to the tutors of their group, the longest waiting first."""
    if not (viewer.is_moderator or is_tutor(viewer)):
        return []
    theirs = true() if viewer.is_moderator else is_tutor_in(viewer.id, Post.group_id)
    reached = _open(viewer).join(Escalation, Escalation.question_id == Question.id)
    unanswered = reached.where(Escalation.stage >= STAFF, Question.answer_count == 0)
    questions = unanswered.where(Post.author_id != viewer.id, theirs)
    return post_rows(questions.order_by(Escalation.reached_at, Post.id).limit(ESCALATED_SHOWN))


def _left_to(person: User, *, but: Collection[int]) -> list[tuple[PostRow, Claimed | None]]:
    posts = [post for post in escalated_for(person) if post.id not in but]
    claimed = claims_on([post.id for post in posts]) if posts else {}
    return [(post, claimed.get(post.id)) for post in posts]


def _ranked_rows(person: User, fields: Mapping[str, float], *, but: Collection[int]) -> list[QueueRow]:
    open_rows = as_open(_candidates(person, fields))
    found = ranked_queue(person, [row for row in open_rows if row.key not in but], fields, limit=SHOWN)
    ranked = {cast(int, each.key): each for each in found}
    posts, claimed = _posts(person, ranked), claims_on(ranked)
    rows = [
        QueueRow(
            posts[key],
            each,
            claimed.get(key),
            topics={tag.id: tag.name for tag in posts[key].tags.topics},
            roles={tag.id: tag.name for tag in posts[key].tags.roles if tag.id in {role.id for role in person.roles}},
        )
        for key, each in ranked.items()
        if key in posts
    ]
    return sorted(rows, key=lambda row: row.claimed is not None)


def _candidates(person: User, fields: Mapping[str, float]) -> list[int]:
    """Ids of open questions on a topic or put to a role of theirs: the newest, and those that have a date or wait
    longest; and of those near to what they wrote."""
    on_topic = select(post_topic.c.post_id).where(post_topic.c.topic_id.in_(fields))
    to_role = select(post_role.c.post_id).where(post_role.c.role_id.in_([role.id for role in person.roles]))
    theirs = _for(person).where(or_(Post.id.in_(on_topic), Post.id.in_(to_role)))
    unanswered = theirs.where(Question.answer_count == 0)
    by_time = Post.kind == "question"  # by which an index has them in order of time
    lists = (
        theirs.where(by_time).order_by(Post.published_at.desc(), Post.id.desc()).limit(MOST_OF_EACH),
        unanswered.where(by_time).order_by(Post.published_at, Post.id).limit(MOST_OF_EACH),
        unanswered.where(Question.needed_by.is_not(None)).order_by(Question.needed_by, Post.id).limit(MOST_OF_EACH),
        _for(person).where(Post.id.in_(near_questions(person))),
    )
    ids: list[int] = []
    for each in lists:
        ids += db.session.scalars(each.with_only_columns(Post.id, maintain_column_froms=True))
    return list(dict.fromkeys(ids))


def _for(person: User) -> Select[Any]:
    """Open questions of others that the person has not answered, has not handed on and has not said are not their
    field."""
    answered = select(Answer.question_id).where(is_answer_by(person.id))
    passed = select(Pass.question_id).where(Pass.person_id == person.id)
    handed_on = select(Ask.question_id).where(Ask.by_id == person.id)
    done = (Post.id.not_in(each) for each in (answered, passed, handed_on))
    return _open(person).where(Post.author_id != person.id, *done)


def _open(viewer: Viewer) -> Select[Any]:
    """Visible questions that still look for an answer that helps; hidden ones are in no queue."""
    questions = select(Question).where(is_visible(viewer), Post.hidden_at.is_(None))
    return questions.where(Question.closed_at.is_(None), Question.accepted_answer_id.is_(None))


def as_open(question_ids: Collection[int]) -> list[OpenQuestion]:
    """As they are ranked. What an edit alone changes is kept, so that one query tells what does change."""
    is_asked = exists().where(Ask.question_id == Question.id, Ask.state == "asked")
    is_claimed = exists().where(Claim.question_id == Question.id, is_live())
    is_taken = case((or_(is_asked, is_claimed), True), else_=False).label("is_taken")
    wanted = select(Question).where(Post.id.in_(question_ids))
    state = (Post.id, Post.revision, Question.answer_count, Question.too_count, is_taken)
    rows = db.session.execute(wanted.with_only_columns(*state, maintain_column_froms=True)).all()
    written = _written({row.id: row.revision for row in rows})
    return [
        replace(written[row.id], answer_count=row.answer_count, too_count=row.too_count, is_taken=bool(row.is_taken))
        for row in rows
    ]


def _written(revisions: Mapping[int, int]) -> dict[int, OpenQuestion]:
    """What these revisions of questions say."""
    kept_questions = kept("open_questions", most=KEPT_QUESTIONS)
    found = {key: each for key in revisions if (each := kept_questions.get((key, revisions[key])))}
    for key, question in _load([key for key in revisions if key not in found]).items():
        found[key] = question
        kept_questions.put((key, revisions[key]), question)
    return found


def _load(question_ids: Collection[int]) -> dict[int, OpenQuestion]:
    columns = (Post.id, Post.title, Post.published_at, Post.language, func.length(Question.body).label("length"))
    context = (Post.country, Question.place, Question.tried, Question.wanted, Question.needed_by)
    wanted = select(Question).where(Post.id.in_(question_ids))
    chosen = wanted.with_only_columns(*columns, *context, maintain_column_froms=True)
    found, tags = db.session.execute(chosen).all() if question_ids else [], tags_of(list(question_ids))
    return {
        row.id: OpenQuestion(
            key=row.id,
            title=row.title,
            published_at=row.published_at,
            language=row.language,
            body_length=row.length,
            says_where=bool(row.country or row.place),
            says_tried=bool(row.tried),
            says_wanted=bool(row.wanted),
            needed_by=row.needed_by,
            topics=[tag.id for tag in tags[row.id].topics],
            roles=[tag.id for tag in tags[row.id].roles],
        )
        for row in found
    }


def _own_claims(person: User) -> list[tuple[PostRow, Claimed]]:
    """The questions that the person is on, the first that ends first."""
    claims = {claim.question_id: claim for claim in live_claims_of(person)}
    posts, me = _posts(person, claims), Author(person.id, person.name, person.display_name, person.kind)
    ordered = sorted(claims.values(), key=lambda claim: claim.until)
    return [
        (posts[each.question_id], Claimed(each.question_id, me, each.until))
        for each in ordered
        if each.question_id in posts
    ]


def _posts(viewer: Viewer, question_ids: Collection[int]) -> dict[int, PostRow]:
    """Those of these questions that the viewer may see and that are still open, with their answers counted."""
    still = select(Question.__table__.c.id).where(
        Question.__table__.c.id.in_(question_ids),
        Question.__table__.c.closed_at.is_(None),
        Question.__table__.c.accepted_answer_id.is_(None),
    )
    posts = visible_posts(viewer).where(Post.id.in_(still), Post.hidden_at.is_(None))
    return {row.id: row for row in post_rows(posts)} if question_ids else {}


def asks_about(question: Question, *, reader: Viewer | None = None) -> Sequence[Any]:
    """Each with who was asked, and last the four facts of an Author of who did so; as far as the `reader`, if there is
    one, asked them or may know them."""
    asker = aliased(User)
    asks = select(Ask.id, Ask.state, Ask.asked_at, Ask.by_id, *PERSON)
    asks = asks.add_columns(asker.id, asker.name, asker.display_name, asker.kind)
    people = asks.join(User, User.id == Ask.person_id).outerjoin(asker, asker.id == Ask.by_id)
    about = people.where(Ask.question_id == question.id)
    if reader is not None:
        about = about.where(or_(Ask.by_id == reader.id, is_open_to(reader)))
    return db.session.execute(about.order_by(Ask.asked_at, Ask.id)).all()


def _author(row: Any) -> Author:
    """From the columns PERSON."""
    return Author(row.person_id, row.name, row.display_name, row.kind)


def is_live() -> ColumnElement[bool]:
    return and_(Claim.ending.is_(None), Claim.until > now())


def is_answer_by(person: Any) -> ColumnElement[bool]:
    """By the person of this id, who has not deleted it."""
    return and_(Answer.author_id == person, Answer.deleted_at.is_(None))


def _is_over() -> ColumnElement[bool]:
    return and_(Claim.ending.is_(None), Claim.until <= now())


def _is_unheard() -> ColumnElement[bool]:
    return and_(Ask.state == "asked", Ask.asked_at <= now() - ASKED_FOR)

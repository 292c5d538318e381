"""What people know, with the evidence for it; and the directory of those who may be asked."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import exp
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ColumnExpressionArgument,
    Float,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from app.accounts.models import User, Viewer, user_role, user_topic
from app.accounts.queries import Author, people
from app.database import db, now
from app.expertise.models import (
    LEAST_FACTOR,
    LEVELS,
    PASSED,
    Endorsement,
    FieldChoice,
    FieldExclusion,
    PersonField,
    Verification,
)
from app.forum.models import CoAuthor, Post, Revision, post_topic
from app.forum.queries import Tag, address_of
from app.groups.models import Group
from app.groups.queries import is_listed_to, is_profile_open, is_tutor_in
from app.questions.models import Answer, Question
from app.questions.queries import AnswerRow
from app.refusals import NotThere
from app.taxonomy.models import Role, Topic

WORTH = {"accepted": 1.0, "endorsed": 0.9, "supported": 0.3, "idea": 0.3, "stated": 0.3, "verified": 1.2}
"""What each kind of evidence weighs while it is new; an answer that helped weighs that for each whom it helped.

A topic that is only stated gives a fit of .37: under the .4 that is asked first, over the .15 that is asked later."""
MOST_SUPPORTS = 3
"""Of one answer that count."""
LASTING = ("stated", "verified")
"""Evidence that does not fade: it is true until it is taken back."""
HALF_LIFE = timedelta(days=365)
VERY_WELL, WELL = 0.8, 0.65
"""From these weights on, the evidence says that someone knows a field very well, or well: two accepted answers, or one
and something beside it; one alone is too little."""
OWN_VERY_WELL, OWN_WELL = 0.75, 0.45
"""By their own word: between the LEVELS."""
MARKS_SHOWN = 3
"""How many fields stand beside a name in a list."""


def fields_of(person_ids: Collection[int]) -> dict[int, dict[str, float]]:
    """What each of these people knows: the weight, above 0 and up to 1, of each topic that they do not hide; every id
    has an entry. One query of the kept table, because to compute the fields of 2,000 people takes a second and to
    read them a fiftieth of that."""
    fields: dict[int, dict[str, float]] = {person_id: {} for person_id in person_ids}
    if fields:
        known = select(PersonField.person_id, PersonField.topic_id, PersonField.weight)
        found = db.session.execute(known.where(PersonField.person_id.in_(fields))).all()
        for person_id, topic_id, weight in found:
            fields[person_id][topic_id] = weight
    return fields


@dataclass(frozen=True)
class Evidence:
    """One thing that speaks for it that a person knows a field."""

    kind: str
    """A key of WORTH."""
    subject_id: int
    worth: float
    """What it weighed when it was new."""
    happened_at: datetime | None = None
    weight: float = 0.0
    """What it weighs now."""
    title: str = ""
    address: str = ""
    is_put_aside: bool = False
    """The person says that it does not count."""


@dataclass(frozen=True)
class Confirmation:
    """Who confirmed a field, as a page shows it."""

    id: int
    topic: Tag
    note: str
    created_at: datetime
    by: Author

    @property
    def by_id(self) -> int:
        return self.by.id


@dataclass(frozen=True)
class Field:
    """What a person knows: a topic, the evidence for it, and what the person says of it."""

    topic: Tag
    choice: str = "shown"
    level: str | None = None
    times_lowered: int = 0
    evidence: list[Evidence] = field(default_factory=list)
    confirmation: Confirmation | None = None
    """Only where a page asks for it; see `is_verified`."""

    @property
    def is_verified(self) -> bool:
        return any(each.kind == "verified" for each in self.evidence)

    @property
    def counted(self) -> list[Evidence]:
        return [each for each in self.evidence if not each.is_put_aside]

    @property
    def computed(self) -> float:
        """What the evidence alone says."""
        return strength_of(each.weight for each in self.counted)

    @property
    def said(self) -> float:
        """What the person says of it, in the same measure; 0 where they leave it to the evidence."""
        return LEVELS[self.level] if self.level else 0.0

    @property
    def is_own_word(self) -> bool:
        """Whether it is known so well by the person's own word, which says more than the evidence."""
        return self.said > self.computed

    @property
    def factor(self) -> float:
        """Halved each time that the person sent back a question as not of their field."""
        return max(LEAST_FACTOR, PASSED**self.times_lowered)

    @property
    def weight(self) -> float:
        """From 0 to 1: what the evidence says, or the person where they say more; lowered by what they sent back."""
        return max(self.said, self.computed) * self.factor

    @property
    def is_shown(self) -> bool:
        return self.choice == "shown" and self.weight > 0

    @property
    def strength(self) -> str:
        """One of LEVELS."""
        very_well, well = (OWN_VERY_WELL, OWN_WELL) if self.is_own_word else (VERY_WELL, WELL)
        return "very well" if self.weight >= very_well else "well" if self.weight >= well else "some"


def faded(worth: float, *, age: timedelta) -> float:
    """Half after a year, a quarter after two."""
    return worth * 0.5 ** (max(age, timedelta()) / HALF_LIFE)


def strength_of(weights: Iterable[float]) -> float:
    """1 - exp(-sum): 0 without evidence, more with each piece and less so the more there are, never above 1.

    One accepted answer gives .63, two .86, three .95; a topic that is only stated .26, and so does an idea.
    """
    return 1 - exp(-sum(weights))


def computed_fields(person_ids: Collection[int]) -> dict[int, list[Field]]:
    """Every field of these people, those that they hide or deleted too, as the evidence says now; one query. Every id
    has an entry, the strongest field first."""
    moment, fields = now(), {person_id: dict[str, Field]() for person_id in person_ids}
    if not fields:
        return {}
    for row in db.session.execute(_EVIDENCE, {"persons": list(fields)}):
        said = (row.choice or "shown", row.level, row.times_lowered or 0)
        known = fields[row.person_id].setdefault(row.topic_id, Field(Tag(row.topic_id, row.name), *said))
        if row.kind != "said":
            known.evidence.append(_evidence(row, moment))
    return {person_id: _strongest_first(by_topic.values()) for person_id, by_topic in fields.items()}


def own_fields(person: User) -> list[Field]:
    """Everything for the person alone: hidden and deleted fields and what was put aside too; two queries."""
    fields = computed_fields([person.id])[person.id]
    is_verified = any(each.is_verified for each in fields)
    confirmed = {each.topic.id: each for each in _confirmations_of(person)} if is_verified else {}
    return [replace(each, confirmation=confirmed.get(each.topic.id)) for each in fields]


def fields_with_evidence(viewer: Viewer, person: User) -> list[Field]:
    """What the person's page shows the viewer, the strongest first: nothing unless the person agreed to be asked by
    such as the viewer, or is the viewer. All evidence is public."""
    is_own = viewer.id == person.id
    if not is_own and not (person.may_be_asked and is_profile_open(viewer, person)):
        return []
    return [replace(each, evidence=each.counted) for each in own_fields(person) if each.is_shown]


def topics_shown(viewer: Viewer, person: User) -> Sequence[Topic]:
    """Those that the person names on the profile, without fields that they hide or deleted; they see these too."""
    named = select(Topic).join(user_topic, user_topic.c.topic_id == Topic.id).where(user_topic.c.user_id == person.id)
    if viewer.id != person.id:
        choices = select(FieldChoice.topic_id).where(FieldChoice.person_id == person.id, FieldChoice.choice != "shown")
        named = named.where(Topic.id.not_in(choices))
    return db.session.scalars(named.order_by(Topic.position, Topic.id)).all()


def confirmations_shown(person: User) -> list[Confirmation]:
    """Of the fields that the person does not hide; two queries."""
    return [each.confirmation for each in own_fields(person) if each.confirmation and each.choice == "shown"]


def verification_with(verification_id: int) -> Verification:
    """With its person and topic. Raises NotThere, also when it was withdrawn."""
    wanted = select(Verification).where(Verification.id == verification_id, Verification.withdrawn_at.is_(None))
    found = db.session.scalar(wanted.options(joinedload(Verification.person), joinedload(Verification.topic)))
    if found is None:
        raise NotThere(_("There is no such confirmation, or it was withdrawn."))
    return found


def topic_of(topic_id: str) -> Topic:
    """Raises NotThere."""
    topic = db.session.get(Topic, topic_id)
    if topic is None:
        raise NotThere(_("There is no such topic."))
    return topic


@dataclass(frozen=True)
class EndorsementRow:
    """One endorsement of an answer, as the page of its question shows it."""

    person: Author
    reason: str
    created_at: datetime
    verified_in: str | None
    """The topic, for those who may know that the person is verified."""
    is_moderator: bool
    is_tutor: bool
    """Of the question's group."""
    earlier_revision: int | None
    """Of the answer, where it was revised since."""


def endorsements_of(viewer: Viewer, question: Question) -> dict[int, list[EndorsementRow]]:
    """By the answer's id, oldest first; one query."""
    verified = (
        select(func.min(Topic.name))
        .join(PersonField, PersonField.topic_id == Topic.id)
        .join(post_topic, and_(post_topic.c.topic_id == Topic.id, post_topic.c.post_id == question.id))
        .where(PersonField.person_id == User.id, PersonField.is_verified)
        .scalar_subquery()
    )
    tutoring = is_tutor_in(User.id, question.group_id)
    may_know = or_(is_listed_to(viewer), User.id == viewer.id)
    found = db.session.execute(
        select(Endorsement.answer_id, Endorsement.reason, Endorsement.created_at)
        .add_columns(case((may_know, verified)), User.is_moderator, tutoring)
        .add_columns(case((Endorsement.revision < Answer.revision, Endorsement.revision)))
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(Answer, Answer.id == Endorsement.answer_id)
        .join(User, User.id == Endorsement.person_id)
        .where(Answer.question_id == question.id)
        .order_by(Endorsement.id)
    )
    rows: dict[int, list[EndorsementRow]] = defaultdict(list)
    for answer_id, reason, created_at, verified_in, is_moderator, is_tutor, earlier, *person in found:
        rows[answer_id].append(
            EndorsementRow(Author(*person), reason, created_at, verified_in, is_moderator, is_tutor, earlier)
        )
    return rows


def questions_endorsed_by(person_id: int) -> Sequence[int]:
    """Ids of those whose answers the person stands for."""
    found = select(Answer.question_id).join(Endorsement, Endorsement.answer_id == Answer.id)
    return db.session.scalars(found.where(Endorsement.person_id == person_id).distinct()).all()


def is_endorser(viewer: Viewer, question: Question) -> bool:
    """Whether the viewer knows one of the question's topics, as someone confirmed, moderates, or looks after its group;
    at most one query."""
    if not viewer.is_signed_in or viewer.is_moderator:
        return viewer.is_moderator
    verified = exists().where(
        PersonField.person_id == viewer.id,
        PersonField.is_verified,
        PersonField.topic_id == post_topic.c.topic_id,
        post_topic.c.post_id == question.id,
    )
    return bool(db.session.scalar(select(or_(verified, is_tutor_in(viewer.id, question.group_id)))))


def endorsable(
    viewer: Viewer, question: Question, answers: Sequence[AnswerRow], rows: dict[int, list[EndorsementRow]]
) -> set[int]:
    """Ids of those of these answers that the viewer may endorse and has not."""
    others = [each for each in answers if each.author_id != viewer.id and not each.is_hidden]
    if not others or not is_endorser(viewer, question):
        return set()
    done = {answer_id for answer_id, given in rows.items() if any(each.person.id == viewer.id for each in given)}
    return {each.id for each in others} - done


@dataclass(frozen=True)
class Narrowing:
    """What a reader of the directory asks for: any of the values of a facet, in every facet that has some."""

    roles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    country: str = ""
    language: str = ""

    def arguments(self, *, without: tuple[str, str] = ("", "")) -> dict[str, list[str]]:
        """As in an address; `without` leaves one value of a facet out."""
        facets = {"role": self.roles, "topic": self.topics, "country": [self.country], "language": [self.language]}
        return {
            facet: [value for value in values if value and (facet, value) != without]
            for facet, values in facets.items()
        }

    def conditions(self, *, without: str = "") -> list[ColumnElement[bool]]:
        """As SQL; `without` leaves one facet out, to count what its other values would give."""
        spoken = cast(User.languages, String).contains(f'"{self.language}"', autoescape=True)
        said = {"role": self.roles, "topic": self.topics, "country": self.country, "language": self.language}
        named: dict[str, ColumnElement[bool]] = {
            "role": exists().where(user_role.c.user_id == User.id, user_role.c.role_id.in_(self.roles)),
            "topic": _knows_any(self.topics),
            "country": User.country == self.country,
            "language": spoken,
        }
        return [condition for facet, condition in named.items() if said[facet] and facet != without]


def directory(viewer: Viewer, narrowing: Narrowing, *, limit: int, offset: int) -> tuple[Sequence[User], int]:
    """The people who agreed to be asked by such as the viewer, with their roles, and how many there are on all pages;
    two queries. Where topics are asked for, those who are verified in one of them come first."""
    total = func.count().over().label("total")
    listed = people().where(is_listed_to(viewer), *narrowing.conditions()).add_columns(total)
    if narrowing.topics:
        is_verified = _knows_any(narrowing.topics, PersonField.is_verified)
        listed = listed.order_by(None).order_by(is_verified.desc(), func.lower(User.display_name), User.id)
    found = db.session.execute(listed.options(selectinload(User.roles)).limit(limit).offset(offset)).all()
    return [row[0] for row in found], found[0].total if found else 0


@dataclass(frozen=True)
class FieldMark:
    """A field beside a name in a list."""

    topic: Tag
    is_verified: bool


def field_marks(person_ids: Collection[int]) -> dict[int, list[FieldMark]]:
    """The strongest fields of each of these people, verified ones first; every id has an entry. At most one query."""
    marks: dict[int, list[FieldMark]] = {person_id: [] for person_id in person_ids}
    if not marks:
        return marks
    known = select(PersonField.person_id, Topic.id, Topic.name, PersonField.is_verified)
    known = known.join(Topic, Topic.id == PersonField.topic_id).where(PersonField.person_id.in_(marks))
    strongest = known.order_by(PersonField.is_verified.desc(), PersonField.weight.desc(), Topic.position, Topic.id)
    for person_id, topic_id, name, is_verified in db.session.execute(strongest):
        if len(marks[person_id]) < MARKS_SHOWN:
            marks[person_id].append(FieldMark(Tag(topic_id, name), is_verified))
    return marks


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet and how many people have it."""

    id: str
    name: str
    count: int


def role_facet(viewer: Viewer, narrowing: Narrowing) -> list[FacetValue]:
    conditions = [is_listed_to(viewer), *narrowing.conditions(without="role")]
    return _tag_facet(Role, user_role.c.user_id, user_role.c.role_id, conditions, narrowing.roles)


def topic_facet(viewer: Viewer, narrowing: Narrowing) -> list[FacetValue]:
    conditions = [is_listed_to(viewer), *narrowing.conditions(without="topic")]
    return _tag_facet(Topic, PersonField.person_id, PersonField.topic_id, conditions, narrowing.topics)


def country_facet(viewer: Viewer, narrowing: Narrowing) -> Counter[str]:
    """How many people say that they live where; code to count."""
    counted = select(User.country, func.count()).where(is_listed_to(viewer), *narrowing.conditions(without="country"))
    found = db.session.execute(counted.where(User.country.is_not(None)).group_by(User.country))
    return Counter({str(code): count for code, count in found})


def language_facet(viewer: Viewer, narrowing: Narrowing) -> Counter[str]:
    """How many people read each language; code to count."""
    spoken = cast(User.languages, String)
    counted = select(spoken, func.count()).where(is_listed_to(viewer), *narrowing.conditions(without="language"))
    totals: Counter[str] = Counter()
    for codes, count in db.session.execute(counted.group_by(spoken)):
        totals.update(dict.fromkeys(json.loads(codes), count))
    return totals


def _knows_any(topics: Sequence[str], *conditions: ColumnExpressionArgument[bool]) -> ColumnElement[bool]:
    return exists().where(PersonField.person_id == User.id, PersonField.topic_id.in_(topics), *conditions)


def _tag_facet(
    model: type[Role] | type[Topic],
    person: InstrumentedAttribute[int] | ColumnElement[int],
    tag: InstrumentedAttribute[str] | ColumnElement[str],
    conditions: list[ColumnElement[bool]],
    chosen: Sequence[str],
) -> list[FacetValue]:
    """The tags that someone listed has, and those chosen, in their order; `person` and `tag` say who has which."""
    counted = (
        select(tag.label("id"), func.count().label("count"))
        .join(User, User.id == person)
        .where(*conditions)
        .group_by(tag)
        .subquery()
    )
    count = func.coalesce(counted.c.count, 0)
    tags = select(model.id, model.name, count).outerjoin(counted, counted.c.id == model.id)
    found = db.session.execute(tags.where(or_(count > 0, model.id.in_(chosen))).order_by(model.position, model.id))
    return [FacetValue(*row) for row in found]


def _confirmations_of(person: User) -> list[Confirmation]:
    """Those that nobody withdrew; one query."""
    found = db.session.execute(
        select(Verification.id, Topic.id, Topic.name, Verification.note, Verification.created_at)
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(Topic, Topic.id == Verification.topic_id)
        .join(User, User.id == Verification.by_id)
        .where(Verification.person_id == person.id, Verification.withdrawn_at.is_(None))
    )
    return [
        Confirmation(each_id, Tag(topic_id, name), note, created_at, Author(*by))
        for each_id, topic_id, name, note, created_at, *by in found
    ]


def _strongest_first(fields: Iterable[Field]) -> list[Field]:
    """Each with its strongest evidence first."""
    for each in fields:
        each.evidence.sort(key=lambda piece: (-piece.weight, piece.kind, piece.subject_id))
    return sorted(fields, key=lambda each: -each.weight)


def _evidence(row: Any, moment: datetime) -> Evidence:
    lasts = row.kind in LASTING
    return Evidence(
        row.kind,
        row.subject_id,
        row.worth,
        row.happened_at,
        row.worth if lasts else faded(row.worth, age=moment - row.happened_at),
        row.title or "",
        _address(row),
        is_put_aside=row.is_put_aside,
    )


def _address(row: Any) -> str:
    if row.post_id is None:
        return ""
    page = address_of(row.post_kind, row.post_id, row.title)
    return page if row.kind == "idea" else f"{page}#answer-{row.subject_id}"


PERSONS: BindParameter[int] = bindparam("persons", expanding=True)


def _every_evidence() -> Select[Any]:
    """All that says what the people in the parameter `persons` know, one row for each piece and topic, with what they
    say of it themselves. Built once."""
    parts = [_accepted_answers(), _endorsed_answers(), _supported_answers(), _ideas(), _handed_on()]
    parts += [_stated(), _verified(), _said()]
    every = union_all(*parts).subquery()
    is_put_aside = FieldExclusion.kind.is_not(None).label("is_put_aside")
    said = and_(FieldChoice.person_id == every.c.person_id, FieldChoice.topic_id == every.c.topic_id)
    put_aside = and_(
        FieldExclusion.person_id == every.c.person_id,
        FieldExclusion.topic_id == every.c.topic_id,
        FieldExclusion.kind == every.c.kind,
        FieldExclusion.subject_id == every.c.subject_id,
    )
    return (
        select(every, Topic.name, FieldChoice.choice, FieldChoice.level, FieldChoice.times_lowered, is_put_aside)
        .join(Topic, Topic.id == every.c.topic_id)
        .outerjoin(FieldChoice, said)
        .outerjoin(FieldExclusion, put_aside)
        .order_by(Topic.position, Topic.id)
    )


def _accepted_answers() -> Select[Any]:
    """Nobody knows a thing because they accept what they say themselves."""
    by_others = and_(Question.accepted_answer_id == Answer.id, Question.author_id != Answer.author_id)
    return _answers("accepted", literal(WORTH["accepted"], Float)).where(by_others)


def _endorsed_answers() -> Select[Any]:
    """One row for each endorsement by someone who could give it now: one whose own knowledge is not confirmed any more,
    or who looks after nothing, vouches for nobody."""
    of_question = post_topic.alias()
    verified = exists().where(
        Verification.person_id == Endorsement.person_id,
        Verification.withdrawn_at.is_(None),
        Verification.topic_id == of_question.c.topic_id,
        of_question.c.post_id == Answer.question_id,
    )
    moderating = exists().where(User.id == Endorsement.person_id, User.is_moderator)
    tutoring = is_tutor_in(Endorsement.person_id, Question.group_id)
    answers = _answers("endorsed", literal(WORTH["endorsed"], Float), happened_at=Endorsement.created_at)
    given = answers.join(Endorsement, Endorsement.answer_id == Answer.id)
    return given.where(or_(verified, moderating, tutoring))


def _supported_answers() -> Select[Any]:
    """Answers that people say helped them."""
    count = Answer.support_count
    worth = case((count >= MOST_SUPPORTS, MOST_SUPPORTS * WORTH["supported"]), else_=count * WORTH["supported"])
    return _answers("supported", worth).where(count > 0)


def _answers(kind: str, worth: ColumnElement[float], *, happened_at: Any = Answer.created_at) -> Select[Any]:
    """An answer speaks for each topic of its question."""
    columns = _columns(kind, Answer.author_id, post_topic.c.topic_id, Answer.id, worth, happened_at, of=Question)
    return (
        select(*columns)
        .select_from(Answer)
        .join(Question, Question.id == Answer.question_id)
        .join(post_topic, post_topic.c.post_id == Answer.question_id)
        .where(Answer.author_id.in_(PERSONS), Answer.deleted_at.is_(None), Answer.hidden_at.is_(None), _is_public())
    )


def _ideas() -> Select[Any]:
    worth = literal(WORTH["idea"], Float)
    columns = _columns("idea", Post.author_id, post_topic.c.topic_id, Post.id, worth, Post.published_at, of=Post)
    ideas = select(*columns).join(post_topic, post_topic.c.post_id == Post.id)
    return ideas.where(Post.kind == "idea", Post.author_id.in_(PERSONS), _is_public())


def _handed_on() -> Select[Any]:
    """An idea that somebody else leads now speaks for whoever published it as well."""
    worth, person = literal(WORTH["idea"], Float), CoAuthor.person_id
    columns = _columns("idea", person, post_topic.c.topic_id, Post.id, worth, Post.published_at, of=Post)
    is_theirs = and_(Revision.post_id == Post.id, Revision.number == 1, Revision.author_id == person)
    ideas = select(*columns).join(Post, Post.id == CoAuthor.idea_id).join(Revision, is_theirs)
    ideas = ideas.join(post_topic, post_topic.c.post_id == Post.id)
    return ideas.where(person.in_(PERSONS), Post.author_id != person, _is_public()).distinct()


def _stated() -> Select[Any]:
    person, topic = user_topic.c.user_id, user_topic.c.topic_id
    columns = _columns("stated", person, topic, person, literal(WORTH["stated"], Float), literal_column("NULL"))
    return select(*columns).where(person.in_(PERSONS))


def _verified() -> Select[Any]:
    person, worth = Verification.person_id, literal(WORTH["verified"], Float)
    columns = _columns("verified", person, Verification.topic_id, Verification.id, worth, Verification.created_at)
    return select(*columns).where(person.in_(PERSONS), Verification.withdrawn_at.is_(None))


def _said() -> Select[Any]:
    """What people say of a field stands without evidence too."""
    person, nothing = FieldChoice.person_id, literal(0.0, Float)
    columns = _columns("said", person, FieldChoice.topic_id, person, nothing, literal_column("NULL"))
    return select(*columns).where(person.in_(PERSONS))


def _columns(
    kind: str, person: Any, topic: Any, subject: Any, worth: Any, happened_at: Any, *, of: Any = None
) -> list[ColumnElement[Any]]:
    """The same for every kind of evidence; `of` is the post that it stands on, if any."""
    post = (of.id, of.kind, of.title) if of else (literal_column("NULL"),) * 3
    named = {"person_id": person, "topic_id": topic, "kind": literal(kind), "subject_id": subject, "worth": worth}
    named |= {"happened_at": happened_at, "post_id": post[0], "post_kind": post[1], "title": post[2]}
    return [column.label(name) for name, column in named.items()]


def _is_public() -> ColumnElement[bool]:
    """What is said in private, or was taken away, is not used to know someone."""
    public = Post.group_id.in_(select(Group.id).where(Group.is_private.is_(False)))
    return and_(Post.deleted_at.is_(None), Post.hidden_at.is_(None), public)


_EVIDENCE = _every_evidence()

"""What is asked of an idea and what became of it. Ideas come from `idea_page`, so the viewer may see them; a request
is shown to nobody while its comment is deleted or hidden."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import User
from app.accounts.queries import Author
from app.database import db
from app.forum.models import Comment, Post, Revision
from app.forum.queries import ids_merged_into, is_visible, revision_of
from app.ideas.models import SECTIONS, Idea
from app.ideas.queries import is_co_authored_by
from app.markdown import plain_words
from app.matching.answering import Asked, answered_by
from app.pages import ON_DESK
from app.refusals import NotThere
from app.requests.models import KINDS, SECTION_NAMES, SECTION_OF_KIND, ChangeRequest

EXCERPT = 280
"""Characters of a comment where it stands for itself."""
MOST_REVISIONS = 20
"""Among which one is chosen that answered a request."""
COUNTED = ("open", "answered", "declined")


@dataclass(frozen=True)
class RequestRow:
    """One request as a page shows it."""

    comment_id: int
    section: str | None
    kind: str
    state: str
    revision: int | None
    reply: str
    created_at: datetime
    decided_at: datetime | None
    body: str
    author: Author
    decided_by: Author | None

    @property
    def excerpt(self) -> str:
        return plain_words(self.body, limit=EXCERPT)

    @property
    def kind_name(self) -> str:
        return str(KINDS[self.kind])

    @property
    def aim(self) -> str:
        return aim_of(self)

    @property
    def sections(self) -> Collection[str]:
        """Those in which an answer would stand."""
        where = self.section or SECTION_OF_KIND.get(self.kind)
        return (where,) if where else SECTION_NAMES.keys()


def aim_of(request: RequestRow | ChangeRequest) -> str:
    """What it asks for, and where."""
    kind = KINDS[request.kind]
    if request.section is None:
        return _("%(kind)s, on the whole idea", kind=kind)
    return _("%(kind)s, in “%(section)s”", kind=kind, section=SECTION_NAMES[request.section])


@dataclass(frozen=True)
class Ledger:
    """All that is asked of an idea and was not taken back."""

    rows: Sequence[RequestRow] = ()

    @property
    def open(self) -> list[RequestRow]:
        """The first that was asked first; so are the others."""
        return self._in("open")

    @property
    def answered(self) -> list[RequestRow]:
        return self._in("answered")

    @property
    def declined(self) -> list[RequestRow]:
        return self._in("declined")

    @property
    def summary(self) -> str:
        """How much is asked, and what became of it."""
        counts = {"asked": len(self.rows), "answered": len(self.answered), "declined": len(self.declined)}
        if self.declined:
            return _("%(asked)s asked, %(answered)s answered, %(declined)s declined", **counts)
        return _("%(asked)s asked, %(answered)s answered", **counts)

    @property
    def by_comment(self) -> Mapping[int, RequestRow]:
        return {row.comment_id: row for row in self.rows}

    @property
    def by_revision(self) -> Mapping[int, Sequence[RequestRow]]:
        """What each revision answered, by its number."""
        numbers = dict.fromkeys(row.revision for row in self.answered if row.revision)
        return {number: [row for row in self.answered if row.revision == number] for number in numbers}

    @property
    def open_by_section(self) -> Mapping[str | None, Sequence[RequestRow]]:
        """Under None those on the whole idea."""
        places = dict.fromkeys(row.section for row in self.open)
        return {place: [row for row in self.open if row.section == place] for place in places}

    def _in(self, state: str) -> list[RequestRow]:
        return [row for row in self.rows if row.state == state]


FACTS = (
    ChangeRequest.comment_id,
    ChangeRequest.section,
    ChangeRequest.kind,
    ChangeRequest.state,
    ChangeRequest.revision,
    ChangeRequest.reply,
    ChangeRequest.created_at,
    ChangeRequest.decided_at,
    Comment.body,
)


def ledger_of(idea_id: int) -> Ledger:
    """One query."""
    found = _facts().where(ChangeRequest.idea_id == idea_id, ChangeRequest.state.in_(COUNTED))
    return Ledger([_row(*columns) for columns in db.session.execute(found)])


@dataclass(frozen=True)
class Word:
    """What is asked of an idea and waits for those who write it."""

    request: RequestRow
    idea_id: int
    title: str
    language: str


def words_for(person: User) -> list[Word]:
    """What others ask of the ideas that this person writes and nobody decided, the longest first. One query."""
    writes = or_(Post.author_id == person.id, is_co_authored_by(person))
    found = (
        _facts()
        .join(Idea, Idea.id == ChangeRequest.idea_id)
        .where(is_visible(person), Post.hidden_at.is_(None), writes)
        .where(ChangeRequest.state == "open", Comment.author_id != person.id)
        .add_columns(Idea.id, Idea.title, Idea.language)
        .limit(ON_DESK)
    )
    return [Word(_row(*columns[:-3]), *columns[-3:]) for columns in db.session.execute(found)]


def _facts() -> Select[Any]:
    """Of requests that are shown, the first first, what `_row` takes."""
    decider = aliased(User)
    people = [column for user in (User, decider) for column in (user.id, user.name, user.display_name, user.kind)]
    columns: list[Any] = [*FACTS, *people]
    return (
        select(*columns)
        .join(Comment, Comment.id == ChangeRequest.comment_id)
        .join(User, User.id == Comment.author_id)
        .outerjoin(decider, decider.id == ChangeRequest.decided_by_id)
        .where(_is_shown())
        .order_by(ChangeRequest.created_at, ChangeRequest.comment_id)
    )


def _row(*columns: Any) -> RequestRow:
    facts = {column.key: value for column, value in zip(FACTS, columns, strict=False)}
    asker, decider = columns[len(FACTS) : -4], columns[-4:]
    decided_by = Author(*decider) if decider[0] is not None else None
    return RequestRow(**facts, author=Author(*asker), decided_by=decided_by)


def request_on(idea: Idea, comment_id: int) -> ChangeRequest:
    """With its comment and the author of that. Raises NotThere."""
    return _found(_requests().where(ChangeRequest.idea_id == idea.id, ChangeRequest.comment_id == comment_id))


def request_by(comment: Comment) -> ChangeRequest:
    """Likewise, whatever became of it."""
    return _found(_requests().where(ChangeRequest.comment_id == comment.id))


def requests_still(state: str, idea_id: int, comment_ids: Collection[int]) -> Sequence[ChangeRequest]:
    """What these comments ask that is in this state now, as the database has it."""
    wanted = _requests().where(ChangeRequest.idea_id == idea_id, ChangeRequest.comment_id.in_(comment_ids))
    still = wanted.where(ChangeRequest.state == state).execution_options(populate_existing=True)
    return db.session.scalars(still).all()


def open_at_merged(target_id: int) -> Sequence[ChangeRequest]:
    """What nobody decided at ideas that were merged into this one."""
    waiting = _requests().where(ChangeRequest.state == "open", ChangeRequest.idea_id.in_(ids_merged_into(target_id)))
    return db.session.scalars(waiting.order_by(ChangeRequest.comment_id)).all()


def _requests() -> Select[ChangeRequest]:
    whole = joinedload(ChangeRequest.comment).joinedload(Comment.author)
    shown = select(ChangeRequest).join(Comment, Comment.id == ChangeRequest.comment_id).where(_is_shown())
    return shown.options(whole, joinedload(ChangeRequest.idea))


def _found(requests: Select[ChangeRequest]) -> ChangeRequest:
    request = db.session.scalar(requests.where(ChangeRequest.state != "withdrawn"))
    if request is None:
        raise NotThere(_("Nothing is asked here any more."))
    return request


def _is_shown() -> ColumnElement[bool]:
    return and_(Comment.deleted_at.is_(None), Comment.hidden_at.is_(None))


@dataclass(frozen=True)
class RevisionChoice:
    """A revision that may have answered a request."""

    number: int
    reason: str

    @property
    def shown(self) -> str:
        number = _("Revision %(number)s", number=self.number)
        return f"{number}: {self.reason}" if self.reason else number


def revisions_since(request: ChangeRequest) -> list[RevisionChoice]:
    """Those saved after it was asked or, where there are none, the newest: the text may have said it before. The newest
    first."""
    saved = select(Revision.number, Revision.reason).where(Revision.post_id == request.idea_id)
    newest = saved.order_by(Revision.number.desc())
    later = db.session.execute(newest.where(Revision.created_at > request.created_at).limit(MOST_REVISIONS)).all()
    return [RevisionChoice(*row) for row in later or db.session.execute(newest.limit(1))]


@dataclass(frozen=True)
class Proposal:
    """What a revision may have answered."""

    concerned: Sequence[RequestRow]
    """The open requests on sections that it changed."""
    others: Sequence[RequestRow]
    """The other open requests."""
    answered: Collection[int]
    """The comments of those requests that it seems to answer: all of them are `concerned`."""

    @property
    def requests(self) -> list[RequestRow]:
        """What it seems to answer first."""
        likely = [row for row in self.concerned if row.comment_id in self.answered]
        unlikely = [row for row in self.concerned if row.comment_id not in self.answered]
        return [*likely, *unlikely, *self.others]


def is_concerned(idea: Idea, number: int) -> bool:
    """Whether there are open requests on sections that this revision changed; at most three queries."""
    asked = ledger_of(idea.id).open
    if not asked:
        return False
    changed = _changed(*_texts_around(idea, number))
    return any(changed.intersection(row.sections) for row in asked)


def proposal_for(idea: Idea, number: int) -> Proposal:
    """Raises NotThere where there is no such revision, or none before it."""
    asked = ledger_of(idea.id).open
    before, after = _texts_around(idea, number)
    changed = _changed(before, after)
    concerned = [row for row in asked if changed.intersection(row.sections)]
    others = [row for row in asked if not changed.intersection(row.sections)]
    questions = [Asked(row.comment_id, row.body, row.sections) for row in concerned]
    return Proposal(concerned, others, answered_by(questions, before, after, language=idea.language))


def undone_by(idea: Idea, number: int) -> list[RequestRow]:
    """What the revisions answered that this one took back, as it brought an older text back; nothing where it is no
    such revision. Raises NotThere."""
    restored = revision_of(idea, number).restored
    if restored is None:
        return []
    return [row for row in ledger_of(idea.id).answered if restored < (row.revision or 0) < number]


def _texts_around(idea: Idea, number: int) -> tuple[dict[str, str], dict[str, str]]:
    """The sections before this revision and after it."""
    return revision_of(idea, number - 1).sections, revision_of(idea, number).sections


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    keys = (section.key for section in SECTIONS)
    return {key for key in keys if before.get(key, "") != after.get(key, "")}

"""Who is told of what, and what a person is told: only what they may see now."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, ScalarSelect, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db, now
from app.drafts.models import Draft, DraftReader
from app.drafts.queries import IS_UNSENT, is_shared_with
from app.follows.queries import followers_of_new, muting
from app.forum.models import Comment, Follow, Post, Revision, Support
from app.forum.queries import address_of
from app.groups.models import Group
from app.groups.queries import is_tutor_in, sees_group, visible_group_ids
from app.ideas.models import Idea
from app.ideas.queries import is_co_authored_by
from app.journal.models import JournalEntry
from app.journal.queries import TAKEN_BACK
from app.lineage.models import Merge
from app.markdown import mentioned_names, plain_words
from app.notices.models import Notice
from app.notices.rules import (
    AT_PATHS,
    AUTHORS,
    CODED,
    CONCERNED,
    FOLLOWERS,
    FOREMOST,
    LEAVING_NONE,
    NAMING,
    NEARER,
    NEWS,
    OPEN_NOTES,
    PLACES,
    REVIEWING,
    REVISING,
    RULES,
    STAFF,
    SUPPORTING,
    TAKING_BACK,
    Rule,
)
from app.questions.models import Answer, Question
from app.refusals import NotThere
from app.reviews.models import Review
from app.stages.models import move_in
from app.suggestions.models import Suggestion

MOST_COUNTED = 100
"""Unread notices; who has more reads "99+"."""
SHOWN_OF_GROUP = 10
"""Notices, and the newest if it is not one of them."""
A_DAY = timedelta(days=1)
EXCERPT = 180
"""Characters of a comment or answer."""
MERGED = aliased(Post.__table__)
"""The idea that an entry proposes to merge into another."""


# What a person is told


@dataclass(frozen=True)
class NoticeRow:
    """One notice as the page, a mail or a digest shows it."""

    id: int
    kind: str
    action: str
    by: Author | None
    post_id: int | None
    post_kind: str
    post_title: str
    """Or the name of the group that it is about."""
    post_language: str
    """Empty, as the kind, when it is about no post."""
    address: str
    """The path of what it is about: a page, with the place on it."""
    note: str
    """Why it was done, how the comment or answer begins, or the title of a draft; in its author's words."""
    stage: str
    """That the idea came to, where it is about that."""
    other: str
    """The title of the idea that is to become one with it, where it is about that."""
    reason: str
    detail: str
    created_at: datetime
    read_at: datetime | None


def notices_to(person: User, *, ids: Collection[int] | None = None, is_unread: bool = False) -> list[NoticeRow]:
    """Newest first, in one query: those with these ids, those not read yet; of what one person's support of a post
    said, only the newest."""
    wanted = _shown_to(person).where(~_is_said_again())
    if ids is not None:
        wanted = wanted.where(Notice.id.in_(ids))
    if is_unread:
        wanted = wanted.where(Notice.read_at.is_(None))
    found = db.session.execute(
        wanted.outerjoin(User, User.id == JournalEntry.by_id)
        .with_only_columns(Notice.id, Notice.kind, Notice.reason, Notice.detail, Notice.created_at, Notice.read_at)
        .add_columns(JournalEntry.action, _note_for(person).label("note"), User.id.label("by_id"))
        .add_columns(User.name, User.display_name, User.kind.label("by_kind"))
        .add_columns(Post.id.label("post_id"), Post.kind.label("post_kind"), Post.title, Post.language)
        .add_columns(_draft_title_for(person).label("draft_title"), _group_name().label("group_name"))
        .add_columns(_proposed(Merge.id).label("merge_id"), _proposed(MERGED.c.title).label("merged_title"))
        .add_columns(_rejected_id().label("rejected_id"))
        .add_columns(JournalEntry.answer_id, Notice.comment_id, _revision_at(JournalEntry.created_at).label("revision"))
        .add_columns(
            or_(Comment.deleted_at.is_not(None), Comment.hidden_at.is_not(None)).label("is_comment_away"),
            or_(Answer.deleted_at.is_not(None), Answer.hidden_at.is_not(None)).label("is_answer_away"),
        )
        .order_by(Notice.id.desc())
    )
    return [_row(facts, person) for facts in found]


@dataclass(frozen=True)
class Unread:
    """A notice that waits to be read, and what it is about: a post, the page at a path, or either of them."""

    id: int
    post_id: int | None
    path: str
    is_said_again: bool
    """By a later one, which is counted in its place."""


def unread_of(person: Viewer, *, post_id: int | None = None) -> list[Unread]:
    """Up to MOST_COUNTED, those about this post first; no query for guests."""
    if not (person.is_signed_in and _has_unread(person)):
        return []
    facts = _shown_to(person).with_only_columns(Notice.id, Notice.post_id, JournalEntry.action, JournalEntry.note)
    facts = facts.add_columns(_is_said_again().label("is_said_again"))
    unread = facts.where(Notice.read_at.is_(None)).limit(MOST_COUNTED)
    if post_id is not None:
        unread = unread.order_by(case((Notice.post_id == post_id, 0), else_=1))
    return [
        Unread(row.id, row.post_id, path, row.is_said_again)
        for row in db.session.execute(unread)
        for path in [
            "" if row.post_id and row.action not in AT_PATHS else _address_beside(row.action, row.note, person)
        ]
    ]


def _has_unread(person: Viewer) -> bool:
    """Whether it is worth asking which the person may see: that is dear, and most pages are read without any."""
    unread = exists().where(Notice.person_id == person.id, Notice.read_at.is_(None))
    return bool(db.session.scalar(select(unread)))


@dataclass(frozen=True)
class Filters:
    """Which notices the page lists."""

    is_unread: bool = False
    kind: str = ""


@dataclass(frozen=True)
class NoticeGroup:
    """Notices of one kind on one post that were read together or not yet."""

    rows: Sequence[NoticeRow]
    """Some of them, newest first; the newest of all is there, and those that weigh most or take such back."""
    size: int

    @property
    def newest(self) -> NoticeRow:
        return self.rows[0]

    @property
    def foremost(self) -> NoticeRow:
        """The newest of those that weigh most and were not taken back since; the newest if there is none."""
        taken_back: Counter[tuple[str, int]] = Counter()
        for row in self.rows:
            by_id = row.by.id if row.by else 0
            if row.action in TAKING_BACK:
                taken_back[TAKING_BACK[row.action], by_id] += 1
            elif row.action in FOREMOST and not taken_back[row.action, by_id]:
                return row
            else:
                taken_back[row.action, by_id] -= 1
        return self.newest

    @property
    def is_alike(self) -> bool:
        """Whether none of them weighs more than the others."""
        actions = {row.action for row in self.rows}
        return len(actions) == 1 or not actions & FOREMOST


def notice_groups(person: User, filters: Filters, *, limit: int, offset: int = 0) -> list[NoticeGroup]:
    """Those in which something came last, first; two queries. What is taken away between them is left out."""
    every = _grouped(person, filters)
    here = select(every.c.newest).where(every.c.place == 1).order_by(every.c.newest.desc()).limit(limit).offset(offset)
    shown = select(every.c.id, every.c.newest, every.c.size).where(every.c.newest.in_(here))
    some = shown.where(or_(every.c.place <= SHOWN_OF_GROUP, every.c.id == every.c.newest))
    members = db.session.execute(some.order_by(every.c.newest.desc(), every.c.id.desc())).all()
    rows = {row.id: row for row in notices_to(person, ids=[each.id for each in members])} if members else {}
    groups: dict[int, list[NoticeRow]] = defaultdict(list)
    for each in members:
        if each.id in rows:
            groups[each.newest].append(rows[each.id])
    sizes = {each.newest: each.size for each in members}
    return [NoticeGroup(shown, sizes[newest]) for newest, shown in groups.items()]


def count_groups(person: User, filters: Filters) -> int:
    every = _grouped(person, filters)
    return db.session.scalar(select(func.count()).select_from(every).where(every.c.place == 1)) or 0


def newest_notice_id(person: User) -> int:
    return db.session.scalar(select(func.max(Notice.id)).where(Notice.person_id == person.id)) or 0


def followed_among(person: User, groups: Sequence[NoticeGroup]) -> set[int]:
    """The ids of the posts that these are about and the person follows."""
    post_ids = {group.newest.post_id for group in groups if group.newest.post_id}
    followed = select(Follow.post_id).where(Follow.user_id == person.id, Follow.post_id.in_(post_ids))
    return set(db.session.scalars(followed)) if post_ids else set()


def own_notice(person: User, notice_id: int) -> Notice:
    """Raises NotThere."""
    notice = db.session.scalar(_shown_to(person).where(Notice.id == notice_id))
    if notice is None:
        raise NotThere(_("There is no such notice."))
    return notice


def question_of(answer_id: int) -> int | None:
    """The id of the question that it answers; no query on a page that loaded the answer."""
    answer = db.session.get(Answer, answer_id)
    return answer.question_id if answer else None


def _grouped(person: User, filters: Filters) -> Subquery:
    """(id, place, size, newest): each notice with its place in its group, how many are there, and the newest of it.
    Of what one person's support of a post said, only the newest."""
    wanted = _shown_to(person).where(~_is_said_again())
    if filters.is_unread:
        wanted = wanted.where(Notice.read_at.is_(None))
    if filters.kind:
        wanted = wanted.where(Notice.kind == filters.kind)
    group = (Notice.kind, func.coalesce(Notice.post_id, -Notice.id), Notice.read_at)
    weight = case((JournalEntry.action.in_({*FOREMOST, *TAKING_BACK}), 0), else_=1)
    return wanted.with_only_columns(
        Notice.id,
        func.row_number().over(partition_by=group, order_by=(weight, Notice.id.desc())).label("place"),
        func.count().over(partition_by=group).label("size"),
        func.max(Notice.id).over(partition_by=group).label("newest"),
    ).subquery()


def _shown_to(person: User) -> Select[Any]:
    """The person's notices of what they may see now; a request to join and a question put to them leave none
    once they are taken back. Of what a moderator did to a text, its authors are told although nobody sees it any
    more."""
    is_moderated = Notice.kind == "moderation"
    writes = is_co_authored_by(person)

    def is_there(model: Any) -> ColumnElement[bool]:
        is_present = and_(model.deleted_at.is_(None), model.hidden_at.is_(None))
        is_own = or_(model.author_id == person.id, writes) if model is Post else model.author_id == person.id
        return or_(model.id.is_(None), is_present, and_(is_moderated, is_own))

    reads = exists().where(DraftReader.draft_id == Draft.id, DraftReader.person_id == person.id)
    is_shared = or_(JournalEntry.action != "draft_shared", reads.where(Draft.token == JournalEntry.note))
    later = aliased(JournalEntry)
    withdrawn = exists().where(later.post_id == JournalEntry.post_id, later.id > JournalEntry.id)
    no_more_asked = and_(later.action == "ask_withdrawn", later.person_id == person.id)
    is_taking_back = or_(later.action == "team_request_withdrawn", no_more_asked)
    withdrawn = withdrawn.where(later.by_id == JournalEntry.by_id, is_taking_back)
    is_asked = or_(JournalEntry.action.not_in(LEAVING_NONE), ~withdrawn)
    in_group = or_(Notice.post_id.is_(None), Post.group_id.in_(visible_group_ids(person)))
    return (
        select(Notice)
        .join(JournalEntry, JournalEntry.id == Notice.entry_id)
        .outerjoin(Post, Post.id == Notice.post_id)
        .outerjoin(Comment, Comment.id == Notice.comment_id)
        .outerjoin(Answer, Answer.id == JournalEntry.answer_id)
        .where(Notice.person_id == person.id, in_group, is_shared, is_asked, *map(is_there, (Post, Comment, Answer)))
    )


def _is_said_again() -> ColumnElement[bool]:
    """Whether a notice says that someone stands behind a post, and a later one to them says so again, or why."""
    later, entry = aliased(Notice), aliased(JournalEntry)
    same = and_(later.person_id == Notice.person_id, later.post_id == Notice.post_id, later.id > Notice.id)
    again = exists().where(
        same, entry.id == later.entry_id, entry.by_id == JournalEntry.by_id, entry.action.in_(SUPPORTING)
    )
    return and_(JournalEntry.action.in_(SUPPORTING), again.correlate(Notice, JournalEntry))


def _revision_at(moment: Any) -> ScalarSelect[int | None]:
    """The number of the revision that the post of an entry had come to."""
    numbers = select(func.max(Revision.number)).where(Revision.post_id == JournalEntry.post_id)
    return numbers.where(Revision.created_at <= moment).correlate(JournalEntry).scalar_subquery()


def _note_for(person: User) -> ColumnElement[str]:
    """What everyone may read, or what was said to this person or by moderators to all who write it, unless it was taken
    away or said otherwise since; of a comment or an answer its first characters."""
    is_to_them = or_(JournalEntry.person_id == person.id, Notice.kind == "moderation")
    is_open = or_(JournalEntry.is_public, is_to_them, JournalEntry.action.in_(OPEN_NOTES))
    return case(
        (JournalEntry.action.in_(("comment_posted", "request_made")), func.substr(Comment.body, 1, 3 * EXCERPT)),
        (JournalEntry.action == "answer_posted", func.substr(Answer.body, 1, 3 * EXCERPT)),
        *((and_(JournalEntry.action.in_(actions), ~still), "") for actions, still in _still_said()),
        (and_(is_open, JournalEntry.action.not_in(TAKEN_BACK)), JournalEntry.note),
        else_="",
    )


def _draft_title_for(person: User) -> ScalarSelect[str | None]:
    """Of a draft that an entry says is shared with them."""
    titles = select(Draft.title).where(Draft.token == JournalEntry.note, IS_UNSENT, is_shared_with(person))
    return titles.where(JournalEntry.action == "draft_shared").correlate(JournalEntry).scalar_subquery()


def _group_name() -> ScalarSelect[str | None]:
    """Of the group that an entry says they are the tutor of."""
    names = select(Group.name).where(Group.slug == JournalEntry.note, JournalEntry.action == "tutor_appointed")
    return names.correlate(JournalEntry).scalar_subquery()


def _proposed(fact: Any) -> ScalarSelect[Any]:
    """Of the merge that an entry proposes and the idea that would go, unless that one is not there any more."""
    newest = select(func.max(Merge.id)).where(Merge.target_id == JournalEntry.post_id)
    newest = newest.where(Merge.proposed_at <= JournalEntry.created_at).correlate(JournalEntry)
    facts = select(fact).select_from(Merge).join(MERGED, MERGED.c.id == Merge.idea_id)
    is_there = MERGED.c.hidden_at.is_(None), MERGED.c.deleted_at.is_(None)
    proposed = facts.where(Merge.id == newest.scalar_subquery(), *is_there)
    return proposed.where(JournalEntry.action == "idea_merge_proposed").correlate(JournalEntry).scalar_subquery()


def _rejected_id() -> ScalarSelect[int | None]:
    """Of the suggestion that was rejected: from there its proposer takes it elsewhere."""
    theirs = select(func.max(Suggestion.id)).where(Suggestion.idea_id == JournalEntry.post_id)
    theirs = theirs.where(Suggestion.proposer_id == JournalEntry.person_id, Suggestion.reply == JournalEntry.note)
    return theirs.where(JournalEntry.action == "suggestion_rejected").correlate(JournalEntry).scalar_subquery()


def _still_said() -> Iterable[tuple[Collection[str], ColumnElement[bool]]]:
    """After these actions, whether what was said with them can be read elsewhere too."""
    entry = JournalEntry
    reason = exists().where(Support.post_id == entry.post_id, Support.user_id == entry.by_id)
    made = exists().where(Suggestion.idea_id == entry.post_id, Suggestion.proposer_id == entry.by_id)
    rejected = exists().where(Suggestion.idea_id == entry.post_id, Suggestion.proposer_id == entry.person_id)
    return (
        (("support_given", "support_reason_given"), reason.where(Support.reason == entry.note)),
        (("suggestion_made",), made.where(Suggestion.reason == entry.note)),
        (("suggestion_rejected",), rejected.where(Suggestion.reply == entry.note)),
    )


def _row(facts: Any, person: User) -> NoticeRow:
    is_text = facts.action in ("comment_posted", "request_made", "answer_posted")
    note = plain_words(facts.note or "", limit=EXCERPT) if is_text else facts.note
    move = move_in(note) if facts.action == "stage_changed" else None
    return NoticeRow(
        id=facts.id,
        kind=facts.kind,
        action=facts.action,
        by=Author(facts.by_id, facts.name, facts.display_name, facts.by_kind) if facts.by_id else None,
        post_id=facts.post_id,
        post_kind=facts.post_kind or "",
        post_title=facts.title or facts.group_name or "",
        post_language=facts.language or "",
        address=_address(facts, person),
        note=(facts.draft_title or "") if facts.action in CODED else move.reason if move else note,
        stage=move.after if move else "",
        other=facts.merged_title or "",
        reason=facts.reason,
        detail=facts.detail,
        created_at=facts.created_at,
        read_at=facts.read_at,
    )


def _address(facts: Any, person: User) -> str:
    if facts.post_id is None or facts.action in AT_PATHS:
        return _address_beside(facts.action, facts.note, person)
    if facts.merge_id is not None:
        return f"/ideas/{facts.post_id}/merges/{facts.merge_id}"
    if facts.rejected_id is not None:
        return f"/ideas/{facts.post_id}/suggestions/{facts.rejected_id}"
    if facts.action in PLACES:
        return f"/ideas/{facts.post_id}/{PLACES[facts.action]}"
    if facts.action in REVISING and facts.kind != "mentions" and (facts.revision or 0) > 1:
        return f"/{facts.post_kind}s/{facts.post_id}/revisions/{facts.revision}"
    page = address_of(facts.post_kind, facts.post_id, facts.title)
    if facts.comment_id and not facts.is_comment_away:
        return f"{page}#comment-{facts.comment_id}"
    if facts.answer_id and not facts.is_answer_away and not facts.comment_id:
        return f"{page}#answer-{facts.answer_id}"
    return f"{page}#with" if facts.action == "team_asked" else page


def _address_beside(action: str, note: str, person: Viewer) -> str:
    """Of what is about no post, or is read on another page than the post's."""
    if action in AT_PATHS:
        return AT_PATHS[action]
    if action == "draft_shared":
        return f"/drafts/{note}"
    return "/drafts" if action == "draft_unshared" else f"/u/{person.name}"


# Who is told


@dataclass(frozen=True)
class Cause:
    """As what kind of notice, and why, one person is told."""

    kind: str
    reason: str
    detail: str = ""


def to_be_told(entry: JournalEntry, post: Post | None) -> dict[int, Cause]:
    """The people who are told of an entry, by id. Never who did it, nobody who may not see the post, nobody who cannot
    sign in, and nobody who muted it; to be named goes before every other reason."""
    named = _named(entry, post) if entry.action in NAMING and post else {}
    causes: dict[int, Cause] = {}
    for rule in RULES[entry.action]:
        causes = _told_by(rule, entry, post) | causes
    causes = _without(_told_nearer(entry), causes) | named
    if post and _asks_for_change(entry):
        causes = _without(post.author_ids, causes)
    if post and (post.hidden_at or post.deleted_at):
        causes = {person_id: cause for person_id, cause in causes.items() if cause.kind == "moderation"}
    muted = muted_by([person_id for person_id, cause in causes.items() if cause.kind != "moderation"], entry)
    told = set(db.session.scalars(_telling(causes, entry, post))) - muted
    return {person_id: cause for person_id, cause in causes.items() if person_id in told}


def told_less_nearly(entry: JournalEntry) -> Select[int]:
    """The ids of the notices of whom an entry concerns in whose place it comes: neither read nor mailed yet."""
    less = [action for action, nearer in NEARER.items() if entry.action in nearer]
    notices = select(Notice.id).join(JournalEntry, JournalEntry.id == Notice.entry_id)
    is_open = Notice.kind != "mentions", Notice.read_at.is_(None), Notice.mail_id.is_(None)
    return notices.where(Notice.person_id == entry.person_id, *is_open, *_with_same_revision(entry, less))


def muted_by(people: Collection[int], entry: JournalEntry) -> set[int]:
    """Those of these people who want to hear nothing of what the entry is about, or of who did it."""
    return muting(people, post_id=entry.post_id, by_id=entry.by_id)


def _telling(causes: Collection[int], entry: JournalEntry, post: Post | None) -> Select[Any]:
    people = select(User.id).where(User.id.in_(causes), User.kind == "member")
    if entry.by_id is not None:
        people = people.where(User.id != entry.by_id)
    return people.join(Post, Post.id == post.id).where(sees_group(Post.__table__.c.group_id)) if post else people


def _told_by(rule: Rule, entry: JournalEntry, post: Post | None) -> dict[int, Cause]:
    if rule.who == AUTHORS and post and entry.person_id is None and entry.by_id in post.author_ids:
        return dict.fromkeys(post.author_ids, Cause(rule.kind, "together"))
    if rule.who in (CONCERNED, AUTHORS) and entry.person_id is not None:
        concerned = {entry.person_id: Cause(rule.kind, rule.reason or _reason_of(entry, post))}
        authors = post.author_ids if rule.who == AUTHORS and post else ()
        is_of_all = entry.person_id in authors
        return dict.fromkeys(authors, Cause(rule.kind, "author")) | concerned if is_of_all else concerned
    if rule.who == FOLLOWERS and post:
        following = db.session.scalars(select(Follow.user_id).where(Follow.post_id == post.id))
        return dict.fromkeys(following, Cause(rule.kind, "follows"))
    if rule.who == STAFF and post:
        return dict.fromkeys(db.session.scalars(_staff_to_tell(entry, post)), Cause(rule.kind, "staff"))
    news = followers_of_new(post) if rule.who == NEWS and post else {}
    return {person_id: Cause(rule.kind, *reason) for person_id, reason in news.items()}


def _staff_to_tell(entry: JournalEntry, post: Post) -> Select[int]:
    """Whoever looks after the group of the post, but once a day: one page holds all that is left to them."""
    told = select(Notice.id).join(JournalEntry, JournalEntry.id == Notice.entry_id)
    told = told.where(JournalEntry.action == entry.action, Notice.created_at > now() - A_DAY)
    looks_after = or_(User.is_moderator, is_tutor_in(User.id, post.group_id))
    is_told = told.where(Notice.person_id == User.id).exists()
    return select(User.id).where(looks_after, ~is_told, User.id != post.author_id)


def _without(people: Collection[int | None], causes: dict[int, Cause]) -> dict[int, Cause]:
    return {person_id: cause for person_id, cause in causes.items() if person_id not in people}


def _told_nearer(entry: JournalEntry) -> set[int | None]:
    if entry.action not in NEARER:
        return set()
    nearer = _with_same_revision(entry, NEARER[entry.action])
    return set(db.session.scalars(select(JournalEntry.person_id).where(*nearer)))


def _with_same_revision(entry: JournalEntry, actions: Collection[str]) -> Iterable[ColumnElement[bool]]:
    """Entries of these actions between which and this one its post was not changed again."""
    is_same = _revision_at(JournalEntry.created_at) == _revision_at(entry.created_at)
    return JournalEntry.post_id == entry.post_id, JournalEntry.action.in_(actions), is_same


def _asks_for_change(entry: JournalEntry) -> bool:
    """Whether a comment was made to ask for a change, which the idea's authors are told as such."""
    asking = select(JournalEntry.id).where(
        JournalEntry.action == "request_made", JournalEntry.comment_id == entry.comment_id
    )
    is_comment = entry.action == "comment_posted" and entry.comment_id is not None
    return is_comment and db.session.scalar(asking.limit(1)) is not None


def _reason_of(entry: JournalEntry, post: Post | None) -> str:
    """What the person whom it concerns has to do with it."""
    comment = db.session.get(Comment, entry.comment_id or 0)
    if comment and comment.author_id == entry.person_id:
        return "wrote"
    if comment and comment.parent_id and db.session.get_one(Comment, comment.parent_id).author_id == entry.person_id:
        return "replied"
    if entry.answer_id and db.session.get_one(Answer, entry.answer_id).author_id == entry.person_id:
        return "answered"
    if post and post.author_id == entry.person_id:
        return "asked" if post.kind == "question" else "author"
    return "concerned"


def _named(entry: JournalEntry, post: Post) -> dict[int, Cause]:
    """Whom the text names that was written or changed, without those who were told of it before."""
    names = mentioned_names(_text_of(entry, post))
    if not names:
        return {}
    is_review = JournalEntry.action.in_(REVIEWING)
    told = (
        select(Notice.person_id)
        .join(JournalEntry, JournalEntry.id == Notice.entry_id)
        .where(Notice.kind == "mentions", Notice.post_id == post.id, Notice.entry_id != entry.id)
        .where(Notice.comment_id.is_not_distinct_from(entry.comment_id))
        .where(JournalEntry.answer_id.is_not_distinct_from(entry.answer_id))
        .where(and_(is_review, JournalEntry.by_id == entry.by_id) if entry.action in REVIEWING else ~is_review)
    )
    named = select(User.id).where(User.name.in_(names), User.id.not_in(told))
    return dict.fromkeys(db.session.scalars(named), Cause("mentions", "named"))


def _text_of(entry: JournalEntry, post: Post) -> str:
    """As it reads now."""
    if entry.comment_id:
        return db.session.get_one(Comment, entry.comment_id).body
    if entry.answer_id:
        return db.session.get_one(Answer, entry.answer_id).body
    if entry.action in REVIEWING:
        given = select(Review).where(Review.idea_id == post.id, Review.reviewer_id == entry.by_id)
        review = db.session.scalar(given)
        return f"{review.strength}\n\n{review.change}" if review else ""
    return "\n\n".join(_texts_of(post))


def _texts_of(post: Post) -> Iterable[str]:
    if isinstance(post, Idea):
        return post.sections.values()
    return (post.body, post.tried) if isinstance(post, Question) else ()

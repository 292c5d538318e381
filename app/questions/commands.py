"""Ask, revise, close, answer, accept, say that an answer helped; make a question of a comment, and the other way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Required, TypedDict, Unpack

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from app.accounts.models import User
from app.codes import country_name
from app.database import db, now, transaction
from app.forum.commands import (
    StaleRevision,
    author_unless,
    authors_unless,
    begin_revision,
    count_comments,
    follow,
    hold_shown,
    post_comment,
    record_revision,
    restored_reason,
    sent_before,
    store_comment,
    take_away,
)
from app.forum.events import post_published, post_revised
from app.forum.models import GIST_LENGTH, Comment, Post, Revision
from app.forum.policy import can_revise
from app.groups.models import Group
from app.groups.queries import is_member
from app.journal.commands import record
from app.markdown import plain_words
from app.questions.events import (
    answer_accepted,
    answer_deleted,
    answer_posted,
    answer_revised,
    answer_unaccepted,
    comment_asked,
)
from app.questions.models import PARTS, WANTED, Answer, AnswerRevision, AnswerSupport, Question, QuestionToo
from app.questions.policy import (
    can_accept,
    can_ask_comment,
    can_close,
    can_delete_answer,
    can_have_too,
    can_revise_answer,
    can_support_answer,
)
from app.questions.queries import (
    LINKS,
    answers_shown,
    comments_shown,
    followers_of,
    idea_to_comment_on,
    is_asked,
    is_local_address,
    local_address,
    subject_named,
    subject_of,
)
from app.refusals import Conflict, Unfit, require
from app.taxonomy.queries import roles_named, topics_named

NOT_CLOSED_BY_OTHERS = _l("Only the person who asked or a moderator can close this question.")


class Written(TypedDict, total=False):
    """What the form of a question holds: tags by id. What is left out is empty, and is emptied by a revision."""

    title: Required[str]
    body: str
    roles: Iterable[str]
    topics: Iterable[str]
    country: str | None
    language: str
    place: str
    tried: str
    wanted: str
    needed_by: date | None


def ask_question(
    *,
    by: User,
    group: Group,
    about: str = "",
    published_at: datetime | None = None,
    source: str | None = None,
    source_url: str | None = None,
    sent_as: str | None = None,
    **written: Unpack[Written],
) -> Question:
    """Publish a question in a group that the person belongs to; the person follows it.

    `about` names an idea, nugget or resource that the person may see, as "idea-7"; raises Unfit for any other.
    `sent_as` names the form that it comes from: what was published from it before is returned.
    """
    require(is_member(by, group.id), _("You can only ask in a group that you belong to."))
    moment = published_at or now()
    with transaction():
        if before := sent_before(Question, sent_as, by=by):
            return before
        question = Question(author_id=by.id, group_id=group.id, source=source, source_url=source_url, sent_as=sent_as)
        question.published_at = question.active_at = moment
        if about:
            _link(question, about, by=by)
        _write(question, **written)
        db.session.add(question)
        db.session.flush()
        record_revision(question, by=by, sections=_sections(question), reason="")
        follow(question, by=by, is_own_doing=False)
        record("question_asked", by=by, post_id=question.id)
        idea = db.session.get(Post, question.idea_id) if question.idea_id else None
        for person in authors_unless(idea, by) if idea else ():
            record("question_about_asked", by=by, post_id=question.id, person=person)
        post_published.send(question)
    return question


def revise_question(
    question: Question,
    *,
    by: User,
    reason: str,
    seen: int,
    keep_about: bool = True,
    **written: Unpack[Written],
) -> None:
    """Save a new revision. Raises StaleRevision if someone saved after revision `seen`.

    Without `keep_about` it is no longer about anything, unless the person may not see what it is about. Where nothing
    changes there is no revision.
    """
    require(can_revise(by, question))
    with transaction():
        hold_shown(question, by=by)
        before = _whole(question)
        _write(question, **written)
        if not keep_about and subject_of(by, question):
            question.idea_id = question.nugget_id = question.resource_id = None
        if _whole(question) == before:
            return
        begin_revision(question, seen=seen)
        record_revision(question, by=by, sections=_sections(question), reason=reason)
        person = author_unless(question, by)
        record("question_revised", by=by, post_id=question.id, person=person, note=reason)
        post_revised.send(question)


def revert_question(question: Question, revision: Revision, *, by: User, reason: str, seen: int) -> None:
    """Save the title and texts of an older revision as a new one; tags stay. Raises StaleRevision if someone saved
    after revision `seen`, Conflict when the question reads like this now."""
    require(can_revise(by, question))
    with transaction():
        hold_shown(question, by=by)
        begin_revision(question, seen=seen)
        texts = {part: revision.texts.get(part, "") for part in PARTS}
        if all(getattr(question, part) == text for part, text in texts.items()):
            raise Conflict(_("The text reads like this now. There is nothing to bring back."))
        for part, text in texts.items():
            setattr(question, part, text)
        question.gist = plain_words(question.body, limit=GIST_LENGTH)
        said = restored_reason(revision.number, reason)
        record_revision(question, by=by, sections=_sections(question), reason=said, restored=revision.number)
        person = author_unless(question, by)
        record("question_reverted", by=by, post_id=question.id, person=person, note=said, is_public=True)
        post_revised.send(question)


def close_question(question: Question, *, by: User, closing: str, note: str = "", elsewhere: str = "") -> None:
    """No more answers are taken. Raises Conflict when it is closed, Unfit for an answer elsewhere that the person may
    not see."""
    require(can_close(by, question), NOT_CLOSED_BY_OTHERS)
    with transaction():
        hold_shown(question, by=by)
        if question.closed_at is not None:
            raise Conflict(_("This question was closed in the meantime."))
        question.closed_at, question.closed_by_id, question.closing, question.closing_note = now(), by.id, closing, note
        question.elsewhere = _address_elsewhere(question, elsewhere, by=by) if closing == "elsewhere" else ""
        person = author_unless(question, by)
        record("question_closed", by=by, post_id=question.id, person=person, note=note, is_public=True)


def reopen_question(question: Question, *, by: User) -> None:
    """Take answers again; an open question stays as it is."""
    require(can_close(by, question), _("Only the person who asked or a moderator can reopen this question."))
    with transaction():
        hold_shown(question, by=by)
        if question.closed_at is None:
            return
        question.closed_at = question.closed_by_id = None
        question.closing = question.closing_note = question.elsewhere = ""
        record("question_reopened", by=by, post_id=question.id, person=author_unless(question, by), is_public=True)


def have_too(question: Question, *, by: User) -> None:
    """Say that the person has this question too; they follow it from now on. Once more changes nothing."""
    require(can_have_too(by, question), _("You asked this question yourself."))
    with transaction():
        hold_shown(question, by=by)
        if db.session.get(QuestionToo, (question.id, by.id)) is None:
            db.session.add(QuestionToo(question_id=question.id, user_id=by.id))
            _count_too(question)
            follow(question, by=by, is_own_doing=False)
            record("question_asked_too", by=by, post_id=question.id, person=question.author)


def withdraw_too(question: Question, *, by: User) -> None:
    """The person has this question no more; they still follow it."""
    with transaction():
        hold_shown(question, by=by)
        own = delete(QuestionToo).where(QuestionToo.question_id == question.id, QuestionToo.user_id == by.id)
        if db.session.execute(own.returning(QuestionToo.user_id)).first() is not None:
            _count_too(question)
            record("question_asked_too_withdrawn", by=by, post_id=question.id, person=question.author)


def ask_comment(
    comment: Comment, *, by: User, about: str = "", sent_as: str | None = None, **written: Unpack[Written]
) -> Question:
    """Publish a comment as a question of its author's, in the group of its post.

    Raises what `require_askable` says.
    """
    require(can_ask_comment(by, comment), _("Only its author or a moderator can ask a comment as a question."))
    with transaction():
        hold_shown(comment.post, by=by)
        before = db.session.scalar(select(Question).where(Question.from_comment_id == comment.id))
        if before is not None and before.deleted_at is not None:
            before.from_comment_id, before = None, None
            db.session.flush()
        if before is not None and sent_as is not None and before.sent_as == sent_as:
            return before
        db.session.refresh(comment)
        require_askable(comment)
        group = comment.post.group
        question = ask_question(by=comment.author, group=group, about=about, sent_as=sent_as, **written)
        question.from_comment_id = comment.id
        comment_asked.send(comment, by=by)
        record("comment_became_question", by=by, post_id=question.id, person=comment.author, is_public=True)
    return question


def require_askable(comment: Comment) -> None:
    """Raises Conflict unless the comment can be asked as a question now, NotAllowed when its author left the group."""
    if comment.deleted_at is not None or comment.hidden_at is not None:
        raise Conflict(_("This comment is not shown any more."))
    if is_asked(comment):
        raise Conflict(_("This comment was asked as a question already."))
    require(
        is_member(comment.author, comment.post.group_id),
        _("Whoever wrote this comment left the group. It cannot be asked in their name."),
    )


def turn_into_comment(question: Question, *, by: User) -> Comment:
    """A comment on the idea that it is about takes the question's place: the one that it came from if that says all, or
    a new one by whoever asked, as a reply to that one. What was answered and remarked stands below it, each with its
    author and moment; whoever followed the question follows the idea.

    Raises Conflict when there is no such idea.
    """
    require(can_revise(by, question))
    with transaction():
        hold_shown(question, by=by)
        idea = idea_to_comment_on(by, question)
        if idea is None:
            raise Conflict(_("Only a question about an idea of the same group can become a comment on it."))
        hold_shown(idea, by=by)
        comment = _store_in_place_of(question, idea)
        _move_below(comment, question, idea)
        for follower in followers_of(question):
            follow(idea, by=follower, is_own_doing=False)
        idea.active_at = max(idea.active_at, question.active_at)
        question.became_comment_id, question.from_comment_id = comment.id, None
        record(
            "question_became_comment",
            by=by,
            post_id=idea.id,
            comment_id=comment.id,
            person=question.author,
            is_public=True,
        )
        take_away(question)
    return comment


def answer_question(
    question: Question, *, by: User, body: str, sources: Iterable[str] = (), created_at: datetime | None = None
) -> Answer:
    """Answer a question that the person may see; they follow it from now on. Raises Conflict when it is closed."""
    moment = created_at or now()
    with transaction():
        hold_shown(question, by=by)
        if question.closed_at is not None:
            raise Conflict(_("This question is closed and takes no new answers. You can still comment on it."))
        answer = Answer(
            question_id=question.id, author_id=by.id, body=body, sources=list(sources), created_at=moment, revision=1
        )
        db.session.add(answer)
        db.session.flush()
        _record_answer_revision(answer, by=by, reason="")
        count_answers(question)
        question.active_at = max(question.active_at, moment)
        follow(question, by=by, is_own_doing=False)
        answer_posted.send(answer)
        _record("answer_posted", answer, by=by, person=question.author)
    return answer


def revise_answer(answer: Answer, *, by: User, body: str, sources: Iterable[str], reason: str, seen: int) -> None:
    """Save a new revision; where nothing changes there is none. Raises StaleRevision if someone saved after revision
    `seen`."""
    require(can_revise_answer(by, answer))
    with transaction():
        hold_answer(answer, by=by)
        sources = list(sources)
        if (answer.body, answer.sources) == (body, sources):
            return
        if answer.revision != seen:
            raise StaleRevision(_("Someone else saved this answer after you opened it."))
        answer.body, answer.sources = body, sources
        answer.revision, answer.edited_at = seen + 1, now()
        answer.question.active_at = answer.edited_at
        _record_answer_revision(answer, by=by, reason=reason)
        answer_revised.send(answer)
        concerned = answer.question.author if by.id == answer.author_id else answer.author
        _record("answer_revised", answer, by=by, person=concerned, note=reason)


def revert_answer(answer: Answer, revision: AnswerRevision, *, by: User, reason: str, seen: int) -> None:
    """Save the text and sources of an older revision as a new one. Raises StaleRevision if someone saved after revision
    `seen`, Conflict when the answer reads like this now."""
    if (answer.body, answer.sources) == (revision.body, revision.sources):
        raise Conflict(_("The text reads like this now. There is nothing to bring back."))
    said = restored_reason(revision.number, reason)
    revise_answer(answer, by=by, body=revision.body, sources=revision.sources, reason=said, seen=seen)


def accept_answer(answer: Answer, *, by: User) -> None:
    """Mark this answer as the one that helped, in place of another. Raises Conflict when it was taken away."""
    require(can_accept(by, answer.question, answer), _("Only the person who asked can accept an answer."))
    with transaction():
        hold_answer(answer, by=by)
        if answer.hidden_at is not None:
            raise Conflict(_("This answer is no longer shown."))
        accepted_id = answer.question.accepted_answer_id
        if accepted_id == answer.id:
            return
        if accepted_id is not None:
            unaccept(db.session.get_one(Answer, accepted_id), by=by)
        answer.question.active_at = now()
        mark_accepted(answer)
        _record("answer_accepted", answer, by=by, person=answer.author, is_public=True)


def mark_accepted(answer: Answer) -> None:
    """Of a question that is held and has no accepted answer. Part of what is recorded by its own name."""
    answer.question.accepted_answer_id = answer.id
    answer_accepted.send(answer)


def withdraw_acceptance(answer: Answer, *, by: User) -> None:
    """Take the mark off this answer; one that does not carry it stays as it is."""
    require(can_accept(by, answer.question, answer), _("Only the person who asked can do this."))
    with transaction():
        hold_shown(answer.question, by=by)
        unaccept(answer, by=by)


def support_answer(answer: Answer, *, by: User) -> None:
    """Say that it helped; saying so again changes nothing. Raises Conflict when it was taken away."""
    require(can_support_answer(by, answer), _("You cannot say this of your own answer."))
    with transaction():
        hold_answer(answer, by=by)
        if db.session.get(AnswerSupport, (answer.id, by.id)) is None:
            db.session.add(AnswerSupport(answer_id=answer.id, user_id=by.id))
            _count_support(answer)
            _record("answer_supported", answer, by=by, person=answer.author)


def withdraw_answer_support(answer: Answer, *, by: User) -> None:
    """No longer say that it helped; who never did changes nothing. Raises Conflict when it was taken away."""
    with transaction():
        hold_answer(answer, by=by)
        said = db.session.get(AnswerSupport, (answer.id, by.id))
        if said is not None:
            db.session.delete(said)
            _count_support(answer)
            _record("answer_support_withdrawn", answer, by=by, person=answer.author)


def comment_on_answer(answer: Answer, *, by: User, body: str, created_at: datetime | None = None) -> Comment:
    """Remark on an answer that the person may see. Raises Conflict when it was taken away."""
    with transaction():
        hold_answer(answer, by=by)
        return post_comment(
            answer.question, by=by, body=body, answer_id=answer.id, concerns=answer.author, created_at=created_at
        )


def delete_answer(answer: Answer, *, by: User) -> None:
    """Take the answer off the page; if it was accepted, the question has no accepted answer any more.

    Raises Conflict when someone did so before.
    """
    require(can_delete_answer(by, answer))
    with transaction():
        hold_answer(answer, by=by)
        answer.deleted_at = now()
        unaccept(answer, by=by)
        count_answers(answer.question)
        answer_deleted.send(answer)
        _record("answer_deleted", answer, by=by, person=answer.author)


def unaccept(answer: Answer, *, by: User) -> None:
    """Take the mark off an answer that is held; one that does not carry it stays as it is."""
    if answer.question.accepted_answer_id == answer.id:
        answer.question.accepted_answer_id = None
        answer_unaccepted.send(answer)
        _record("answer_unaccepted", answer, by=by, person=answer.author, is_public=True)


def count_answers(question: Question) -> None:
    """Keep how many answers everyone sees; and how many comments, as those on an answer come and go with it."""
    present = select(func.count()).where(
        Answer.question_id == question.id, Answer.deleted_at.is_(None), Answer.hidden_at.is_(None)
    )
    question.answer_count = db.session.scalar(present) or 0
    count_comments(question.id)


def _write(
    question: Question,
    *,
    title: str,
    body: str = "",
    roles: Iterable[str] = (),
    topics: Iterable[str] = (),
    country: str | None = None,
    language: str = "en",
    place: str = "",
    tried: str = "",
    wanted: str = "",
    needed_by: date | None = None,
) -> None:
    question.title, question.body, question.gist = title, body, plain_words(body, limit=GIST_LENGTH)
    question.roles, question.topics = roles_named(roles), topics_named(topics)
    question.country, question.language, question.place = country, language, place
    question.tried, question.wanted, question.needed_by = tried, wanted, needed_by


def _sections(question: Question) -> dict[str, Any]:
    """As a revision keeps them: tags by id, and what it is about as a form names it."""
    written = {name: getattr(question, name) for name in ("body", "tried", "place", "wanted", "country")}
    tags = {"roles": [role.id for role in question.roles], "topics": [topic.id for topic in question.topics]}
    links = [f"{kind}-{subject_id}" for kind, link in LINKS.items() if (subject_id := getattr(question, link.key))]
    needed_by = question.needed_by.isoformat() if question.needed_by else ""
    return {**written, **tags, "needed_by": needed_by, "about": links[0] if links else ""}


def _whole(question: Question) -> dict[str, Any]:
    return {"title": question.title, "language": question.language, **_sections(question)}


def _link(question: Question, about: str, *, by: User) -> None:
    subject = subject_named(by, about)
    if subject is None:
        raise Unfit(_("What your question is about is not here any more. Ask it without the link."))
    setattr(question, LINKS[subject.kind].key, subject.id)


def _address_elsewhere(question: Question, address: str, *, by: User) -> str:
    """As it is kept: a question of this site by its number, with the answer to it that is meant."""
    if not is_local_address(address):
        return address
    other = local_address(by, address)
    if other is None:
        raise Unfit(_("The question that you point to is not here."))
    other_id, answer_id = other
    if other_id == question.id:
        raise Unfit(_("A question cannot be answered elsewhere by itself."))
    return f"/questions/{other_id}" + (f"#answer-{answer_id}" if answer_id else "")


def _store_in_place_of(question: Question, idea: Post) -> Comment:
    before = db.session.get(Comment, question.from_comment_id) if question.from_comment_id else None
    is_there = before is not None and before.post_id == idea.id and not (before.deleted_at or before.hidden_at)
    parent, texts = before if is_there else None, _texts(question)
    if parent is not None and all(plain_words(text) in plain_words(parent.body) for text in texts):
        return parent
    body = "\n\n".join(texts)
    return store_comment(idea, by=question.author, body=body, parent=parent, created_at=question.published_at)


def _texts(question: Question) -> list[str]:
    """All that was written in it, in the order of its page."""
    wanted = _("What kind of answer helps: %(kind)s", kind=WANTED[question.wanted]) if question.wanted else ""
    places = [place for place in (question.place, question.country and country_name(question.country)) if place]
    place = _("Where it happens: %(place)s", place=", ".join(places)) if places else ""
    needed_by = _("Needed by: %(day)s", day=format_date(question.needed_by, "long")) if question.needed_by else ""
    texts = (question.title, question.body, question.tried, place, wanted, needed_by)
    return [text for text in texts if text]


def _move_below(comment: Comment, question: Question, idea: Post) -> None:
    """Make replies of what was answered, with its sources, and of what was remarked."""
    answers: dict[int | None, Comment] = {None: comment}
    for answer in answers_shown(question):
        sources = [_("Sources:"), "\n".join(f"- {source}" for source in answer.sources)] if answer.sources else []
        body, moment = "\n\n".join([answer.body, *sources]), answer.created_at
        answers[answer.id] = store_comment(idea, by=answer.author, body=body, parent=comment, created_at=moment)
    moved: dict[int | None, Comment] = {}
    for remark in comments_shown(question):
        if remark.answer_id in answers:
            parent, moment = moved.get(remark.parent_id, answers[remark.answer_id]), remark.created_at
            moved[remark.id] = store_comment(idea, by=remark.author, body=remark.body, parent=parent, created_at=moment)


def _count_too(question: Question) -> None:
    db.session.flush()
    others = select(func.count()).where(QuestionToo.question_id == question.id)
    question.too_count = db.session.scalar(others) or 0


def hold_answer(answer: Answer, *, by: User) -> None:
    """As `hold_shown` for its question; raises Conflict when the answer itself was deleted, or hidden from the
    person."""
    hold_shown(answer.question, by=by)
    db.session.refresh(answer)
    if answer.deleted_at is not None:
        raise Conflict(_("This answer is no longer here."))
    if answer.hidden_at is not None and not by.is_moderator:
        raise Conflict(_("This answer is no longer shown."))


def _record_answer_revision(answer: Answer, *, by: User, reason: str) -> None:
    """Keep how the answer reads now, under its present revision number."""
    kept = AnswerRevision(answer_id=answer.id, number=answer.revision, author_id=by.id, reason=reason)
    kept.body, kept.sources = answer.body, answer.sources
    kept.created_at = answer.edited_at or answer.created_at
    db.session.add(kept)


def _count_support(answer: Answer) -> None:
    count = select(func.count()).where(AnswerSupport.answer_id == answer.id)
    answer.support_count = db.session.scalar(count) or 0


def _record(action: str, answer: Answer, *, by: User, person: User, note: str = "", is_public: bool = False) -> None:
    where = {"post_id": answer.question_id, "answer_id": answer.id}
    record(action, by=by, **where, person=person, note=note, is_public=is_public)

"""What is done with the answers on a question's page, and the pages of one answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.drafts.models import Place
from app.drafts.views import continued, keeping_of
from app.forum.commands import StaleRevision
from app.forum.forms import CommentForm, RestorationForm
from app.forum.queries import post_address
from app.forum.views import (
    a_day,
    back_to,
    comments_a_day,
    comments_at_once,
    comparison,
    is_preview,
    person,
    revisions_page,
    show_restoration,
    to_comparison,
    try_to_restore,
    was_saved,
)
from app.limits import limiter
from app.pages import wanted_page
from app.questions.commands import (
    accept_answer,
    answer_question,
    comment_on_answer,
    delete_answer,
    revert_answer,
    revise_answer,
    support_answer,
    withdraw_acceptance,
    withdraw_answer_support,
)
from app.questions.forms import AnswerForm, AnswerRevisionForm, answer_revision_form
from app.questions.models import PARTS_OF_ANSWERS, Answer
from app.questions.policy import can_delete_answer, can_revise_answer
from app.questions.queries import (
    answer_revision,
    answer_revisions,
    changed_in_answer,
    questions_answered_by,
    visible_answer,
    visible_question,
)
from app.questions.views import bp, question_page
from app.refusals import require
from app.web import adds_to, render, viewer


@bp.post("/questions/<int:question_id>/answers")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved, exempt_when=is_preview)
@limiter.limit(a_day(at_first=10, later=100), deduct_when=was_saved, exempt_when=is_preview)
def create_answer(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    form = AnswerForm()
    if form.preview.data:
        return question_page(question, form)
    if not form.validate_on_submit():
        return question_page(question, form), 422
    answer = answer_question(question, by=person(), body=form.body.data, sources=form.sources.data)
    return _back_to(answer)


@bp.post("/answers/<int:answer_id>/acceptance")
@login_required
@limiter.limit("60 per minute")
def create_acceptance(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    accept_answer(answer, by=person())
    return _back_to(answer)


@bp.post("/answers/<int:answer_id>/acceptance/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_acceptance(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    withdraw_acceptance(answer, by=person())
    return _back_to(answer)


@bp.get("/answers/<int:answer_id>")
def show_answer(answer_id: int) -> ResponseReturnValue:
    """An address that lasts: it leads to the answer on the page of its question."""
    answer = visible_answer(viewer(), answer_id)
    return redirect(f"{post_address(answer.question)}#answer-{answer.id}", 302)


@bp.get("/answers/<int:answer_id>/edit")
@login_required
def edit_answer(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    require(can_revise_answer(viewer(), answer))
    return _edit_page(answer, answer_revision_form(answer, continued(_place_of(answer))))


@bp.get("/answers/<int:answer_id>/revisions")
def index_answer_revisions(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    page = revisions_page(answer_revisions(answer, number=wanted_page()), PARTS_OF_ANSWERS, newest=answer.revision)
    shown = {"post": answer.question, "answer": answer, "newest": answer.revision, "page": page}
    return render("questions/answer_revisions.html", **shown)


@bp.post("/answers/<int:answer_id>/revisions")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_answer_revision(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    require(can_revise_answer(viewer(), answer))
    form = AnswerRevisionForm()
    if form.preview.data:
        return _edit_page(answer, form)
    if not form.validate_on_submit():
        return _edit_page(answer, form), 422
    facts = {name: form[name].data for name in ("body", "sources", "reason", "seen")}
    try:
        revise_answer(answer, by=person(), **facts)
    except StaleRevision:
        return _conflict_page(answer_id, form), 409
    flash(_("Your changes are saved."), "success")
    return _back_to(answer)


@bp.get("/answers/<int:answer_id>/revisions/<int:number>")
def show_answer_revision(answer_id: int, number: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    revision = answer_revision(answer, number)
    facts = comparison(revision, partial(answer_revision, answer), PARTS_OF_ANSWERS, newest=answer.revision)
    facts["can_restore"] = can_revise_answer(viewer(), answer)
    return render("questions/answer_revision.html", post=answer.question, answer=answer, revision=revision, **facts)


@bp.get("/answers/<int:answer_id>/revisions/comparison")
def compare_answer_revisions(answer_id: int) -> ResponseReturnValue:
    return to_comparison(visible_answer(viewer(), answer_id).revision)


@bp.get("/answers/<int:answer_id>/revisions/<int:number>/restoration")
@login_required
def new_answer_restoration(answer_id: int, number: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    require(can_revise_answer(viewer(), answer))
    return _restoration_page(answer, number)


@bp.post("/answers/<int:answer_id>/revisions/<int:number>/restoration")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_answer_restoration(answer_id: int, number: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    require(can_revise_answer(viewer(), answer))
    revert = partial(revert_answer, answer, answer_revision(answer, number))
    return try_to_restore(partial(_restoration_page, answer, number), revert) or _back_to(answer)


@bp.post("/answers/<int:answer_id>/support")
@login_required
@limiter.limit("60 per minute")
def create_answer_support(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    support_answer(answer, by=person())
    return _back_to(answer)


@bp.post("/answers/<int:answer_id>/support/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_answer_support(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    withdraw_answer_support(answer, by=person())
    return _back_to(answer)


@bp.post("/answers/<int:answer_id>/comments")
@login_required
@comments_at_once
@comments_a_day
def create_answer_comment(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    form = CommentForm(answer_id=answer.id)
    if form.preview.data:
        return question_page(answer.question, AnswerForm(formdata=None), comment_form=form)
    if not form.validate_on_submit():
        return question_page(answer.question, AnswerForm(formdata=None), comment_form=form), 422
    comment = comment_on_answer(answer, by=person(), body=form.body.data)
    return back_to(answer.question, f"comment-{comment.id}")


@bp.get("/answers/<int:answer_id>/deletion")
@login_required
def new_answer_deletion(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    require(can_delete_answer(viewer(), answer))
    return render("questions/deletion.html", question=answer.question, answer=answer)


@bp.post("/answers/<int:answer_id>/deletion")
@login_required
def create_answer_deletion(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    delete_answer(answer, by=person())
    flash(_("The answer is deleted."), "success")
    return back_to(answer.question, "answers")


@adds_to("accounts/person.html")
def add_answers_of_person(context: dict[str, Any]) -> dict[str, Any]:
    return {"answers": questions_answered_by(viewer(), context["person"])}


def _edit_page(answer: Answer, form: AnswerRevisionForm, **context: Any) -> str:
    return render(
        "questions/edit_answer.html", answer=answer, form=form, keeping=keeping_of(_place_of(answer)), **context
    )


def _place_of(answer: Answer) -> Place:
    """Where drafts of a change to it are kept."""
    return Place("answer-revision", answer.question_id, answer.id)


def _back_to(answer: Answer) -> ResponseReturnValue:
    return back_to(answer.question, f"answer-{answer.id}")


def _restoration_page(answer: Answer, number: int, form: RestorationForm | None = None) -> str:
    revision, newest = answer_revision(answer, number), answer_revision(answer, answer.revision)
    return show_restoration(answer.question, revision, newest, PARTS_OF_ANSWERS, form=form, answer=answer)


def _conflict_page(answer_id: int, form: AnswerRevisionForm) -> str:
    """As for a question: both texts, and the editor's replaces the other one knowingly when sent again."""
    newer = visible_answer(viewer(), answer_id)
    changes = changed_in_answer(newer, since=form.seen.data)
    form.seen.data = newer.revision
    return _edit_page(newer, form, newer=newer, changes=changes)

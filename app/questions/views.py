"""Pages of questions and answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.forum.commands import StaleRevision, delete_post, sent_before
from app.forum.facets import tag_names
from app.forum.forms import filters_in
from app.forum.policy import can_revise
from app.forum.queries import comment_thread, post_address, relation_to, revision_of, revisions_of, tags_of
from app.forum.views import a_day, back_to, is_preview, known_of_writer, person, was_saved
from app.groups.queries import groups_to_write_in
from app.limits import limiter
from app.markdown import plain_words
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.questions.commands import (
    accept_answer,
    answer_question,
    ask_question,
    delete_answer,
    revise_question,
    withdraw_acceptance,
)
from app.questions.forms import AnswerForm, NewQuestionForm, RevisionForm, revision_form
from app.questions.models import Question
from app.questions.policy import can_accept, can_delete_answer
from app.questions.queries import (
    SORTS,
    AnswerRow,
    answers_to,
    facets_of,
    filtered_questions,
    question_rows,
    questions_answered_by,
    visible_answer,
    visible_question,
)
from app.refusals import require
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("questions", __name__)


def was_sent_before() -> bool:
    """A form that is sent again is answered with what it became, however soon."""
    return sent_before(Question, _new_form().sent_as(person()), by=person()) is not None


def is_free() -> bool:
    return is_preview() or was_sent_before()


@bp.get("/questions")
def index_questions() -> ResponseReturnValue:
    number = wanted_page()
    names = tag_names()
    filters = filters_in(request.args, names, sorts=SORTS)
    facets = facets_of(viewer(), filters, names)
    here = filtered_questions(viewer(), filters).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    page = page_of(question_rows(here), number=number, total=facets.total)
    return render("questions/index.html", page=page, filters=filters, facets=facets)


@bp.get("/questions/new")
@login_required
def new_question() -> ResponseReturnValue:
    return render("questions/new.html", form=_new_form(data=known_of_writer()))


@bp.post("/questions")
@login_required
@limiter.limit("1 per 15 seconds", deduct_when=was_saved, exempt_when=is_free)
@limiter.limit(a_day(at_first=3, later=20), deduct_when=was_saved, exempt_when=is_preview)
def create_question() -> ResponseReturnValue:
    form = _new_form()
    if form.preview.data:
        return render("questions/new.html", form=form)
    if not form.validate_on_submit():
        return render("questions/new.html", form=form), 422
    group, sent_as = form.groups[form.group.data], form.sent_as(person())
    question = ask_question(by=person(), group=group, sent_as=sent_as, **form.facts())
    flash(_("Your question is published."), "success")
    return back_to(question)


@bp.get("/questions/<int:question_id>")
@bp.get("/questions/<int:question_id>/<slug>")
def show_question(question_id: int, slug: str = "") -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    if slug != question.slug:
        return redirect(post_address(question), 301)
    return _question_page(question, AnswerForm(formdata=None))


@bp.get("/questions/<int:question_id>/edit")
@login_required
def edit_question(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    form = revision_form(question, tags_of([question.id])[question.id])
    return render("questions/edit.html", question=question, form=form)


@bp.get("/questions/<int:question_id>/revisions")
def index_revisions(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    return render("forum/revisions.html", post=question, revisions=revisions_of(question))


@bp.post("/questions/<int:question_id>/revisions")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_revision(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    form = RevisionForm()
    if form.preview.data:
        return render("questions/edit.html", question=question, form=form)
    if not form.validate_on_submit():
        return render("questions/edit.html", question=question, form=form), 422
    try:
        revise_question(question, by=person(), **form.facts(), reason=form.reason.data, seen=form.seen.data)
    except StaleRevision:
        return _conflict_page(question_id, form), 409
    flash(_("Your changes are saved."), "success")
    return back_to(question)


@bp.get("/questions/<int:question_id>/revisions/<int:number>")
def show_revision(question_id: int, number: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    return render("questions/revision.html", post=question, revision=revision_of(question, number))


@bp.get("/questions/<int:question_id>/deletion")
@login_required
def new_deletion(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    return render("questions/deletion.html", question=question, answer=None)


@bp.post("/questions/<int:question_id>/deletion")
@login_required
def create_deletion(question_id: int) -> ResponseReturnValue:
    delete_post(visible_question(viewer(), question_id), by=person())
    flash(_("The question is deleted."), "success")
    return see_other(".index_questions")


@bp.post("/questions/<int:question_id>/answers")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved, exempt_when=is_preview)
@limiter.limit(a_day(at_first=10, later=100), deduct_when=was_saved, exempt_when=is_preview)
def create_answer(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    form = AnswerForm()
    if form.preview.data:
        return _question_page(question, form)
    if not form.validate_on_submit():
        return _question_page(question, form), 422
    answer = answer_question(question, by=person(), body=form.body.data)
    return back_to(question, f"answer-{answer.id}")


@bp.post("/answers/<int:answer_id>/acceptance")
@login_required
@limiter.limit("60 per minute")
def create_acceptance(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    accept_answer(answer, by=person())
    return back_to(answer.question, f"answer-{answer.id}")


@bp.post("/answers/<int:answer_id>/acceptance/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_acceptance(answer_id: int) -> ResponseReturnValue:
    answer = visible_answer(viewer(), answer_id)
    withdraw_acceptance(answer, by=person())
    return back_to(answer.question, f"answer-{answer.id}")


@bp.get("/answers/<int:answer_id>")
def show_answer(answer_id: int) -> ResponseReturnValue:
    """An address that lasts: it leads to the answer on the page of its question."""
    answer = visible_answer(viewer(), answer_id)
    return redirect(f"{post_address(answer.question)}#answer-{answer.id}", 302)


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


def _new_form(**options: Any) -> NewQuestionForm:
    return NewQuestionForm(groups_to_write_in(viewer()), **options)


def _question_page(question: Question, form: AnswerForm) -> str:
    answers = answers_to(viewer(), question)
    return render(
        "questions/show.html",
        question=question,
        post=question,
        tags=tags_of([question.id])[question.id],
        answers=answers,
        form=form,
        comments=comment_thread(viewer(), question.id),
        relation=relation_to(viewer(), question.id),
        can_revise=can_revise(viewer(), question),
        can_accept=can_accept(viewer(), question),
        can_delete_answer=can_delete_answer,
        structured=_structured(question, answers),
    )


def _conflict_page(question_id: int, form: RevisionForm) -> str:
    """The editor's text, kept, beside the one that was saved meanwhile; sent again, it replaces that one knowingly."""
    newer = visible_question(viewer(), question_id)
    form.seen.data = newer.revision
    return render("questions/edit.html", question=newer, form=form, newer=newer)


def _structured(question: Question, answers: list[AnswerRow]) -> dict[str, Any]:
    """What search engines read: schema.org's QAPage."""
    accepted = [_structured_answer(question, answer) for answer in answers if answer.is_accepted]
    others = [_structured_answer(question, answer) for answer in answers if not answer.is_accepted]
    entity = {
        "@type": "Question",
        "name": question.title,
        "text": plain_words(question.body),
        "answerCount": len(answers),
        "datePublished": question.published_at.isoformat(),
        "author": {"@type": "Person", "name": question.author.display_name},
        "suggestedAnswer": others,
    }
    if accepted:
        entity["acceptedAnswer"] = accepted[0]
    return {"@context": "https://schema.org", "@type": "QAPage", "mainEntity": entity}


def _structured_answer(question: Question, answer: AnswerRow) -> dict[str, Any]:
    page = url_for(".show_question", question_id=question.id, slug=question.slug, _external=True)
    return {
        "@type": "Answer",
        "text": plain_words(answer.body),
        "url": f"{page}#answer-{answer.id}",
        "datePublished": answer.created_at.isoformat(),
        "author": {"@type": "Person", "name": answer.author.display_name},
    }


@adds_to("accounts/person.html")
def add_answers_of_person(context: dict[str, Any]) -> dict[str, Any]:
    return {"answers": questions_answered_by(viewer(), context["person"])}

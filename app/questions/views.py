"""Pages of questions."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.drafts.models import Place
from app.drafts.views import continued, keeping_of
from app.forms import is_web_address
from app.forum.commands import StaleRevision, delete_post, sent_before
from app.forum.facets import tag_names
from app.forum.forms import RestorationForm, filters_in
from app.forum.models import Comment
from app.forum.policy import can_delete_post, can_revise
from app.forum.queries import (
    comment_threads,
    post_address,
    revision_of,
    revisions_of,
    tags_of,
    told_of_post,
    visible_comment,
)
from app.forum.views import (
    a_day,
    back_to,
    comparison,
    is_preview,
    known_of_writer,
    person,
    revisions_page,
    show_restoration,
    to_comparison,
    try_to_restore,
    unread_changes,
    was_saved,
)
from app.groups.queries import groups_to_write_in
from app.journal.queries import history_of
from app.limits import limiter
from app.markdown import plain_words
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.questions.commands import (
    NOT_CLOSED_BY_OTHERS,
    ask_comment,
    ask_question,
    close_question,
    have_too,
    reopen_question,
    require_askable,
    revert_question,
    revise_question,
    turn_into_comment,
    withdraw_too,
)
from app.questions.forms import (
    CLOSINGS,
    AnswerForm,
    ClosureForm,
    NewQuestionForm,
    RevisionForm,
    earliest_today,
    revision_form,
    sent_revision,
)
from app.questions.models import PARTS, WANTED, Question
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
    SORTS,
    SORTS_OF_MEMBERS,
    AnswerRow,
    answered_elsewhere,
    answers_to,
    changed_in_question,
    facets_of,
    filtered_questions,
    has_fields,
    idea_to_comment_on,
    question_from,
    question_rows,
    questions_about,
    questions_from_comments,
    revised_facts,
    subject_named,
    subject_of,
    visible_question,
)
from app.refusals import NotThere, require
from app.web import adds_to, render, see_other, viewer

bp = Blueprint("questions", __name__)
bp.add_app_template_test(is_web_address, "web_address")
for ability in (can_accept, can_ask_comment, can_delete_answer, can_revise_answer, can_support_answer):
    bp.add_app_template_global(ability)


@bp.context_processor
def name_choices() -> dict[str, Any]:
    return {"wanted_names": WANTED, "closing_names": CLOSINGS}


def was_sent_before() -> bool:
    """A form that is sent again is answered with what it became, however soon."""
    return sent_before(Question, _new_form().sent_as(person()), by=person()) is not None


def is_free() -> bool:
    return is_preview() or was_sent_before()


@bp.get("/questions")
def index_questions() -> ResponseReturnValue:
    number = wanted_page()
    names = tag_names()
    sorts = SORTS_OF_MEMBERS if viewer().is_signed_in else SORTS
    filters = filters_in(request.args, names, sorts=sorts)
    facets = facets_of(viewer(), filters, names)
    here = filtered_questions(viewer(), filters).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    page = page_of(question_rows(here), number=number, total=facets.total)
    knows = filters.sort == "fields" and has_fields(viewer())
    return render("questions/index.html", page=page, filters=filters, facets=facets, sorts=sorts, has_fields=knows)


@bp.get("/questions/new")
@login_required
def new_question() -> ResponseReturnValue:
    begun = continued(Place("question"))
    form = _new_form(data={**known_of_writer(), "about": _wanted_about()}, formdata=begun)
    if begun:
        return _form_page(form)
    subject = subject_named(viewer(), form.about.data)
    if subject and subject.group_id in form.groups:
        form.group.data = subject.group_id
    if subject and subject.kind == "idea":
        form.topics.data = topic_ids_of(subject.id)
    return _form_page(form)


@bp.post("/questions")
@login_required
@limiter.limit("1 per 15 seconds", deduct_when=was_saved, exempt_when=is_free)
@limiter.limit(a_day(at_first=3, later=20), deduct_when=was_saved, exempt_when=is_preview)
def create_question() -> ResponseReturnValue:
    form = _new_form()
    if form.preview.data:
        return _form_page(form)
    if not form.validate_on_submit():
        return _form_page(form), 422
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
    return question_page(question, AnswerForm(formdata=continued(Place("answer", question.id))))


@bp.get("/questions/<int:question_id>/edit")
@login_required
def edit_question(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    begun = continued(Place("question-revision", question.id))
    return _edit_page(question, revision_form(question, tags_of([question.id])[question.id], begun))


@bp.get("/questions/<int:question_id>/revisions")
def index_revisions(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    here, history = revisions_of(question, number=wanted_page()), history_of(question.id)
    page = revisions_page(here, PARTS, newest=question.revision, history=history)
    return render("forum/revisions.html", post=question, newest=question.revision, page=page)


@bp.post("/questions/<int:question_id>/revisions")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_revision(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    form = sent_revision(question)
    if form.preview.data:
        return _edit_page(question, form)
    if not form.validate_on_submit():
        return _edit_page(question, form), 422
    change = {"reason": form.reason.data, "seen": form.seen.data, "keep_about": form.keep_about.data}
    try:
        revise_question(question, by=person(), **change, **form.facts())
    except StaleRevision:
        return _conflict_page(question_id, form), 409
    flash(_("Your changes are saved."), "success")
    return back_to(question)


@bp.get("/questions/<int:question_id>/revisions/<int:number>")
def show_revision(question_id: int, number: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    revision = revision_of(question, number)
    facts = {**revised_facts(viewer(), revision), "can_restore": can_revise(viewer(), question)}
    facts |= comparison(revision, partial(revision_of, question), PARTS, newest=question.revision)
    return render("questions/revision.html", post=question, revision=revision, **facts)


@bp.get("/questions/<int:question_id>/revisions/comparison")
def compare_revisions(question_id: int) -> ResponseReturnValue:
    return to_comparison(visible_question(viewer(), question_id).revision)


@bp.get("/questions/<int:question_id>/revisions/<int:number>/restoration")
@login_required
def new_restoration(question_id: int, number: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    return _restoration_page(question, number)


@bp.post("/questions/<int:question_id>/revisions/<int:number>/restoration")
@login_required
@limiter.limit("30 per day", deduct_when=was_saved)
def create_restoration(question_id: int, number: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    revert = partial(revert_question, question, revision_of(question, number))
    return try_to_restore(partial(_restoration_page, question, number), revert) or back_to(question)


@bp.get("/questions/<int:question_id>/deletion")
@login_required
def new_deletion(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_delete_post(viewer(), question))
    return render("questions/deletion.html", question=question, answer=None)


@bp.post("/questions/<int:question_id>/deletion")
@login_required
def create_deletion(question_id: int) -> ResponseReturnValue:
    delete_post(visible_question(viewer(), question_id), by=person())
    flash(_("The question is deleted."), "success")
    return see_other(".index_questions")


@bp.get("/questions/<int:question_id>/closure")
@login_required
def new_closure(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_close(viewer(), question), NOT_CLOSED_BY_OTHERS)
    return render("questions/closure.html", question=question, form=ClosureForm(formdata=None))


@bp.post("/questions/<int:question_id>/closure")
@login_required
@limiter.limit("30 per minute")
def create_closure(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_close(viewer(), question), NOT_CLOSED_BY_OTHERS)
    form = ClosureForm()
    if not form.validate_on_submit():
        return render("questions/closure.html", question=question, form=form), 422
    close_question(question, by=person(), **form.facts())
    flash(_("The question is closed."), "success")
    return back_to(question)


@bp.post("/questions/<int:question_id>/closure/withdrawal")
@login_required
@limiter.limit("30 per minute")
def destroy_closure(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    reopen_question(question, by=person())
    flash(_("The question is open again."), "success")
    return back_to(question)


@bp.post("/questions/<int:question_id>/too")
@login_required
@limiter.limit("60 per minute")
def create_too(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    have_too(question, by=person())
    return back_to(question)


@bp.post("/questions/<int:question_id>/too/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_too(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    withdraw_too(question, by=person())
    return back_to(question)


@bp.get("/comments/<int:comment_id>/question")
@login_required
def new_question_from_comment(comment_id: int) -> ResponseReturnValue:
    comment = _comment_to_ask(comment_id)
    if question := question_from(viewer(), comment):
        return redirect(post_address(question), 303)
    require_askable(comment)
    idea = comment.post
    known = {"body": comment.body, "about": f"idea-{idea.id}", "language": idea.language, "group": idea.group_id}
    known["topics"] = topic_ids_of(idea.id)
    begun = continued(_place_of_comment(comment))
    return _form_page(NewQuestionForm([idea.group], data=known, formdata=begun), comment)


@bp.post("/comments/<int:comment_id>/question")
@login_required
@limiter.limit("1 per 15 seconds", deduct_when=was_saved, exempt_when=is_free)
@limiter.limit(a_day(at_first=3, later=20), deduct_when=was_saved, exempt_when=is_preview)
def create_question_from_comment(comment_id: int) -> ResponseReturnValue:
    comment = _comment_to_ask(comment_id)
    form = NewQuestionForm([comment.post.group])
    if form.preview.data:
        return _form_page(form, comment)
    if not form.validate_on_submit():
        return _form_page(form, comment), 422
    question = ask_comment(comment, by=person(), sent_as=form.sent_as(person()), **form.facts())
    flash(_("The comment is asked as a question."), "success")
    return back_to(question)


@bp.get("/questions/<int:question_id>/comment")
@login_required
def new_comment_from_question(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    require(can_revise(viewer(), question))
    idea = idea_to_comment_on(viewer(), question)
    if idea is None:
        raise NotThere(_("Only a question about an idea of the same group can become a comment on it."))
    return render("questions/comment.html", question=question, idea=idea)


@bp.post("/questions/<int:question_id>/comment")
@login_required
@limiter.limit("30 per minute")
def create_comment_from_question(question_id: int) -> ResponseReturnValue:
    comment = turn_into_comment(visible_question(viewer(), question_id), by=person())
    flash(_("The question is a comment on the idea now."), "success")
    return back_to(comment.post, f"comment-{comment.id}")


def topic_ids_of(post_id: int) -> list[str]:
    """What a question about the post begins with; whoever asks takes off what does not fit."""
    return tags_of([post_id])[post_id].ids()["topics"]


def question_page(question: Question, form: AnswerForm, **context: Any) -> str:
    """With an AnswerForm that came back, or the `comment_form` of one of the answers."""
    is_editor = can_revise(viewer(), question)
    answers, threads = answers_to(viewer(), question), comment_threads(viewer(), question.id)
    relation, told = told_of_post(viewer(), question.id)
    return render(
        "questions/show.html",
        question=question,
        post=question,
        tags=tags_of([question.id])[question.id],
        answers=answers,
        form=form,
        comments=threads[None],
        threads=threads,
        relation=relation,
        since=unread_changes(question, PARTS, follows=relation.follows, read=relation.read),
        can_revise=is_editor,
        can_become_comment=is_editor and idea_to_comment_on(viewer(), question) is not None,
        about=subject_of(viewer(), question),
        elsewhere=answered_elsewhere(viewer(), question),
        can_have_too=can_have_too(viewer(), question),
        can_close=can_close(viewer(), question),
        structured=_structured(question, answers),
        **context,
        **told,
    )


def _new_form(**options: Any) -> NewQuestionForm:
    return NewQuestionForm(groups_to_write_in(viewer()), **options)


def _wanted_about() -> str:
    """What the address asks for, as a form holds it: idea=7 is "idea-7"."""
    return next((f"{kind}-{request.args[kind]}" for kind in LINKS if kind in request.args), "")


def _comment_to_ask(comment_id: int) -> Comment:
    comment = visible_comment(viewer(), comment_id)
    if comment.post.kind != "idea":
        raise NotThere(_("Only a comment on an idea can be asked as a question."))
    require(can_ask_comment(viewer(), comment), _("Only its author or a moderator can ask a comment as a question."))
    return comment


def _form_page(form: NewQuestionForm, comment: Comment | None = None) -> str:
    """For a new question, or for one that was a comment first."""
    about = subject_named(viewer(), form.about.data or "")
    keeping = keeping_of(_place_of_comment(comment) if comment else Place("question"), key=form.key.data or "")
    context = {"about": about, "comment": comment, "today": earliest_today()}
    return render("questions/new.html", form=form, keeping=keeping, **context)


def _place_of_comment(comment: Comment) -> Place:
    """Where drafts of the question that it becomes are kept."""
    return Place("question-of-comment", comment.post_id, comment_id=comment.id)


def _edit_page(question: Question, form: RevisionForm, **context: Any) -> str:
    context |= {"about": subject_of(viewer(), question), "keeping": keeping_of(Place("question-revision", question.id))}
    return render("questions/edit.html", question=question, form=form, **context, today=None)


def _restoration_page(question: Question, number: int, form: RestorationForm | None = None) -> str:
    revision, newest = revision_of(question, number), revision_of(question, question.revision)
    return show_restoration(question, revision, newest, PARTS, form=form)


def _conflict_page(question_id: int, form: RevisionForm) -> str:
    """The editor's text, kept, beside the one that was saved meanwhile; sent again, it replaces that one knowingly."""
    newer = visible_question(viewer(), question_id)
    changes = changed_in_question(newer, since=form.seen.data)
    form.seen.data = newer.revision
    return _edit_page(newer, form, newer=newer, changes=changes)


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
        "upvoteCount": answer.support_count,
        "author": {"@type": "Person", "name": answer.author.display_name},
    }


@adds_to("drafts/show.html", "drafts/version.html")
def name_parts_of_drafts(context: dict[str, Any]) -> dict[str, Any]:
    kind = context["draft"].kind
    if kind.startswith("answer"):
        return {"parts": {"body": _("Answer"), "sources": _("Sources")}}
    if kind.startswith("question"):
        shown = {
            "body": _("What you know so far"),
            "tried": _("What you tried or read"),
            "place": _("Where it happens"),
        }
        return {"parts": shown}
    return {}


@adds_to("ideas/show.html")
def add_questions_about_idea(context: dict[str, Any]) -> dict[str, Any]:
    return _questions_about("idea", context["idea"].id)


@adds_to("course/nugget.html")
def add_questions_about_nugget(context: dict[str, Any]) -> dict[str, Any]:
    return _questions_about("nugget", context["nugget"].id)


@adds_to("course/resource.html")
def add_questions_about_resource(context: dict[str, Any]) -> dict[str, Any]:
    return _questions_about("resource", context["resource"].id)


def _questions_about(kind: str, subject_id: int) -> dict[str, Any]:
    return {
        "questions_about": questions_about(viewer(), kind, subject_id),
        "ask_address": f"/questions/new?{kind}={subject_id}",
    }


@adds_to("ideas/show.html", "forum/comment.html")
def add_questions_from_comments(context: dict[str, Any]) -> dict[str, Any]:
    post = context["post"]
    is_asked = post.kind == "idea" and bool(context["comments"])
    return {"asked_as": questions_from_comments(viewer(), post.id) if is_asked else {}}

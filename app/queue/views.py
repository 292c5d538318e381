"""The queue of whoever answers, and the ways to take a question, pass it or put it to someone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from markupsafe import escape

from app.forum.views import back_to, person, was_saved
from app.limits import limiter
from app.questions.models import Question
from app.questions.queries import visible_question
from app.queue import commands
from app.queue.commands import CannotBeAsked
from app.queue.forms import PutToForm
from app.queue.models import Ask
from app.queue.policy import can_claim, can_put_to, is_waiting
from app.queue.queries import ask_of, asked_count, asks_by_commons, asks_of, claims_on, escalated_for, part_in, queue_of
from app.queue.reasons import factors_of
from app.queue.routing import people_to_ask
from app.refusals import require
from app.shown import isolated
from app.web import adds_to, local_path, render, see_other, viewer

bp = Blueprint("queue", __name__)
bp.add_app_template_global(factors_of)


@bp.get("/queue")
@login_required
def index_queue() -> ResponseReturnValue:
    return render("queue/index.html", queue=queue_of(person()))


@bp.post("/questions/<int:question_id>/claim")
@login_required
@limiter.limit("60 per minute")
def create_claim(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    commands.claim_question(question, by=person())
    flash(_("It is yours for 24 hours; others see that you are on it."), "success")
    return back_to(question, "answers")


@bp.post("/questions/<int:question_id>/claim/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_claim(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    commands.release_question(question, by=person())
    flash(_("You are not on it any more; others can take it."), "success")
    return _back_from(question)


@bp.post("/questions/<int:question_id>/pass")
@login_required
@limiter.limit("60 per minute")
def create_pass(question_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    if commands.pass_question(question, by=person()):
        thanks = _(
            "Thank you for saying so. It leaves your queue, and you are asked less about its topics from now on."
        )
    else:
        thanks = _("Thank you for saying so. It leaves your queue.")
    flash(thanks, "success")
    return _back_from(question)


@bp.get("/questions/<int:question_id>/handing-on")
@login_required
def new_handing_on(question_id: int) -> ResponseReturnValue:
    return _handing_on_page(visible_question(viewer(), question_id), PutToForm())


@bp.post("/questions/<int:question_id>/handing-on")
@login_required
@limiter.limit("20 per day", deduct_when=was_saved)
def create_handing_on(question_id: int) -> ResponseReturnValue:
    question, form = visible_question(viewer(), question_id), PutToForm()
    if form.validate_on_submit():
        try:
            _tell(commands.hand_on(question, name=form.name.data, by=person(), line=form.line.data))
        except CannotBeAsked as refusal:
            form.name.errors = [refusal.message]
        else:
            return see_other(".index_queue")
    return _handing_on_page(question, form), 422


@bp.get("/questions/<int:question_id>/asks")
@login_required
def new_ask(question_id: int) -> ResponseReturnValue:
    return _asking_page(visible_question(viewer(), question_id), PutToForm())


@bp.post("/questions/<int:question_id>/asks")
@login_required
@limiter.limit("20 per day", deduct_when=was_saved)
def create_ask(question_id: int) -> ResponseReturnValue:
    question, form = visible_question(viewer(), question_id), PutToForm()
    if form.validate_on_submit():
        try:
            _tell(commands.put_to(question, name=form.name.data, by=person(), line=form.line.data))
        except CannotBeAsked as refusal:
            form.name.errors = [refusal.message]
        else:
            return back_to(question, "queue-part")
    return _asking_page(question, form), 422


@bp.post("/questions/<int:question_id>/asks/<int:ask_id>/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_ask(question_id: int, ask_id: int) -> ResponseReturnValue:
    question = visible_question(viewer(), question_id)
    commands.withdraw_ask(ask_of(viewer(), question, ask_id), by=person())
    return back_to(question, "queue-part")


@adds_to("questions/show.html")
def add_part_in_question(context: dict[str, Any]) -> dict[str, Any]:
    question, who = context["question"], viewer()
    if not is_waiting(question):
        return {"queue_part": None}
    is_asker = can_put_to(who, question)
    return {
        "queue_part": part_in(who, question),
        "can_claim": can_claim(who, question),
        "can_put_to": is_asker,
        "asks": asks_of(who, question) if is_asker else [],
        "asks_by_commons": asks_by_commons(question) if is_asker else 0,
    }


@adds_to("questions/index.html")
def add_who_is_on_them(context: dict[str, Any]) -> dict[str, Any]:
    """In the list of those that nobody answered yet."""
    rows = context["page"].rows if context["filters"].sort == "unanswered" else []
    return {"claims": claims_on([row.id for row in rows]) if rows else {}}


@adds_to("moderation/desk.html")
def add_what_nobody_answers(_context: dict[str, Any]) -> dict[str, Any]:
    return {"escalated": escalated_for(viewer())}


@adds_to("home/desk.html")
def add_what_was_asked(context: dict[str, Any]) -> dict[str, Any]:
    return {"questions_asked": asked_count(context["person"])}


def _handing_on_page(question: Question, form: PutToForm) -> str:
    require(can_claim(viewer(), question) and part_in(viewer(), question).can_hand_on, commands.CANNOT_HAND_ON)
    return _page_of_people(question, form, is_handed_on=True)


def _asking_page(question: Question, form: PutToForm) -> str:
    require(can_put_to(viewer(), question), _("Only the person who asks can do this, while the question is open."))
    return _page_of_people(question, form, is_handed_on=False)


def _page_of_people(question: Question, form: PutToForm, *, is_handed_on: bool) -> str:
    people = people_to_ask(person(), question)
    return render("queue/asking.html", question=question, form=form, people=people, is_handed_on=is_handed_on)


def _tell(ask: Ask) -> None:
    name = isolated(ask.person.display_name)
    flash(escape(_("The question is with %(name)s.")) % {"name": name}, "success")


def _back_from(question: Question) -> ResponseReturnValue:
    """To the page that the button stood on: the queue or the question."""
    if local_path(request.form.get("back")) == "/queue":
        return see_other(".index_queue")
    return back_to(question, "queue-part")

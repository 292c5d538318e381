"""The page on which one asks to join an idea, and the buttons that answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.forum.views import a_day, back_to, person, was_saved
from app.ideas.models import Idea
from app.ideas.queries import idea_page
from app.joining import commands
from app.joining.forms import JoiningForm
from app.joining.policy import can_join
from app.joining.queries import joinings_of, request_to
from app.limits import limiter
from app.refusals import require
from app.web import adds_to, render, viewer

bp = Blueprint("joining", __name__)


@bp.get("/ideas/<int:idea_id>/join")
@login_required
def new_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    require(can_join(viewer(), idea), _("Nobody can be asked to let you join this idea."))
    own = joinings_of(viewer(), idea).own
    return show_form(idea, JoiningForm(data={"line": own.line if own else ""}))


@bp.post("/ideas/<int:idea_id>/join")
@login_required
@limiter.limit("1 per 5 seconds", deduct_when=was_saved)
@limiter.limit(a_day(at_first=10, later=50), deduct_when=was_saved)
def create_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    form = JoiningForm()
    if not form.validate_on_submit():
        return show_form(idea, form), 422
    commands.ask_to_join(idea, by=person(), line=form.line.data)
    flash(_("Your request is with %(name)s.", name=idea.author.display_name), "success")
    return back_to(idea)


@bp.post("/ideas/<int:idea_id>/join/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_joining(idea_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.leave_idea(idea, by=person())
    return back_to(idea)


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/acceptance")
@login_required
@limiter.limit("60 per minute")
def create_acceptance(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.accept_joining(request_to(viewer(), idea, joining_id), by=person())
    return back_to(idea, "with")


@bp.post("/ideas/<int:idea_id>/joinings/<int:joining_id>/refusal")
@login_required
@limiter.limit("60 per minute")
def create_refusal(idea_id: int, joining_id: int) -> ResponseReturnValue:
    idea = idea_page(viewer(), idea_id)
    commands.decline_joining(request_to(viewer(), idea, joining_id), by=person())
    return back_to(idea, "with")


@adds_to("ideas/show.html")
def add_who_is_with_it(context: dict[str, Any]) -> dict[str, Any]:
    idea = context["idea"]
    return {"joinings": joinings_of(viewer(), idea), "can_join": can_join(viewer(), idea)}


def show_form(idea: Idea, form: JoiningForm) -> str:
    return render("joining/join.html", idea=idea, form=form, own=joinings_of(viewer(), idea).own)

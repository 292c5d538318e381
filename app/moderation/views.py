"""Featured ideas and the log for everyone; the desk and the decisions for moderators."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.accounts.models import User
from app.forum.queries import post_rows
from app.moderation.commands import decide
from app.moderation.forms import DecisionForm
from app.moderation.policy import can_moderate
from app.moderation.queries import (
    case_of,
    entries,
    entry_count,
    featured_count,
    featured_ideas,
    hidden_now,
    hiding_of,
    place_of,
    subject_of,
)
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.refusals import require
from app.web import adds_to, render, viewer

bp = Blueprint("moderation", __name__)
LATEST = 10


@bp.get("/featured")
def index_featured() -> ResponseReturnValue:
    number = wanted_page()
    ideas = featured_ideas(viewer()).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    page = page_of(post_rows(ideas), number=number, total=featured_count(viewer()))
    return render("moderation/featured.html", page=page)


@bp.get("/moderation/log")
def index_log() -> ResponseReturnValue:
    number = wanted_page()
    page = page_of(entries(viewer(), number=number), number=number, total=entry_count(viewer()))
    return render("moderation/log.html", page=page, actions=action_words())


@bp.get("/moderation")
@login_required
def show_desk() -> ResponseReturnValue:
    require(can_moderate(viewer()), _("This page is for moderators."))
    latest = entries(viewer(), size=LATEST)
    return render("moderation/desk.html", hidden=hidden_now(viewer()), latest=latest, actions=action_words())


@bp.get("/moderation/<any(posts, comments, answers):room>/<int:subject_id>")
@login_required
def show_subject(room: str, subject_id: int) -> ResponseReturnValue:
    require(can_moderate(viewer()), _("This page is for moderators."))
    subject = subject_of(viewer(), room, subject_id)
    return render("moderation/subject.html", subject=subject, case=case_of(subject), decision=DecisionForm())


@bp.post("/moderation/<any(posts, comments, answers):room>/<int:subject_id>/decisions")
@login_required
def create_decision(room: str, subject_id: int) -> ResponseReturnValue:
    require(can_moderate(viewer()), _("This page is for moderators."))
    subject = subject_of(viewer(), room, subject_id)
    form = DecisionForm()
    if not form.validate_on_submit():
        return render("moderation/subject.html", subject=subject, case=case_of(subject), decision=form), 422
    decide(subject, action=form.action.data, by=cast(User, viewer()), reason=form.reason.data)
    flash(_("Done, and written into the public log."), "success")
    return redirect(place_of(subject).address, 303)


@adds_to("ideas/show.html", "questions/show.html")
def add_tools(context: dict[str, Any]) -> dict[str, Any]:
    """What `moderation/_tools.html` shows to moderators beside a post."""
    post = context.get("idea") or context["question"]
    return {"case": case_of(post), "decision": DecisionForm(formdata=None)} if can_moderate(viewer()) else {}


@adds_to("errors/error.html")
def add_why_it_is_hidden(context: dict[str, Any]) -> dict[str, Any]:
    """For the author of a hidden post, who is told why in place of the post."""
    if "hidden_post_id" not in context:
        return {}
    return {"title": _("Hidden by a moderator"), "hiding": hiding_of(viewer(), context["hidden_post_id"])}


def action_words() -> dict[tuple[str, str], str]:
    """How the log says what was done, by action and kind."""
    return {
        ("feature", "idea"): _("Featured an idea"),
        ("unfeature", "idea"): _("Ended featuring an idea"),
        ("hide", "idea"): _("Hid an idea"),
        ("hide", "question"): _("Hid a question"),
        ("hide", "comment"): _("Hid a comment"),
        ("hide", "answer"): _("Hid an answer"),
        ("restore", "idea"): _("Restored an idea"),
        ("restore", "question"): _("Restored a question"),
        ("restore", "comment"): _("Restored a comment"),
        ("restore", "answer"): _("Restored an answer"),
    }

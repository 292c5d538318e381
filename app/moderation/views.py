"""Featured ideas and the log for everyone; the desk and the decisions for moderators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app import atom
from app.accounts.models import Guest, User
from app.attention.models import FAIR_SHARE
from app.attention.queries import how_ideas_fare, overview
from app.forum.queries import post_rows
from app.moderation.commands import decide
from app.moderation.forms import DecisionForm
from app.moderation.policy import can_moderate
from app.moderation.queries import (
    Entry,
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
from app.teams.queries import uncovered_ideas
from app.web import adds_to, render, viewer

bp = Blueprint("moderation", __name__)
LATEST = 10
NEEDS_SIZE = 30


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
    feed = {"title": _("Moderation log"), "address": url_for(".show_log_feed")}
    return render("moderation/log.html", page=page, actions=action_words(), feeds=[feed])


@bp.get("/moderation/log/feed.atom")
def show_log_feed() -> Response:
    """As guests read the log, whoever asks."""
    words = action_words()
    lines = [log_line(entry, words) for entry in entries(Guest(), size=atom.LENGTH)]
    page, address = url_for(".index_log"), url_for(".show_log_feed")
    return atom.show_feed(_("Moderation log"), address=address, page=page, entries=lines)


@bp.get("/moderation")
@login_required
def show_desk() -> ResponseReturnValue:
    require(can_moderate(viewer()), _("This page is for moderators."))
    latest = entries(viewer(), size=LATEST)
    return render("moderation/desk.html", hidden=hidden_now(viewer()), latest=latest, actions=action_words())


@bp.get("/moderation/needs")
@login_required
def index_needs() -> ResponseReturnValue:
    require(can_moderate(viewer()), _("This page is for moderators."))
    number = wanted_page()
    found = uncovered_ideas(viewer(), limit=NEEDS_SIZE, offset=(number - 1) * NEEDS_SIZE)
    page = page_of(found.rows, number=number, total=found.total, size=NEEDS_SIZE)
    return render("moderation/needs.html", page=page, needs=found.needs)


@bp.get("/moderation/attention")
@login_required
def index_attention() -> ResponseReturnValue:
    require(can_moderate(viewer()), _("This page is for moderators."))
    number, whole = wanted_page(), overview(viewer())
    rows = how_ideas_fare(viewer(), limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    page = page_of(rows, number=number, total=whole.ideas)
    return render("moderation/attention.html", page=page, overview=whole, fair_share=FAIR_SHARE)


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


def log_line(entry: Entry, words: Mapping[tuple[str, str], str]) -> atom.Entry:
    """An entry of the log in its feed."""
    title = words[entry.action, entry.kind]
    return atom.Entry(
        name=f"moderation/{entry.id}",
        path=entry.place.address if entry.place else url_for(".index_log"),
        title=f"{title}: {entry.place.title}" if entry.place else title,
        summary=_("Because %(reason)s", reason=entry.reason) if entry.action == "feature" else entry.reason,
        authors=[(entry.moderator.name, entry.moderator.display_name)],
        published_at=entry.created_at,
        updated_at=entry.created_at,
    )


def action_words() -> dict[tuple[str, str], str]:
    """How the log says what was done, by action and kind."""
    return {
        ("feature", "idea"): _("Featured an idea"),
        ("unfeature", "idea"): _("Ended featuring an idea"),
        ("hide", "idea"): _("Hid an idea"),
        ("hide", "question"): _("Hid a question"),
        ("hide", "comment"): _("Hid a comment"),
        ("hide", "answer"): _("Hid an answer"),
        ("delete", "review"): _("Removed a review"),
        ("delete", "suggestion"): _("Deleted a suggested edit"),
        ("restore", "idea"): _("Restored an idea"),
        ("restore", "question"): _("Restored a question"),
        ("restore", "comment"): _("Restored a comment"),
        ("restore", "answer"): _("Restored an answer"),
    }

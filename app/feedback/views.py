"""The buttons beside a match, and the page of what one said."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.feedback.commands import judge_match, log_opened, take_back
from app.feedback.forms import Place, read_place
from app.feedback.queries import judgement_rows, unsafe_matches
from app.forum.views import person
from app.limits import limiter
from app.matching.weights import weights_now
from app.search.rows import subject_rows
from app.web import adds_to, local_path, render, viewer, wants_fragment

bp = Blueprint("feedback", __name__)


@bp.get("/me/matches")
@login_required
def index_judgements() -> ResponseReturnValue:
    return render("feedback/judgements.html", rows=judgement_rows(person()))


@bp.post("/matches/judgements")
@login_required
@limiter.limit("60 per minute")
def create_judgement() -> ResponseReturnValue:
    """One button sends it all: the verdict, and then the place of the match."""
    verdict, _space, told = request.form.get("judgement", "").partition(" ")
    place = read_place(told)
    judge_match(place, by=person(), verdict=verdict, weights=weights_now().name)
    return show_said(verdict, place)


@bp.post("/matches/judgements/deletion")
@login_required
@limiter.limit("60 per minute")
def destroy_judgement() -> ResponseReturnValue:
    place = read_place(request.form.get("place", ""))
    take_back(place, by=person())
    return show_said("back", place)


def show_said(verdict: str, place: Place) -> ResponseReturnValue:
    """In the place of the match or, without scripts, at the head of the page that it stood on."""
    if wants_fragment():
        row = subject_rows(viewer(), [place.match]).get(place.match)
        return render("feedback/_said.html", place=place, verdict=verdict, row=row)
    flash(said(verdict, place), "success")
    return redirect(local_path(request.form.get("page")), 303)


@bp.post("/matches/opens")
@limiter.limit("120 per minute")
def create_open() -> ResponseReturnValue:
    """Sent beside following a link, by browsers that run scripts."""
    log_opened(read_place(request.form.get("match", "")), by=viewer())
    return "", 204


@adds_to("moderation/desk.html")
def add_unsafe_matches(_context: dict[str, Any]) -> dict[str, Any]:
    return {"unsafe_matches": unsafe_matches(viewer())}


@bp.app_template_global()
def said(verdict: str, place: Place) -> str:
    """What follows from a verdict, or from taking it back, in a sentence."""
    if verdict == "wrong-language" and place.match[0] == "person":
        return _("Gone from your list: another language.")
    return {
        "useful": _("You found this useful."),
        "wrong-topic": _("Gone from your list: another topic."),
        "wrong-language": _(
            "Gone from your lists: matches in that language. “Matches” in your settings brings them back."
        ),
        "known": _("Gone from your list: you knew it."),
        "unsafe": _("Gone from your lists, and moderators see that you find it unsafe."),
        "back": _("Taken back: it can be in your list again."),
    }[verdict]


@bp.app_template_global()
def verdicts() -> list[tuple[str, str]]:
    """What can be said of a match, as buttons say it."""
    return [
        ("useful", _("Useful")),
        ("wrong-topic", _("Wrong topic")),
        ("wrong-language", _("Wrong language")),
        ("known", _("Knew it")),
        ("unsafe", _("Unsafe")),
    ]

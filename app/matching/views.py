"""Matches beside texts, and beside the form while one is written."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import login_required
from markupsafe import Markup

from app.accounts.models import User
from app.feedback.commands import log_shown
from app.ideas.forms import ways_beside
from app.kept import kept
from app.limits import limiter
from app.matching.course import course_beside, course_for_draft, ideas_using
from app.matching.facets import panel_for
from app.matching.forms import draft_from, is_enough
from app.matching.queries import KEPT_LISTS, ForYou, Matches, for_you, matches_of
from app.matching.standing import Standing, standing_of
from app.matching.suggesting import tags_for_draft
from app.search.queries import Key
from app.web import adds_to, local_path, render, render_part, viewer, wants_fragment

bp = Blueprint("matching", __name__)


@bp.post("/matches/draft")
@login_required
@limiter.limit("120 per minute")
def show_draft_matches() -> ResponseReturnValue:
    """The panel beside the form, for the text as it is now. Nothing is saved."""
    draft = draft_from(request.form, by=viewer())
    panel = panel_for(viewer(), draft) if is_enough(draft) else None
    if panel:
        log_list(panel.matches)
    shown = [found.row.id for found in panel.matches.ideas] if panel else []
    is_idea, is_page = draft.kind == "idea", not wants_fragment()
    ways = ways_beside(request.form, shown, own_id=draft.id, is_page=is_page) if is_idea else None
    return render(
        "matching/draft.html",
        matches=panel and panel.matches,
        panel=panel,
        course_help=panel and course_for_draft(panel.around, draft),
        suggested_tags=panel and tags_for_draft(panel.around, draft),
        ways=ways,
        typed=request.form,
        back=local_path(request.form.get("back")),
    )


@adds_to("ideas/show.html")
def add_matches_of_idea(context: dict[str, Any]) -> dict[str, Any]:
    idea, standing = context["idea"], standing_of(viewer())
    key: Key = ("idea", idea.id)
    return {
        "matches_beside": matches_beside(key, standing),
        "course_help": course_beside(viewer(), standing, key, idea.sections),
    }


@adds_to("questions/show.html")
def add_matches_of_question(context: dict[str, Any]) -> dict[str, Any]:
    return {"matches_beside": matches_beside(("question", context["question"].id))}


def matches_beside(key: Key, standing: Standing | None = None) -> Markup:
    """The lists beside a post, as HTML that is kept while the matches stay the same: half of what its page costs."""
    matches = matches_logged(key, standing)
    kept_lists, wanted = kept("lists", most=KEPT_LISTS), (matches.stamp, str(get_locale()))
    shown: Markup | None = kept_lists.get(wanted)
    if shown is None:
        shown = render_part("matching/_beside_post.html", matches=matches)
        if not matches.is_catching_up:
            kept_lists.put(wanted, shown)
    return shown


@adds_to("course/nugget.html")
def add_matches_of_nugget(context: dict[str, Any]) -> dict[str, Any]:
    nugget_id = context["nugget"].id
    return {"matches": matches_logged(("nugget", nugget_id)), "uses": ideas_using(viewer(), nugget_id)}


@adds_to("course/resource.html")
def add_matches_of_resource(context: dict[str, Any]) -> dict[str, Any]:
    return {"matches": matches_logged(("resource", context["resource"].id))}


@adds_to("accounts/person.html", "home/desk.html")
def add_what_is_for_you(context: dict[str, Any]) -> dict[str, Any]:
    """On one's own page and desk only."""
    person = viewer()
    is_own = person.is_signed_in and context["person"].id == person.id
    if not is_own:
        return {"for_you": None}
    found = for_you(cast(User, person))
    log_list(found)
    return {"for_you": found}


def matches_logged(key: Key, standing: Standing | None = None) -> Matches:
    """What goes with it, which the viewer is about to see."""
    matches = matches_of(viewer(), key, standing)
    log_list(matches)
    return matches


def log_list(shown: Matches | ForYou) -> None:
    places = [(found.place, found.strength) for found in shown.every if found.place]
    log_shown(places, to=viewer(), weights=shown.weights)

"""The buttons that follow and mute, the searches that are kept, and the page of all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.follows import commands
from app.follows.forms import SearchForm
from app.follows.models import MOST_SEARCHES, Followed
from app.follows.policy import can_follow
from app.follows.queries import (
    counts_of,
    kept_search,
    own_search,
    relation_to,
    rows_of,
    searches_of,
    subject_named,
)
from app.forum.facets import tag_names
from app.forum.queries import Tag
from app.forum.views import person
from app.limits import limiter
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.web import adds_to, local_path, render, viewer, wants_fragment

bp = Blueprint("follows", __name__)
TABS = ("posts", "topics", "people", "searches", "muted")
TOLD_KINDS = (None, "idea", "question")
"""Kinds of which a kept search can tell: what people publish."""
bp.add_app_template_global(can_follow)


@bp.get("/me/follows")
@login_required
def index_follows() -> ResponseReturnValue:
    number, counts, wanted = wanted_page(), counts_of(person()), request.args.get("show")
    show = wanted if wanted in TABS else TABS[0]
    is_searches = show == "searches"
    rows = searches_of(person()) if is_searches else rows_of(person(), show, number=number)
    page = page_of(rows, number=number, total=counts[show], size=MOST_SEARCHES if is_searches else PAGE_SIZE)
    names = tag_names() if is_searches else {}
    return render("follows/index.html", page=page, show=show, counts=counts, names=names)


@bp.post("/<any(topics, u):room>/<name>/follow")
@login_required
@limiter.limit("60 per minute")
def create_follow(room: str, name: str) -> ResponseReturnValue:
    commands.follow(cast(Followed, subject_named(viewer(), room, name)), by=person())
    return back()


@bp.post("/<any(topics, u):room>/<name>/follow/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_follow(room: str, name: str) -> ResponseReturnValue:
    commands.unfollow(cast(Followed, subject_named(viewer(), room, name)), by=person())
    return back()


@bp.post("/<any(posts, topics, u):room>/<name>/mute")
@login_required
@limiter.limit("60 per minute")
def create_mute(room: str, name: str) -> ResponseReturnValue:
    commands.mute(subject_named(viewer(), room, name), by=person())
    if room == "posts" and not wants_fragment():
        flash(_("Muted: you hear nothing of it, and follow it no more."), "success")
    return back()


@bp.post("/<any(posts, topics, u):room>/<name>/mute/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_mute(room: str, name: str) -> ResponseReturnValue:
    commands.unmute(subject_named(viewer(), room, name), by=person())
    return back()


@bp.get("/me/searches/new")
@login_required
def new_search() -> ResponseReturnValue:
    return show_search_form(SearchForm(formdata=request.args))


@bp.post("/me/searches")
@login_required
@limiter.limit("60 per minute")
def create_search() -> ResponseReturnValue:
    form = SearchForm()
    if not form.validate_on_submit():
        return show_search_form(form), 422
    search = commands.save_search(by=person(), **form.facts())
    flash(_("Your search is saved."), "success")
    return redirect(url_for("search.search", **search.arguments), 303)


@bp.post("/me/searches/<int:search_id>/deletion")
@login_required
@limiter.limit("60 per minute")
def destroy_search(search_id: int) -> ResponseReturnValue:
    commands.remove_search(own_search(person(), search_id), by=person())
    return back()


@bp.post("/me/searches/<int:search_id>/alert")
@login_required
@limiter.limit("60 per minute")
def create_alert(search_id: int) -> ResponseReturnValue:
    commands.unmute_search(own_search(person(), search_id), by=person())
    return back()


@bp.post("/me/searches/<int:search_id>/alert/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_alert(search_id: int) -> ResponseReturnValue:
    commands.mute_search(own_search(person(), search_id), by=person())
    return back()


@adds_to("ideas/index.html", "questions/index.html")
def add_topic_of_list(context: dict[str, Any]) -> dict[str, Any]:
    chosen = context["filters"].chosen.get("topic", ())
    return topic_to_follow([Tag(each.id, each.name) for each in context["facets"].values["topic"] if each.id in chosen])


@adds_to("expertise/people.html")
def add_topic_of_people(context: dict[str, Any]) -> dict[str, Any]:
    chosen = context["narrowing"].topics
    return topic_to_follow([Tag(each.id, each.name) for each in context["topics"] if each.id in chosen])


@adds_to("accounts/person.html")
def add_person_to_follow(context: dict[str, Any]) -> dict[str, Any]:
    return {"attention": relation_to(viewer(), user_id=context["person"].id)}


@adds_to("search/results.html")
def add_whether_it_is_kept(context: dict[str, Any]) -> dict[str, Any]:
    kept = kept_search(viewer(), context["asked"], context["filters"]) if context["asked"] else None
    return {"kept": kept, "can_tell": context["filters"].kind in TOLD_KINDS}


def topic_to_follow(chosen: Sequence[Tag]) -> dict[str, Any]:
    """What stands above a list that one topic alone narrows."""
    if len(chosen) != 1:
        return {}
    return {"topic": chosen[0], "attention": relation_to(viewer(), topic_id=chosen[0].id)}


def back() -> Response:
    """To the page on which the button stands or, when htmx follows, to the block of it that it asked for."""
    return cast(Response, redirect(local_path(request.form.get("next")), 303))


def show_search_form(form: SearchForm) -> str:
    return render("follows/search.html", form=form, can_tell=form.filters().kind in TOLD_KINDS)

"""The course, its modules and nuggets, and the resource library."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from app.course.commands import mark_read, mark_unread
from app.course.forms import FACETS, ResourceFilters
from app.course.queries import course_page, library, module_page, nugget_page, nuggets_read_by, resource_page
from app.forum.views import person
from app.limits import limiter
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.web import render, see_other, viewer

bp = Blueprint("course", __name__)


@bp.get("/course")
def show_course() -> ResponseReturnValue:
    return render("course/course.html", course=course_page())


@bp.get("/course/modules/<int:number>")
def show_module(number: int) -> ResponseReturnValue:
    return render("course/module.html", page=module_page(number), read=nuggets_read_by(viewer()))


@bp.get("/course/nuggets/<key>")
def show_nugget(key: str) -> ResponseReturnValue:
    page = nugget_page(key)
    return render("course/nugget.html", page=page, nugget=page.nugget, read=nuggets_read_by(viewer()))


@bp.post("/course/nuggets/<key>/reading")
@login_required
@limiter.limit("60 per minute")
def create_reading(key: str) -> ResponseReturnValue:
    mark_read(nugget_page(key).nugget.id, by=person())
    return see_other(".show_nugget", key=key, _anchor="reading")


@bp.post("/course/nuggets/<key>/reading/withdrawal")
@login_required
@limiter.limit("60 per minute")
def destroy_reading(key: str) -> ResponseReturnValue:
    mark_unread(nugget_page(key).nugget.id, by=person())
    return see_other(".show_nugget", key=key, _anchor="reading")


@bp.get("/resources")
def index_resources() -> ResponseReturnValue:
    filters, number = ResourceFilters.of(request.args), wanted_page()
    found = library(filters.chosen, facets=FACETS)
    start = (number - 1) * PAGE_SIZE
    page = page_of(found.resources[start : start + PAGE_SIZE], number=number, total=len(found.resources))
    return render("course/resources.html", page=page, library=found, filters=filters)


@bp.get("/resources/<key>")
def show_resource(key: str) -> ResponseReturnValue:
    page = resource_page(key)
    return render("course/resource.html", page=page, resource=page.resource)

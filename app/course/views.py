"""The course, its modules and nuggets, and the resource library."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.course.forms import FACETS, ResourceFilters
from app.course.queries import course_page, library, module_page, nugget_page, resource_page
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.web import render

bp = Blueprint("course", __name__)


@bp.get("/course")
def show_course() -> ResponseReturnValue:
    return render("course/course.html", course=course_page())


@bp.get("/course/modules/<int:number>")
def show_module(number: int) -> ResponseReturnValue:
    return render("course/module.html", page=module_page(number))


@bp.get("/course/nuggets/<key>")
def show_nugget(key: str) -> ResponseReturnValue:
    page = nugget_page(key)
    return render("course/nugget.html", page=page, nugget=page.nugget)


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

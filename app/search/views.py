"""The search page: words and meaning together over everything visible."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue

from app.codes import language_choices
from app.forms import clean
from app.forum.facets import tag_names
from app.limits import limiter
from app.matching.searching import search_everything
from app.pages import PAGE_SIZE, page_of, wanted_page
from app.search.queries import FOUND_KINDS, SearchFilters
from app.web import render, viewer

bp = Blueprint("search", __name__)
LONGEST = 200


@bp.get("/search")
@limiter.limit("120 per minute")
def search() -> ResponseReturnValue:
    asked, filters, number = clean(request.args.get("q"))[:LONGEST], filters_in(request.args), wanted_page()
    results = (
        search_everything(viewer(), asked, filters, start=(number - 1) * PAGE_SIZE, size=PAGE_SIZE) if asked else None
    )
    names = tag_names()
    page = render(
        "search/results.html",
        asked=asked,
        filters=filters,
        results=results,
        page=page_of(results.found, number=number, total=results.total) if results else None,
        kinds=FOUND_KINDS,
        topics=names["topic"],
        roles=names["role"],
        languages=language_choices(),
    )
    response = make_response(page)
    if results and results.is_provisional:
        response.headers["Cache-Control"] = "private, no-cache"  # nobody keeps it until the encoder is there
    return response


def filters_in(arguments: Any) -> SearchFilters:
    """The filters in the address; what is not one is left out."""
    kind = arguments.get("kind", "")
    return SearchFilters(
        kind=kind if kind in FOUND_KINDS else None,
        language=arguments.get("language") or None,
        topic=arguments.get("topic") or None,
        role=arguments.get("role") or None,
    )

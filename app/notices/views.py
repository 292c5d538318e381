"""Atom feeds: the same posts for everyone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.notices.queries import Entry, featured_entries, newest_entries

bp = Blueprint("notices", __name__)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When an empty feed changed last."""


@bp.get("/ideas/feed.atom")
def show_ideas_feed() -> Response:
    return feed(_("New ideas"), url_for("ideas.index_ideas"), newest_entries("idea"))


@bp.get("/questions/feed.atom")
def show_questions_feed() -> Response:
    return feed(_("New questions"), url_for("questions.index_questions"), newest_entries("question"))


@bp.get("/featured/feed.atom")
def show_featured_feed() -> Response:
    return feed(_("Featured ideas"), "/featured", featured_entries())


def feed(title: str, page: str, entries: Sequence[Entry]) -> Response:
    """An Atom feed; 304 for a reader that has it already."""
    site = current_app.config["COMMONS"].public_url
    updated_at = max((entry.updated_at for entry in entries), default=BEGINNING)
    facts = {"title": title, "page": page, "entries": entries, "updated_at": updated_at}
    document = render_template("notices/feed.xml", site=site, authority=urlsplit(site).hostname, **facts)
    response = make_response(document)
    response.content_type = "application/atom+xml; charset=utf-8"
    response.add_etag()  # and no date: what is hidden leaves the feed without a newer entry
    return cast(Response, response.make_conditional(request))

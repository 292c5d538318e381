"""What the Commons is compared with: the same pages from plain SQL, by a Flask application that does nothing else.

It renders the Commons' own templates from the same rows. It knows neither sessions nor permissions, and what the
Commons keeps from one request to the next it is handed ready made: lists of matches, counts of the facets.
"""

from __future__ import annotations

import pickle
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Flask, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_locale
from markupsafe import Markup

from app import ROOT, create_app
from app.accounts.models import Guest
from app.codes import language_choices
from app.forum.queries import Relation
from app.ideas.queries import Filters, Relations
from app.matching.queries import Matches
from app.pages import Page, wanted_page
from app.search.queries import FOUND_KINDS, SearchFilters
from app.settings import Settings
from bench.plain_rows import Rows
from bench.plain_writes import add_idea

KEPT = "bench-kept.pickle"
"""In the instance folder: `matches` of some ideas by id, and `facets` of the list."""
bp = Blueprint("ideas", __name__)


def hello_app(settings: Settings) -> Flask:
    """As little as Flask can do."""
    app = Flask("hello")
    app.config["COMMONS"] = settings
    app.add_url_rule("/", view_func=lambda: "Hello")
    return app


def plain_app(settings: Settings) -> Flask:
    app = Flask("plain", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "app" / "static"))
    app.config["COMMONS"] = settings
    rows = app.extensions["rows"] = Rows(settings.instance_dir / "commons.db", settings.sqlite_synchronous)
    app.extensions["kept"] = pickle.loads((settings.instance_dir / KEPT).read_bytes())
    app.extensions["tags"] = rows.all_tags()
    rows.forget_connection()  # the server forks
    Babel(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(bp)
    app.url_build_error_handlers.append(lambda _error, endpoint, _values: f"/{endpoint}")
    app.context_processor(page_context)
    app.jinja_env.globals.update(
        can_support=lambda _viewer, _post: True,
        can_delete_comment=lambda _viewer, _comment: False,
        csrf_token=lambda: "token",
        csp_nonce=lambda: "nonce",
    )
    speak_as(create_app(settings), app)
    return app


def speak_as(commons: Flask, app: Flask) -> None:
    """Know the filters and functions of the Commons' templates that the application has none of its own for."""
    for own, others in (
        (app.jinja_env.filters, commons.jinja_env.filters),
        (app.jinja_env.globals, commons.jinja_env.globals),
    ):
        for name, meaning in others.items():
            own.setdefault(name, meaning)


def page_context() -> dict[str, Any]:
    return {"viewer": Guest(), "theme": "auto", "locale": get_locale(), "text_direction": "ltr"}


@bp.get("/ideas")
def index_ideas() -> ResponseReturnValue:
    number, facets = wanted_page(), extension("kept")["facets"]
    page = Page(rows().newest(number), number, facets.total)
    return render_template("ideas/index.html", page=page, filters=Filters(), facets=facets)


@bp.get("/ideas/<int:idea_id>/<slug>")
def show_idea(idea_id: int, slug: str) -> ResponseReturnValue:
    idea = rows().idea(idea_id)
    return render_template(
        "ideas/show.html",
        idea=idea,
        post=idea,
        tags=rows().tags_of([idea_id])[idea_id],
        comments=rows().comments(idea_id),
        relation=Relation(),
        lineage=Relations(),
        can_revise=False,
        structured={"headline": idea.title, "text": idea.problem, "datePublished": idea.published_at.isoformat()},
        matches_beside=Markup(
            render_template("matching/_beside_post.html", matches=extension("kept")["matches"].get(idea_id, Matches()))
        ),
    )


@bp.get("/search")
def search() -> ResponseReturnValue:
    asked = request.args["q"]
    found, total = rows().search(asked)
    return render_template(
        "search/results.html",
        asked=asked,
        filters=SearchFilters(),
        results=SimpleNamespace(found=found, nearest=[], counts={"idea": total}, is_basic=False),
        page=Page(found, 1, total),
        kinds=FOUND_KINDS,
        topics={tag.id: tag.name for tag in extension("tags")["topic"]},
        roles={tag.id: tag.name for tag in extension("tags")["role"]},
        languages=language_choices(),
    )


@bp.post("/ideas")
def create_idea() -> ResponseReturnValue:
    idea_id = add_idea(rows().connection(), request.form["title"], request.form["problem"])
    return redirect(f"/ideas/{idea_id}/new", 303)


def rows() -> Rows:
    return extension("rows")


def extension(name: str) -> Any:
    return current_app.extensions[name]

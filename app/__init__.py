"""The E-waste Challenge Commons."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app import (
    accounts,
    attention,
    course,
    database,
    demo,
    drafts,
    expertise,
    feedback,
    follows,
    forum,
    gate,
    groups,
    home,
    ideas,
    imports,
    jobs,
    journal,
    kept_pages,
    limits,
    lineage,
    log,
    mail,
    matching,
    moderation,
    notices,
    quality,
    questions,
    queue,
    requests,
    reviews,
    search,
    shown,
    stages,
    status,
    suggestions,
    teams,
    web,
)
from app.settings import Settings

ROOT = Path(__file__).parent.parent
ROOMS = (
    jobs,
    mail,
    accounts,
    groups,
    journal,
    forum,
    drafts,
    course,
    ideas,
    questions,
    expertise,
    search,
    matching,
    feedback,
    teams,
    suggestions,
    stages,
    lineage,
    queue,
    attention,
    reviews,
    follows,
    requests,
    moderation,
    notices,
    quality,
    home,
    demo,
    imports,
    status,
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application. Raises WrongSetting with one line that names the variable."""
    settings = settings or Settings.from_env()
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    configure(app, settings)
    log.init_app(settings)
    gate.init_app(app)
    database.init_app(app)
    web.init_app(app, settings)
    limits.init_app(app, settings)
    shown.init_app(app)
    for room in ROOMS:
        room.init_app(app)
    kept_pages.init_app(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    settings.make_instance_dir()
    app.config.update(
        COMMONS=settings,
        SECRET_KEY=settings.secret(),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings),
        SQLITE_SYNCHRONOUS=settings.sqlite_synchronous,
        SESSION_COOKIE_NAME="__Host-commons" if settings.is_secure else "commons",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME="https" if settings.is_secure else "http",
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        LOCALES=list(settings.locales),
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session
        JSON_SORT_KEYS=False,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.strict_slashes = False


def engine_options(settings: Settings) -> dict[str, object]:
    """A connection for each thread; waiting for a database that is away is short, so that the answer is a clear 503."""
    options: dict[str, object] = {"pool_size": settings.web_threads, "max_overflow": 8, "pool_timeout": 5}
    options["hide_parameters"] = True  # values, among them hashes and addresses, stay out of the log
    if settings.database.get_backend_name() == "postgresql":
        connect = {"connect_timeout": 2, "options": "-c statement_timeout=30000"}
        options |= {"pool_pre_ping": True, "connect_args": connect}
    return options

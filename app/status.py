"""Whether the Commons is well: for operators and load balancers."""

from __future__ import annotations

import shutil
from importlib.metadata import version

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify, make_response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.database import db, migrate
from app.jobs.queries import job_counts
from app.limits import limiter
from app.mail.queries import mail_counts

bp = Blueprint("status", __name__)
LEAST_FREE_DISK = 0.05


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)


@bp.get("/healthz")
@limiter.exempt
def show_health() -> Response:
    """The process answers."""
    return make_response("ok\n", 200, {"Content-Type": "text/plain"})


@bp.get("/readyz")
@limiter.exempt
def show_readiness() -> tuple[Response, int]:
    """Whether requests can be served, and why not."""
    try:
        checks = {
            "database": True,
            "migrations": _is_migrated(),
            "disk": _has_disk(),
            "jobs": job_counts(),
            "mail": _mails(),
        }
    except SQLAlchemyError:
        checks = {"database": False}
    is_ready = all(value is not False for value in checks.values())
    return jsonify(ready=is_ready, **checks), 200 if is_ready else 503


@bp.get("/version")
@limiter.exempt
def show_version() -> Response:
    return jsonify(version=version("ewaste-challenge-commons"))


def _is_migrated() -> bool:
    db.session.execute(text("SELECT 1"))
    here = MigrationContext.configure(db.session.connection()).get_current_heads()
    wanted = ScriptDirectory.from_config(migrate.get_config()).get_heads()
    return set(here) == set(wanted)


def _has_disk() -> bool:
    usage = shutil.disk_usage(current_app.config["COMMONS"].instance_dir)
    return usage.free / usage.total > LEAST_FREE_DISK


def _mails() -> dict[str, int | bool]:
    """Whether they leave at all, and how many wait or were given up."""
    return {"leaves": current_app.config["COMMONS"].sends_mail, **mail_counts()}

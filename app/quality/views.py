"""The page for everyone."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.quality.queries import quality_report
from app.web import render

bp = Blueprint("quality", __name__)


@bp.get("/match-quality")
def show_quality() -> ResponseReturnValue:
    return render("quality/show.html", report=quality_report())

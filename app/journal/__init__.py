"""What happened to texts and people, once for their history and for whoever is to hear of it."""

from __future__ import annotations

from flask import Flask


def init_app(_app: Flask) -> None:
    """Others write here; it has no page of its own."""
    from app.journal import tasks  # noqa: F401  (tasks connect when imported)

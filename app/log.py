"""Log lines: JSON in production, readable in development; never a body, a password or a token."""

from __future__ import annotations

import logging
import sys

import structlog

from app.settings import Settings


def init_app(settings: Settings) -> None:
    shown = structlog.processors.JSONRenderer() if settings.is_production else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

"""Commands."""

from __future__ import annotations

from flask.cli import AppGroup

matching = AppGroup("matching", help="Embeddings and matches.")

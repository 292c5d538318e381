"""Commands."""

from __future__ import annotations

from flask.cli import AppGroup

import_ = AppGroup("import", help="Bring texts in.")

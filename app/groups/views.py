"""What pages show of people to whom."""

from __future__ import annotations

from typing import Any

from app.groups.queries import is_profile_open
from app.web import adds_to, viewer


@adds_to("accounts/person.html")
def add_openness(context: dict[str, Any]) -> dict[str, Any]:
    return {"is_open": is_profile_open(viewer(), context["person"])}

"""What the README promises can be checked."""

from __future__ import annotations

from app import ROOT
from app.settings import settings_table

README = (ROOT / "README.md").read_text()


def test_the_settings_in_the_readme_are_those_of_the_code() -> None:
    assert settings_table() in README


def test_every_room_is_on_the_map() -> None:
    rooms = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert {room for room in rooms if f"\n      {room}/" not in README} == set()


def test_the_screenshot_is_there() -> None:
    assert (ROOT / ".github" / "screenshot.png").exists()

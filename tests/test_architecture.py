"""Rules of the house that a machine can keep."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import ROOMS, ROOT

MODULES = {"__init__", "models", "queries", "commands", "policy", "forms", "views", "events", "tasks", "cli"}
OWN_MODULES = {
    "search": {"rows", "store"},
    "forum": {"changes", "facets"},
    "matching": {
        "answering",
        "course",
        "embedding",
        "encoding",
        "facets",
        "found",
        "queueing",
        "reasons",
        "searching",
        "standing",
        "statistics",
        "store",
        "suggesting",
        "teams",
        "texts",
        "training",
        "weights",
    },
    "jobs": {"worker"},
    "attention": {"routing"},
    "mail": {"transport"},
    "notices": {"feeds", "mails", "rules", "sentences"},
    "queue": {"reasons", "routing"},
    "lineage": {"drawing"},
    "questions": {"answer_views"},
}
FOLDERS = sorted(folder for folder in (ROOT / "app").iterdir() if (folder / "__init__.py").exists())
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
STYLES = sorted((ROOT / "app/static/css").glob("*.css"))
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)


def lines_of(file: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        yield f"{file.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_room_has_only_modules_of_the_known_names(folder: Path) -> None:
    names = {file.stem for file in folder.glob("*.py")}
    assert names <= MODULES | OWN_MODULES.get(folder.name, set())


def test_every_room_is_in_the_table_of_contents() -> None:
    named = {room.__name__.rpartition(".")[2] for room in ROOMS}
    assert {folder.name for folder in FOLDERS} - {"taxonomy"} <= named


def test_only_the_settings_read_the_environment() -> None:
    reading = re.compile(r"os\.environ(?!\.setdefault)|getenv")
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "ml").rglob("*.py")]
    assert [file for file in files if reading.search(file.read_text("utf-8"))] == [ROOT / "app/settings.py"]


def test_templates_mark_nothing_as_safe_and_carry_no_styles_or_handlers() -> None:
    unsafe = re.compile(r"\|\s*safe\b|\sstyle\s*=|\son[a-z]+\s*=|\bautoescape\s+false")
    assert [place for file in TEMPLATES for place, line in lines_of(file) if unsafe.search(line)] == []


def test_forms_that_post_carry_the_token() -> None:
    post_form = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)
    for file in TEMPLATES:
        for form in post_form.findall(file.read_text("utf-8")):
            assert "csrf_token" in form or "hidden_tag" in form or "include" in form, f"{file.name}: {form[:80]}"


def test_styles_know_no_left_and_right() -> None:
    assert [place for file in STYLES for place, line in lines_of(file) if PHYSICAL.search(line)] == []


def test_views_touch_no_database() -> None:
    for file in (ROOT / "app").glob("*/views.py"):
        imported = {name for node in ast.walk(ast.parse(file.read_text("utf-8"))) for name in names_imported(node)}
        assert not imported & {"app.database.db", "sqlalchemy.select"}, file


def names_imported(node: ast.AST) -> list[str]:
    return [f"{node.module}.{alias.name}" for alias in node.names] if isinstance(node, ast.ImportFrom) else []


def test_the_application_is_made_without_loading_an_encoder(tmp_path: Path) -> None:
    """The server forks after it; and a second start should not wait for torch."""
    settings = f"Settings(instance_dir=Path({str(tmp_path)!r}))"
    making = f"from pathlib import Path; import app.cli; from app.settings import Settings; app.create_app({settings})"
    assert modules_loaded_by(making) & {"torch", "sklearn", "sentence_transformers"} == set()


def test_importing_ml_costs_numpy_only() -> None:
    assert modules_loaded_by("import ml") & {"flask", "sqlalchemy", "torch", "sklearn", "yaml"} == set()


def modules_loaded_by(statements: str) -> set[str]:
    """The names of all modules that a fresh interpreter holds after these statements."""
    command = [sys.executable, "-c", f"{statements}; import sys; print(*sys.modules)"]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())

"""`commons import ideas`: what becomes of each line of a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.queries import people
from app.database import db
from app.forum.models import Post
from app.groups.models import Group, Membership
from app.groups.queries import challenge_group
from app.ideas.models import Idea
from app.imports import commands
from app.imports.commands import LONGEST_TEXT, import_ideas
from app.jobs.models import Job

pytestmark = pytest.mark.usefixtures("app")
Import = Callable[..., Result]


def post(number: int = 1, **changes: Any) -> dict[str, Any]:
    metadata = {"author": "ama", "created": "2011-03-04 05:06:07", "group": "e-waste-week", "type": "idea"}
    return {
        "_id": f"week/{number}",
        "title": f"Idea {number}",
        "text": f"Text {number}.",
        "metadata": metadata,
    } | changes


@pytest.fixture
def run_import(app: Flask, tmp_path: Path) -> Import:
    """Write these lines to a file and import it."""

    def run(*lines: Any, options: tuple[str, ...] = (), name: str = "week.jsonl") -> Result:
        raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        (tmp_path / name).write_bytes(b"\n".join(raw) + b"\n")
        result = app.test_cli_runner().invoke(args=["import", "ideas", str(tmp_path / name), *options])
        db.session.rollback()
        return result

    return run


def summary(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.strip().splitlines()[-1]


def only_idea() -> Idea:
    return db.session.scalars(select(Idea)).one()


def test_a_line_becomes_an_idea_with_its_date_and_place(client: FlaskClient, run_import: Import) -> None:
    line = post(title="Repair night", text="We **repair** radios.")
    line["metadata"]["url"] = "https://challenges.example/repair-night"
    assert summary(run_import(line)) == "1 imported, 0 already here, 0 skipped"
    idea = only_idea()
    assert (idea.title, idea.problem, idea.gist) == ("Repair night", "We **repair** radios.", "We repair radios.")
    assert idea.published_at == datetime(2011, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert (idea.source, idea.source_url) == ("import:week:week/1", "https://challenges.example/repair-night")
    assert [topic.name for topic in idea.topics] == ["E waste week"]
    page = client.get(f"/ideas/{idea.id}/{idea.slug}").text
    assert "<strong>repair</strong>" in page
    assert "challenges.example" in page


def test_importing_again_adds_only_what_is_new(run_import: Import) -> None:
    run_import(post(1), post(2))
    assert summary(run_import(post(1), post(2), post(3))) == "1 imported, 2 already here, 0 skipped"
    assert summary(run_import(post(1), name="other.jsonl")) == "1 imported, 0 already here, 0 skipped"
    assert summary(run_import(post(1), name="copy.jsonl", options=("--dataset", "week"))).startswith(
        "0 imported, 1 already"
    )


def test_the_same_id_twice_in_a_file_is_one_idea(run_import: Import) -> None:
    assert summary(run_import(post(1), post(1))) == "1 imported, 1 already here, 0 skipped"


BAD = {
    "not JSON": b"{no",
    "not UTF-8": b'{"_id": "\xff"}',
    "not an object with an object `metadata`": b"[1, 2]",
    "neither title nor text": json.dumps(post(title="", text=" \x00 ")).encode(),
    "`title` is not a text": json.dumps(post(title=["a"])).encode(),
    "`text` is not a text": json.dumps(post(text=4)).encode(),
    "`_id` is missing or longer than 300 characters": json.dumps(post(_id=None)).encode(),
    "`_id` is not a text": json.dumps(post(_id={})).encode(),
    "`created` is not a moment": json.dumps(post(metadata={"created": "last week"})).encode(),
    "`created` lies in the future": json.dumps(post(metadata={"created": "2190-01-01"})).encode(),
}


@pytest.mark.parametrize("reason", BAD)
def test_a_bad_line_is_named_with_its_reason_and_the_others_are_imported(run_import: Import, reason: str) -> None:
    result = run_import(post(1), b"", BAD[reason], post(4))
    assert f"line 3: {reason}" in result.output
    assert summary(result) == "2 imported, 0 already here, 1 skipped (lines 3)"


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"metadata": 3}', b"null", b"NaN", b'{"_id": 1, "title": "\\ud800"}']
)
def test_no_line_stops_the_import(run_import: Import, line: bytes) -> None:
    assert summary(run_import(line, post(2))).startswith("1 imported, 0 already here, 1 skipped")


def test_many_bad_lines_are_counted(run_import: Import) -> None:
    numbers = ", ".join(str(number) for number in range(1, 21))
    assert summary(run_import(*[b"{"] * 30)) == f"0 imported, 0 already here, 30 skipped (lines {numbers} and 10 more)"


def test_a_text_that_is_too_long_is_cut_and_named(run_import: Import) -> None:
    result = run_import(post(text="word " * 8000, title="t" * 300))
    assert "line 1: title cut to 255 characters, text cut to 30,000 characters" in result.output
    assert len(only_idea().problem) == LONGEST_TEXT
    assert len(only_idea().title) == 255


def test_a_missing_title_is_the_beginning_of_the_text(run_import: Import) -> None:
    run_import(
        post(
            title=None,
            text="Every school keeps a **box** for dead phones and the caretaker weighs it every Friday at noon.",
        )
    )
    assert only_idea().title == "Every school keeps a box for dead phones and the caretaker weighs it every…"


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2012-06-22T20:37:00Z", datetime(2012, 6, 22, 20, 37, tzinfo=UTC)),
        ("2012-06-22T20:37:00+02:00", datetime(2012, 6, 22, 18, 37, tzinfo=UTC)),
        ("2012-06-22", datetime(2012, 6, 22, tzinfo=UTC)),
        (1340397420, datetime(2012, 6, 22, 20, 37, tzinfo=UTC)),
        ("1340397420", datetime(2012, 6, 22, 20, 37, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_iso_or_as_seconds(run_import: Import, created: Any, expected: datetime) -> None:
    run_import(post(metadata={"created": created}))
    assert only_idea().published_at == expected


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://example.org", "https://example.org/a b", "//example.org", "x"]
)
def test_only_web_addresses_are_kept_as_the_source(run_import: Import, url: str) -> None:
    run_import(post(metadata={"url": url}))
    assert only_idea().source_url is None


def test_authors_become_placeholder_people(run_import: Import) -> None:
    run_import(post(1), post(2), post(3, metadata={"author": "kofi"}), post(4, metadata={}))
    authors = db.session.scalars(select(User).where(User.kind == "imported")).all()
    assert len(authors) == 3
    assert all(author.name.startswith("imported-") and len(author.name) == 21 for author in authors)
    assert all(author.password_hash is None and not author.may_be_asked for author in authors)
    assert "ama" not in {author.display_name for author in authors}
    assert db.session.scalars(people()).all() == []


def test_groups_become_open_groups_when_told_so(client: FlaskClient, run_import: Import) -> None:
    run_import(post(1), options=("--groups-as", "groups"))
    idea = only_idea()
    assert (idea.group.slug, idea.group.name, idea.group.is_private) == ("e-waste-week", "E waste week", False)
    assert idea.topics == []
    assert client.get(f"/ideas/{idea.id}/{idea.slug}").status_code == 200


def test_groups_are_ignored_when_told_so(run_import: Import) -> None:
    run_import(post(1), options=("--groups-as", "ignore"))
    assert only_idea().group_id == challenge_group().id
    assert only_idea().topics == []
    assert db.session.scalar(select(func.count()).select_from(Group)) == 1


def test_ideas_can_be_imported_into_a_private_group(client: FlaskClient, app: Flask, run_import: Import) -> None:
    app.test_cli_runner().invoke(args=["groups", "open", "tutors", "--name", "Tutors"])
    for groups_as in ("topics", "groups"):
        refused = run_import(post(1), options=("--group", "tutors", "--groups-as", groups_as))
        assert (refused.exit_code, "is public" in refused.output) == (1, True)
    run_import(post(1), options=("--group", "tutors", "--groups-as", "ignore"))
    idea = only_idea()
    assert idea.group.slug == "tutors"
    assert client.get(f"/ideas/{idea.id}/{idea.slug}").status_code == 404
    assert db.session.get(Membership, (idea.author_id, idea.group_id)) is not None


def test_an_unknown_group_or_file_is_refused_in_words(run_import: Import, app: Flask) -> None:
    result = run_import(post(1), options=("--group", "nobody"))
    assert result.exit_code == 1
    assert "There is no group of this name." in result.output
    assert app.test_cli_runner().invoke(args=["import", "ideas", "/no/such/file"]).exit_code == 2


def test_what_is_imported_waits_to_be_embedded(run_import: Import) -> None:
    run_import(post(1))
    jobs = db.session.scalars(select(Job)).all()
    assert only_idea().id in {job.arguments.get("id") for job in jobs if job.arguments.get("kind") == "idea"}


def test_batches_before_a_fault_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "BATCH", 2)

    def lines() -> Any:
        yield from (json.dumps(post(number)).encode() for number in (1, 2, 3))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(import_ideas(lines(), dataset="week", groups_as="topics", group=challenge_group()))
    assert sorted(db.session.scalars(select(Post.title))) == ["Idea 1", "Idea 2"]

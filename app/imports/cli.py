"""`commons import`: bring in texts that were written elsewhere."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.codes import LANGUAGES
from app.groups.models import CHALLENGE_GROUP
from app.groups.queries import group_named
from app.imports.commands import GroupsAs, import_ideas
from app.refusals import NotThere

LINES_NAMED = 20
import_ = AppGroup("import", help="Bring in texts that were written elsewhere.")


@import_.command("ideas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--groups-as",
    type=click.Choice(["topics", "groups", "ignore"]),
    default="topics",
    show_default=True,
    help="What `metadata.group` becomes.",
)
@click.option("--group", "slug", default=CHALLENGE_GROUP, show_default=True, help="The group that the ideas live in.")
@click.option("--dataset", help="Name that tells equal ids of different files apart; the file's own name unless given.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of texts that name none."
)
def ideas(file: Path, groups_as: GroupsAs, slug: str, dataset: str | None, language: str) -> None:
    """Import ideas from FILE, one JSON object a line.

    Each is {"_id", "title", "text", "metadata": {"author", "created", "group", "type", "url", "language"}}. Only `_id`
    and one of title and text are needed. Lines that cannot be used are named and left out; importing again adds only
    what is new.
    """
    try:
        group = group_named(slug)
    except NotThere as refusal:
        raise click.ClickException(f"{refusal.message} Run `commons seed` or `commons groups open` first.") from None
    if group.is_private and groups_as != "ignore":
        raise click.ClickException("What becomes a topic or a group is public: use --groups-as ignore.")
    lines_by_state = defaultdict(list)
    with file.open("rb") as counted, file.open("rb") as lines:
        total = sum(1 for line in counted if line.strip())
        outcomes = import_ideas(
            lines, dataset=dataset or file.stem, groups_as=groups_as, group=group, language=language
        )
        for outcome in tqdm(outcomes, total=total, unit=" ideas", desc="Importing"):
            lines_by_state[outcome.state].append(outcome.line)
            if outcome.note:
                tqdm.write(f"line {outcome.line}: {outcome.note}")
    imported, known, skipped = (lines_by_state[state] for state in ("imported", "known", "skipped"))
    click.echo(f"{len(imported):,} imported, {len(known):,} already here, {len(skipped):,} skipped{_named(skipped)}")


def _named(lines: list[int]) -> str:
    if not lines:
        return ""
    more = f" and {len(lines) - LINES_NAMED:,} more" if len(lines) > LINES_NAMED else ""
    return f" (lines {', '.join(map(str, lines[:LINES_NAMED]))}{more})"

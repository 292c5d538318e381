"""`commons matching report`: what the page of match quality says, in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import click

from app.matching.cli import matching
from app.quality.commands import measure_matches
from app.quality.queries import Section, quality_report


@matching.command("report")
@click.option("--kept", is_flag=True, help="Print the numbers that the page shows, without taking them anew.")
def report(kept: bool) -> None:
    """Measure the matches, keep the numbers of today, and print them as the page of match quality shows them."""
    if not kept:
        measure_matches()
    found = quality_report()
    if found.measured_at:
        click.echo(f"Measured {found.measured_at:%Y-%m-%d %H:%M} UTC")
    for section in found.sections:
        print_section(section)


def print_section(section: Section) -> None:
    click.echo(f"\n{section.title}")
    if section.is_empty:
        click.echo(f"  {section.nothing}")
    for figure in section.figures:
        click.echo(f"  {figure.value} {figure.label}")
    for chart in section.charts:
        print_table([[chart.title, *chart.columns], *([row.label, *row.cells] for row in chart.rows)])


def print_table(lines: Sequence[Sequence[str]]) -> None:
    """Columns as wide as what stands in them; numbers to the right."""
    click.echo()
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for label, *cells in lines:
        numbers = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        click.echo("  ".join([f"  {label:<{widths[0]}}", *numbers]))

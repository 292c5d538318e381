"""Commands."""

from __future__ import annotations

import click


@click.command("seed")
def seed() -> None:
    """Load the catalogue and the demo community."""

"""`commons matching`: embed by hand, and see how far it is."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.matching.commands import embed_waiting, waiting_subjects
from app.matching.encoding import encoding

matching = AppGroup("matching", help="Embeddings and matches.")


@matching.command("embed")
def embed() -> None:
    """Embed every text that waits, with a progress bar. What was done stays done when it is interrupted."""
    with tqdm(desc="Embedding", unit=" texts") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        count = embed_waiting(show)
    click.echo(f"{count} texts embedded with {encoding().name}.")


@matching.command("status")
def status() -> None:
    """Say how many texts wait for their vectors."""
    click.echo(f"{len(waiting_subjects())} texts wait for {encoding().name}.")

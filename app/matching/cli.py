"""`commons matching`: embed by hand, and see how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import AppGroup
from tqdm import tqdm

from app.matching.commands import embed_waiting, reembed, waiting_subjects
from app.matching.encoding import encoding, encoding_for
from ml.encoders import EncoderUnavailable

matching = AppGroup("matching", help="Embeddings and matches.")


@matching.command("embed")
def embed() -> None:
    """Embed every text that waits, with a progress bar. What was done stays done when it is interrupted."""
    with shown_progress() as show:
        count = embed_waiting(show)
    click.echo(f"{count} texts embedded with {encoding().name}.")


@matching.command("reembed")
def reembed_all() -> None:
    """Embed every text with the encoders that ENCODERS names, and match by them once all are done.

    Until then the server goes on with the vectors that are there. Begun again after an interruption, it goes on where
    it stopped.
    """
    settings = current_app.config["COMMONS"]
    chosen = encoding_for(settings.encoder_specs, settings)
    try:
        with shown_progress() as show:
            count = reembed(chosen, show)
    except EncoderUnavailable as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{count} texts embedded; texts are matched by {chosen.name} now.")


@matching.command("status")
def status() -> None:
    """Say how many texts wait for their vectors, and whether other encoders wait to be used."""
    waiting = waiting_subjects()  # asked first, as it finds out which encoders are in use
    click.echo(f"{len(waiting)} texts wait for {encoding().name}.")
    settings = current_app.config["COMMONS"]
    if encoding().specs != settings.encoder_specs:
        wanted = encoding_for(settings.encoder_specs, settings).name
        click.echo(f"ENCODERS names {wanted}: `commons matching reembed` changes to them.")


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None]]:
    with tqdm(desc="Embedding", unit=" texts") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show

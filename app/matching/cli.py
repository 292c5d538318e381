"""`commons matching`: embed by hand, see how far it is, and learn how matches are weighed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from tqdm import tqdm

from app.matching.commands import embed_waiting, reembed, waiting_subjects
from app.matching.encoding import encoding, encoding_for
from app.matching.training import JudgedFolder, roll_back, told, train
from app.matching.weights import weights_now
from app.refusals import Conflict
from ml.encoders import EncoderUnavailable
from ml.training import ENOUGH_LISTS
from ml.weights import KINDS_ALIKE

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

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


@matching.command("train")
@click.option("--texts", multiple=True, type=FOLDER, help="Judged texts: corpus.jsonl, queries.jsonl, qrels.tsv.")
@click.option("--people", multiple=True, type=FOLDER, help="The same where documents are people, with posts.jsonl.")
@click.option("--any-age", is_flag=True, help="Let what is younger than a query of the folders stand beside it.")
@click.option("--try", "is_tried", is_flag=True, help="Say what would be learned, and change nothing.")
def learn_weights(texts: Sequence[Path], people: Sequence[Path], *, any_age: bool, is_tried: bool) -> None:
    """Learn how much each part of a match weighs: from what members said, and from folders of judged texts.

    Weights that win on lists held out, by a paired test, are used at once; `rollback` takes them back.
    """
    folders = [JudgedFolder(each, has_people=False, older_only=not any_age) for each in texts]
    folders += [JudgedFolder(each, has_people=True, older_only=not any_age) for each in people]
    try:
        lessons = train(folders, is_kept=not is_tried)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"A folder cannot be read: {error}") from None
    except (EncoderUnavailable, Conflict) as error:
        raise click.ClickException(str(error)) from None
    for lesson in lessons:
        click.echo(
            f"{', '.join(KINDS_ALIKE[lesson.kind])}: {told(lesson)} {'Better.' if lesson.wins else 'No better.'}"
        )
        click.echo(json.dumps(lesson.parts))
    if not lessons:
        click.echo(f"Too little was judged: at least {ENOUGH_LISTS} lists with something better and something worse.")
    click.echo(f"Matches are ranked by {weights_now().name}.")


@matching.command("rollback")
def take_back_weights() -> None:
    """Rank matches by the weights before those learned last."""
    name = roll_back()
    click.echo(f"{name} is out of use." if name else "Nothing learned here is in use.")
    click.echo(f"Matches are ranked by {weights_now().name}.")


@matching.command("weights")
def show_weights() -> None:
    """Print the weights in use as JSON."""
    weights = weights_now()
    click.echo(json.dumps({"name": weights.name, "parts": weights.parts}, indent=2))


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None]]:
    with tqdm(desc="Embedding", unit=" texts") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show

"""How many texts a second the product embeds, against SentenceTransformer.encode alone on the same texts."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from flask_migrate import upgrade
from sqlalchemy import delete, select

from app import ROOT, create_app
from app.course.commands import load_catalogue
from app.database import db, transaction
from app.demo.commands import load_demo_community
from app.groups.commands import open_challenge_group
from app.matching.commands import embed_waiting
from app.matching.models import MatchableText, Passage
from bench.community import Prepared, settings_of
from bench.load import in_turns, median_ratio
from bench.report import Answer, Figure
from bench.runs import Run
from ml.encoder_sets import EncoderSet
from ml.encoders import BATCH, EncoderUnavailable, MiniLM, load_transformer, packaged_weights
from ml.judged import lines_of
from ml.texts import split_passages

QUESTION = "Texts embedded a second, against SentenceTransformer.encode alone"
LEAST_RATIO = 0.9
DEMO = ROOT / "app" / "content" / "demo"
SET = "openideo-related-dev"
Encode = Callable[[Sequence[str]], Any]


def measure(run: Run) -> Answer:
    threads = os.cpu_count() or 1
    try:
        product = MiniLM(threads=threads)
        product.encode(["warm"])
    except EncoderUnavailable as reason:
        return Answer(QUESTION, notes=[f"Not measured: {reason}."])
    rivals = {"as it is loaded by default": rival(threads), "in the product's own precision": own_precision(threads)}
    rounds, most = (1, 48) if run.is_quick else (5, 600)
    notes = [f"{threads} threads, batches of {BATCH}, {rounds} rounds in turns, medians; the same weights for all."]
    figures = encode_figures("passages of the demo community", demo_passages(most), product.encode, rivals, rounds)
    file = run.data / SET / "corpus.jsonl"
    if file.exists():
        figures += encode_figures(f"sections of {SET}", set_passages(file, most), product.encode, rivals, rounds)
    else:
        notes.append(f"{SET} is not there (BENCH_DATA names its folder): left out.")
    if not run.is_quick:
        figures.append(whole_figure(run.folder / "embedding", product, rivals))
    return Answer(QUESTION, figures, notes)


def rival(threads: int) -> Encode:
    """The library alone, on the product's weights, as its documentation loads it."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    return encode_with(SentenceTransformer(str(packaged_weights()), device="cpu", local_files_only=True))


def own_precision(threads: int) -> Encode:
    return encode_with(load_transformer(packaged_weights(), "", threads))


def encode_with(model: Any) -> Encode:
    return lambda texts: model.encode(list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False)


def demo_passages(most: int) -> list[str]:
    """Sections and sentences, as the product splits them."""
    posts = yaml.safe_load((DEMO / "ideas.yaml").read_text("utf-8"))["ideas"]
    posts += yaml.safe_load((DEMO / "questions.yaml").read_text("utf-8"))["questions"]
    written = ({"title": post["title"], **post.get("sections", {"body": post.get("body", "")})} for post in posts)
    return distinct((passage.text for sections in written for passage in split_passages(sections)), most)


def set_passages(file: Path, most: int) -> list[str]:
    written = ({"title": line["title"], "text": line["text"]} for line in lines_of(file))
    passages = (passage for sections in written for passage in split_passages(sections))
    return distinct((passage.text for passage in passages if passage.level == "section"), most)


def distinct(texts: Any, most: int) -> list[str]:
    return list(islice(dict.fromkeys(texts), most))


def encode_figures(
    what: str, texts: Sequence[str], encode: Encode, rivals: Mapping[str, Encode], rounds: int
) -> list[Figure]:
    encoders = {"product": encode, **rivals}
    for warm_up in encoders.values():
        warm_up(texts[:BATCH])
    rates = in_turns(rounds, {name: rate_of(one, texts) for name, one in encoders.items()})
    return [rate_figure(f"{len(texts)} {what}", rates["product"], rates[name], name) for name in rivals]


def rate_of(encode: Encode, texts: Sequence[str]) -> Callable[[], float]:
    def measured() -> float:
        started = time.perf_counter()
        encode(texts)
        return len(texts) / (time.perf_counter() - started)

    return measured


def rate_figure(what: str, ours: Sequence[float], theirs: Sequence[float], how: str) -> Figure:
    ratio = median_ratio(ours, theirs)
    against = f"SentenceTransformer.encode {how}: {statistics.median(theirs):,.0f}/s"
    measured = f"{statistics.median(ours):,.0f}/s"
    return Figure(what, measured, against, ratio, f"at least {LEAST_RATIO}", ratio >= LEAST_RATIO)


def whole_figure(instance: Path, product: MiniLM, rivals: Mapping[str, Encode]) -> Figure:
    """Reading texts, splitting, encoding, storing: all that `commons matching embed` does."""
    settings = settings_of(instance, encoders="minilm")
    app = create_app(settings)
    app.extensions["encoding"] = Prepared(settings, EncoderSet((product,)))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        open_challenge_group()
        load_catalogue()
        load_demo_community()
        embed_waiting()
        texts = db.session.scalars(select(Passage.text).distinct()).all()
        how, encode = list(rivals.items())[-1]
        rates = in_turns(2, {"product": lambda: len(texts) / seconds_to_embed(), "rival": rate_of(encode, texts)})
    what = f"{len(texts)} passages of catalogue and demo community, read, split, encoded and stored"
    return rate_figure(what, rates["product"], rates["rival"], how)


def seconds_to_embed() -> float:
    with transaction():
        db.session.execute(delete(Passage))
        db.session.execute(delete(MatchableText))
    started = time.perf_counter()
    embed_waiting()
    return time.perf_counter() - started

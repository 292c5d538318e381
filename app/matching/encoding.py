"""The encoder of this process: loaded once, in the background, and replaced by a plainer one when it cannot be."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog
from flask import Flask, current_app

from app.kept import Kept
from app.settings import Settings
from ml.encoders import Encoder, EncoderUnavailable, HashingEncoder, MiniLM, Vectors

WARMING_TEXT = "warm"
KEPT_TEXTS = 4000
log = structlog.get_logger()


class Encoding:
    """What the process encodes with. Until the weights are loaded, pages go without meaning rather than wait."""

    def __init__(self, settings: Settings) -> None:
        self._preferred: Encoder = HashingEncoder()
        if settings.encoder == "minilm":
            weights = Path(settings.encoder_weights) if settings.encoder_weights else None
            self._preferred = MiniLM(weights, threads=max(1, (os.cpu_count() or 1) // settings.web_processes))
        self._warming = threading.Lock()
        self._chosen: Encoder | None = None if settings.encoder == "minilm" else self._preferred
        self._kept = Kept(KEPT_TEXTS)

    @property
    def encoder(self) -> Encoder:
        """The encoder in use; the first call waits until the weights are loaded."""
        self.warm()
        assert self._chosen is not None
        return self._chosen

    @property
    def name(self) -> str:
        """The name under which vectors are kept, without waiting for the weights."""
        return (self._chosen or self._preferred).name

    @property
    def is_warm(self) -> bool:
        return self._chosen is not None

    @property
    def is_basic(self) -> bool:
        """Whether texts are compared by words alone."""
        return isinstance(self._chosen, HashingEncoder)

    def warm(self) -> None:
        """Load the weights, or settle for the plain encoder when they are missing or damaged."""
        with self._warming:
            if self._chosen is not None:
                return
            try:
                self._preferred.encode([WARMING_TEXT])
                self._chosen = self._preferred
            except EncoderUnavailable as error:
                log.warning("basic matching: the encoder is not available", reason=str(error))
                self._chosen = HashingEncoder()

    def warm_in_background(self) -> None:
        threading.Thread(target=self.warm, name="encoder", daemon=True).start()

    def encode_kept(self, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, dimension); texts encoded lately are not encoded again. For texts being written."""
        known = {text: vector for text in dict.fromkeys(texts) if (vector := self._kept.get(text)) is not None}
        unknown = [text for text in dict.fromkeys(texts) if text not in known]
        for text, vector in zip(unknown, self.encoder.encode(unknown) if unknown else (), strict=True):
            known[text] = vector
            self._kept.put(text, vector)
        return np.stack([known[text] for text in texts]) if texts else np.zeros((0, self.encoder.dimension), np.float32)


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["encoding"] = Encoding(settings)


def encoding() -> Encoding:
    return current_app.extensions["encoding"]

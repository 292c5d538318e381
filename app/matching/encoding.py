"""The encoders of this process: loaded once, in the background, and replaced by a plainer one when they cannot be."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from flask import Flask, current_app

from app.kept import Kept
from app.settings import EncoderSpec, Settings
from ml.encoder_sets import EncoderSet
from ml.encoders import Encoder, EncoderUnavailable, HashingEncoder, MiniLM, TransformerEncoder, Vectors
from ml.multilingual import MultilingualUSE

WARMING_TEXT = "warm"
KEPT_TEXTS = 4000
changing = threading.Lock()
log = structlog.get_logger()


class Encoding:
    """What the process encodes with. Until the weights are loaded, pages go without meaning rather than wait."""

    def __init__(self, specs: Sequence[EncoderSpec], *, threads: int) -> None:
        self.specs = tuple(specs)
        self.wanted = EncoderSet(tuple(encoder_of(spec, threads) for spec in specs))
        self._warming = threading.Lock()
        self._loaded: EncoderSet | None = self.wanted if is_plain(self.wanted) else None
        self._kept = Kept(KEPT_TEXTS)

    @property
    def encoders(self) -> EncoderSet:
        """Those in use; the first call waits until their weights are loaded."""
        self.warm()
        assert self._loaded is not None
        return self._loaded

    @property
    def known(self) -> EncoderSet:
        """Those in use as far as is known, without waiting for weights: for what was encoded before."""
        return self._loaded or self.wanted

    @property
    def name(self) -> str:
        """The name under which texts are kept."""
        return self.known.name

    @property
    def is_warm(self) -> bool:
        return self._loaded is not None

    @property
    def is_basic(self) -> bool:
        """Whether texts are compared by words alone."""
        return self._loaded is not None and is_plain(self._loaded)

    def warm(self) -> None:
        """Load the weights; an encoder whose weights are missing or damaged is left out, for all of them the plain one
        steps in."""
        with self._warming:
            if self._loaded is None:
                loaded = tuple(encoder for encoder in self.wanted.encoders if can_encode(encoder))
                self._loaded = EncoderSet(loaded or (HashingEncoder(),))

    def warm_in_background(self) -> None:
        threading.Thread(target=self.warm, name="encoders", daemon=True).start()

    def encode_kept(self, encoder: Encoder, texts: Sequence[str]) -> Vectors:
        """(n,) texts -> (n, dimension); texts encoded lately are not encoded again. For texts being written."""
        places = {text: (encoder.name, text) for text in texts}
        known = {text: vector for text, place in places.items() if (vector := self._kept.get(place)) is not None}
        unknown = [text for text in places if text not in known]
        for text, vector in zip(unknown, encoder.encode(unknown) if unknown else (), strict=True):
            known[text] = vector
            self._kept.put(places[text], vector)
        return np.stack([known[text] for text in texts]) if texts else np.zeros((0, encoder.dimension), np.float32)


def encoder_of(spec: EncoderSpec, threads: int) -> Encoder:
    if spec.folder:
        languages = frozenset(spec.languages) or None
        return TransformerEncoder(
            lambda: Path(spec.folder),
            name=spec.name,
            dimension=spec.dimension,
            languages=languages,
            prefix=spec.prefix,
            threads=threads,
        )
    packaged: dict[str, Encoder] = {
        "minilm": MiniLM(threads=threads),
        "use-multilingual": MultilingualUSE(threads=threads),
        "basic": HashingEncoder(),
    }
    return packaged[spec.name]


def is_plain(encoders: EncoderSet) -> bool:
    return all(isinstance(encoder, HashingEncoder) for encoder in encoders.encoders)


def can_encode(encoder: Encoder) -> bool:
    try:
        encoder.encode([WARMING_TEXT])
    except EncoderUnavailable as error:
        log.warning("an encoder is not available", encoder=encoder.name, reason=str(error))
        return False
    return True


def init_app(app: Flask, settings: Settings) -> None:
    app.extensions["encoding"] = encoding_for(settings.encoder_specs, settings)


def encoding_for(specs: Sequence[EncoderSpec], settings: Settings) -> Encoding:
    return Encoding(specs, threads=max(1, (os.cpu_count() or 1) // settings.web_processes))


def encoding() -> Encoding:
    return current_app.extensions["encoding"]


def adopt(stored: Sequence[Mapping[str, Any]] | None) -> bool:
    """Use the encoders that texts are kept by, and say whether this process used others until now.

    `stored` is what IndexGeneration says; nothing before the first text was embedded, by whatever the settings name.
    """
    specs = tuple(EncoderSpec.of(facts) for facts in stored or ())
    with changing:
        if not specs or encoding().specs == specs:
            return False
        use(encoding_for(specs, current_app.config["COMMONS"]))
    encoding().warm_in_background()
    return True


def use(chosen: Encoding) -> None:
    """From now on, in this process."""
    current_app.extensions["encoding"] = chosen

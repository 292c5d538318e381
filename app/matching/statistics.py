"""What is known of all public texts together, by encoder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import current_app

from app.database import db
from app.matching.encoding import encoding
from app.matching.models import KeptStatistics, kept_as
from app.matching.standing import Standing
from app.matching.texts import NO_ENCODER
from ml.statistics import CorpusStatistics

Statistics = Mapping[str, CorpusStatistics]
"""By the name of the encoder, and for NO_ENCODER; all know the same words."""


def current_statistics(standing: Standing) -> Statistics:
    """As last computed."""
    kept: KeptCorpus | None = current_app.extensions.get("kept_statistics")
    if kept is None or (kept.encoders, kept.computed_at) != (standing.encoders, standing.statistics_at):
        kept = KeptCorpus(standing.encoders, standing.statistics_at, _read_statistics(standing.encoders))
        current_app.extensions["kept_statistics"] = kept
    return kept.statistics


@dataclass(frozen=True)
class KeptCorpus:
    """Statistics as this process last read them."""

    encoders: str
    computed_at: datetime | None
    statistics: Statistics


def _read_statistics(encoders: str) -> Statistics:
    kept = db.session.get(KeptStatistics, kept_as(encoders))
    every = _from_content(kept.content) if kept else _none_yet()
    by_encoder = {each.encoder: each for each in every}
    return {**by_encoder, NO_ENCODER: replace(every[0], languages=())}


def as_content(every: Sequence[CorpusStatistics]) -> str:
    """As KeptStatistics has them, the preferred encoder's first."""
    return json.dumps([each.to_json() for each in every])


def _from_content(content: str) -> list[CorpusStatistics]:
    return [CorpusStatistics.from_json(each) for each in json.loads(content)]


def _none_yet() -> list[CorpusStatistics]:
    return [
        CorpusStatistics.empty(encoder.dimension, encoder.name, encoder.languages)
        for encoder in encoding().known.encoders
    ]

"""From texts to the rows that are kept of them: passages with their vectors, and each text as ranking sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select

from app.database import db
from app.matching.models import Passage
from app.matching.texts import content_of, packed
from app.search.queries import CONTENT_VERSION, Kind, SubjectText
from ml.encoder_sets import EncoderSet
from ml.encoders import Encoder, Vectors
from ml.texts import Passage as PassageOfText
from ml.texts import split_passages, text_digest

Row = dict[str, Any]
VectorsByText = Mapping[str, Vectors]


def embedded(kind: Kind, texts: Sequence[SubjectText], encoders: EncoderSet) -> tuple[list[Row], list[Row]]:
    """Rows of Passage and of MatchableText. A text is read by each encoder that knows its language; what one of them
    has read before is not encoded again."""
    split = {text.id: split_passages(text.sections) for text in texts}
    contents = {text.id: content_of(text) for text in texts}
    vectors: dict[int, dict[str, VectorsByText]] = {text.id: {} for text in texts}
    for encoder in encoders.encoders:
        read = [text.id for text in texts if encoder in encoders.reading(contents[text.id]["language"])]
        by_text = _vectors_by(encoder, kind, read, [each.text for text_id in read for each in split[text_id]])
        for text_id in read:
            vectors[text_id][encoder.name] = by_text
    passages = [
        _passage(text, piece, contents[text.id]["language"], name, by_text[piece.text])
        for text in texts
        for name, by_text in vectors[text.id].items()
        for piece in split[text.id]
    ]
    matchable = [_matchable(text, split[text.id], contents[text.id], vectors[text.id], encoders) for text in texts]
    return passages, matchable


def _vectors_by(encoder: Encoder, kind: Kind, ids: Sequence[int], pieces: Sequence[str]) -> VectorsByText:
    known = _kept_vectors(kind, ids, encoder.name)
    digests = {piece: text_digest(piece) for piece in pieces}
    unknown = [piece for piece, digest in digests.items() if digest not in known]
    made = dict(zip(unknown, encoder.encode(unknown), strict=True)) if unknown else {}
    return {piece: known[digest] for piece, digest in digests.items() if digest in known} | made


def _kept_vectors(kind: Kind, ids: Sequence[int], encoder: str) -> dict[str, Vectors]:
    found = select(Passage.text_digest, Passage.vector).where(
        Passage.subject_kind == kind, Passage.subject_id.in_(ids), Passage.encoder == encoder
    )
    return dict(db.session.execute(found).all())


def _passage(text: SubjectText, piece: PassageOfText, language: str, encoder: str, vector: Vectors) -> Row:
    return {
        "subject_kind": text.kind,
        "subject_id": text.id,
        "group_id": None if text.is_public else text.group_id,
        "section": piece.section,
        "position": piece.position,
        "level": piece.level,
        "text": piece.text,
        "language": language,
        "text_digest": text_digest(piece.text),
        "encoder": encoder,
        "vector": vector,
    }


def _matchable(
    text: SubjectText,
    pieces: Sequence[PassageOfText],
    content: Mapping[str, Any],
    vectors: Mapping[str, VectorsByText],
    encoders: EncoderSet,
) -> Row:
    dimensions = {encoder.name: encoder.dimension for encoder in encoders.encoders}

    def stacked(level: str, encoder: str) -> Vectors:
        rows = [vectors[encoder][piece.text] for piece in pieces if piece.level == level]
        return np.stack(rows) if rows else np.zeros((0, dimensions[encoder]), dtype=np.float32)

    by_encoder = {name: (stacked("section", name), stacked("sentence", name)) for name in vectors}
    layout, sections, sentences = packed(by_encoder)
    return {
        "subject_kind": text.kind,
        "subject_id": text.id,
        "encoders": encoders.name,
        "digest": text.digest,
        "form": CONTENT_VERSION,
        "content": {**content, "vectors": layout},
        "vectors": sections,
        "sentence_vectors": sentences,
    }

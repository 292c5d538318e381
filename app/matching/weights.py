"""The weights in use: the shipped ones, or those learned last from judgements and not taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ScalarSelect, select

from app.database import db
from app.kept import kept
from app.matching.models import LearnedWeights
from ml.weights import Kind, WeightSet, WeightsRecord, shipped_record, shipped_weights

KEPT_SETS = 4


def learned_last() -> ScalarSelect[str]:
    """The name of the weights in use, as a part of a query; none for the shipped ones."""
    in_use = select(LearnedWeights.name).where(LearnedWeights.withdrawn_at.is_(None))
    return in_use.order_by(LearnedWeights.id.desc()).limit(1).scalar_subquery()


def weights_named(name: str | None) -> WeightSet:
    """Learned ones by their name; the shipped ones by none, and where learned ones are of another version's parts."""
    if name is None:
        return shipped_weights()
    kept_sets = kept("weights", most=KEPT_SETS)
    found: WeightSet | None = kept_sets.get(name)
    if found is None:
        parts = db.session.scalars(select(LearnedWeights.parts).where(LearnedWeights.name == name)).one()
        found = WeightSet(name, parts) if named(parts) == named(shipped_weights().parts) else shipped_weights()
        kept_sets.put(name, found)
    return found


def named(parts: Mapping[Kind, Mapping[str, float]]) -> dict[Kind, set[str]]:
    """The names of the parts of each kind."""
    return {kind: set(some) for kind, some in parts.items()}


def weights_now() -> WeightSet:
    """Those in use, where no standing is at hand."""
    return weights_named(db.session.scalar(select(learned_last())))


def weights_history() -> list[WeightsRecord]:
    """How good the shipped weights are, then those learned here, in their order; those taken back are among them."""
    learned: Sequence[LearnedWeights] = db.session.scalars(select(LearnedWeights).order_by(LearnedWeights.id)).all()
    return [shipped_record(), *(WeightsRecord(each.name, each.scores, each.measured) for each in learned)]

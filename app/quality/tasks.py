"""The numbers are taken every hour, texts without a match once a day; the last ones of a day stay."""

from __future__ import annotations

from datetime import timedelta

from app.jobs.commands import scheduled, task
from app.quality.commands import measure_matches


@scheduled(every=timedelta(hours=1))
@task
def measure() -> None:
    measure_matches(looks_again=False)

"""What the tests of the course share: the catalogue as it comes with the project."""

from __future__ import annotations

import pytest

from app.course.commands import CatalogueSize, load_catalogue
from tests.conftest import BeginWith


@pytest.fixture
def catalogue(begin_with: BeginWith) -> CatalogueSize | None:
    size: CatalogueSize | None = begin_with(load_catalogue)
    return size

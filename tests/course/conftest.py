"""What the tests of the course share: the catalogue as it comes with the project."""

from __future__ import annotations

import pytest
from flask import Flask

from app.course.commands import CatalogueSize, load_catalogue


@pytest.fixture
def catalogue(app: Flask) -> CatalogueSize | None:
    return load_catalogue()

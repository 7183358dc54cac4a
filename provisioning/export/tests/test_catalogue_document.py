"""docs/catalogue.md says what the code says."""

from __future__ import annotations

from pathlib import Path

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import all_blueprints
from provisioning.export.catalogue import catalogue_document

DOCUMENT = Path(__file__).parents[3] / "docs" / "catalogue.md"


def test_the_document_is_the_newest() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == catalogue_document(), "run `manage.py write_catalogue`"


def test_it_tells_each_architecture_its_options_and_its_price() -> None:
    text = catalogue_document()

    for one in all_blueprints():
        assert f"| {one.architecture} | {one.phase} | $" in text
        assert all(f"| `{name}` |" in text for name in one.options.model_fields)

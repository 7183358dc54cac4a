"""`manage.py write_catalogue`: the document of the catalogue, from the code."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.export.catalogue import catalogue_document


class Command(BaseCommand):
    """Writes `docs/catalogue.md`."""

    help = "Write docs/catalogue.md from the blueprints and kinds."

    def handle(self, *args: object, **options: object) -> None:
        path = settings.BASE_DIR / "docs" / "catalogue.md"
        path.write_text(catalogue_document(), encoding="utf-8")
        self.stdout.write(f"Wrote {path}.")

"""The whole checklist: its four parts, their items in order, and what its probes have to be allowed."""

from __future__ import annotations

from provisioning.readiness import application, backups, monitoring, security, setup
from provisioning.readiness.check import permissions_of
from provisioning.readiness.item import Item

ITEMS: tuple[Item, ...] = (
    *setup.ITEMS,
    *application.ITEMS,
    *monitoring.ITEMS,
    *security.ITEMS,
    *backups.ITEMS,
)
PERMISSIONS = permissions_of(ITEMS)


def item_named(key: str) -> Item | None:
    """The item of this key."""
    return next((item for item in ITEMS if item.key == key), None)

"""A thing in AWS, as plan, step and journal alike name it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from provisioning.references import JsonObject


class Thing(BaseModel):
    """Which thing of which kind, and what was asked for.

    `region` is empty in the environment's own region. Elsewhere (certificates of CloudFront, copies of backups) it is
    fixed for the life of the key: what shall move has another key. `props` hold references unresolved; `after`: keys
    that stand before it and outlive it though no property names them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    kind: str
    name: str
    title: str = ""
    region: str = ""
    generation: int = 1
    props: JsonObject = {}
    after: tuple[str, ...] = ()

    def itself(self) -> dict[str, Any]:
        """The fields that say which thing it is, for another model of the same thing."""
        return {name: getattr(self, name) for name in Thing.model_fields}

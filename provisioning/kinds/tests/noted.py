"""A connection that notes which IAM actions its calls need, to compare them with what a kind asks for."""

from __future__ import annotations

from typing import Any

from provisioning.aws import AccountAccess, Connection

# Services whose IAM prefix is not the name they sign with (Service Authorization Reference).
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}


class NotedConnection(Connection):
    """As any other, with the `actions` ("ecs:CreateService") of the calls since it was made or they were cleared."""

    def __init__(self, access: AccountAccess, region: str) -> None:
        super().__init__(access, region)
        self.actions: set[str] = set()

    def _make(self, service: str) -> Any:
        client = super()._make(service)
        client.meta.events.register("before-call", self._note)
        return client

    def _note(self, model: Any, **_: object) -> None:
        signing_name = str(model.service_model.signing_name)
        self.actions.add(f"{_PREFIXES.get(signing_name, signing_name)}:{model.name}")

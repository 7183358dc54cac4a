"""Sweep: what in the account still carries an environment's tags, whatever the journal believes."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.aws import Aws
from provisioning.kind import TAG_KEY, TAG_STACK
from provisioning.lookup import tags_of

# What the tagging API lists although it is on its way out or a mere record (AWS: it lags by minutes).
_GRAVES = (":task-definition/",)


@dataclass(frozen=True, kw_only=True)
class Remain:
    """Something that is still there. `kept`: left on purpose (a final snapshot), still billed."""

    arn: str
    key: str
    kept: bool


def sweep(aws: Aws, stack: str) -> tuple[Remain, ...]:
    """Everything in the account and region with this stack's tag, by the Resource Groups Tagging API.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html: it covers what the
    regional services tell it; roles, which cost nothing, are not among it.
    """
    found = aws.listed(
        aws.tagging.get_resources,
        "ResourceTagMappingList",
        TagFilters=[{"Key": TAG_STACK, "Values": [stack]}],
    )
    remains = (
        Remain(
            arn=str(item["ResourceARN"]),
            key=tags_of(item).get(TAG_KEY, ""),
            kept=":snapshot:" in str(item["ResourceARN"]),
        )
        for item in found
        if not any(grave in str(item["ResourceARN"]) for grave in _GRAVES)
    )
    return tuple(sorted(remains, key=lambda one: one.arn))

"""Sweep: what in the account still carries an environment's tags, whatever the journal believes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from provisioning.aws import Aws
from provisioning.kind import TAG_KEY, TAG_STACK
from provisioning.lookup import tags_of

# What the tagging API lists although it is on its way out or a mere record (AWS: it lags by minutes).
_GRAVES = (":task-definition/",)
_KEPT = (":snapshot:", ":cluster-snapshot:")  # last snapshots, taken on purpose


@dataclass(frozen=True, kw_only=True)
class Remain:
    """Something that is still there. `kept`: left on purpose (a final snapshot), still billed."""

    arn: str
    key: str
    kept: bool


def sweep(aws: Aws, stack: str, regions: Iterable[str] = ()) -> tuple[Remain, ...]:
    """Everything in the account with this stack's tag, by the Resource Groups Tagging API of each region: the
    connection's own and `regions`.

    https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html: it covers what the
    regional services tell it; roles, which cost nothing, are not among it.
    """
    found = {
        str(item["ResourceARN"]): item
        for region in sorted({aws.region, *filter(None, regions)})
        for item in _tagged(aws.in_region(region), stack)
    }
    remains = (
        Remain(
            arn=arn,
            key=tags_of(item).get(TAG_KEY, ""),
            kept=any(kept in arn for kept in _KEPT),
        )
        for arn, item in found.items()
        if not any(grave in arn for grave in _GRAVES)
    )
    return tuple(sorted(remains, key=lambda one: one.arn))


def _tagged(aws: Aws, stack: str) -> list[Any]:
    wanted = [{"Key": TAG_STACK, "Values": [stack]}]
    return aws.listed(aws.tagging.get_resources, "ResourceTagMappingList", TagFilters=wanted)

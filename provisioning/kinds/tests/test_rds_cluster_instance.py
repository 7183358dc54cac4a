"""What is peculiar to an instance of a cluster: it holds no data, and the first one writes."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import Observed, kind_named
from provisioning.kinds.rds_cluster_instance import ClusterInstance, ClusterInstanceProps
from provisioning.kinds.tests.aurora import Aurora
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.cluster_instance"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"cluster_name": "shop"},
    {"cluster_name": "shop", "zone": "us-east-1a", "performance_insights": False},
)


@pytest.fixture
def cluster(aws: Aws, build: Build) -> str:
    aurora = Aurora(aws, build)
    return build("database", aurora.props()).id


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, cluster: str) -> None:
    props = ClusterInstanceProps(cluster_name=cluster)

    check_contract(
        aws,
        handle("writer", KIND),
        props,
        changes=[
            props.model_copy(update={"performance_insights": False}),
            props.model_copy(update={"promotion_tier": 2}),
        ],
        attributes=["name", "arn", "address", "port", "resource_id"],
        also_permitted=["rds:AddTagsToResource", "kms:DescribeKey", "kms:CreateGrant"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, cluster: str) -> None:
    assert check_cuts(aws, handle("writer", KIND), ClusterInstanceProps(cluster_name=cluster)) == 0


def test_the_first_one_writes_and_the_second_stands_elsewhere(aws: Aws, build: Build, cluster: str) -> None:
    build("writer", ClusterInstanceProps(cluster_name=cluster))
    build("reader", ClusterInstanceProps(cluster_name=cluster, promotion_tier=2))

    (told,) = aws.rds.describe_db_clusters()["DBClusters"]
    zones = {one["AvailabilityZone"] for one in aws.rds.describe_db_instances()["DBInstances"]}

    writers = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in told["DBClusterMembers"]}
    assert sorted(writers.values()) == [False, True] and len(zones) == 2
    assert next(name for name, writes in writers.items() if writes).endswith("writer")


def test_a_zone_counts_only_where_one_was_asked_for() -> None:
    told = Observed(id="writer", props={"zone": "us-east-1b"})
    free, bound = (ClusterInstanceProps(cluster_name="c", zone=zone) for zone in ("", "us-east-1a"))

    assert ClusterInstance().differences(free.dump(), told) == {}
    assert set(ClusterInstance().differences(bound.dump(), told)) == {"zone"}
    assert "zone" in kind_named(KIND).replace_on


@pytest.mark.parametrize(
    ("field", "value"), [("promotion_tier", 16), ("public", True), ("instance_class", "db.t3.small")]
)
def test_what_it_never_is_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        ClusterInstanceProps.model_validate({"cluster_name": "c", field: value})

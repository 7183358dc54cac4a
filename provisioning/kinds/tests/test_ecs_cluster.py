"""What is peculiar to a cluster: a second one of the same name answers with the first, and graves are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from provisioning.aws import Aws
from provisioning.errors import Busy, NameTaken
from provisioning.kind import Status, kind_named
from provisioning.kinds.ecs_cluster import ClusterProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ContainerDefinitionTypeDef

pytestmark = pytest.mark.simulator
KIND = "ecs.cluster"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"container_insights": True},
)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [ClusterProps(container_insights=True), ClusterProps(container_insights=False)]

    check_contract(
        aws,
        handle("cluster", KIND),
        ClusterProps(),
        changes=changes,
        attributes=["name", "arn"],
        also_permitted=["ecs:TagResource"],  # CreateCluster with tags
    )


def test_it_is_made_by_one_call_and_is_ready_at_once(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("cluster", KIND), ClusterProps()) == 0

    assert kind_named(KIND).create(aws, handle("cluster", KIND), ClusterProps()).status is Status.READY


def test_a_foreign_cluster_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("cluster", KIND)
    aws.ecs.create_cluster(clusterName=ours.name, tags=[{"key": "Owner", "value": "somebody"}])

    with pytest.raises(NameTaken, match=ours.name):
        kind_named(KIND).create(aws, ours, ClusterProps(container_insights=True))

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.props == {"container_insights": False}


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle) -> None:
    cluster = handle("cluster", KIND)

    made = [kind_named(KIND).create(aws, cluster, ClusterProps()) for _ in range(2)]

    assert made[0] == made[1]


def test_its_grave_reads_as_absent(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("cluster", ClusterProps()).id

    kind_named(KIND).delete(aws, handle("cluster", KIND, id=name))

    assert [one["status"] for one in aws.ecs.describe_clusters(clusters=[name])["clusters"]] == ["INACTIVE"]
    assert kind_named(KIND).read(aws, handle("cluster", KIND, id=name)) is None


def test_with_a_service_in_it_its_deletion_is_tried_again_later(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    name = build("cluster", ClusterProps()).id
    container: ContainerDefinitionTypeDef = {"name": "app", "image": "nginx", "memory": 128}
    aws.ecs.register_task_definition(family="theirs", containerDefinitions=[container])
    aws.ecs.create_service(cluster=name, serviceName="theirs", taskDefinition="theirs", desiredCount=0)

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("cluster", KIND, id=name))

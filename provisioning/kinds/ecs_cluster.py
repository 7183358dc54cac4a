"""An ECS cluster: the room in which the Fargate services of one environment run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioning.aws import Aws, found
from provisioning.errors import NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place, Told, capitalised, renamed

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ClusterSettingTypeDef, ClusterTypeDef, TagTypeDef


class ClusterProps(Props):
    """`container_insights`: publish metrics of each task, which AWS bills as custom metrics."""

    container_insights: bool = False


@register
class Cluster(Kind[ClusterProps]):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html (a second one of the same
    name answers with the first). Attributes: id (the name), name, arn."""

    name = "ecs.cluster"
    title = "ECS cluster"
    naming = Naming(limit=255)
    permissions = (
        "ecs:CreateCluster",
        "ecs:TagResource",
        "ecs:DescribeClusters",
        "ecs:UpdateCluster",
        "ecs:DeleteCluster",
    )
    linked_roles = ("ecs.amazonaws.com",)
    props = ClusterProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = aws.ecs.describe_clusters(clusters=[handle.name], include=["TAGS", "SETTINGS"])
        # A deleted cluster stays in the answers as INACTIVE for a while.
        living = [cluster for cluster in answer["clusters"] if cluster["status"] != "INACTIVE"]
        return _observed(living[0]) if living else None

    def create(self, aws: Aws, handle: Handle, props: ClusterProps) -> Observed:
        answer = aws.ecs.create_cluster(
            clusterName=handle.name, settings=[_insights(props)], tags=_tags(handle)
        )
        made = _observed(answer["cluster"])
        # A cluster that was there is given as it is, and not always with its tags.
        there = made if handle.owns(made.tags) else self.read(aws, handle)
        if there is not None and not handle.owns(there.tags):
            raise NameTaken(f"Could not make the cluster: {handle.name} exists and is not ours.")
        return made

    def update(self, aws: Aws, handle: Handle, props: ClusterProps, observed: Observed) -> Observed:
        answer = aws.ecs.update_cluster(cluster=handle.name, settings=[_insights(props)])
        return _observed(answer["cluster"])

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.ecs.delete_cluster, cluster=handle.name)
        return True

    def cloudformation(self, place: Place, props: ClusterProps) -> Form:
        properties = {
            "ClusterName": place.name,
            "ClusterSettings": renamed([_insights(props)], capitalised),
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::ECS::Cluster", properties=properties),),
            attributes={"id": REF, "name": REF, "arn": Told("Arn")},
        )


def _observed(cluster: ClusterTypeDef) -> Observed:
    settings = {setting["name"]: setting["value"] for setting in cluster.get("settings", [])}
    name = cluster["clusterName"]
    return Observed(
        id=name,
        # "enhanced" is more than was asked for and is left alone.
        props={"container_insights": settings.get("containerInsights", "disabled") != "disabled"},
        attributes={"id": name, "name": name, "arn": cluster["clusterArn"]},
        tags=tags_of(cluster, "tags"),
    )


def _insights(props: ClusterProps) -> ClusterSettingTypeDef:
    return {"name": "containerInsights", "value": "enabled" if props.container_insights else "disabled"}


def _tags(handle: Handle) -> list[TagTypeDef]:
    return [{"key": key, "value": value} for key, value in handle.tags.items()]

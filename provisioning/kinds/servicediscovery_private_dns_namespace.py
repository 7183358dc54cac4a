"""A Cloud Map namespace: a private DNS zone of a VPC, in which services tell where their tasks are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_servicediscovery.type_defs import NamespaceTypeDef

_OPERATION = "operation/"  # the id on record until AWS tells that of the namespace


class NamespaceProps(Props):
    """`vpc_id`: where its names can be looked up."""

    vpc_id: str


@register
class Namespace(Kind[NamespaceProps]):
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html (an operation of its own, to
    be asked after; the same CreatorRequestId again is DuplicateRequest, which names that operation).

    Attributes: id, arn, name.
    """

    name = "servicediscovery.private_dns_namespace"
    title = "Cloud Map namespace"
    naming = Naming(limit=63)
    expected = Expected(create=45, delete=45)
    replace_on = frozenset({"vpc_id"})
    holds = frozenset({"vpc_id"})
    permissions = (
        "servicediscovery:CreatePrivateDnsNamespace",
        "servicediscovery:TagResource",
        "servicediscovery:GetOperation",
        "servicediscovery:GetNamespace",
        "servicediscovery:ListNamespaces",
        "servicediscovery:ListTagsForResource",
        "servicediscovery:DeleteNamespace",
        # Cloud Map makes the zone with the caller's own permissions.
        "ec2:DescribeVpcs",
        "route53:CreateHostedZone",
        "route53:DeleteHostedZone",
        "route53:GetHostedZone",
        "route53:ListHostedZonesByName",
    )
    billed = True
    props = NamespaceProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        identifier = handle.id or _by_name(aws, handle.name)
        if identifier is None:
            return None
        if identifier.startswith(_OPERATION):
            return _under_way(aws, handle, identifier)
        answer = found(aws.servicediscovery.get_namespace, Id=identifier)
        return None if answer is None else _observed(aws, handle, answer["Namespace"])

    def create(self, aws: Aws, handle: Handle, props: NamespaceProps) -> Observed:
        answer = aws.servicediscovery.create_private_dns_namespace(
            Name=handle.name,
            Vpc=props.vpc_id,
            CreatorRequestId=handle.token,
            Description=handle.name,
            Tags=handle.tag_list,
        )
        identifier = f"{_OPERATION}{answer['OperationId']}"
        return Observed(id=identifier, status=Status.PENDING, attributes={"id": identifier})

    def update(self, aws: Aws, handle: Handle, props: NamespaceProps, observed: Observed) -> Observed:
        return observed  # nothing that can change in place

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        now = self.read(aws, handle)
        if now is None:
            return True
        if not now.id.startswith(_OPERATION):
            found(aws.servicediscovery.delete_namespace, Id=now.id)
        return False

    def cost(self, props: NamespaceProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """The private zone that it is (AWS: Cloud Map pricing; DNS queries within a VPC cost nothing)."""
        yield CostLine.fixed("Route53/hosted_zone", 1, "Private zone", "one zone").billed_in("global")

    def cloudformation(self, place: Place, props: NamespaceProps) -> Form:
        properties = {
            "Name": place.name,
            "Vpc": props.vpc_id,
            "Description": place.name,
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::ServiceDiscovery::PrivateDnsNamespace", properties=properties),),
            attributes={"id": REF, "arn": Told("Arn"), "name": place.name},
        )


def _by_name(aws: Aws, name: str) -> str | None:
    listed = aws.listed(aws.servicediscovery.list_namespaces, "Namespaces")
    return next((one["Id"] for one in listed if one["Name"] == name), None)


def _under_way(aws: Aws, handle: Handle, identifier: str) -> Observed | None:
    """What AWS says of the operation that makes it, and of the namespace once that has one."""
    answer = found(aws.servicediscovery.get_operation, OperationId=identifier.removeprefix(_OPERATION))
    if answer is None:
        return None
    operation = answer["Operation"]
    namespace = operation.get("Targets", {}).get("NAMESPACE")
    if operation.get("Status") == "SUCCESS" and namespace:
        there = found(aws.servicediscovery.get_namespace, Id=namespace)
        return None if there is None else _observed(aws, handle, there["Namespace"])
    failed = operation.get("Status") == "FAIL"
    return Observed(
        id=identifier,
        status=Status.FAILED if failed else Status.PENDING,
        attributes={"id": identifier},
        tags=handle.tags,
        reason=operation.get("ErrorMessage", "") if failed else operation.get("Status", ""),
    )


def _observed(aws: Aws, handle: Handle, namespace: NamespaceTypeDef) -> Observed:
    known = handle.id == namespace["Id"]
    tags = handle.tags if known else _tags(aws, namespace["Arn"])
    return Observed(
        id=namespace["Id"],
        attributes={"id": namespace["Id"], "arn": namespace["Arn"], "name": namespace["Name"]},
        tags=tags,
    )


def _tags(aws: Aws, arn: str) -> dict[str, str]:
    return tags_of(aws.servicediscovery.list_tags_for_resource(ResourceARN=arn))

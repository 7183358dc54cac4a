"""A Cloud Map service: the name under which the tasks of an ECS service are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_servicediscovery.type_defs import ServiceSummaryTypeDef, ServiceTypeDef

TTL_SECONDS = 10  # how long whoever asked may go on with an answer: tasks come and go


class DiscoveryServiceProps(Props):
    """`namespace_id`: the namespace in which its name is."""

    namespace_id: str


@register
class DiscoveryService(Kind[DiscoveryServiceProps]):
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html (of the same CreatorRequestId it answers
    with the one that is there; of the same name with ServiceAlreadyExists).

    Its records are SRV: an HTTP API learns address and port of the tasks from them
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html).
    Health is what ECS tells of its tasks. Attributes: id, arn, name.
    """

    name = "servicediscovery.service"
    title = "Cloud Map service"
    naming = Naming(limit=63)
    replace_on = frozenset({"namespace_id"})
    holds = frozenset({"namespace_id"})
    permissions = (
        "servicediscovery:CreateService",
        "servicediscovery:TagResource",
        "servicediscovery:GetService",
        "servicediscovery:ListServices",
        "servicediscovery:ListTagsForResource",
        "servicediscovery:DeleteService",
    )
    props = DiscoveryServiceProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is not None:
            answer = found(aws.servicediscovery.get_service, Id=handle.id)
            return None if answer is None else _observed(answer["Service"], dict(handle.tags))
        listed = aws.listed(aws.servicediscovery.list_services, "Services")
        mine = next((one for one in listed if one["Name"] == handle.name), None)
        if mine is None:
            return None
        tags = tags_of(aws.servicediscovery.list_tags_for_resource(ResourceARN=mine["Arn"]))
        return _observed(mine, tags)

    def create(self, aws: Aws, handle: Handle, props: DiscoveryServiceProps) -> Observed:
        service = aws.servicediscovery.create_service(
            Name=handle.name,
            NamespaceId=props.namespace_id,
            CreatorRequestId=handle.token,
            DnsConfig={"DnsRecords": [{"Type": "SRV", "TTL": TTL_SECONDS}], "RoutingPolicy": "MULTIVALUE"},
            HealthCheckCustomConfig={"FailureThreshold": 1},
            Tags=handle.tag_list,
        )["Service"]
        return _observed(service, dict(handle.tags))

    def update(self, aws: Aws, handle: Handle, props: DiscoveryServiceProps, observed: Observed) -> Observed:
        return observed  # nothing that can change in place

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        now = self.read(aws, handle)
        if now is not None:
            found(aws.servicediscovery.delete_service, Id=now.id)
        return True

    def cloudformation(self, place: Place, props: DiscoveryServiceProps) -> Form:
        properties = {
            "Name": place.name,
            "NamespaceId": props.namespace_id,
            "DnsConfig": {"DnsRecords": [{"Type": "SRV", "TTL": TTL_SECONDS}], "RoutingPolicy": "MULTIVALUE"},
            "HealthCheckCustomConfig": {"FailureThreshold": 1},
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::ServiceDiscovery::Service", properties=properties),),
            attributes={"id": REF, "arn": Told("Arn"), "name": Told("Name")},
        )


def _observed(service: ServiceTypeDef | ServiceSummaryTypeDef, tags: dict[str, str]) -> Observed:
    attributes = {"id": service["Id"], "arn": service["Arn"], "name": service["Name"]}
    return Observed(id=service["Id"], attributes=attributes, tags=tags)

"""Cloud Map: namespaces take a minute and keep what is in use; ECS tells where its tasks are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.servicediscovery.models import (
    Namespace,
    Operation,
    ServiceDiscoveryBackend,
    ServiceInstance,
    servicediscovery_backends,
)

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, event


@dataclass(kw_only=True)
class Making:
    """Namespaces that nobody sees yet, by id."""

    hidden: dict[str, Namespace] = field(default_factory=dict)


def _backend_of(moment: Moment) -> ServiceDiscoveryBackend:
    return servicediscovery_backends[moment.account][moment.region]


@operation("servicediscovery", "CreatePrivateDnsNamespace")
def create_private_dns_namespace(call: Call) -> object:
    """One namespace for a request id and for a name in a VPC; it is seen once its zone is made."""
    backend, hidden = _backend_of(call), call.notes(Making).hidden
    name, vpc = call.text("Name"), call.text("Vpc")
    for one in (*backend.namespaces.values(), *hidden.values()):
        if one.creator_request_id == call.text("CreatorRequestId"):
            raise Refusal("DuplicateRequest", "The operation is already in progress or is done.", 400)
        if (one.name, one.vpc) == (name, vpc):
            raise Refusal("NamespaceAlreadyExists", f"The namespace {name} already exists in {vpc}.", 400)
    others = dict(backend.namespaces)
    backend.namespaces.clear()  # moto allows one namespace for a VPC; AWS does not count them
    answer = call.forward()
    made = next(iter(backend.namespaces.values()))
    backend.namespaces.clear()
    backend.namespaces.update(others)
    hidden[made.id] = made
    _begin(call, made.id)
    call.after("cloudmap.create", "cloudmap.created", made.id)
    return answer


def _begin(call: Call, namespace: str) -> None:
    for one in _operations_of(call, namespace):
        one.status = "PENDING"


def _operations_of(moment: Moment, namespace: str) -> list[Operation]:
    operations = _backend_of(moment).operations.values()
    return [one for one in operations if one.targets.get("NAMESPACE") == namespace]


@event("cloudmap.created")
def namespace_created(moment: Moment, namespace: str) -> None:
    """Its zone is made, and everybody sees it."""
    _backend_of(moment).namespaces[namespace] = moment.notes(Making).hidden.pop(namespace)
    for one in _operations_of(moment, namespace):
        one.status = "SUCCESS"


@operation("servicediscovery", "DeleteNamespace")
def delete_namespace(call: Call) -> object:
    """Refused while services are in it; gone after a while, and its zone with it."""
    backend, namespace = _backend_of(call), call.text("Id")
    services = [one.id for one in backend.services.values() if one.namespace_id == namespace]
    if services:
        raise Refusal("ResourceInUse", f"The namespace contains services: {', '.join(services)}", 400)
    under_way = [one for one in _operations_of(call, namespace) if one.status == "PENDING"]
    if under_way:
        raise Refusal("DuplicateRequest", "The operation is already in progress.", 400)
    there = backend.get_namespace(namespace)
    answer = call.forward()
    backend.namespaces[namespace] = there
    _begin(call, namespace)
    call.after("cloudmap.delete", "cloudmap.deleted", namespace)
    return answer


@event("cloudmap.deleted")
def namespace_deleted(moment: Moment, namespace: str) -> None:
    """The namespace is gone."""
    _backend_of(moment).namespaces.pop(namespace, None)
    for one in _operations_of(moment, namespace):
        one.status = "SUCCESS"


@operation("servicediscovery", "CreateService")
def create_service(call: Call) -> object:
    """The same for the same request id, and one for a name in a namespace."""
    backend = _backend_of(call)
    namespace = call.text("NamespaceId") or (call.params.get("DnsConfig") or {}).get("NamespaceId", "")
    if namespace not in backend.namespaces:
        raise Refusal("NamespaceNotFound", f"Namespace {namespace} not found.", 404)
    for one in backend.services.values():
        if one.creator_request_id == call.text("CreatorRequestId"):
            return {"Service": one.to_json()}
        if (one.name, one.namespace_id) == (call.text("Name"), namespace):
            raise Refusal("ServiceAlreadyExists", f"The service {one.name} already exists: {one.id}", 400)
    return call.forward()


@operation("servicediscovery", "DeleteService")
def delete_service(call: Call) -> object:
    """Refused while an instance is registered; what is not there is told."""
    service = _backend_of(call).get_service(call.text("Id"))
    if service.instances:
        raise Refusal("ResourceInUse", "The service has registered instances.", 400)
    return call.forward()


@tagged
def tagged_things(moment: Moment) -> Iterator[TaggedResource]:
    """Namespaces and services."""
    backend = _backend_of(moment)
    things: dict[str, Mapping[str, Any]] = {"namespace": backend.namespaces, "service": backend.services}
    for kind, ones in things.items():
        for one in ones.values():
            tags = {tag["Key"]: tag["Value"] for tag in backend.list_tags_for_resource(one.arn)["Tags"]}
            yield TaggedResource(one.arn, tags, f"servicediscovery:{kind}")


def _service_of(moment: Moment, arn: str) -> Any:
    services = _backend_of(moment).services.values()
    return next((one for one in services if one.arn == arn), None)


def register(moment: Moment, registry: dict[str, Any], task: str, address: str) -> None:
    """What ECS does when a task runs. `registry`: one of its service's serviceRegistries."""
    service = _service_of(moment, registry["registryArn"])
    if service is not None and all(one.instance_id != task for one in service.instances):
        told = {"AWS_INSTANCE_IPV4": address, "AWS_INSTANCE_PORT": str(registry.get("containerPort", ""))}
        service.instances.append(ServiceInstance(service.id, task, attributes=told))


def deregister(moment: Moment, registry: dict[str, Any], task: str) -> None:
    """What ECS does when a task stops."""
    service = _service_of(moment, registry["registryArn"])
    if service is not None:
        service.instances = [one for one in service.instances if one.instance_id != task]

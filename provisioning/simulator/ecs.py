"""ECS: a service's tasks start over seconds and hang on its target group; an image tagged `broken` never gets well."""

import itertools
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from provisioning.simulator import interfaces
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

_OWNER = interfaces.Owner(description="arn:aws:ecs:attachment", requester="amazon-ecs")
_PERCENT = {"minimumHealthyPercent": 100, "maximumPercent": 200}
_numbers = itertools.count(1)


def _service(moment: Moment, pair: str) -> Any:
    return ecs_backends[moment.account][moment.region].services.get(pair)


def _is_broken(moment: Moment, task_definition: str) -> bool:
    family = ecs_backends[moment.account][moment.region].describe_task_definition(task_definition)
    return any(
        "broken" in str(one.get("image", "")).rpartition(":")[2] for one in family.container_definitions
    )


def _check_target_groups(call: Call) -> None:
    backend = elbv2_backends[call.account][call.region]
    for balancer in call.items("loadBalancers"):
        arn = balancer.get("targetGroupArn", "")
        if arn in backend.target_groups and not backend._any_listener_using(arn):
            raise Refusal(
                "InvalidParameterException",
                f"The target group with targetGroupArn {arn} does not have an associated load balancer.",
            )


@operation("ecs", "CreateService")
def create_service(call: Call) -> object:
    """The same token is the same service; another service of the name is refused."""
    cluster = call.text("cluster").rpartition("/")[2] or "default"
    pair = f"{cluster}:{call.text('serviceName')}"
    known = _service(call, pair)
    if known is not None and known.status == "ACTIVE":
        if call.text("clientToken") and known.client_token == call.text("clientToken"):
            return {"service": known}
        raise Refusal("InvalidParameterException", "Creation of service was not idempotent.")
    if known is not None and known.status == "DRAINING":
        raise Refusal("InvalidParameterException", "Unable to Start a service that is still Draining.")
    _check_target_groups(call)
    answer = call.forward()
    service = result_of(answer)["service"]
    service.client_token = call.text("clientToken")
    service.deployment_configuration = {**_PERCENT, **(call.params.get("deploymentConfiguration") or {})}
    service.health_check_grace_period_seconds = call.params.get("healthCheckGracePeriodSeconds")
    service.enable_execute_command = bool(call.params.get("enableExecuteCommand"))
    service.interface_ids, service.target_ids = [], []
    _roll(call, service, "ecs.create")
    return answer


def _roll(moment: Moment, service: Any, duration: str) -> None:
    """Begin a deployment of what the service asks for now."""
    service.deployment_number = next(_numbers)
    service.running_count, service.pending_count = 0, service.desired_count
    now = datetime.fromtimestamp(moment.now, UTC)
    for deployment in service.deployments[:1]:
        deployment.update(
            id=f"ecs-svc/{service.deployment_number:019d}",
            taskDefinition=service.task_definition,
            desiredCount=service.desired_count,
            runningCount=0,
            pendingCount=service.desired_count,
            rolloutState="IN_PROGRESS",
            rolloutStateReason="ECS deployment in progress.",
            createdAt=now,
            updatedAt=now,
        )
    subject = f"{service.cluster_name}:{service.name}", str(service.deployment_number)
    broken = _is_broken(moment, service.task_definition)
    name = "ecs.broken" if broken else "ecs.running"
    moment.after("ecs.fail" if broken else duration, name, *subject)


@event("ecs.running")
def running(moment: Moment, pair: str, number: str) -> None:
    """All tasks run and pass their health checks."""
    service = _service(moment, pair)
    if service is None or service.status != "ACTIVE" or str(service.deployment_number) != number:
        return
    _place(moment, service)
    service.running_count, service.pending_count = service.desired_count, 0
    service.deployments[0].update(
        rolloutState="COMPLETED",
        rolloutStateReason="ECS deployment completed.",
        runningCount=service.desired_count,
        pendingCount=0,
    )


@event("ecs.broken")
def broken(moment: Moment, pair: str, number: str) -> None:
    """The circuit breaker gives up on tasks that never get well."""
    service = _service(moment, pair)
    if service is None or str(service.deployment_number) != number:
        return
    service.pending_count = 0
    if (service.deployment_configuration.get("deploymentCircuitBreaker") or {}).get("enable"):
        service.deployments[0].update(
            rolloutState="FAILED",
            rolloutStateReason="ECS deployment circuit breaker: tasks failed to start.",
            failedTasks=3,
            pendingCount=0,
        )


def _place(moment: Moment, service: Any) -> None:
    """An interface and a target for each task, in turn over the subnets."""
    _take_away(moment, service)
    network = (service.network_configuration or {}).get("awsvpcConfiguration") or {}
    subnets, groups = network.get("subnets") or [], network.get("securityGroups") or []
    public = network.get("assignPublicIp") == "ENABLED"
    for number in range(service.desired_count if subnets else 0):
        subnet = subnets[number % len(subnets)]
        eni = interfaces.create(moment, _OWNER, subnet=subnet, groups=groups, public=public)
        service.interface_ids.append(eni.id)
        service.target_ids.append(eni.private_ip_address)
    backend = elbv2_backends[moment.account][moment.region]
    for balancer in service.load_balancers:
        group = backend.target_groups.get(balancer.get("targetGroupArn"))
        for address in service.target_ids if group is not None else ():
            assert group is not None  # noqa: S101 # for mypy: the loop is empty without one
            group.targets[address] = {"Id": address, "Port": balancer.get("containerPort")}


def _take_away(moment: Moment, service: Any) -> None:
    interfaces.delete(moment, service.interface_ids)
    for group in elbv2_backends[moment.account][moment.region].target_groups.values():
        for address in getattr(service, "target_ids", []):
            group.targets.pop(address, None)
    service.interface_ids, service.target_ids = [], []


@operation("ecs", "UpdateService")
def update_service(call: Call) -> object:
    """A new deployment, unless only the count changes."""
    before = call.params.get("taskDefinition"), call.params.get("forceNewDeployment")
    network = call.params.get("networkConfiguration")
    answer = call.forward()
    service = result_of(answer)["service"]
    if isinstance(network, dict):
        service.network_configuration = network
    _roll(call, service, "ecs.deploy" if any(before) or network else "ecs.scale")
    return answer


@operation("ecs", "DeleteService")
def delete_service(call: Call) -> object:
    """`DRAINING`, then `INACTIVE` and out of the way."""
    answer = call.forward()
    service = result_of(answer)["service"]
    service.status, service.running_count = "DRAINING", 0
    call.after("ecs.delete", "ecs.inactive", f"{service.cluster_name}:{service.name}")
    return answer


@event("ecs.inactive")
def inactive(moment: Moment, pair: str) -> None:
    """The service is gone, and what its tasks had."""
    service = _service(moment, pair)
    if service is not None:
        _take_away(moment, service)
        del ecs_backends[moment.account][moment.region].services[pair]


@operation("ecs", "DeleteCluster")
def delete_cluster(call: Call) -> object:
    """Refused while it has services."""
    name = call.text("cluster").rpartition("/")[2]
    services = ecs_backends[call.account][call.region].services
    if any(pair.startswith(f"{name}:") for pair in services):
        raise Refusal(
            "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
        )
    answer = call.forward()
    # An INACTIVE cluster carries no tags any more; moto keeps them.
    backend = ecs_backends[call.account][call.region]
    if name in backend.clusters:
        backend.clusters[name].tags = []
    return answer

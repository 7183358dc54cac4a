"""ECS services, clusters and task definitions, with what moto leaves out: tasks, deployments, draining, refusals."""

import copy
from typing import Any

from provisioning.simulator import ecs_deployments, ecs_rules, ecs_run_task, ecs_tasks
from provisioning.simulator.ecs_deployments import conclude, new_deployment, say, service_of, start_tasks
from provisioning.simulator.ecs_rules import invalid
from provisioning.simulator.ecs_tasks import backend_of, clock
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

__all__ = ["ecs_run_task"]

#: Parameters that ECS keeps and shows as they are, by moto's attribute.
_KEPT = {
    "deploymentConfiguration": "deployment_configuration",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "enableExecuteCommand": "enable_execute_command",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "propagateTags": "propagate_tags",
    "networkConfiguration": "network_configuration",
    "loadBalancers": "load_balancers",
    "serviceRegistries": "service_registries",
    "capacityProviderStrategy": "capacity_provider_strategy",
}
#: Changes of these make a new deployment.
_ROLLING = (
    "taskDefinition",
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "platformVersion",
    "enableExecuteCommand",
)


def _cluster_name(call: Call) -> str:
    name = (call.text("cluster") or "default").rsplit("/", 1)[-1]
    found = backend_of(call).clusters.get(name)
    if found is None or found.status == "INACTIVE":
        raise Refusal("ClusterNotFoundException", "Cluster not found.")
    return name


def _asked_for(call: Call) -> dict[str, Any]:
    return copy.deepcopy({name: value for name, value in call.params.items() if name != "clientToken"})


def _repeated(call: Call, cluster: str) -> Any:
    """The service that this request made before; refuses another one under the same name."""
    existing = service_of(call, cluster, call.text("serviceName"))
    if existing is None or existing.status == "INACTIVE":
        return None
    if existing.status == "DRAINING":
        raise invalid("Unable to Start a service that is still Draining.")
    if existing.asked_for != _asked_for(call):
        raise invalid("Creation of service was not idempotent.")
    return existing


@operation("ecs", "CreateService")
def create_service(call: Call) -> object:
    """The same request gives the same service; a new one starts its tasks and rolls out."""
    cluster = _cluster_name(call)
    ecs_rules.check_name(call.text("serviceName"), "Service")
    existing = _repeated(call, cluster)
    if existing is not None:
        return {"service": existing}
    if not call.text("taskDefinition"):
        raise invalid("TaskDefinition can not be blank.")
    definition = ecs_rules.check_definition(call, call.text("taskDefinition"))
    ecs_rules.check_network(call, definition)
    ecs_rules.check_balancers(call, definition)
    asked_for = _asked_for(call)
    if call.params.get("desiredCount") is None:
        raise invalid("desiredCount must be specified for the REPLICA scheduling strategy.")
    network = (call.params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network is not None:
        network.setdefault("securityGroups", [])
        network.setdefault("assignPublicIp", "DISABLED")
    answer = call.forward()
    service = result_of(answer)["service"]
    service.asked_for = asked_for
    _complete(call, service)
    deployment = new_deployment(call, service)
    start_tasks(call, service, deployment, duration="ecs.create")
    return answer


def _complete(call: Call, service: Any) -> None:
    """Keep what moto drops, with ECS's defaults."""
    defaults = {"maximumPercent": 200, "minimumHealthyPercent": 100}
    breaker = {"deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    service.deployments = []
    service.created_at = clock(call)
    service.created_by = f"arn:aws:iam::{call.account}:root"
    service.role_arn = (
        f"arn:aws:iam::{call.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    )
    service.platform_family, service.platform_version = "Linux", call.text("platformVersion") or "LATEST"
    service.deployment_configuration = {
        **breaker,
        **defaults,
        **(call.params.get("deploymentConfiguration") or {}),
    }
    grace = call.params.get("healthCheckGracePeriodSeconds")
    service.health_check_grace_period_seconds = 0 if grace is None and service.load_balancers else grace
    service.enable_execute_command = bool(call.params.get("enableExecuteCommand"))
    service.enable_ecs_managed_tags = bool(call.params.get("enableECSManagedTags"))


def _active_service(call: Call) -> Any:
    name = call.text("service").rsplit("/", 1)[-1]
    service = service_of(call, _cluster_name(call), name)
    if service is None:
        raise Refusal("ServiceNotFoundException", "Service not found.")
    if service.status != "ACTIVE":
        raise Refusal("ServiceNotActiveException", "Service was not ACTIVE.")
    return service


def _differs(call: Call, service: Any, name: str) -> bool:
    wanted = call.params.get(name)
    if wanted is None:
        return False
    if name == "taskDefinition":
        return bool(backend_of(call).describe_task_definition(wanted).arn != service.task_definition)
    attribute = {**_KEPT, "platformVersion": "platform_version"}[name]
    return bool(getattr(service, attribute, None) != wanted)


@operation("ecs", "UpdateService")
def update_service(call: Call) -> object:
    """A changed task definition (or network, …) rolls out; a changed count scales."""
    service = _active_service(call)
    definition = ecs_rules.check_definition(call, call.text("taskDefinition") or service.task_definition)
    if call.params.get("networkConfiguration"):
        ecs_rules.check_network(call, definition)
    ecs_rules.check_balancers(call, definition)
    rolls = bool(call.params.get("forceNewDeployment")) or any(
        _differs(call, service, name) for name in _ROLLING
    )
    scales = call.params.get("desiredCount") not in (None, service.desired_count)
    for name, attribute in _KEPT.items():
        if call.params.get(name) is not None:
            value = call.params[name]
            if name == "deploymentConfiguration":
                value = {**service.deployment_configuration, **value}
            setattr(service, attribute, value)
    service.task_definition = definition.arn
    if scales:
        service.desired_count = call.params["desiredCount"]
    if rolls:
        start_tasks(call, service, new_deployment(call, service), duration="ecs.deploy")
    elif scales:
        scale(call, service)
    return {"service": service}


def scale(moment: Moment, service: Any) -> None:
    """Start or stop tasks of the primary deployment until there are as many as desired."""
    deployment = ecs_deployments.primary(service)
    deployment["desiredCount"] = service.desired_count
    mine = [task for task in ecs_deployments.tasks_of(moment, service) if task.desired_status == "RUNNING"]
    surplus = mine[service.desired_count :]
    for task in surplus:
        ecs_deployments.stop_task(
            moment, service, task, reason=f"Scaling activity initiated by (deployment {deployment['id']})"
        )
    if surplus:
        listed = " ".join(f"(task {task.id})" for task in surplus)
        say(moment, service, f"has stopped {len(surplus)} running tasks: {listed}.")
    start_tasks(moment, service, deployment, duration="ecs.scale")


@operation("ecs", "DeleteService")
def delete_service(call: Call) -> object:
    """`DRAINING` while its tasks stop, then `INACTIVE`."""
    service = _active_service(call)
    if service.desired_count > 0 and not call.params.get("force"):
        raise invalid("The service cannot be stopped while it is scaled above 0.")
    service.status = "DRAINING"
    service.desired_count = 0
    for task in ecs_deployments.tasks_of(call, service):
        if task.desired_status == "RUNNING":
            ecs_deployments.stop_task(call, service, task, reason="Service was deleted")
    call.after("ecs.delete", "ecs.inactive", service.cluster_name, service.name)
    return {"service": service}


@event("ecs.inactive")
def inactive(moment: Moment, cluster: str, name: str) -> None:
    """A deleted service has drained; ECS shows it as INACTIVE for a while."""
    service = service_of(moment, cluster, name)
    if service is None or service.status != "DRAINING":
        return
    for task in ecs_deployments.tasks_of(moment, service):
        ecs_tasks.end(moment, task)
    service.status, service.deployments = "INACTIVE", []
    ecs_deployments.recount(moment, service)


@operation("ecs", "DescribeServices")
def describe_services(call: Call) -> object:
    """As moto has them, in a cluster that exists; a service that is as it should be says so."""
    cluster = _cluster_name(call)
    for name in call.items("services"):
        service = service_of(call, cluster, name.rsplit("/", 1)[-1])
        if service is not None and service.status == "ACTIVE" and not service.events:
            conclude(call, service)
    return call.forward()


@operation("ecs", "ListServices")
def list_services(call: Call) -> object:
    """INACTIVE services are not listed."""
    cluster = _cluster_name(call)
    services = [
        service
        for service in backend_of(call).services.values()
        if service.cluster_name == cluster and service.status != "INACTIVE"
    ]
    wanted = call.text("launchType")
    return {"serviceArns": sorted(item.arn for item in services if wanted in ("", item.launch_type))}


@operation("ecs", "CreateCluster")
def create_cluster(call: Call) -> object:
    """A cluster that is there is given again."""
    name = call.text("clusterName") or "default"
    ecs_rules.check_name(name, "Cluster")
    existing = backend_of(call).clusters.get(name)
    if existing is not None and existing.status == "ACTIVE":
        return {"cluster": existing}
    return call.forward()


@operation("ecs", "ListClusters")
def list_clusters(call: Call) -> object:
    """INACTIVE clusters are not listed."""
    clusters = backend_of(call).clusters.values()
    return {"clusterArns": sorted(item.arn for item in clusters if item.status == "ACTIVE")}


@operation("ecs", "DeleteCluster")
def delete_cluster(call: Call) -> object:
    """Refused while services or tasks are in it."""
    name = _cluster_name(call)
    services = [item for item in backend_of(call).services.values() if item.cluster_name == name]
    if any(service.status != "INACTIVE" for service in services):
        raise Refusal(
            "ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active."
        )
    if any(not task.gone for task in ecs_tasks.of_cluster(call, name)):
        raise Refusal(
            "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
        )
    return call.forward()


@operation("ecs", "RegisterTaskDefinition")
def register_task_definition(call: Call) -> object:
    """Refuses sizes and settings that Fargate does not have."""
    ecs_rules.check_name(call.text("family"), "Family")
    ecs_rules.check_fargate(call)
    answer = call.forward()
    definition = result_of(answer)["taskDefinition"]
    definition.registered_at = clock(call)
    definition.registered_by = f"arn:aws:iam::{call.account}:root"
    return answer


@operation("ecs", "DescribeTaskDefinition")
def describe_task_definition(call: Call) -> object:
    """A family is its newest revision that is ACTIVE; moto takes the newest of any kind."""
    family = call.text("taskDefinition").rsplit("/", 1)[-1]
    revisions = backend_of(call).task_definitions.get(family, {})
    active = [number for number, one in revisions.items() if one.status == "ACTIVE"]
    if active:
        call.params["taskDefinition"] = f"{family}:{max(active)}"
    elif revisions:
        raise Refusal("ClientException", "Unable to describe task definition.")
    return call.forward()


@operation("ecs", "DescribeClusters")
def describe_clusters(call: Call) -> object:
    """Counts follow the services and tasks."""
    backend = backend_of(call)
    for cluster in backend.clusters.values():
        living = [task for task in ecs_tasks.of_cluster(call, cluster.name) if not task.gone]
        cluster.running_tasks_count = sum(task.last_status == "RUNNING" for task in living)
        cluster.pending_tasks_count = len(living) - cluster.running_tasks_count
        cluster.active_services_count = sum(
            service.cluster_name == cluster.name and service.status == "ACTIVE"
            for service in backend.services.values()
        )
    return call.forward()

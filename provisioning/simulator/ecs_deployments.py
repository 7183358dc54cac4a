"""How an ECS service gets from one deployment to the next: tasks start, become "
"healthy or not, old ones drain."""

import secrets
import uuid
from typing import Any

from provisioning.simulator import ecs_causes, ecs_tasks, elbv2_targets, servicediscovery
from provisioning.simulator.ecs_tasks import Task, backend_of, clock
from provisioning.simulator.world import Moment, event

# Parts of a deployment's time at which its tasks take their steps; at 1 it is complete.
_PENDING_AT, _RUNNING_AT, _HEALTHY_AT = 0.2, 0.5, 0.85
# ECS shows the 100 latest events of a service.
_EVENTS_KEPT = 100
# Stopped tasks are shown for about an hour (API reference, DescribeTasks).
_STOPPED_SHOWN_SECONDS = 3600.0


def service_of(moment: Moment, cluster: str, name: str) -> Any:
    """moto's model of a service by the names of cluster and service; None where there is none."""
    return backend_of(moment).services.get(f"{cluster}:{name}")


def say(moment: Moment, service: Any, text: str) -> None:
    """Add an event to the service's list, newest first."""
    entry = {
        "id": str(uuid.uuid4()),
        "createdAt": clock(moment),
        "message": f"(service {service.name}) {text}",
    }
    service.events.insert(0, entry)
    del service.events[_EVENTS_KEPT:]


def tasks_of(moment: Moment, service: Any, deployment: str = "") -> list[Task]:
    """The tasks of a service (of one deployment) that have not stopped."""
    return [
        task
        for task in ecs_tasks.of_cluster(moment, service.cluster_name)
        if task.group == f"service:{service.name}" and not task.gone and deployment in ("", task.started_by)
    ]


def primary(service: Any) -> Any:
    """The deployment that the service is to have."""
    return next(item for item in service.deployments if item["status"] == "PRIMARY")


def recount(moment: Moment, service: Any) -> None:
    """Let the numbers of service and deployments say what the tasks are."""
    living = tasks_of(moment, service)
    for deployment in service.deployments:
        mine = [task for task in living if task.started_by == deployment["id"]]
        running = [task for task in mine if task.last_status == "RUNNING"]
        starting = [task for task in mine if task.last_status in ("PROVISIONING", "PENDING", "ACTIVATING")]
        deployment["runningCount"], deployment["pendingCount"] = len(running), len(starting)
    service.running_count = sum(item["runningCount"] for item in service.deployments)
    service.pending_count = sum(item["pendingCount"] for item in service.deployments)
    service.updated_at = clock(moment)


def new_deployment(moment: Moment, service: Any) -> dict[str, Any]:
    """Make a deployment of the service as it now is the primary one."""
    identifier = f"ecs-svc/{secrets.randbelow(9 * 10**18) + 10**18}"
    for older in service.deployments:
        older["status"] = "ACTIVE"
    deployment = {
        "id": identifier,
        "status": "PRIMARY",
        "taskDefinition": service.task_definition,
        "desiredCount": service.desired_count,
        "runningCount": 0,
        "pendingCount": 0,
        "failedTasks": 0,
        "createdAt": clock(moment),
        "updatedAt": clock(moment),
        "launchType": service.launch_type,
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "networkConfiguration": service.network_configuration,
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {identifier} in progress.",
    }
    service.deployments.insert(0, deployment)
    return deployment


def start_tasks(moment: Moment, service: Any, deployment: dict[str, Any], *, duration: str) -> None:
    """Start the tasks that a deployment lacks; it takes the named duration until it is complete."""
    backend, cluster = backend_of(moment), backend_of(moment).clusters[service.cluster_name]
    definition = backend.describe_task_definition(deployment["taskDefinition"])
    missing = service.desired_count - len(tasks_of(moment, service, deployment["id"]))
    whole = moment.durations.of(duration)
    started = []
    for _ in range(missing):
        task = ecs_tasks.launch(
            moment,
            cluster,
            definition,
            group=f"service:{service.name}",
            started_by=deployment["id"],
            network_configuration=service.network_configuration,
            tags=_task_tags(service, definition),
            enable_execute_command=bool(service.enable_execute_command),
        )
        started.append(task.id)
        _plan_life(moment, task, whole)
    if started:
        listed = " ".join(f"(task {identifier})" for identifier in started)
        say(moment, service, f"has started {len(started)} tasks: {listed}.")
    moment.later(whole, "ecs.deployed", service.cluster_name, service.name, deployment["id"])
    recount(moment, service)


def _task_tags(service: Any, definition: Any) -> list[dict[str, str]]:
    source = {"SERVICE": service.tags, "TASK_DEFINITION": definition.tags}.get(service.propagate_tags) or []
    return [dict(tag) for tag in source]


def _plan_life(moment: Moment, task: Task, whole: float) -> None:
    moment.later(whole * _PENDING_AT, "ecs.task-pending", task.task_arn)
    moment.later(whole * _RUNNING_AT, "ecs.task-running", task.task_arn)
    moment.later(whole * _HEALTHY_AT, "ecs.task-healthy", task.task_arn)


def owner_of(moment: Moment, task: Task) -> Any:
    """The service that a task belongs to; None for a task of its own."""
    kind, _, name = task.group.partition(":")
    return service_of(moment, task.cluster_name, name) if kind == "service" else None


@event("ecs.task-pending")
def task_pending(moment: Moment, arn: str) -> None:
    """The task has its interface, and the image is fetched."""
    task = ecs_tasks.find(moment, arn)
    if task is None or task.desired_status != "RUNNING":
        return
    ecs_tasks.attach(moment, task)
    task.last_status = "PENDING"


@event("ecs.task-running")
def task_running(moment: Moment, arn: str) -> None:
    """The containers run, or the task stops because they cannot."""
    task = ecs_tasks.find(moment, arn)
    if task is None or task.desired_status != "RUNNING":
        return
    service = owner_of(moment, task)
    definition = backend_of(moment).describe_task_definition(task.task_definition_arn)
    reason = ecs_causes.cannot_start(moment, task, definition)
    if reason:
        ecs_tasks.begin_stop(moment, task, code="TaskFailedToStart", reason=reason)
        ecs_tasks.end(moment, task)
        if service is not None:
            _replace(moment, service, task)
        return
    ecs_tasks.run(moment, task)
    if service is None:
        return
    for balancer in service.load_balancers:
        elbv2_targets.register(moment, balancer["targetGroupArn"], task.address, balancer["containerPort"])
        say(moment, service, f"registered 1 targets in (target-group {balancer['targetGroupArn']})")
    for registry in service.service_registries:
        servicediscovery.register(moment, registry, task.id, task.address)
    if ecs_causes.never_healthy(definition):
        moment.after("ecs.fail", "ecs.task-failed", arn)
    recount(moment, service)


@event("ecs.task-healthy")
def task_healthy(moment: Moment, arn: str) -> None:
    """The targets of a running task pass their checks, or never will."""
    task = ecs_tasks.find(moment, arn)
    service = None if task is None else owner_of(moment, task)
    if task is None or service is None or task.last_status != "RUNNING":
        return
    definition = backend_of(moment).describe_task_definition(task.task_definition_arn)
    fine = not ecs_causes.never_healthy(definition)
    task.ready = fine
    task.health_status = "HEALTHY" if fine else "UNHEALTHY"
    for balancer in service.load_balancers:
        state = "healthy" if fine else "unhealthy"
        elbv2_targets.set_health(moment, balancer["targetGroupArn"], task.address, state)
    _drain_older(moment, service)


def _drain_older(moment: Moment, service: Any) -> None:
    """Once all of the primary deployment is healthy, the tasks of older ones drain."""
    newest = primary(service)
    ready = [task for task in tasks_of(moment, service, newest["id"]) if task.ready]
    if len(ready) < service.desired_count:
        return
    for task in tasks_of(moment, service):
        if task.started_by != newest["id"] and task.desired_status == "RUNNING":
            stop_task(
                moment, service, task, reason=f"Scaling activity initiated by (deployment {newest['id']})"
            )


def _leave(moment: Moment, service: Any, task: Task) -> None:
    for balancer in service.load_balancers:
        elbv2_targets.deregister(moment, balancer["targetGroupArn"], task.address)
    for registry in service.service_registries:
        servicediscovery.deregister(moment, registry, task.id)


def stop_task(
    moment: Moment, service: Any, task: Task, *, reason: str, code: str = "ServiceSchedulerInitiated"
) -> None:
    """Take a task out of its target groups and registries, and stop it."""
    if service is not None:
        _leave(moment, service, task)
    ecs_tasks.begin_stop(moment, task, code=code, reason=reason)
    # In a deployment the old tasks are gone when it is complete: at the end of the part after "healthy".
    seconds = min(
        moment.durations.of("ecs.drain"), moment.durations.of("ecs.deploy") * (1 - _HEALTHY_AT) * 0.9
    )
    moment.later(seconds, "ecs.task-stopped", task.task_arn)
    if service is not None:
        recount(moment, service)


@event("ecs.task-stopped")
def task_stopped(moment: Moment, arn: str) -> None:
    """A task that was told to stop has stopped."""
    task = ecs_tasks.find(moment, arn)
    if task is None or task.gone:
        return
    ecs_tasks.end(moment, task)
    moment.later(moment.durations.scaled(_STOPPED_SHOWN_SECONDS), "ecs.task-forgotten", arn)
    service = owner_of(moment, task)
    if service is not None:
        recount(moment, service)
        conclude(moment, service)


@event("ecs.task-forgotten")
def task_forgotten(moment: Moment, arn: str) -> None:
    """ECS no longer shows a task that stopped an hour ago."""
    for tasks in backend_of(moment).tasks.values():
        tasks.pop(arn, None)


@event("ecs.task-failed")
def task_failed(moment: Moment, arn: str) -> None:
    """A task that never got healthy is stopped and replaced."""
    task = ecs_tasks.find(moment, arn)
    service = None if task is None else owner_of(moment, task)
    if task is None or service is None or task.desired_status != "RUNNING":
        return
    group = service.load_balancers[0]["targetGroupArn"] if service.load_balancers else ""
    reason = "Task failed container health checks"
    if group:
        elbv2_targets.set_health(moment, group, task.address, "unhealthy")
        reason = f"Task failed ELB health checks in (target-group {group})"
        say(
            moment, service,
            (
                f"(port {service.load_balancers[0]['containerPort']}) is unhealthy in "
                f"(target-group {group}) due to (reason Health checks failed)."
            ),
        )  # fmt: skip
    _leave(moment, service, task)
    ecs_tasks.begin_stop(moment, task, code="ServiceSchedulerInitiated", reason=reason)
    ecs_tasks.end(moment, task, exit_code=1)
    _replace(moment, service, task)


def _replace(moment: Moment, service: Any, failed: Task) -> None:
    """Count a failure of the primary deployment, and start another task or let the circuit breaker end it."""
    moment.later(moment.durations.scaled(_STOPPED_SHOWN_SECONDS), "ecs.task-forgotten", failed.task_arn)
    deployment = primary(service)
    if failed.started_by != deployment["id"]:
        recount(moment, service)
        return
    deployment["failedTasks"] += 1
    say(moment, service, f"deregistered or stopped (task {failed.id}): {failed.stopped_reason}")
    breaker = (service.deployment_configuration or {}).get("deploymentCircuitBreaker") or {}
    # The threshold is half the desired count, at least 3 and at most 200 (developer guide, "circuit breaker").
    threshold = min(max(3, service.desired_count // 2), 200)
    if (
        breaker.get("enable")
        and deployment["failedTasks"] >= threshold
        and deployment["rolloutState"] == "IN_PROGRESS"
    ):
        _break(moment, service, deployment, roll_back=bool(breaker.get("rollback")))
    elif deployment["rolloutState"] != "FAILED":
        start_tasks(moment, service, deployment, duration="ecs.deploy")
    recount(moment, service)


def _break(moment: Moment, service: Any, deployment: dict[str, Any], *, roll_back: bool) -> None:
    deployment["rolloutState"] = "FAILED"
    deployment["rolloutStateReason"] = "ECS deployment circuit breaker: tasks failed to start."
    deployment["updatedAt"] = clock(moment)
    say(moment, service, f"(deployment {deployment['id']}) deployment failed: tasks failed to start.")
    for task in tasks_of(moment, service, deployment["id"]):
        stop_task(moment, service, task, reason=f"(deployment {deployment['id']}) was rolled back")
    good = getattr(service, "last_completed", None)
    if not roll_back or good is None:
        return
    deployment["desiredCount"] = 0
    service.task_definition = good["taskDefinition"]
    again = new_deployment(moment, service)
    again["rolloutStateReason"] = (
        f"ECS deployment circuit breaker: rolling back to deploymentId {good['id']}."
    )
    say(moment, service, f"rolling back to deployment {again['id']}.")
    # Tasks of the deployment that is rolled back to still run; they go on in the new one.
    for task in tasks_of(moment, service, good["id"]):
        if task.desired_status == "RUNNING":
            task.started_by = again["id"]
    start_tasks(moment, service, again, duration="ecs.deploy")


@event("ecs.deployed")
def deployed(moment: Moment, cluster: str, name: str, deployment: str) -> None:
    """The time of a deployment is over: it is complete if its tasks are healthy."""
    service = service_of(moment, cluster, name)
    if service is not None and service.status == "ACTIVE" and primary(service)["id"] == deployment:
        recount(moment, service)
        conclude(moment, service)


def conclude(moment: Moment, service: Any) -> None:
    """Note that the service is as it should be, if it is."""
    if service.status != "ACTIVE" or not service.deployments:
        return
    deployment = primary(service)
    living = tasks_of(moment, service)
    ready = [task for task in living if task.ready and task.started_by == deployment["id"]]
    if len(ready) != service.desired_count or len(living) != len(ready):
        return
    service.deployments[:] = [deployment]
    if deployment["rolloutState"] == "IN_PROGRESS":
        deployment["rolloutState"] = "COMPLETED"
        deployment["rolloutStateReason"] = f"ECS deployment {deployment['id']} completed."
        deployment["updatedAt"] = clock(moment)
        service.last_completed = {"id": deployment["id"], "taskDefinition": deployment["taskDefinition"]}
        say(moment, service, f"(deployment {deployment['id']}) deployment completed.")
    recount(moment, service)
    say(moment, service, "has reached a steady state.")

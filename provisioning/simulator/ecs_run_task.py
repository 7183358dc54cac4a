"""ECS tasks on their own and the listing of all: RunTask, StopTask, ListTasks, DescribeTasks."""

from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator import ecs_causes, ecs_deployments, ecs_rules, ecs_tasks
from provisioning.simulator.ecs_tasks import Task, backend_of
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

# A task of its own (a migration, say) runs this long in AWS's seconds before it ends by itself.
_RUNS_SECONDS = 20.0


@dataclass(kw_only=True)
class RunTokens:
    """Tasks that RunTask has started, by client token."""

    used: dict[str, list[Task]] = field(default_factory=dict)


def _cluster(call: Call) -> Any:
    name = (call.text("cluster") or "default").rsplit("/", 1)[-1]
    found = backend_of(call).clusters.get(name)
    if found is None or found.status == "INACTIVE":
        raise Refusal("ClusterNotFoundException", "Cluster not found.")
    return found


@operation("ecs", "RunTask")
def run_task(call: Call) -> object:
    """Fargate tasks that run for some seconds and exit 0, or 1 where the image's tag contains `broken`."""
    cluster = _cluster(call)
    if call.text("launchType") == "EC2":
        return call.forward()
    token, tokens = call.text("clientToken"), call.notes(RunTokens).used
    if token in tokens:
        return {"tasks": tokens[token], "failures": []}
    definition = ecs_rules.check_definition(call, call.text("taskDefinition"))
    ecs_rules.check_network(call, definition)
    tasks = [_start(call, cluster, definition) for _ in range(int(call.params.get("count") or 1))]
    if token:
        tokens[token] = tasks
    return {"tasks": tasks, "failures": []}


def _start(call: Call, cluster: Any, definition: Any) -> Task:
    task = ecs_tasks.launch(
        call,
        cluster,
        definition,
        group=call.text("group") or f"family:{definition.family}",
        started_by=call.text("startedBy"),
        network_configuration=call.params.get("networkConfiguration") or {},
        tags=call.items("tags"),
        overrides=call.params.get("overrides") or {},
    )
    whole = call.durations.of("ecs.scale")
    call.later(whole * 0.3, "ecs.task-pending", task.task_arn)
    call.later(whole, "ecs.task-running", task.task_arn)
    call.later(whole + call.durations.scaled(_RUNS_SECONDS), "ecs.task-exited", task.task_arn)
    return task


@event("ecs.task-exited")
def task_exited(moment: Moment, arn: str) -> None:
    """The main container of a task of its own ended."""
    task = ecs_tasks.find(moment, arn)
    if task is None or task.last_status != "RUNNING":
        return
    definition = backend_of(moment).describe_task_definition(task.task_definition_arn)
    reason = "Essential container in task exited"
    ecs_tasks.begin_stop(moment, task, code="EssentialContainerExited", reason=reason)
    ecs_tasks.end(moment, task, exit_code=1 if ecs_causes.never_healthy(definition) else 0)
    moment.later(moment.durations.scaled(3600), "ecs.task-forgotten", arn)


def _listed(call: Call, task: Task) -> bool:
    wanted = call.text("desiredStatus") or "RUNNING"
    family = task.task_definition_arn.rsplit("/", 1)[-1].partition(":")[0]
    return (
        task.desired_status == wanted
        and call.text("family") in ("", family)
        and call.text("startedBy") in ("", task.started_by)
        and call.text("launchType") in ("", task.launch_type)
        and (
            not call.text("serviceName")
            or task.group == f"service:{call.text('serviceName').rsplit('/', 1)[-1]}"
        )
    )


@operation("ecs", "ListTasks")
def list_tasks(call: Call) -> object:
    """Tasks by service, family, starter and desired status (`RUNNING` unless another is asked for)."""
    cluster = _cluster(call)
    tasks = [task for task in ecs_tasks.of_cluster(call, cluster.name) if _listed(call, task)]
    return {"taskArns": [task.task_arn for task in tasks]}


@operation("ecs", "DescribeTasks")
def describe_tasks(call: Call) -> object:
    """Tasks by ARN or id; those not known are failures."""
    cluster = _cluster(call)
    known = {task.id: task for task in ecs_tasks.of_cluster(call, cluster.name)}
    wanted = [name.rsplit("/", 1)[-1] for name in call.items("tasks")]
    failures = [
        {"arn": f"arn:aws:ecs:{call.region}:{call.account}:task/{cluster.name}/{name}", "reason": "MISSING"}
        for name in wanted
        if name not in known
    ]
    return {"tasks": [known[name] for name in wanted if name in known], "failures": failures}


@operation("ecs", "StopTask")
def stop_task(call: Call) -> object:
    """The task stops; its service starts another."""
    cluster = _cluster(call)
    name = call.text("task").rsplit("/", 1)[-1]
    task = next((item for item in ecs_tasks.of_cluster(call, cluster.name) if item.id == name), None)
    if task is None:
        raise Refusal("InvalidParameterException", "The referenced task was not found.")
    service = ecs_deployments.owner_of(call, task)
    if task.desired_status == "RUNNING":
        reason = call.text("reason") or "Task stopped by user"
        ecs_deployments.stop_task(call, service, task, reason=reason, code="UserInitiated")
        if service is not None and service.status == "ACTIVE":
            # The stopped task still counts until it is gone, so that the new one is started by its end.
            call.after("ecs.drain", "ecs.refill", cluster.name, service.name)
    return {"task": task}


@event("ecs.refill")
def refill(moment: Moment, cluster: str, name: str) -> None:
    """A service replaces a task that was stopped by hand."""
    service = ecs_deployments.service_of(moment, cluster, name)
    if service is not None and service.status == "ACTIVE":
        ecs_deployments.start_tasks(moment, service, ecs_deployments.primary(service), duration="ecs.scale")

"""ECS tasks of the simulator: where they run, the steps of their life, and why they fail."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecs.models import EC2ContainerServiceBackend, ecs_backends

from provisioning.simulator import interfaces
from provisioning.simulator.world import Moment

_STOPPED = "STOPPED"


def backend_of(moment: Moment) -> EC2ContainerServiceBackend:
    """moto's ECS of this account and region."""
    return ecs_backends[moment.account][moment.region]


def clock(moment: Moment) -> datetime:
    """The moment as AWS writes it."""
    return datetime.fromtimestamp(moment.now, UTC)


@dataclass(kw_only=True)
class Task:
    """One Fargate task; attributes are named as moto's serialiser looks for them."""

    task_arn: str
    cluster_arn: str
    cluster_name: str
    task_definition_arn: str
    group: str
    started_by: str
    containers: list[dict[str, Any]]
    network_configuration: Mapping[str, Any]
    cpu: str
    memory: str
    created_at: datetime
    launch_type: str = "FARGATE"
    platform_version: str = "1.4.0"
    platform_family: str = "Linux"
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    health_status: str = "UNKNOWN"
    connectivity: str = "DISCONNECTED"
    availability_zone: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)
    enable_execute_command: bool = False
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    container_instance_arn: str = ""
    #: Set once its targets pass their checks.
    ready: bool = False
    interface_id: str = ""

    @property
    def id(self) -> str:
        """The last part of the ARN."""
        return self.task_arn.rsplit("/", 1)[-1]

    @property
    def address(self) -> str:
        """The private address, once the task has an interface."""
        details = self.attachments[0]["details"] if self.attachments else []
        return next((item["value"] for item in details if item["name"] == "privateIPv4Address"), "")

    @property
    def gone(self) -> bool:
        """Whether it has stopped."""
        return self.last_status == _STOPPED

    def advance(self) -> None:
        """moto moves its own tasks on when they are looked at; this one moves by time."""


def _containers(definition: Any, task_arn: str) -> list[dict[str, Any]]:
    return [
        {
            "containerArn": f"{task_arn.replace(':task/', ':container/')}/{uuid.uuid4()}",
            "taskArn": task_arn,
            "name": container["name"],
            "image": container["image"],
            "lastStatus": "PENDING",
            "networkInterfaces": [],
            "healthStatus": "UNKNOWN",
            "cpu": str(container.get("cpu", 0)),
            "memory": str(container["memory"]) if container.get("memory") else None,
        }
        for container in definition.container_definitions
    ]


def launch(moment: Moment, cluster: Any, definition: Any, **fields: Any) -> Task:
    """Start a task in the subnet of its network configuration that has fewest interfaces."""
    identifier = secrets.token_hex(16)
    arn = f"arn:aws:ecs:{moment.region}:{moment.account}:task/{cluster.name}/{identifier}"
    task = Task(
        task_arn=arn,
        cluster_arn=cluster.arn,
        cluster_name=cluster.name,
        task_definition_arn=definition.arn,
        containers=_containers(definition, arn),
        cpu=definition.cpu or "256",
        memory=definition.memory or "512",
        created_at=clock(moment),
        **fields,
    )
    backend_of(moment).tasks.setdefault(cluster.name, {})[arn] = task  # type: ignore[assignment]  # ours has what moto's has
    return task


def attach(moment: Moment, task: Task) -> None:
    """Give a task its network interface."""
    network = task.network_configuration.get("awsvpcConfiguration")
    if not network:
        return
    ec2 = ec2_backends[moment.account][moment.region]
    used = [eni.subnet.id for eni in ec2.enis.values()]
    chosen = min(network["subnets"], key=used.count)
    owner = interfaces.Owner(
        description=f"arn:aws:ecs:{moment.region}:{moment.account}:attachment/{uuid.uuid4()}",
        requester="amazon-ecs",
    )
    eni = interfaces.create(
        moment,
        owner,
        subnet=chosen,
        groups=network.get("securityGroups") or [],
        public=network.get("assignPublicIp") == "ENABLED",
    )
    task.interface_id, task.availability_zone = eni.id, eni.subnet.availability_zone
    details = {
        "subnetId": chosen,
        "networkInterfaceId": eni.id,
        "macAddress": eni.mac_address,
        "privateIPv4Address": eni.private_ip_address,
    }
    task.attachments = [
        {
            "id": owner.description.rsplit("/", 1)[-1],
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]
    for container in task.containers:
        container["networkInterfaces"] = [
            {"attachmentId": task.attachments[0]["id"], "privateIpv4Address": eni.private_ip_address}
        ]


def run(moment: Moment, task: Task) -> None:
    """The containers run."""
    task.last_status, task.connectivity, task.started_at = "RUNNING", "CONNECTED", clock(moment)
    for container in task.containers:
        container["lastStatus"] = "RUNNING"


def begin_stop(moment: Moment, task: Task, *, code: str, reason: str) -> None:
    """The task is told to stop."""
    task.desired_status, task.last_status = _STOPPED, "DEACTIVATING"
    task.stopping_at, task.stop_code, task.stopped_reason = clock(moment), code, reason


def end(moment: Moment, task: Task, *, exit_code: int = 0) -> None:
    """The task has stopped and gives its interface back."""
    task.desired_status = task.last_status = _STOPPED
    task.stopped_at, task.connectivity = clock(moment), "DISCONNECTED"
    for container in task.containers:
        container["lastStatus"] = _STOPPED
        if task.started_at:
            container["exitCode"] = exit_code
    for attachment in task.attachments:
        attachment["status"] = "DELETED"
    interfaces.delete(moment, [task.interface_id])


def find(moment: Moment, arn: str) -> Task | None:
    """A task by ARN, if it is one of the simulator's and still known."""
    for tasks in backend_of(moment).tasks.values():
        found: object = tasks.get(arn)
        if isinstance(found, Task):
            return found
    return None


def of_cluster(moment: Moment, cluster_name: str) -> list[Task]:
    """The simulator's tasks in a cluster, stopped ones too."""
    tasks: list[object] = list(backend_of(moment).tasks.get(cluster_name, {}).values())
    return [task for task in tasks if isinstance(task, Task)]

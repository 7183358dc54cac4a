"""An ECS service: keeps so many Fargate tasks of one definition running behind a target group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provisioning.aws import Aws, found
from provisioning.ecs_rollout import status_of, why_undone
from provisioning.errors import AwsError
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.preflight import Finding, Quota
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told, capitalised, renamed

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import (
        CreateServiceRequestTypeDef,
        DeploymentConfigurationTypeDef,
        LoadBalancerTypeDef,
        NetworkConfigurationTypeDef,
        ServiceRegistryTypeDef,
        ServiceTypeDef,
        UpdateServiceRequestTypeDef,
    )

_UNORDERED = ("subnet_ids", "security_group_ids")
_NETWORK = frozenset({"subnet_ids", "security_group_ids", "public_ip"})
_BALANCER = frozenset({"target_group_arn", "container_name", "container_port"})
_REGISTRY = frozenset({"registry_arn", "container_name", "container_port"})
_PERCENT = frozenset({"minimum_healthy", "maximum"})


_VCPUS = Quota(service="fargate", code="L-3032A538", noun="Fargate vCPUs", usual=6)


class Capacity(BaseModel):
    """What the price is computed from; AWS is not told. CPU units (1/1024 vCPU) and MiB of one task, and between how
    many tasks the service may scale."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cpu: int = Field(ge=256)
    memory: int = Field(ge=512)
    minimum: int = Field(ge=0)
    maximum: int = Field(ge=0)
    architecture: Literal["X86_64", "ARM64"] = "X86_64"

    @model_validator(mode="after")
    def _in_order(self) -> Capacity:
        if self.minimum > self.maximum:
            raise ValueError(f"minimum: {self.minimum} tasks are more than the maximum of {self.maximum}")
        return self


class ServiceProps(Props):
    """`cluster_name` is the name, not the ARN. `desired_count` counts at creation only: auto scaling owns it later.
    `grace_period`: seconds in which a new task's failing health checks are ignored; only with a target group.
    `registry_arn`: the Cloud Map service that tells where its tasks are.
    `revisions_kept`: newer revisions of the task definition's family, which somebody else deployed, stay.
    `minimum_healthy` and `maximum`: per cent of the tasks while rolling out. `capacity` is for the price alone."""

    cluster_name: str
    task_definition_arn: str
    desired_count: int = Field(default=1, ge=0, le=5000)
    subnet_ids: tuple[str, ...] = Field(min_length=1, max_length=16)
    security_group_ids: tuple[str, ...] = Field(min_length=1, max_length=5)
    public_ip: bool = False
    target_group_arn: str = ""
    container_name: str = "app"
    container_port: int = Field(default=8000, ge=1, le=65535)
    registry_arn: str = ""
    grace_period: int = Field(default=60, ge=0, le=2_147_483_647)
    minimum_healthy: int = Field(default=100, ge=0, le=100)
    maximum: int = Field(default=200, ge=100, le=200)
    revisions_kept: bool = False
    capacity: Capacity | None = None

    @model_validator(mode="after")
    def _can_roll(self) -> ServiceProps:
        if self.minimum_healthy == self.maximum == 100:
            raise ValueError("maximum: with 100 and a minimum of 100 ECS can neither stop nor start a task")
        return self


@register
class Service(Kind[ServiceProps]):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html

    Ready is: one deployment, completed, as many tasks running as desired, none pending. The circuit breaker rolls a
    bad one back: the service goes on with the version before, so it is not FAILED, but the change is `undone`. FAILED
    is a service whose deployment failed and that has nothing else to serve with. Tasks carry the service's tags.
    Attributes: id (the ARN), arn, name.
    """

    name = "ecs.service"
    title = "ECS service"
    naming = Naming(limit=255)
    expected = Expected(create=90, update=120, delete=60)
    patience = 1800  # tasks that fail slowly, one after the other, before the circuit breaker opens
    replace_on = frozenset({"cluster_name"})
    holds = frozenset({"cluster_name", "subnet_ids", "security_group_ids", "registry_arn"})
    permissions = (
        "ecs:CreateService",
        "ecs:TagResource",
        "ecs:DescribeServices",
        "ecs:ListClusters",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
        "ecs:UpdateService",
        "ecs:DeleteService",
        "servicequotas:GetServiceQuota",
    )
    billed = True
    checked = True
    props = ServiceProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        service = _find(aws, handle)
        if service is None or service["status"] == "INACTIVE":
            return None
        undone = why_undone(service, datetime.now(UTC))
        status, reason = status_of(service, undone)
        if status is Status.FAILED or undone:
            reason = " ".join(filter(None, (reason, _last_stopped_task(aws, service))))
        return Observed(
            id=service["serviceArn"],
            status=status,
            props=_told(service),
            attributes=_attributes(service),
            tags=tags_of(service, "tags"),
            reason=reason,
            undone=bool(undone),
        )

    def create(self, aws: Aws, handle: Handle, props: ServiceProps) -> Observed:
        service = aws.ecs.create_service(**_request(handle, props))["service"]
        return Observed(id=service["serviceArn"], status=Status.PENDING, attributes=_attributes(service))

    def update(self, aws: Aws, handle: Handle, props: ServiceProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed).keys()
        request: UpdateServiceRequestTypeDef = {
            "service": handle.name,
            "cluster": _cluster_of(observed.id),
            # Only a new deployment makes a failed one start again.
            "forceNewDeployment": observed.status is Status.FAILED,
        }
        if "task_definition_arn" in changed or observed.status is Status.FAILED:
            request["taskDefinition"] = props.task_definition_arn
        if changed & _NETWORK:
            request["networkConfiguration"] = _network(props)
        if changed & _BALANCER and (props.target_group_arn or "target_group_arn" in changed):
            request["loadBalancers"] = [_balancer(props)] if props.target_group_arn else []
        # Without a target group ECS tells no grace period, so that none differs when one is put in front.
        if changed & {"grace_period", "target_group_arn"} and props.target_group_arn:
            request["healthCheckGracePeriodSeconds"] = props.grace_period
        if changed & _REGISTRY and (props.registry_arn or "registry_arn" in changed):
            request["serviceRegistries"] = [_registry(props)] if props.registry_arn else []
        if changed & _PERCENT:
            request["deploymentConfiguration"] = _deployment(props)
        service = aws.ecs.update_service(**request)["service"]
        return Observed(id=service["serviceArn"], status=Status.PENDING, attributes=_attributes(service))

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = handle.id or (service["serviceArn"] if (service := _find(aws, handle)) else "")
        if not arn:
            return True
        try:
            answer = found(aws.ecs.delete_service, cluster=_cluster_of(arn), service=arn, force=True)
        except AwsError as error:
            if error.aws_code == "ServiceNotActiveException":
                return True
            raise
        return answer is None or answer["service"]["status"] == "INACTIVE"

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of subnets and groups means nothing, nor what somebody else deployed."""
        found_ones = super().differences(wanted, observed)
        if wanted.get("revisions_kept") and _is_newer(*found_ones.get("task_definition_arn", ("", ""))):
            del found_ones["task_definition_arn"]
        return {
            name: pair
            for name, pair in found_ones.items()
            if name not in _UNORDERED or _sorted(observed.props[name]) != _sorted(wanted[name])
        }

    def preflight(self, aws: Aws, handle: Handle, props: ServiceProps, count: int) -> Finding | None:
        """Only CloudWatch counts the vCPUs that are in use, and late: what one service needs has to fit at least."""
        if props.capacity is None:
            return None
        wanted = props.desired_count * props.capacity.cpu / 1024
        limit = _VCPUS.limit(aws, wanted)
        if limit is None:
            return Finding(note="The account's quota of Fargate vCPUs could not be read", warning=True)
        note = f"{wanted:g} of {limit:g} Fargate vCPUs wanted"
        if wanted > limit:
            raise _VCPUS.exceeded(f"{note}.", aws.region)
        return Finding(note=note)

    def cost(self, props: ServiceProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """vCPU and GB hours from minimum to maximum tasks, and an IPv4 address for each public one."""
        if props.capacity is None:
            return
        capacity = props.capacity
        machine = "x86" if capacity.architecture == "X86_64" else "arm"
        hours, tasks = _task_hours(capacity, usage)
        vcpu, gigabytes = Decimal(capacity.cpu) / 1024, Decimal(capacity.memory) / 1024
        yield CostLine.range(
            f"Fargate/linux_{machine}_vcpu",
            _times(hours, vcpu),
            "Fargate vCPU",
            f"{tasks}, {vcpu:g} vCPU each",
        )
        yield CostLine.range(
            f"Fargate/linux_{machine}_gb",
            _times(hours, gigabytes),
            "Fargate memory",
            f"{tasks}, {gigabytes:g} GB each",
        )
        if props.public_ip:
            yield CostLine.range(
                "VPC/public_ipv4", hours, "Public IPv4 of tasks", f"{tasks}, one address each"
            )

    def cloudformation(self, place: Place, props: ServiceProps) -> Form:
        properties = renamed(_request(place, props), capitalised)
        del properties["ClientToken"]
        return Form(
            parts=(Part(type="AWS::ECS::Service", properties=properties),),
            attributes={"id": REF, "arn": REF, "name": Told("Name")},
        )


def _task_hours(capacity: Capacity, usage: Usage) -> tuple[Band, str]:
    average = min(max(usage.average_tasks, Decimal(capacity.minimum)), Decimal(capacity.maximum))
    counts = Band(floor=Decimal(capacity.minimum), expected=average, ceiling=Decimal(capacity.maximum))
    words = f"{capacity.minimum} to {capacity.maximum} tasks, {average:g} on average, {HOURS_A_MONTH:g} h"
    return _times(counts, HOURS_A_MONTH), words


def _times(band: Band, factor: Decimal) -> Band:
    return Band(floor=band.floor * factor, expected=band.expected * factor, ceiling=band.ceiling * factor)


def _find(aws: Aws, handle: Handle) -> ServiceTypeDef | None:
    """By the ARN on record, else by name in the clusters whose name says that they are of this environment."""
    if handle.id is not None:
        return _describe(aws, _cluster_of(handle.id), handle.id)
    for cluster in aws.listed(aws.ecs.list_clusters, "clusterArns"):
        if handle.stack in cluster:
            service = _describe(aws, cluster, handle.name)
            if service is not None:
                return service
    return None


def _describe(aws: Aws, cluster: str, service: str) -> ServiceTypeDef | None:
    answer = found(aws.ecs.describe_services, cluster=cluster, services=[service], include=["TAGS"])
    services = answer["services"] if answer else []
    return services[0] if services else None


def _cluster_of(service_arn: str) -> str:
    """arn:aws:ecs:us-east-1:1234:service/<cluster>/<service> -> the cluster's name."""
    return service_arn.split("/")[-2]


def _attributes(service: ServiceTypeDef) -> dict[str, str]:
    arn = service["serviceArn"]
    return {"id": arn, "arn": arn, "name": service["serviceName"]}


def _last_stopped_task(aws: Aws, service: ServiceTypeDef) -> str:
    cluster = service["clusterArn"]
    stopped = aws.ecs.list_tasks(
        cluster=cluster, serviceName=service["serviceName"], desiredStatus="STOPPED"
    )["taskArns"]
    if not stopped:
        return ""
    tasks = aws.ecs.describe_tasks(cluster=cluster, tasks=stopped[:100])["tasks"]
    newest: Mapping[str, Any] = max(
        tasks, key=lambda task: task.get("stoppedAt") or datetime.min.replace(tzinfo=UTC), default={}
    )
    words = [newest.get("stoppedReason", "")]
    words += [container.get("reason", "") for container in newest.get("containers", [])]
    return "Last stopped task: " + "; ".join(filter(None, words)) if any(words) else ""


def _told(service: ServiceTypeDef) -> JsonObject:
    """`desired_count` is left out: auto scaling changes it all the time."""
    network = service["networkConfiguration"]["awsvpcConfiguration"]
    percent = service["deploymentConfiguration"]
    told: JsonObject = {
        "cluster_name": _cluster_of(service["serviceArn"]),
        "task_definition_arn": service["taskDefinition"],
        "subnet_ids": list(network["subnets"]),
        "security_group_ids": list(network.get("securityGroups", [])),
        "public_ip": network.get("assignPublicIp", "DISABLED") == "ENABLED",
        "target_group_arn": "",
        "registry_arn": "",
        "minimum_healthy": percent["minimumHealthyPercent"],
        "maximum": percent["maximumPercent"],
    }
    for balancer in service.get("loadBalancers", [])[:1]:
        told["target_group_arn"] = balancer["targetGroupArn"]
        told["container_name"] = balancer["containerName"]
        told["container_port"] = balancer["containerPort"]
        told["grace_period"] = service.get("healthCheckGracePeriodSeconds", 0)
    for registry in service.get("serviceRegistries", [])[:1]:
        told["registry_arn"] = registry["registryArn"]
        told["container_name"] = registry.get("containerName", "")
        told["container_port"] = registry.get("containerPort", 0)
    return told


def _sorted(value: JsonValue) -> list[str]:
    return sorted(map(str, value)) if isinstance(value, list) else []


def _is_newer(now: JsonValue, wanted: JsonValue) -> bool:
    """Whether a task definition is a later revision of the same family."""
    (family, _, revision), (asked, _, least) = str(now).rpartition(":"), str(wanted).rpartition(":")
    return bool(family) and family == asked and int(revision) > int(least)


def _network(props: ServiceProps) -> NetworkConfigurationTypeDef:
    return {
        "awsvpcConfiguration": {
            "subnets": list(props.subnet_ids),
            "securityGroups": list(props.security_group_ids),
            "assignPublicIp": "ENABLED" if props.public_ip else "DISABLED",
        }
    }


def _deployment(props: ServiceProps) -> DeploymentConfigurationTypeDef:
    return {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "minimumHealthyPercent": props.minimum_healthy,
        "maximumPercent": props.maximum,
    }


def _balancer(props: ServiceProps) -> LoadBalancerTypeDef:
    return {
        "targetGroupArn": props.target_group_arn,
        "containerName": props.container_name,
        "containerPort": props.container_port,
    }


def _registry(props: ServiceProps) -> ServiceRegistryTypeDef:
    return {
        "registryArn": props.registry_arn,
        "containerName": props.container_name,
        "containerPort": props.container_port,
    }


def _request(handle: Handle, props: ServiceProps) -> CreateServiceRequestTypeDef:
    request: CreateServiceRequestTypeDef = {
        "serviceName": handle.name,
        "cluster": props.cluster_name,
        "taskDefinition": props.task_definition_arn,
        "desiredCount": props.desired_count,
        "clientToken": handle.token,
        "launchType": "FARGATE",
        "networkConfiguration": _network(props),
        "deploymentConfiguration": _deployment(props),
        "propagateTags": "SERVICE",
        "enableExecuteCommand": False,
        "tags": [{"key": key, "value": value} for key, value in handle.tags.items()],
    }
    if props.target_group_arn:
        request["loadBalancers"] = [_balancer(props)]
        request["healthCheckGracePeriodSeconds"] = props.grace_period
    if props.registry_arn:
        request["serviceRegistries"] = [_registry(props)]
    return request

"""Auto Scaling groups of the simulator: their instances are started, watched, replaced and ended over time."""

import re
import uuid
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.elbv2.models import elbv2_backends

from provisioning.simulator import ec2_instances, ec2_launch_templates, elbv2_targets
from provisioning.simulator.operations import Refusal
from provisioning.simulator.world import Moment, event

# An image whose tag contains "broken" never answers, as in ECS here.
_BROKEN = re.compile(r":[\w.-]*broken")
_KEPT_ACTIVITIES = 100


@dataclass(frozen=True, kw_only=True)
class Template:
    """A launch template, and its version as it was asked for: a number, "$Latest" or "$Default"."""

    id: str
    name: str
    version: str

    def told(self) -> dict[str, str]:
        """As AWS shows it."""
        told = {"LaunchTemplateId": self.id, "LaunchTemplateName": self.name}
        return told | ({"Version": self.version} if self.version else {})


@dataclass(kw_only=True)
class Member:
    """An instance of a group."""

    id: str
    template: Template
    zone: str
    type: str
    broken: bool
    state: str = "Pending"
    health: str = "Healthy"
    #: Epoch seconds since when it is in service.
    since: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether it counts towards the desired capacity."""
        return self.state in {"Pending", "InService"}


@dataclass(kw_only=True)
class Group:
    """An Auto Scaling group."""

    name: str
    arn: str
    created: datetime
    template: Template
    minimum: int
    maximum: int
    desired: int
    subnets: tuple[str, ...]
    targets: list[str] = field(default_factory=list)
    health_check: str = "EC2"
    grace: int = 0
    warmup: int | None = None
    cooldown: int = 300
    termination: tuple[str, ...] = ("Default",)
    tags: list[dict[str, Any]] = field(default_factory=list)
    suspended: set[str] = field(default_factory=set)
    deleting: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    activities: list[dict[str, Any]] = field(default_factory=list)
    #: What a running instance refresh starts new instances with.
    wanted: Template | None = None
    #: How many more than desired a deployment of Elastic Beanstalk runs with.
    extra: int = 0
    #: Whether what Elastic Beanstalk puts on its instances never answers; None where their user data tells.
    broken: bool | None = None

    @property
    def alive(self) -> list[Member]:
        """The members that count."""
        return [member for member in self.members.values() if member.alive]


@dataclass(kw_only=True)
class Groups:
    """The groups of an account and region."""

    by_name: dict[str, Group] = field(default_factory=dict)


def clock(moment: Moment) -> datetime:
    """The moment as AWS writes it."""
    return datetime.fromtimestamp(moment.now, UTC)


def find(moment: Moment, name: str) -> Group | None:
    """A group by name."""
    return moment.notes(Groups).by_name.get(name)


def note(moment: Moment, group: Group, what: str, cause: str, *, failed: str = "") -> None:
    """Write down a scaling activity: `failed` is AWS's word for why."""
    now = clock(moment)
    activity = {
        "ActivityId": str(uuid.uuid4()),
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "Description": what,
        "Cause": f"At {now:%Y-%m-%dT%H:%M:%SZ} {cause}",
        "StartTime": now,
        "EndTime": now,
        "StatusCode": "Failed" if failed else "Successful",
        "Progress": 100,
    }
    group.activities.insert(0, activity | ({"StatusMessage": failed} if failed else {}))
    del group.activities[_KEPT_ACTIVITIES:]


def resolved(moment: Moment, template: Template) -> Template:
    """The same with the number of the version that is meant now."""
    found = ec2_launch_templates.template_of(moment, template.id)
    version = ec2_launch_templates.version_of(found, template.version)
    return Template(id=found.id, name=found.name, version=str(version.number))


def _is_broken(instance: Any) -> bool:
    text = b64decode(str(instance.user_data)).decode(errors="replace") if instance.user_data else ""
    return _BROKEN.search(text) is not None


def _subnet_for(moment: Moment, group: Group) -> str:
    """The subnet with the fewest of the group's instances."""
    used = [
        instance.subnet_id
        for member in group.alive
        if (instance := ec2_instances.find(moment, member.id)) is not None
    ]
    return min(group.subnets, key=used.count)


def _data(moment: Moment, group: Group, template: Template) -> dict[str, Any]:
    data = ec2_instances.merged(moment, {"LaunchTemplate": template.told()})
    subnet = _subnet_for(moment, group)
    interfaces = [dict(one) for one in data.get("NetworkInterfaces") or []]
    if interfaces:
        interfaces[0]["SubnetId"] = subnet
        data["NetworkInterfaces"] = interfaces
    else:
        data["SubnetId"] = subnet
    passed_on = [tag for tag in group.tags if tag.get("PropagateAtLaunch")]
    tags = [
        *({"Key": tag["Key"], "Value": tag.get("Value", "")} for tag in passed_on),
        {"Key": ec2_instances.GROUP_TAG, "Value": group.name},
    ]
    data["TagSpecifications"] = [
        *data.get("TagSpecifications", []),
        {"ResourceType": "instance", "Tags": tags},
    ]
    return data


def try_out(moment: Moment, group: Group) -> None:
    """Refuse a template that EC2 could start nothing with, as a dry run tells."""
    try:
        ec2_instances.check(moment, _data(moment, group, resolved(moment, group.template)))
    except Refusal as error:
        message = f"You must use a valid fully-formed launch template. {error.message}"
        raise Refusal("ValidationError", message) from None


def start(moment: Moment, group: Group) -> Member | None:
    """Start one more instance; None, and a failed activity, where EC2 refuses."""
    cause = "an instance was started in response to a difference between desired and actual capacity."
    try:
        template = resolved(moment, group.wanted or group.template)
        (instance,) = ec2_instances.launch(moment, _data(moment, group, template), 1)
    except Refusal as error:
        why = f"{error.message} Launching EC2 instance failed."
        note(moment, group, "Launching a new EC2 instance", cause, failed=why)
        moment.after("autoscaling.retry", "autoscaling.look", group.name)
        return None
    member = Member(
        id=instance.id,
        template=template,
        zone=instance.availability_zone,
        type=instance.instance_type,
        broken=_is_broken(instance) if group.broken is None else group.broken,
    )
    group.members[member.id] = member
    note(moment, group, f"Launching a new EC2 instance: {member.id}", cause)
    moment.after("autoscaling.launch", "autoscaling.in-service", group.name, member.id)
    return member


def stop(moment: Moment, group: Group, member: Member, cause: str) -> None:
    """End an instance of the group."""
    member.state = "Terminating"
    note(moment, group, f"Terminating EC2 instance: {member.id}", cause)
    instance = ec2_instances.find(moment, member.id)
    if instance is not None:
        ec2_instances.end(moment, instance)
    moment.after("ec2.terminate", "autoscaling.look", group.name)


@event("autoscaling.in-service")
def in_service(moment: Moment, name: str, identifier: str) -> None:
    """A new instance is in service and known to the target groups; its checks follow."""
    group = find(moment, name)
    member = group.members.get(identifier) if group else None
    if group is None or member is None or member.state != "Pending":
        return
    member.state, member.since = "InService", moment.now
    register(moment, group, member, group.targets)
    if member.broken and "ELB" in group.health_check:
        moment.later(moment.durations.scaled(group.grace), "autoscaling.unhealthy", name, identifier)


def register(moment: Moment, group: Group, member: Member, targets: Iterable[str]) -> None:
    """Have load balancers send requests to an instance, and find out how it does."""
    known = elbv2_backends[moment.account][moment.region].target_groups
    for arn in targets:
        if arn in known and member.state == "InService":
            elbv2_targets.register(moment, arn, member.id, int(known[arn].port or 80))
            moment.after("elbv2.health", "autoscaling.health", group.name, member.id, arn)


@event("autoscaling.health")
def health(moment: Moment, name: str, identifier: str, arn: str) -> None:
    """A load balancer has found out how an instance does."""
    group = find(moment, name)
    member = group.members.get(identifier) if group else None
    if member is not None:
        elbv2_targets.set_health(moment, arn, identifier, "unhealthy" if member.broken else "healthy")


@event("autoscaling.unhealthy")
def unhealthy(moment: Moment, name: str, identifier: str) -> None:
    """An instance still fails its checks when its grace period is over: it is replaced."""
    group = find(moment, name)
    member = group.members.get(identifier) if group else None
    if group is None or member is None or not group.targets or group.suspended & {"ReplaceUnhealthy"}:
        return
    if member.state == "InService" and "ELB" in group.health_check:
        member.health = "Unhealthy"
        stop(
            moment,
            group,
            member,
            "an instance was taken out of service in response to an ELB system health check failure.",
        )
        settle(moment, group)


def _notice_losses(moment: Moment, group: Group) -> None:
    for member in list(group.members.values()):
        instance = ec2_instances.find(moment, member.id)
        state = instance.state if instance is not None else "terminated"
        if state == "terminated":
            del group.members[member.id]
        elif member.alive and state in {"shutting-down", "stopping", "stopped"}:
            member.health = "Unhealthy"
            stop(
                moment,
                group,
                member,
                "an instance was taken out of service in response to an EC2 health check indicating it has been "
                "terminated or stopped.",
            )


def settle(moment: Moment, group: Group) -> None:
    """Start or end instances until as many as desired are there; a group that is to go does when none is left."""
    _notice_losses(moment, group)
    if group.deleting and not group.members:
        moment.notes(Groups).by_name.pop(group.name, None)
        return
    if group.wanted is not None:
        return  # the refresh that runs counts for itself
    missing = group.desired + group.extra - len(group.alive)
    for _ in range(missing):
        if "Launch" in group.suspended or start(moment, group) is None:
            return
    surplus = sorted(group.alive, key=lambda one: (one.template == group.template, one.since))
    for member in surplus[: max(0, -missing)]:
        stop(moment, group, member, "an instance was taken out of service to reduce the capacity.")


@event("autoscaling.look")
def look(moment: Moment, name: str) -> None:
    """The group looks after its instances."""
    group = find(moment, name)
    if group is not None:
        settle(moment, group)


def is_well(moment: Moment, group: Group, member: Member) -> bool:
    """Whether an instance is in service and passes the checks of every target group."""
    if member.state != "InService" or member.health != "Healthy":
        return False
    known = elbv2_backends[moment.account][moment.region].target_groups
    states: list[Mapping[str, str]] = [
        getattr(known[arn], "states", {}) for arn in group.targets if arn in known
    ]
    checked = "ELB" in group.health_check
    return not checked or all(one.get(member.id) == "healthy" for one in states)

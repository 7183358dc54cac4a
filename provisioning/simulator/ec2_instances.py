"""EC2 instances: started from templates as AWS merges them, over seconds, and gone over seconds."""

from collections.abc import Iterable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.models.instances import InstanceState, StateReason
from moto.elbv2.models import elbv2_backends
from moto.iam.models import iam_backends
from moto.ssm.models import ssm_backends

from provisioning.simulator import ec2_launch_templates, ec2_rules, ec2_tokens, elbv2_targets, interfaces
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

# A terminated instance is shown for about an hour (EC2 User Guide, "Terminate Amazon EC2 instances").
_SHOWN_SECONDS = 3600.0
_STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
GROUP_TAG = "aws:autoscaling:groupName"
# Not of the machine but of the request.
_OF_REQUEST = frozenset({"LaunchTemplate", "MinCount", "MaxCount", "ClientToken", "DryRun"})

_association: Any = NetworkInterface.association


def _whose(interface: NetworkInterface) -> dict[str, Any]:
    """An address that was given at a start is Amazon's; moto says that it is the account's."""
    told: dict[str, Any] = _association.fget(interface)
    return {**told, "ipOwnerId": "amazon"} if told and "allocationId" not in told else told


NetworkInterface.association = property(_whose)  # type: ignore[method-assign, assignment]  # see `_whose`


def backend_of(moment: Moment) -> EC2Backend:
    """moto's EC2 of this account and region."""
    return ec2_backends[moment.account][moment.region]


def find(moment: Moment, identifier: str) -> Any:
    """moto's model of an instance, or None."""
    return backend_of(moment).get_instance_by_id(identifier)


def _be(instance: Any, state: str) -> None:
    instance._state = InstanceState(state, _STATES[state])


def merged(moment: Moment, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a launch asks for: the data of its template, each part replaced by what the request says itself."""
    own = {name: value for name, value in params.items() if name not in _OF_REQUEST}
    named = params.get("LaunchTemplate")
    if not named:
        return own
    template = ec2_launch_templates.template_of(
        moment, str(named.get("LaunchTemplateId") or ""), str(named.get("LaunchTemplateName") or "")
    )
    version = ec2_launch_templates.version_of(template, str(named.get("Version") or ""))
    tags = [*version.data.get("TagSpecifications", []), *own.get("TagSpecifications", [])]
    return {**version.data, **own, "TagSpecifications": tags, "_template": (template.id, version.number)}


def _image(moment: Moment, text: str) -> str:
    """An AMI's id; "resolve:ssm:<parameter>" is looked up."""
    name = text.removeprefix("resolve:ssm:")
    if name == text:
        return text
    found = ssm_backends[moment.account][moment.region].get_parameters([name])
    if name not in found:
        raise Refusal(
            "InvalidParameterValue", f"The parameter {name} that the image is read from does not exist."
        )
    return str(found[name].value)


def _tags(data: Mapping[str, Any], kind: str) -> dict[str, str]:
    return {
        tag["Key"]: tag.get("Value", "")
        for item in data.get("TagSpecifications") or []
        if item.get("ResourceType") == kind
        for tag in item.get("Tags") or []
    }


def _profile(moment: Moment, asked: Mapping[str, str]) -> Any:
    for profile in iam_backends[moment.account]["aws"].instance_profiles.values():
        if asked.get("Name") == profile.name or asked.get("Arn") == profile.arn:
            return profile
    raise Refusal(
        "InvalidParameterValue",
        f"Value ({asked.get('Name') or asked.get('Arn')}) for parameter iamInstanceProfile.name is invalid. "
        "Invalid IAM Instance Profile name",
    )


def check(moment: Moment, data: Mapping[str, Any]) -> tuple[str, Any, ec2_rules.Placement]:
    """Refuse a launch that cannot be; gives its image, its instance profile and its place."""
    image = _image(moment, str(data.get("ImageId") or ""))
    profile = _profile(moment, data["IamInstanceProfile"]) if data.get("IamInstanceProfile") else None
    placement = ec2_rules.placement_of(moment, data)
    ec2_rules.check_machine(moment, image, str(data.get("InstanceType") or "m1.small"))
    return image, profile, placement


def launch(moment: Moment, data: Mapping[str, Any], count: int, token: str = "") -> list[Any]:
    """Start instances that are `pending` and run some seconds later; gives moto's models of them."""
    image, profile, placement = check(moment, data)
    made = [_start(moment, data, image, placement, token) for _ in range(count)]
    for instance in made:
        if profile is not None:
            backend_of(moment).associate_iam_instance_profile(
                instance_id=instance.id, iam_instance_profile_arn=profile.arn
            )
        if "_template" in data:
            template, version = data["_template"]
            instance.add_tags(
                {"aws:ec2launchtemplate:id": template, "aws:ec2launchtemplate:version": str(version)}
            )
        _be(instance, "pending")
        moment.after("ec2.start", "ec2.running", instance.id)
    return made


def _start(
    moment: Moment, data: Mapping[str, Any], image: str, placement: ec2_rules.Placement, token: str
) -> Any:
    backend, text = backend_of(moment), data.get("UserData")
    reservation = backend.run_instances(
        image,
        1,
        Base64EncodedString(str(text)) if text else None,
        [],
        instance_type=data.get("InstanceType") or "m1.small",
        is_instance_type_default=False,
        region_name=moment.region,
        subnet_id=placement.subnet,
        security_group_ids=list(placement.groups),
        associate_public_ip=placement.public,
        private_ip=interfaces.free_address(moment, placement.subnet),
        tags={"instance": _tags(data, "instance"), "volume": _tags(data, "volume")},
        block_device_mappings=data.get("BlockDeviceMappings") or [ec2_rules.ROOT],
        metadata_options=data.get("MetadataOptions") or {},
        monitoring_state="enabled" if (data.get("Monitoring") or {}).get("Enabled") else "disabled",
        client_token=token,
    )
    (instance,) = reservation.instances
    for eni in instance.nics.values():
        eni.delete_on_termination, eni.description = True, ""
        # Its own groups only: those of the instance would be listed twice.
        eni._group_set = list({group.id: group for group in instance.security_groups}.values())
    return instance


@operation("ec2", "RunInstances")
def run_instances(call: Call) -> object:
    """The same token gives the same instances, until one of them is terminated."""
    data = merged(call, call.params)
    count = int(call.params.get("MaxCount") or 1)
    ec2_tokens.refuse_dry_run(call)
    earlier = ec2_tokens.repeated(call)
    if earlier is not None:
        if any(one.state == "terminated" for one in earlier.instances):
            raise Refusal(
                "IdempotentInstanceTerminated",
                "The client token you have provided is associated with a resource that is already deleted.",
            )
        return ActionResult(earlier)
    made = launch(call, data, count, call.text("ClientToken"))
    reservation = _together(call, made)
    ec2_tokens.remember(call, reservation)
    return ActionResult(reservation)


def _together(moment: Moment, instances: list[Any]) -> Any:
    """One reservation for instances that were started one by one."""
    backend = backend_of(moment)
    first, *others = [
        key for key, one in backend.reservations.items() for inner in one.instances if inner in instances
    ]
    for key in others:
        del backend.reservations[key]
    backend.reservations[first].instances = instances
    return backend.reservations[first]


@event("ec2.running")
def running(moment: Moment, identifier: str) -> None:
    """An instance runs."""
    instance = find(moment, identifier)
    if instance is not None and instance.state == "pending":
        _be(instance, "running")


def _instances(call: Call) -> list[Any]:
    found = {one: find(call, one) for one in call.items("InstanceIds")}
    unknown = [one for one, instance in found.items() if instance is None]
    if unknown:
        raise Refusal("InvalidInstanceID.NotFound", f"The instance ID '{unknown[0]}' does not exist")
    return list(found.values())


def _changes(instances: Iterable[Any], before: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "InstanceId": one.id,
            "CurrentState": {"Code": one.state_code, "Name": one.state},
            "PreviousState": {"Code": _STATES[before[one.id]], "Name": before[one.id]},
        }
        for one in instances
    ]


@operation("ec2", "TerminateInstances")
def terminate_instances(call: Call) -> object:
    """`shutting-down`, then `terminated`; a group whose instance it was starts another."""
    instances = _instances(call)
    for instance in instances:
        if instance.disable_api_termination:
            raise Refusal(
                "OperationNotPermitted",
                f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination' "
                "instance attribute and try again.",
            )
    before = {one.id: one.state for one in instances}
    for instance in instances:
        end(call, instance)
    return {"TerminatingInstances": _changes(instances, before)}


def end(moment: Moment, instance: Any) -> None:
    """An instance is told to end, for good."""
    if instance.state in {"shutting-down", "terminated"}:
        return
    _be(instance, "shutting-down")
    instance.state_reason = StateReason(
        "Client.UserInitiatedShutdown: User initiated shutdown", "Client.UserInitiatedShutdown"
    )
    for arn in elbv2_backends[moment.account][moment.region].target_groups:
        elbv2_targets.deregister(moment, arn, instance.id)
    group = {tag["key"]: tag["value"] for tag in instance.get_tags()}.get(GROUP_TAG, "")
    if group:
        moment.after("autoscaling.notice", "autoscaling.look", group)
    moment.after("ec2.terminate", "ec2.terminated", instance.id)


@event("ec2.terminated")
def terminated(moment: Moment, identifier: str) -> None:
    """An instance is gone with its interfaces and its volumes; AWS shows it for an hour more."""
    instance = find(moment, identifier)
    if instance is None or instance.state == "terminated":
        return
    backend = backend_of(moment)
    for address in backend.addresses:
        if address.instance is instance:
            backend.disassociate_address(association_id=address.association_id)
    instance.terminate()
    interfaces.delete(moment, [eni.id for eni in instance.nics.values()])
    moment.later(moment.durations.scaled(_SHOWN_SECONDS), "ec2.forgotten", identifier)


@event("ec2.forgotten")
def forgotten(moment: Moment, identifier: str) -> None:
    """AWS no longer shows an instance that was terminated an hour ago."""
    backend = backend_of(moment)
    for key, reservation in list(backend.reservations.items()):
        reservation.instances = [one for one in reservation.instances if one.id != identifier]
        if not reservation.instances:
            del backend.reservations[key]


@operation("ec2", "StopInstances")
def stop_instances(call: Call) -> object:
    """`stopping`, then `stopped`; a public address that was given at the start is lost."""
    return _turn(call, "stopping", {"running", "stopping", "stopped"}, "ec2.stop", "StoppingInstances")


@operation("ec2", "StartInstances")
def start_instances(call: Call) -> object:
    """`pending`, then `running`."""
    return _turn(call, "pending", {"running", "pending", "stopped"}, "ec2.start", "StartingInstances")


def _turn(call: Call, state: str, allowed: set[str], duration: str, answer: str) -> object:
    instances = _instances(call)
    before = {one.id: one.state for one in instances}
    for instance in instances:
        if instance.state not in allowed:
            raise Refusal(
                "IncorrectInstanceState",
                f"The instance '{instance.id}' is not in a state from which it can be "
                f"{'stopped' if state == 'stopping' else 'started'}.",
            )
    done = {"stopping", "stopped"} if state == "stopping" else {"pending", "running"}
    for instance in instances:
        if instance.state not in done:
            _be(instance, state)
            call.after(duration, "ec2.stopped" if state == "stopping" else "ec2.started", instance.id)
    return {answer: _changes(instances, before)}


@event("ec2.stopped")
def stopped(moment: Moment, identifier: str) -> None:
    """An instance rests; its disks stay."""
    instance = find(moment, identifier)
    if instance is not None and instance.state == "stopping":
        instance.stop()
        _be(instance, "stopped")


@event("ec2.started")
def started(moment: Moment, identifier: str) -> None:
    """An instance that rested runs again."""
    instance = find(moment, identifier)
    if instance is not None and instance.state == "pending":
        instance.start()
        _be(instance, "running")

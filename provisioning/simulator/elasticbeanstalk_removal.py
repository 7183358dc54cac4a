"""How what an environment consists of goes: servers and balancer first, security groups when nothing uses them."""

from moto.ec2.models import EC2Backend, ec2_backends
from moto.elbv2.models import elbv2_backends

from provisioning.simulator import (
    ec2,
    ec2_autoscaling_groups,
    ec2_autoscaling_policies,
    ec2_autoscaling_refresh,
    elbv2_listeners,
)
from provisioning.simulator.elasticbeanstalk_resources import group_of
from provisioning.simulator.elasticbeanstalk_state import Environment, Resources, tell
from provisioning.simulator.world import Moment


def _backend(moment: Moment) -> EC2Backend:
    return ec2_backends[moment.account][moment.region]


def begin(moment: Moment, environment: Environment) -> None:
    """Have everything go that nothing else uses."""
    group = group_of(moment, environment)
    if group is not None:
        ec2_autoscaling_refresh.abandon(moment, group)
        ec2_autoscaling_policies.forget(moment, group.name)
        group.deleting, group.minimum, group.desired, group.extra = True, 0, 0, 0
        ec2_autoscaling_groups.settle(moment, group)
    _drop_balancer(moment, environment.resources)
    environment.resources.targets = ""
    template = environment.resources.template
    if template:
        backend = _backend(moment)
        backend.delete_launch_template(backend.launch_templates[template].name, None)
        environment.resources.template = ""


def _drop_balancer(moment: Moment, resources: Resources) -> None:
    backend = elbv2_backends[moment.account][moment.region]
    balancer = backend.load_balancers.get(resources.balancer)
    if balancer is not None:
        left: list[str] = getattr(balancer, "interface_ids", [])
        backend.delete_load_balancer(resources.balancer)
        elbv2_listeners.relink(moment)
        moment.after("elbv2.interfaces", "elbv2.interfaces-gone", *left)
    resources.balancer = ""
    if resources.targets in backend.target_groups:
        backend.delete_target_group(resources.targets)


def is_busy(moment: Moment, environment: Environment) -> bool:
    """Whether servers or interfaces are left that go by themselves."""
    groups = {environment.resources.security_group, environment.resources.balancer_group} - {""}
    left = [
        eni
        for eni in _backend(moment).enis.values()
        if groups & {group.id for group in eni.group_set} and eni.status == "in-use"
    ]
    return bool(left) or group_of(moment, environment) is not None


def finish(moment: Moment, environment: Environment) -> str:
    """Let the rest go; what keeps it, in AWS's words, if something of somebody else does."""
    backend, resources = _backend(moment), environment.resources
    if resources.address:
        backend.release_address(allocation_id=resources.address)
        resources.address = ""
    for name in ("security_group", "balancer_group"):
        identifier = getattr(resources, name)
        if not identifier:
            continue
        if ec2.is_named_elsewhere(moment, identifier, besides={resources.security_group}):
            return (
                f"Deleting security group named: {identifier} failed Reason: resource {identifier} has a dependent "
                "object"
            )
        backend.delete_security_group(group_id=identifier)
        tell(moment, environment, f"Deleted security group named: {identifier}")
        setattr(resources, name, "")
    return ""

"""ELBv2: a load balancer is provisioning for a while; its interfaces keep groups and subnets in use a little longer."""

from typing import Any

from moto.elbv2.models import elbv2_backends

from provisioning.simulator import interfaces
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

# Attributes that AWS tells of every application load balancer and moto leaves out.
_DEFAULTS = {
    "idle_timeout.timeout_seconds": "60",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http2.enabled": "true",
}


def _balancer(moment: Moment, arn: str) -> Any:
    return elbv2_backends[moment.account][moment.region].load_balancers.get(arn)


@operation("elbv2", "CreateLoadBalancer")
def create_load_balancer(call: Call) -> object:
    """`provisioning`, then `active`; one interface in each subnet."""
    _check_new(call)
    answer = call.forward()
    made = result_of(answer)["LoadBalancers"][0]
    made.state = "provisioning"
    made.activate = lambda: None
    for name, value in _DEFAULTS.items():
        made.attrs.setdefault(name, value)
    owner = interfaces.Owner(description=f"ELB {made.arn.split('loadbalancer/')[-1]}", requester="amazon-elb")
    made.interface_ids = [
        interfaces.create(call, owner, subnet=subnet.id, groups=made.security_groups, public=True).id
        for subnet in made.subnets
    ]
    call.after("elbv2.create", "elbv2.active", made.arn)
    return answer


def _check_new(call: Call) -> None:
    name = call.text("Name")
    if len(name) > 32:
        raise Refusal(
            "ValidationError", f"The load balancer name '{name}' cannot be longer than '32' characters."
        )
    if len(call.items("Subnets") or call.items("SubnetMappings")) < 2:
        raise Refusal(
            "ValidationError", "At least two subnets in two different Availability Zones must be given."
        )
    balancers = elbv2_backends[call.account][call.region].load_balancers.values()
    if any(one.name == name for one in balancers):
        raise Refusal("DuplicateLoadBalancerName", f"A load balancer with the name '{name}' exists.")


@event("elbv2.active")
def active(moment: Moment, arn: str) -> None:
    """It takes traffic."""
    balancer = _balancer(moment, arn)
    if balancer is not None:
        balancer.state = "active"


@operation("elbv2", "DeleteLoadBalancer")
def delete_load_balancer(call: Call) -> object:
    """Quiet when it is gone; its interfaces go some seconds later."""
    balancer = _balancer(call, call.text("LoadBalancerArn"))
    if balancer is None:
        return {}
    if str(balancer.attrs.get("deletion_protection.enabled")) == "true":
        raise Refusal(
            "OperationNotPermitted", "Load balancer cannot be deleted: deletion protection is enabled."
        )
    answer = call.forward()
    call.after("elbv2.interfaces", "elbv2.interfaces-gone", *balancer.interface_ids)
    return answer


@event("elbv2.interfaces-gone")
def interfaces_gone(moment: Moment, *ids: str) -> None:
    """Groups and subnets are free."""
    interfaces.delete(moment, ids)

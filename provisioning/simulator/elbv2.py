"""Load balancers: provisioned over a minute, refused where AWS refuses them, with interfaces that outlive them."""

import secrets
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer, elbv2_backends

from provisioning.simulator import elbv2_listeners, elbv2_rules, elbv2_targets, interfaces
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

__all__ = ["elbv2_targets"]

# Hosted zones of load balancers by region (AWS General Reference, "Elastic Load Balancing endpoints").
_ZONES = {
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-east-2": "Z3AADJGX6KTTL2",
    "us-west-1": "Z368ELLRRE2KJ0",
    "us-west-2": "Z1H1FL5HABSF5",
    "ca-central-1": "ZQSVJUPU6J1EY",
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "eu-west-2": "ZHURV8PSTC4K8",
    "eu-west-3": "Z3Q77PNBQS71R4",
    "eu-north-1": "Z23TAZ6LKFMNIO",
    "eu-south-1": "Z3ULH7SSC9OV64",
    "eu-south-2": "Z0956581394HF5D5LXGAP",
    "sa-east-1": "Z2P70J7HTTTPLU",
    "ap-southeast-1": "Z1LMS91P8CMLE5",
    "ap-southeast-2": "Z1GM3OXH4ZPM65",
    "ap-northeast-1": "Z14GRHDCWA56QT",
}
#: Attributes of an application load balancer with AWS's defaults, which moto leaves out in part.
_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "client_keep_alive.seconds": "3600",
    "idle_timeout.timeout_seconds": "60",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}


def _stay(balancer: object) -> None:
    """moto makes a load balancer active when it is looked at; ours becomes active when its time has come."""


FakeLoadBalancer.activate = _stay  # type: ignore[method-assign, assignment]  # see `_stay`


def _backend_of(moment: Moment) -> ELBv2Backend:
    return elbv2_backends[moment.account][moment.region]


def _balancer_of(moment: Moment, arn: str) -> Any:
    found = _backend_of(moment).load_balancers.get(arn)
    if found is None:
        raise Refusal("LoadBalancerNotFound", f"Load balancers '[{arn}]' not found")
    return found


def _settings(call: Call) -> dict[str, Any]:
    return {
        "subnets": sorted(elbv2_rules.subnet_ids(call)),
        "groups": sorted(call.items("SecurityGroups")),
        "scheme": call.text("Scheme") or "internet-facing",
        "type": call.text("Type") or "application",
        "addresses": call.text("IpAddressType") or "ipv4",
    }


def _existing(call: Call) -> Any:
    name = call.text("Name")
    for balancer in _backend_of(call).load_balancers.values():
        if balancer.name != name:
            continue
        if balancer.asked_for == _settings(call):  # type: ignore[attr-defined]  # noted at creation
            return balancer
        raise Refusal(
            "DuplicateLoadBalancerName",
            f"A load balancer with the same name '{name}' exists, but with different settings",
        )
    return None


def _place(moment: Moment, balancer: Any) -> None:
    kept = {}
    ec2 = ec2_backends[moment.account][moment.region]
    for identifier in getattr(balancer, "interface_ids", []):
        if identifier in ec2.enis:
            kept[ec2.enis[identifier].subnet.id] = identifier
    wanted = [subnet.id for subnet in balancer.subnets]
    interfaces.delete(moment, [eni for subnet, eni in kept.items() if subnet not in wanted])
    owner = interfaces.Owner(
        description=f"ELB {balancer.arn.partition('loadbalancer/')[2]}", requester="amazon-elb"
    )
    balancer.interface_ids = [
        kept.get(subnet)
        or interfaces.create(
            moment,
            owner,
            subnet=subnet,
            groups=balancer.security_groups,
            public=balancer.scheme == "internet-facing",
        ).id
        for subnet in wanted
    ]


@operation("elbv2", "CreateLoadBalancer")
def create_load_balancer(call: Call) -> object:
    """The same settings give the same load balancer; a new one is `provisioning`, then `active`."""
    elbv2_rules.check_name(call.text("Name"), "load balancer")
    existing = _existing(call)
    if existing is not None:
        return {"LoadBalancers": [existing]}
    call.params.setdefault("Scheme", "internet-facing")
    if _settings(call)["type"] == "application":
        elbv2_rules.check_placement(call)
    answer = call.forward()
    provision(call, result_of(answer)["LoadBalancers"][0], _settings(call))
    return answer


def provision(moment: Moment, balancer: Any, asked_for: dict[str, Any]) -> None:
    """Give a load balancer that moto has just made what moto leaves out, and let it become active in its own time."""
    balancer.asked_for = asked_for
    balancer.attrs.update(_ATTRIBUTES)
    balancer.canonical_hosted_zone_id = _ZONES.get(moment.region, "Z35SXDOTRQ7X7K")
    prefix = "internal-" if balancer.scheme == "internal" else ""
    balancer.dns_name = (
        f"{prefix}{balancer.name}-{secrets.randbelow(10**10)}.{moment.region}.elb.amazonaws.com".lower()
    )
    if not balancer.security_groups and balancer.type == "application":
        default = ec2_backends[moment.account][moment.region].get_default_security_group(balancer.vpc_id)
        balancer.security_groups = [default.id] if default else []
    _place(moment, balancer)
    balancer.state = "provisioning"
    moment.after("elbv2.create", "elbv2.active", balancer.arn)


@event("elbv2.active")
def active(moment: Moment, arn: str) -> None:
    """A load balancer takes traffic."""
    balancer = _backend_of(moment).load_balancers.get(arn)
    if balancer is not None:
        balancer.state = "active"


@operation("elbv2", "DeleteLoadBalancer")
def delete_load_balancer(call: Call) -> object:
    """Gone at once, with its listeners; its interfaces stay in the subnets for some seconds."""
    balancer: Any = _backend_of(call).load_balancers.get(call.text("LoadBalancerArn"))
    if balancer is None:
        return call.forward()
    if balancer.attrs.get("deletion_protection.enabled") == "true":
        raise Refusal(
            "OperationNotPermitted",
            f"Load balancer '{balancer.arn}' cannot be deleted because deletion protection is enabled",
        )
    answer = call.forward()
    elbv2_listeners.relink(call)
    call.after("elbv2.interfaces", "elbv2.interfaces-gone", *balancer.interface_ids)
    return answer


@event("elbv2.interfaces-gone")
def interfaces_gone(moment: Moment, *ids: str) -> None:
    """The interfaces of a deleted load balancer are taken out of their subnets."""
    interfaces.delete(moment, ids)


@operation("elbv2", "SetSubnets")
def set_subnets(call: Call) -> object:
    """Needs as many zones as a new load balancer."""
    balancer = _balancer_of(call, call.text("LoadBalancerArn"))
    elbv2_rules.check_placement(call)
    answer = call.forward()
    _place(call, balancer)
    balancer.asked_for["subnets"] = sorted(elbv2_rules.subnet_ids(call))
    return answer


@operation("elbv2", "SetSecurityGroups")
def set_security_groups(call: Call) -> object:
    """The interfaces get the groups too."""
    balancer = _balancer_of(call, call.text("LoadBalancerArn"))
    elbv2_rules.check_security_groups(call, call.items("SecurityGroups"))
    answer = call.forward()
    interfaces.regroup(call, balancer.interface_ids, call.items("SecurityGroups"))
    balancer.asked_for["groups"] = sorted(call.items("SecurityGroups"))
    return answer

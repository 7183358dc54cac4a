"""Listeners and rules: idempotent as AWS's are, and the links from target groups and certificates to balancers."""

import copy
from collections.abc import Iterator
from typing import Any

from moto.acm.models import acm_backends
from moto.elbv2.models import ELBv2Backend, elbv2_backends

from provisioning.simulator import elbv2_rules, elbv2_sign_in
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment


def _backend_of(moment: Moment) -> ELBv2Backend:
    return elbv2_backends[moment.account][moment.region]


def targets_of(backend: ELBv2Backend, balancer: Any) -> Iterator[str]:
    """ARNs of the target groups that a load balancer's listeners and rules forward to."""
    for listener in balancer.listeners.values():
        for rule in listener.rules.values():
            for action in rule.actions:
                yield from backend._get_target_group_arns_from(action_data=action.data)


def relink(moment: Moment) -> None:
    """Note on every target group and certificate which load balancers use it now."""
    backend = _backend_of(moment)
    users: dict[str, list[str]] = {}
    for balancer in backend.load_balancers.values():
        for arn in targets_of(backend, balancer):
            users.setdefault(arn, [])
            if balancer.arn not in users[arn]:
                users[arn].append(balancer.arn)
        for listener in balancer.listeners.values():
            for used in listener.certificates:
                users.setdefault(used, []).append(balancer.arn)
    for group in backend.target_groups.values():
        group.load_balancer_arns = users.get(group.arn, [])
    for arn, certificate in acm_backends[moment.account][moment.region]._certificates.items():
        others = [user for user in certificate.in_use_by if ":elasticloadbalancing:" not in user]
        certificate.in_use_by = [*others, *users.get(arn, [])]


def _check_forwards(call: Call, actions: list[dict[str, Any]], balancer: Any) -> None:
    backend = _backend_of(call)
    for action in actions:
        many = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        for arn in {action.get("TargetGroupArn"), *(item.get("TargetGroupArn") for item in many)} - {None}:
            group = backend.target_groups.get(str(arn))
            if group is None:
                raise Refusal("TargetGroupNotFound", f"Target groups '{arn}' not found")
            if set(group.load_balancer_arns) - {balancer.arn}:
                raise Refusal(
                    "TargetGroupAssociationLimit",
                    f"The following target groups cannot be associated with more than one load balancer: {arn}",
                )
            if group.vpc_id != balancer.vpc_id:
                raise elbv2_rules.invalid(
                    f"The target group '{arn}' and the load balancer are not in the same VPC"
                )


def _asked_for(call: Call) -> dict[str, Any]:
    names = ("Port", "Protocol", "DefaultActions", "Certificates", "SslPolicy")
    return copy.deepcopy({name: call.params.get(name) for name in names})


@operation("elbv2", "CreateListener")
def create_listener(call: Call) -> object:
    """The same settings give the same listener; others on a port that is taken are refused."""
    balancer = _backend_of(call).load_balancers.get(call.text("LoadBalancerArn"))
    if balancer is None:
        raise Refusal("LoadBalancerNotFound", f"Load balancers '[{call.text('LoadBalancerArn')}]' not found")
    asked_for = _asked_for(call)
    for listener in balancer.listeners.values():
        if str(listener.port) != call.text("Port"):
            continue
        if getattr(listener, "asked_for", None) == asked_for:
            return {"Listeners": [listener]}
        raise Refusal(
            "DuplicateListener",
            f"A listener already exists on this port for this load balancer '{balancer.arn}'",
        )
    elbv2_sign_in.check(call, call.items("DefaultActions"), call.text("Protocol"))
    elbv2_rules.check_certificates(call)
    _check_forwards(call, call.items("DefaultActions"), balancer)
    answer = call.forward()
    made: Any = result_of(answer)["Listeners"][0]
    made.asked_for = asked_for
    relink(call)
    return answer


def _listener_balancer(call: Call, listener_arn: str) -> Any:
    for balancer in _backend_of(call).load_balancers.values():
        if listener_arn in balancer.listeners:
            return balancer
    return None


@operation("elbv2", "ModifyListener")
def modify_listener(call: Call) -> object:
    """Checked as a new listener is."""
    balancer = _listener_balancer(call, call.text("ListenerArn"))
    if balancer is not None:
        elbv2_rules.check_certificates(call)
        _check_forwards(call, call.items("DefaultActions"), balancer)
        protocol = call.text("Protocol") or balancer.listeners[call.text("ListenerArn")].protocol
        elbv2_sign_in.check(call, call.items("DefaultActions"), protocol)
        listener: Any = balancer.listeners[call.text("ListenerArn")]
        changed = {name: value for name, value in _asked_for(call).items() if value is not None}
        listener.asked_for = {**getattr(listener, "asked_for", {}), **changed}
    return _then_relink(call)


@operation("elbv2", "CreateRule")
def create_rule(call: Call) -> object:
    """Forwards only to target groups that exist and are free for this load balancer."""
    balancer = _listener_balancer(call, call.text("ListenerArn"))
    if balancer is not None:
        _check_forwards(call, call.items("Actions"), balancer)
    return _then_relink(call)


@operation(
    "elbv2",
    "DeleteListener",
    "ModifyRule",
    "DeleteRule",
    "AddListenerCertificates",
    "RemoveListenerCertificates",
)
def change_links(call: Call) -> object:
    """moto's part, and the links after it."""
    return _then_relink(call)


def _then_relink(call: Call) -> object:
    answer = call.forward()
    relink(call)
    return answer

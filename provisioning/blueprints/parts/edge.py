"""Edge: the load balancer, before two colours or before servers, and HTTPS where a domain is given."""

from __future__ import annotations

from typing import Literal

from provisioning.blueprints.options import DomainOptions
from provisioning.blueprints.parts.domain import alias
from provisioning.blueprints.parts.network import PUBLIC_SUBNETS
from provisioning.kinds.elbv2_listener import ListenerProps, SignIn, WeightedTarget
from provisioning.kinds.elbv2_load_balancer import LoadBalancerProps
from provisioning.kinds.elbv2_target_group import TargetGroupProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec


def load_balancer(
    spec: Spec, options: DomainOptions, *, sign_in: SignIn | None = None
) -> tuple[Resource, ...]:
    """An application load balancer. Both colours hang on its listener, so that ECS accepts both; blue has the
    traffic until a deployment moves it. `sign_in`: who must say who they are; its own health checks need not."""
    colours = (
        WeightedTarget(target_group_arn=ref("blue", "arn"), weight=100),
        WeightedTarget(target_group_arn=ref("green", "arn"), weight=0),
    )
    return (
        _target_group(spec, "blue", "Blue target group"),
        _target_group(spec, "green", "Green target group"),
        *_balancer(colours, options, sign_in),
    )


def balancer_of_servers(
    spec: Spec, options: DomainOptions, *, sign_in: SignIn | None = None
) -> tuple[Resource, ...]:
    """An application load balancer with one target group, "targets", that an Auto Scaling group fills. `sign_in`: who
    must say who they are; its own health checks need not."""
    targets = (WeightedTarget(target_group_arn=ref("targets", "arn")),)
    return (
        _target_group(spec, "targets", "Target group of the servers", target_type="instance"),
        *_balancer(targets, options, sign_in),
    )


def _balancer(
    forward: tuple[WeightedTarget, ...], options: DomainOptions, sign_in: SignIn | None
) -> tuple[Resource, ...]:
    balancer = ref("load-balancer", "arn")
    http = (
        ListenerProps(load_balancer_arn=balancer, port=80, protocol="HTTP", redirect_to_https=True)
        if options.domain
        else ListenerProps(load_balancer_arn=balancer, port=80, protocol="HTTP", forward=forward)
    )
    return (
        Resource(
            key="load-balancer",
            props=LoadBalancerProps(
                subnet_ids=PUBLIC_SUBNETS, security_group_ids=(ref("load-balancer-group"),)
            ),
            after=("internet-gateway",),
        ),
        Resource(key="http-listener", title="Listener on port 80", props=http),
        *(_https(options, forward, sign_in) if options.domain else ()),
    )


def traffic_listener(domain: str) -> str:
    """The key of the listener that forwards."""
    return "https-listener" if domain else "http-listener"


def _target_group(
    spec: Spec, key: str, title: str, *, target_type: Literal["ip", "instance"] = "ip"
) -> Resource:
    props = TargetGroupProps(
        vpc_id=ref("vpc"), port=spec.port, target_type=target_type, health_path=spec.health_path
    )
    return Resource(key=key, title=title, props=props)


def _https(
    options: DomainOptions, forward: tuple[WeightedTarget, ...], sign_in: SignIn | None
) -> tuple[Resource, ...]:
    return (
        Resource(
            key="https-listener",
            title="Listener on port 443",
            props=ListenerProps(
                load_balancer_arn=ref("load-balancer", "arn"),
                port=443,
                protocol="HTTPS",
                certificate_arn=ref("certificate", "arn"),
                forward=forward,
                sign_in=sign_in,
            ),
            after=("certificate-validation",),
        ),
        alias(options, ref("load-balancer", "dns_name"), ref("load-balancer", "zone_id")),
    )

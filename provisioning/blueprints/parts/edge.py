"""Edge: the load balancer, before two colours or before servers, and HTTPS where a domain is given."""

from __future__ import annotations

from typing import Literal

from provisioning.blueprints.parts.network import PUBLIC_SUBNETS
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.elbv2_listener import ListenerProps, SignIn, WeightedTarget
from provisioning.kinds.elbv2_load_balancer import LoadBalancerProps
from provisioning.kinds.elbv2_target_group import TargetGroupProps
from provisioning.kinds.route53_record import RecordProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec


def certificate(domain: str, zone: str) -> tuple[Resource, ...]:
    """A certificate, the record that proves the domain is ours, and the wait until AWS has seen it."""
    if not domain:
        return ()
    return (
        Resource(key="certificate", props=CertificateProps(domain=domain)),
        Resource(
            key="certificate-record",
            title="DNS record that validates the certificate",
            props=RecordProps(
                zone_id=zone,
                name=ref("certificate", "validation_name"),
                type="CNAME",
                values=(ref("certificate", "validation_value"),),
            ),
        ),
        Resource(
            key="certificate-validation",
            title="Certificate validation",
            props=ValidationProps(certificate_arn=ref("certificate", "arn")),
            after=("certificate-record",),
        ),
    )


def load_balancer(
    spec: Spec, *, domain: str, zone: str, sign_in: SignIn | None = None
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
        *_balancer(colours, domain, zone, sign_in),
    )


def balancer_of_servers(
    spec: Spec, *, domain: str, zone: str, sign_in: SignIn | None = None
) -> tuple[Resource, ...]:
    """An application load balancer with one target group, "targets", that an Auto Scaling group fills. `sign_in`: who
    must say who they are; its own health checks need not."""
    targets = (WeightedTarget(target_group_arn=ref("targets", "arn")),)
    return (
        _target_group(spec, "targets", "Target group of the servers", target_type="instance"),
        *_balancer(targets, domain, zone, sign_in),
    )


def _balancer(
    forward: tuple[WeightedTarget, ...], domain: str, zone: str, sign_in: SignIn | None
) -> tuple[Resource, ...]:
    balancer = ref("load-balancer", "arn")
    http = (
        ListenerProps(load_balancer_arn=balancer, port=80, protocol="HTTP", redirect_to_https=True)
        if domain
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
        *(_https(domain, zone, forward, sign_in) if domain else ()),
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
    domain: str, zone: str, forward: tuple[WeightedTarget, ...], sign_in: SignIn | None
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
        Resource(
            key="domain-record",
            title=f"DNS record of {domain}",
            props=RecordProps(
                zone_id=zone,
                name=domain,
                type="A",
                alias_dns=ref("load-balancer", "dns_name"),
                alias_zone_id=ref("load-balancer", "zone_id"),
            ),
        ),
    )

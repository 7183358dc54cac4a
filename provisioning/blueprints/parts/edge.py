"""Edge: the load balancer with its two colours, and HTTPS where a domain is given."""

from __future__ import annotations

from provisioning.blueprints.parts.network import PUBLIC_SUBNETS
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.elbv2_listener import ListenerProps, WeightedTarget
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


def load_balancer(spec: Spec, *, domain: str, zone: str) -> tuple[Resource, ...]:
    """An application load balancer. Both colours hang on its listener, so that ECS accepts both; blue has the
    traffic until a deployment moves it."""
    colours = (
        WeightedTarget(target_group_arn=ref("blue", "arn"), weight=100),
        WeightedTarget(target_group_arn=ref("green", "arn"), weight=0),
    )
    balancer = ref("load-balancer", "arn")
    http = (
        ListenerProps(load_balancer_arn=balancer, port=80, protocol="HTTP", redirect_to_https=True)
        if domain
        else ListenerProps(load_balancer_arn=balancer, port=80, protocol="HTTP", forward=colours)
    )
    return (
        Resource(
            key="load-balancer",
            props=LoadBalancerProps(
                subnet_ids=PUBLIC_SUBNETS, security_group_ids=(ref("load-balancer-group"),)
            ),
            after=("internet-gateway",),
        ),
        _target_group(spec, "blue"),
        _target_group(spec, "green"),
        Resource(key="http-listener", title="Listener on port 80", props=http),
        *(_https(domain, zone, colours) if domain else ()),
    )


def traffic_listener(domain: str) -> str:
    """The key of the listener that forwards to the colours."""
    return "https-listener" if domain else "http-listener"


def _target_group(spec: Spec, colour: str) -> Resource:
    return Resource(
        key=colour,
        title=f"{'Blue' if colour == 'blue' else 'Green'} target group",
        props=TargetGroupProps(vpc_id=ref("vpc"), port=spec.port, health_path=spec.health_path),
    )


def _https(domain: str, zone: str, colours: tuple[WeightedTarget, ...]) -> tuple[Resource, ...]:
    return (
        Resource(
            key="https-listener",
            title="Listener on port 443",
            props=ListenerProps(
                load_balancer_arn=ref("load-balancer", "arn"),
                port=443,
                protocol="HTTPS",
                certificate_arn=ref("certificate", "arn"),
                forward=colours,
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

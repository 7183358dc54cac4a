"""Firewall: what WAF lets through, to a load balancer or to CloudFront."""

from __future__ import annotations

from provisioning.blueprints.options import FirewallOptions
from provisioning.kinds.wafv2_association import AssociationProps
from provisioning.kinds.wafv2_web_acl import WebAclProps
from provisioning.references import ref
from provisioning.resource import Resource

HOME = "us-east-1"  # where CloudFront and what belongs to it live, whatever the environment's region
CLOUDFRONT_FIREWALL = "cloudfront-firewall"
# This rule refuses bodies of more than 8 KB, and with them every upload; here it only counts.
_COUNTED = ("AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY",)


def firewall_of_balancer() -> tuple[Resource, ...]:
    """AWS's rule groups and a limit for each address, before the load balancer."""
    return (
        Resource(key="firewall", title="Web application firewall", props=WebAclProps(counted=_COUNTED)),
        Resource(
            key="firewall-balancer",
            title="Firewall of the load balancer",
            props=AssociationProps(
                web_acl_arn=ref("firewall", "arn"), resource_arn=ref("load-balancer", "arn")
            ),
        ),
    )


def firewall_of_cloudfront(options: FirewallOptions) -> tuple[Resource, ...]:
    """The same before CloudFront, where its own scope is: no association, for the distribution names it."""
    if not options.firewall:
        return ()
    return (
        Resource(
            key=CLOUDFRONT_FIREWALL,
            title="Web application firewall",
            region=HOME,
            props=WebAclProps(scope="CLOUDFRONT", counted=_COUNTED),
        ),
    )

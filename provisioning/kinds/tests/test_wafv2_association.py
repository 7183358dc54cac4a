"""What is peculiar to an association: a load balancer has one web ACL, and that of others stays there."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NameTaken, NotYet
from provisioning.kind import kind_named
from provisioning.kinds.tests.contract import Build, MakeHandle, check_cuts, gone, patiently, settled
from provisioning.kinds.tests.network import Network
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.kinds.wafv2_association import AssociationProps
from provisioning.kinds.wafv2_web_acl import WebAclProps
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "wafv2.association"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/shop/12345678-1234-1234-1234-123456789012",
        "resource_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1",
    },
)
WEB_ACL = "wafv2.web_acl"


@pytest.fixture
def balancer(aws: Aws, build: Build) -> str:
    return build("balancer", Network(aws, build).balancer()).id


def _props(build: Build, balancer: str, key: str = "firewall") -> AssociationProps:
    return AssociationProps(web_acl_arn=build(key, WebAclProps()).id, resource_arn=balancer)


def _associate(aws: Aws, handle: MakeHandle, props: AssociationProps) -> None:
    """As the engine does: again and again until WAF knows the web ACL."""
    patiently(lambda: kind_named(KIND).create(aws, handle("firewall-balancer", KIND), props))


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, build: Build, balancer: str) -> None:
    kind, noted = kind_named(KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    wanted, other = _props(build, balancer), _props(build, balancer, "other")
    known = handle("firewall-balancer", KIND, id=balancer)
    noted.actions.clear()
    assert kind.read(aws, known) is None
    _associate(aws, handle, wanted)
    before = settled(aws, known, wanted)
    assert set(kind.differences(other.dump(), before)) == {"web_acl_arn"}
    patiently(lambda: kind.update(aws, known, other, before))
    settled(aws, known, other)
    gone(aws, known, KIND)
    assert set(kind.permissions) - noted.actions == {"elasticloadbalancing:SetWebAcl", "wafv2:GetWebACL"}
    assert noted.actions < set(kind.permissions)


def test_it_is_made_by_one_call_after_a_look(
    aws: Aws, handle: MakeHandle, build: Build, balancer: str
) -> None:
    props = _props(build, balancer)
    _associate(aws, handle, props)  # from now on WAF knows the web ACL
    known = handle("firewall-balancer", KIND, id=balancer)
    gone(aws, known, KIND)

    assert check_cuts(aws, known, props) == 1


def test_the_web_acl_of_somebody_else_stays(
    aws: Aws, handle: MakeHandle, build: Build, balancer: str
) -> None:
    theirs = _props(build, balancer, "theirs")
    _associate(aws, handle, theirs)

    with pytest.raises(NameTaken, match="another one"):
        kind_named(KIND).create(aws, handle("firewall-balancer", KIND), _props(build, balancer))

    there: Any = aws.wafv2.get_web_acl_for_resource(ResourceArn=balancer)
    assert there["WebACL"]["ARN"] == theirs.web_acl_arn


def test_a_web_acl_goes_when_it_stands_nowhere_any_more(
    aws: Aws, handle: MakeHandle, build: Build, balancer: str
) -> None:
    props = _props(build, balancer)
    _associate(aws, handle, props)

    kind_named(KIND).delete(aws, handle("firewall-balancer", KIND, id=balancer))

    gone(aws, handle("firewall", WEB_ACL, id=props.web_acl_arn), WEB_ACL)


def test_without_its_load_balancer_it_is_gone(
    aws: Aws, handle: MakeHandle, build: Build, balancer: str
) -> None:
    _associate(aws, handle, _props(build, balancer))
    aws.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
    known = handle("firewall-balancer", KIND, id=balancer)

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


def test_a_web_acl_that_waf_does_not_know_everywhere_is_waited_for(
    aws: Aws, handle: MakeHandle, build: Build, balancer: str, simulator: Simulator
) -> None:
    simulator.fault(service="wafv2", operation="AssociateWebACL", code="WAFUnavailableEntityException")

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("firewall-balancer", KIND), _props(build, balancer))


def test_its_id_is_told_by_its_properties(handle: MakeHandle) -> None:
    arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1"
    kind, ours = kind_named(KIND), handle("firewall-balancer", KIND)

    assert kind.identify(ours, AssociationProps(web_acl_arn="a", resource_arn=arn).dump()) == arn
    unknown = AssociationProps(web_acl_arn="${firewall.arn}", resource_arn="${balancer.arn}")
    assert kind.identify(ours, unknown.dump()) is None


def test_only_an_application_load_balancer_takes_one() -> None:
    network = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/shop/1"

    with pytest.raises(ValidationError, match="application load balancers"):
        AssociationProps(web_acl_arn="a", resource_arn=network)

"""What is peculiar to a listener: a deployment's weights are nobody else's, and one port has one listener."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named, kind_of
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.cognito_user_pool import UserPoolProps
from provisioning.kinds.cognito_user_pool_client import UserPoolClientProps
from provisioning.kinds.cognito_user_pool_domain import UserPoolDomainProps
from provisioning.kinds.elbv2_listener import ListenerProps, SignIn, WeightedTarget
from provisioning.kinds.route53_record import RecordProps
from provisioning.kinds.tests.contract import (
    Build,
    MakeHandle,
    check_contract,
    check_cuts,
    handle_for,
    settled,
)
from provisioning.kinds.tests.network import Network
from provisioning.references import JsonObject

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ActionTypeDef

pytestmark = pytest.mark.simulator
KIND = "elbv2.listener"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "load_balancer_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1",
        "port": 80,
        "forward": [
            {
                "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1",
                "weight": 1,
            }
        ],
    },
    {
        "load_balancer_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1",
        "port": 80,
        "redirect_to_https": True,
    },
    {
        "load_balancer_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1",
        "port": 443,
        "protocol": "HTTPS",
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
        "forward": [
            {
                "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1",
                "weight": 1,
            }
        ],
        "sign_in": {
            "pool_arn": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_aB12cD34e",
            "client_id": "1h57kf5cpq17m0eml12EXAMPLE",
            "domain": "shop-sabcdefg",
        },
    },
)
COLOURS = ("blue", "green", "red")


class Edge:
    """A load balancer and three target groups."""

    def __init__(self, aws: Aws, build: Build) -> None:
        self.network = Network(aws, build)
        self.balancer = build("load-balancer", self.network.balancer()).id
        self.targets = {name: build(name, self.network.targets()).id for name in COLOURS}

    def props(self, *, blue: int = 100, green: int = 0, **changes: object) -> ListenerProps:
        """Forwards to blue and green."""
        return ListenerProps.model_validate(
            {
                "load_balancer_arn": self.balancer,
                "port": 80,
                "forward": self.forward(blue=blue, green=green),
                **changes,
            }
        )

    def forward(self, **weights: int) -> list[dict[str, object]]:
        """Target groups and their weights."""
        return [
            WeightedTarget(target_group_arn=self.targets[name], weight=weight).model_dump()
            for name, weight in weights.items()
        ]

    def weights(self, aws: Aws, arn: str) -> dict[str, int]:
        """The weights that the listener has now, by the target group's key."""
        action = aws.elbv2.describe_listeners(ListenerArns=[arn])["Listeners"][0]["DefaultActions"][0]
        now = {one["TargetGroupArn"]: one["Weight"] for one in action["ForwardConfig"]["TargetGroups"]}
        return {name: now[arn] for name, arn in self.targets.items() if arn in now}


@pytest.fixture
def edge(aws: Aws, build: Build) -> Edge:
    return Edge(aws, build)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, edge: Edge) -> None:
    changes = [
        edge.props(port=8080),
        edge.props(forward=edge.forward(blue=50, red=50)),
        edge.props(forward=(), redirect_to_https=True),
        edge.props(),
    ]

    check_contract(
        aws,
        handle("http-listener", KIND),
        edge.props(),
        changes=changes,
        attributes=["arn"],
        also_permitted=["elasticloadbalancing:AddTags"],  # CreateListener with tags
    )


def _issued(build: Build, zone: str, domain: str) -> str:
    """The ARN of a certificate that proves its domain."""
    told = build(f"certificate-{domain[0]}", CertificateProps(domain=domain)).attributes
    name, value = told["validation_name"], told["validation_value"]
    build(f"record-{domain[0]}", RecordProps(zone_id=zone, name=name, type="CNAME", values=(value,)))
    props = ValidationProps(certificate_arn=told["arn"])
    return build(f"validation-{domain[0]}", props, id=told["arn"]).id


def test_with_a_certificate_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    one, other = (_issued(build, zone, f"{name}.example.com") for name in ("a", "b"))
    secure = edge.props(port=443, protocol="HTTPS", certificate_arn=one)
    changes = [
        edge.props(port=443, protocol="HTTPS", certificate_arn=other),
        edge.props(
            port=443,
            protocol="HTTPS",
            certificate_arn=other,
            ssl_policy="ELBSecurityPolicy-TLS13-1-3-2021-06",
        ),
    ]

    check_contract(aws, handle("https-listener", KIND), secure, changes=changes)


def _people(build: Build) -> dict[str, str]:
    """A pool whose people sign in for a load balancer."""
    pool = build("users", UserPoolProps()).attributes
    callback = "https://a.example.com/oauth2/idpresponse"
    client = UserPoolClientProps(pool_id=pool["id"], callback_urls=(callback,))
    made = build(
        "users-client", client, id=f"{pool['id']}/{handle_for('users-client', kind_of(client).name).name}"
    )
    domain = build("users-domain", UserPoolDomainProps(pool_id=pool["id"]))
    return {"pool_arn": pool["arn"], "client_id": made.attributes["client_id"], "domain": domain.id}


def test_people_sign_in_before_they_come_through_and_a_deployment_does_not_let_others_in(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    open_to_all = edge.props(
        port=443, protocol="HTTPS", certificate_arn=_issued(build, zone, "a.example.com")
    )
    asking = open_to_all.model_copy(update={"sign_in": SignIn.model_validate(_people(build))})

    check_contract(aws, handle("https-listener", KIND), asking, changes=[open_to_all, asking])

    made = build("https-listener", asking)
    kind, listener = kind_named(KIND), handle("https-listener", KIND, id=made.id)
    now = kind.read(aws, listener)
    assert now is not None
    kind.update(
        aws, listener, asking.model_copy(update={"forward": edge.props(blue=0, green=100).forward}), now
    )
    actions = aws.elbv2.describe_listeners(ListenerArns=[made.id])["Listeners"][0]["DefaultActions"]
    assert [one["Type"] for one in actions] == ["authenticate-cognito", "forward"]


def test_somebody_who_lets_everybody_in_is_seen(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    asking = edge.props(
        port=443,
        protocol="HTTPS",
        certificate_arn=_issued(build, zone, "a.example.com"),
        sign_in=_people(build),
    )
    made = build("https-listener", asking)
    kind, listener = kind_named(KIND), handle("https-listener", KIND, id=made.id)
    actions: Any = aws.elbv2.describe_listeners(ListenerArns=[made.id])["Listeners"][0]["DefaultActions"]
    actions[0]["AuthenticateCognitoConfig"]["OnUnauthenticatedRequest"] = "allow"
    aws.elbv2.modify_listener(ListenerArn=made.id, DefaultActions=actions)

    now = kind.read(aws, listener)

    assert now is not None and set(kind.differences(asking.dump(), now)) == {"sign_in"}


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, edge: Edge) -> None:
    assert check_cuts(aws, handle("http-listener", KIND), edge.props()) == 0


def test_the_weights_of_a_deployment_are_no_difference_and_outlive_an_update(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    made = build("http-listener", edge.props())
    kind, listener = kind_named(KIND), handle("http-listener", KIND, id=made.id)
    moved = edge.props(blue=0, green=100)
    kind.update(aws, listener, edge.props(forward=edge.forward(red=1)), made)
    aws.elbv2.modify_listener(
        ListenerArn=made.id,
        DefaultActions=[
            {
                "Type": "forward",
                "ForwardConfig": {
                    "TargetGroups": [
                        {"TargetGroupArn": one.target_group_arn, "Weight": one.weight}
                        for one in moved.forward
                    ]
                },
            }
        ],
    )
    now = kind.read(aws, listener)
    assert now is not None
    assert kind.differences(edge.props().dump(), now) == {}

    kind.update(aws, listener, edge.props(port=8080), now)

    assert edge.weights(aws, made.id) == {"blue": 0, "green": 100}


def test_groups_that_take_the_place_of_others_get_their_shares(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    made = build("http-listener", edge.props(blue=0, green=100))
    kind, listener = kind_named(KIND), handle("http-listener", KIND, id=made.id)
    for name in ("blue", "green"):
        told = aws.elbv2.describe_target_groups(TargetGroupArns=[edge.targets[name]])["TargetGroups"][0]
        again = edge.network.targets(port=9000)
        edge.targets[name] = build(name, again, name=f"{told['TargetGroupName']}-g2").id

    kind.update(aws, listener, edge.props(), made)

    assert edge.weights(aws, made.id) == {"blue": 0, "green": 100}


def test_a_listener_of_others_on_its_port_is_not_taken(aws: Aws, handle: MakeHandle, edge: Edge) -> None:
    ours = handle("http-listener", KIND)
    fixed: ActionTypeDef = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    aws.elbv2.create_listener(
        LoadBalancerArn=edge.balancer,
        Port=80,
        Protocol="HTTP",
        DefaultActions=[fixed],
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, edge.props())

    assert kind_named(KIND).read(aws, ours) is None


def test_two_listeners_of_one_load_balancer_are_told_apart(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    http = build("http-listener", edge.props(forward=(), redirect_to_https=True))
    other = build("test-listener", edge.props(port=8443))
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    for key, made in {"http-listener": http, "test-listener": other}.items():
        found = kind_named(KIND).read(poll, handle(key, KIND, id=made.id))
        assert found is not None and found.id == made.id

    assert aws.connection.calls - before == 1


def test_what_somebody_put_in_place_of_the_target_groups_is_undone(
    aws: Aws, handle: MakeHandle, build: Build, edge: Edge
) -> None:
    made = build("http-listener", edge.props())
    fixed: ActionTypeDef = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    aws.elbv2.modify_listener(
        ListenerArn=made.id,
        DefaultActions=[fixed],
    )
    kind, listener = kind_named(KIND), handle("http-listener", KIND, id=made.id)
    now = kind.read(aws, listener)
    assert now is not None and set(kind.differences(edge.props().dump(), now)) == {"forward"}

    kind.update(aws, listener, edge.props(), now)

    settled(aws, listener, edge.props())


def test_with_its_load_balancer_it_is_gone(aws: Aws, handle: MakeHandle, build: Build, edge: Edge) -> None:
    made = build("http-listener", edge.props())
    aws.elbv2.delete_load_balancer(LoadBalancerArn=edge.balancer)

    assert kind_named(KIND).read(aws, handle("http-listener", KIND, id=made.id)) is None
    assert kind_named(KIND).read(aws, handle("http-listener", KIND)) is None


TARGET = {"target_group_arn": "arn", "weight": 1}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "forward"),
        ({"forward": [TARGET], "redirect_to_https": True}, "forward"),
        ({"forward": [{**TARGET, "weight": 0}]}, "forward"),
        ({"forward": [TARGET], "protocol": "HTTPS"}, "certificate_arn"),
        ({"forward": [TARGET], "certificate_arn": "arn"}, "certificate_arn"),
        ({"protocol": "HTTPS", "certificate_arn": "arn", "redirect_to_https": True}, "redirect_to_https"),
        ({"forward": [TARGET] * 6}, "forward"),
        (
            {"forward": [TARGET], "sign_in": {"pool_arn": "arn", "client_id": "client", "domain": "shop"}},
            "sign_in",
        ),
    ],
)
def test_what_aws_or_sense_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        ListenerProps.model_validate({"load_balancer_arn": "arn", "port": 80, **changes})

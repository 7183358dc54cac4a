"""Load balancers in the simulator: time, idempotency, refusals, interfaces."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network, make_balancer, make_network, make_target_group

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def forward(group: str) -> list[dict[str, str]]:
    return [{"Type": "forward", "TargetGroupArn": group}]


def test_a_balancer_is_provisioned_and_then_active(aws: Aws, network: Network) -> None:
    make_balancer(aws, network)

    def state() -> Any:
        return aws("elbv2").describe_load_balancers()["LoadBalancers"][0]["State"]["Code"]

    assert until(state, "active") == ["provisioning", "active"]


def test_the_same_settings_give_the_same_thing_and_others_are_refused(aws: Aws, network: Network) -> None:
    client = aws("elbv2")
    balancer, group = make_balancer(aws, network), make_target_group(aws, network)
    assert make_balancer(aws, network) == balancer
    assert make_target_group(aws, network) == group
    listener = {"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": forward(group)}
    made = client.create_listener(**listener)["Listeners"][0]["ListenerArn"]
    assert client.create_listener(**listener)["Listeners"][0]["ListenerArn"] == made
    other = {"Name": "web", "Subnets": list(network.subnets), "Scheme": "internal"}
    assert refusal(client.create_load_balancer, **other) == "DuplicateLoadBalancerName"
    assert refusal(make_target_group, aws=aws, network=network, Port=81) == "DuplicateTargetGroupName"
    redirect = [{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_301", "Protocol": "HTTPS"}}]
    assert refusal(client.create_listener, **{**listener, "DefaultActions": redirect}) == "DuplicateListener"


@pytest.mark.parametrize("name", ["a" * 33, "-edge", "edge-", "internal-x", "under_score"])
def test_a_name_that_aws_does_not_take_is_refused(aws: Aws, network: Network, name: str) -> None:
    assert refusal(make_balancer, aws=aws, network=network, Name=name) == "ValidationError"


def test_a_balancer_needs_two_zones_a_gateway_and_groups_that_exist(aws: Aws, network: Network) -> None:
    assert refusal(make_balancer, aws=aws, network=network, Subnets=[network.subnets[0]]) == "ValidationError"
    lonely = make_network(aws("ec2"), attached=False)
    assert refusal(make_balancer, aws=aws, network=lonely) == "InvalidSubnet"
    unknown = refusal(make_balancer, aws=aws, network=network, SecurityGroups=["sg-12345678"])
    assert unknown == "InvalidSecurityGroup"


def test_listeners_need_certificates_and_target_groups(aws: Aws, network: Network) -> None:
    client, balancer, group = aws("elbv2"), make_balancer(aws, network), make_target_group(aws, network)
    listener = {
        "LoadBalancerArn": balancer,
        "Port": 443,
        "Protocol": "HTTPS",
        "DefaultActions": forward(group),
    }
    assert refusal(client.create_listener, **listener) == "ValidationError"
    missing = "arn:aws:acm:eu-west-1:123456789012:certificate/none"
    assert refusal(client.create_listener, **listener, Certificates=[{"CertificateArn": missing}]) == (
        "CertificateNotFound"
    )
    pending = aws("acm").request_certificate(DomainName="a.example.com", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    assert refusal(client.create_listener, **listener, Certificates=[{"CertificateArn": pending}]) == (
        "UnsupportedCertificate"
    )
    gone = group.replace("blue", "gone")
    plain = {**listener, "Port": 80, "Protocol": "HTTP", "DefaultActions": forward(gone)}
    assert refusal(client.create_listener, **plain) == "TargetGroupNotFound"


def test_people_sign_in_over_https_by_a_client_with_a_secret_and_before_they_are_let_through(
    aws: Aws, network: Network
) -> None:
    cognito, elbv2 = aws("cognito-idp"), aws("elbv2")
    pool = cognito.create_user_pool(PoolName="users")["UserPool"]
    cognito.create_user_pool_domain(Domain="orders", UserPoolId=pool["Id"])
    oauth = {
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "CallbackURLs": ["https://a.example.com/oauth2/idpresponse"],
    }
    balancer, group = make_balancer(aws, network), make_target_group(aws, network)

    def refused(client: str, domain: str = "orders", protocol: str = "HTTPS", order: int = 1) -> str:
        config = {"UserPoolArn": pool["Arn"], "UserPoolClientId": client, "UserPoolDomain": domain}
        asks = {"Type": "authenticate-cognito", "Order": order, "AuthenticateCognitoConfig": config}
        actions = [asks, {**forward(group)[0], "Order": 2}]
        port = {"Port": 443, "Protocol": protocol}
        return refusal(elbv2.create_listener, LoadBalancerArn=balancer, DefaultActions=actions, **port)

    def client(*, secret: bool) -> str:
        made = cognito.create_user_pool_client(
            UserPoolId=pool["Id"], ClientName="web", GenerateSecret=secret, **oauth
        )
        return str(made["UserPoolClient"]["ClientId"])

    keeps = client(secret=True)
    assert refused(keeps) == "ValidationError"  # all is well but the certificate
    wrong = (
        refused(keeps, protocol="HTTP"),
        refused(keeps, order=3),
        refused(keeps, domain="nobody"),
        refused("nobody"),
        refused(client(secret=False)),
    )
    assert set(wrong) == {"InvalidLoadBalancerAction"}


def test_a_protected_balancer_and_a_used_target_group_stay(aws: Aws, network: Network) -> None:
    client, balancer, group = aws("elbv2"), make_balancer(aws, network), make_target_group(aws, network)
    client.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward(group))
    attribute = {"Key": "deletion_protection.enabled", "Value": "true"}
    client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])
    assert refusal(client.delete_load_balancer, LoadBalancerArn=balancer) == "OperationNotPermitted"
    assert refusal(client.delete_target_group, TargetGroupArn=group) == "ResourceInUse"
    attribute["Value"] = "false"
    client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[attribute])
    client.delete_load_balancer(LoadBalancerArn=balancer)
    client.delete_load_balancer(LoadBalancerArn=balancer)
    client.delete_target_group(TargetGroupArn=group)


def test_interfaces_outlive_a_balancer_for_seconds_and_keep_its_subnets(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    balancer = make_balancer(aws, network)
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert {one["Description"].split("/")[0] for one in interfaces} == {"ELB app"}
    aws("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    assert aws("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert refusal(ec2.delete_subnet, SubnetId=network.subnets[0]) == "DependencyViolation"
    until(lambda: ec2.describe_network_interfaces()["NetworkInterfaces"], [])
    ec2.delete_subnet(SubnetId=network.subnets[0])


def test_targets_are_initial_then_healthy_and_drain(aws: Aws, network: Network) -> None:
    client, balancer, group = aws("elbv2"), make_balancer(aws, network), make_target_group(aws, network)
    client.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward(group))
    target = [{"Id": "10.0.0.99", "Port": 80}]
    client.register_targets(TargetGroupArn=group, Targets=target)

    def states() -> list[str]:
        found = client.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [one["TargetHealth"]["State"] for one in found]

    assert until(states, ["healthy"]) == [["initial"], ["healthy"]]
    client.deregister_targets(TargetGroupArn=group, Targets=target)
    assert until(states, []) == [["draining"], []]

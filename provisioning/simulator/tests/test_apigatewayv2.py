"""HTTP APIs in the simulator: parts that name each other, stages that change, links that take their time."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:web:live"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/1/2"


@pytest.fixture
def client(aws: Aws) -> Any:
    return aws("apigatewayv2")


@pytest.fixture
def api(client: Any) -> str:
    return str(client.create_api(Name="shop", ProtocolType="HTTP", Tags={"stack": "one"})["ApiId"])


def integration(client: Any, api: str, **changes: str) -> str:
    wanted = {
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": FUNCTION,
        "PayloadFormatVersion": "2.0",
        **changes,
    }
    return str(client.create_integration(ApiId=api, **wanted)["IntegrationId"])


def test_a_route_leads_to_an_integration_that_is_there_and_keeps_it(client: Any, api: str) -> None:
    missing = {"ApiId": api, "RouteKey": "$default", "Target": "integrations/none"}
    assert refusal(client.create_route, **missing) == "NotFoundException"
    made = integration(client, api)
    route = client.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{made}")
    assert (
        refusal(client.create_route, **{**missing, "Target": f"integrations/{made}"}) == "ConflictException"
    )
    assert refusal(client.delete_integration, ApiId=api, IntegrationId=made) == "ConflictException"
    client.delete_route(ApiId=api, RouteId=route["RouteId"])
    client.delete_integration(ApiId=api, IntegrationId=made)
    assert refusal(client.delete_integration, ApiId=api, IntegrationId=made) == "NotFoundException"


@pytest.mark.parametrize(
    "changes",
    [
        {"IntegrationUri": "arn:aws:sqs:eu-west-1:123456789012:jobs"},
        {"PayloadFormatVersion": "3.0"},
        {"IntegrationType": "HTTP_PROXY", "PayloadFormatVersion": "2.0"},
        {"IntegrationType": "HTTP_PROXY", "PayloadFormatVersion": "1.0", "ConnectionType": "VPC_LINK"},
    ],
)
def test_what_an_integration_cannot_be_is_refused(client: Any, api: str, changes: dict[str, str]) -> None:
    wanted = {"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "2.0"}
    assert refusal(client.create_integration, ApiId=api, **{**wanted, **changes}) == "BadRequestException"


def test_an_authorizer_asks_a_pool_that_is_there_and_is_kept_by_its_routes(
    aws: Aws, client: Any, api: str
) -> None:
    pool = aws("cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    issuer = f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}"
    wanted: dict[str, Any] = {
        "ApiId": api,
        "AuthorizerType": "JWT",
        "IdentitySource": ["$request.header.Authorization"],
        "Name": "people",
    }
    bogus = {"Issuer": f"{issuer}none", "Audience": ["web"]}
    assert refusal(client.create_authorizer, **wanted, JwtConfiguration=bogus) == "BadRequestException"
    settings = {"Issuer": issuer, "Audience": ["web"]}
    made = client.create_authorizer(**wanted, JwtConfiguration=settings)["AuthorizerId"]
    (told,) = client.get_authorizers(ApiId=api)["Items"]
    assert (told["AuthorizerId"], told["JwtConfiguration"]) == (made, settings)

    route = {"ApiId": api, "RouteKey": "GET /me", "AuthorizationType": "JWT"}
    assert refusal(client.create_route, **route) == "BadRequestException"
    there = client.create_route(**route, AuthorizerId=made, AuthorizationScopes=["me"])["RouteId"]
    assert refusal(client.delete_authorizer, ApiId=api, AuthorizerId=made) == "ConflictException"
    client.update_route(ApiId=api, RouteId=there, AuthorizationType="NONE")
    assert "AuthorizerId" not in client.get_route(ApiId=api, RouteId=there)
    client.delete_authorizer(ApiId=api, AuthorizerId=made)


def test_a_stage_changes_and_logs_where_there_is_a_group(aws: Aws, client: Any, api: str) -> None:
    stage = {"ApiId": api, "StageName": "$default"}
    log = {
        "DestinationArn": "arn:aws:logs:eu-west-1:123456789012:log-group:access",
        "Format": "$context.status",
    }
    assert refusal(client.create_stage, **stage, AccessLogSettings=log) == "BadRequestException"
    client.create_stage(**stage, AutoDeploy=True)
    assert refusal(client.create_stage, **stage) == "ConflictException"
    aws("logs").create_log_group(logGroupName="access")
    limits = {"ThrottlingBurstLimit": 50, "ThrottlingRateLimit": 20.5}

    client.update_stage(**stage, AccessLogSettings=log, DefaultRouteSettings=limits)

    told = client.get_stage(**stage)
    assert told["AccessLogSettings"] == log and told["AutoDeploy"] is True
    assert told["DefaultRouteSettings"] == {**limits, "DetailedMetricsEnabled": False}
    client.delete_access_log_settings(**stage)
    assert "AccessLogSettings" not in client.get_stage(**stage)
    assert refusal(client.update_stage, ApiId=api, StageName="other") == "NotFoundException"


def test_a_link_takes_its_time_both_ways_and_is_kept_by_its_integrations(
    aws: Aws, client: Any, api: str, network: Network
) -> None:
    ec2 = aws("ec2")
    group = ec2.create_security_group(VpcId=network.vpc, GroupName="l", Description="l")["GroupId"]
    wanted = {"Name": "inside", "SubnetIds": list(network.subnets), "SecurityGroupIds": [group]}
    assert refusal(client.create_vpc_link, **{**wanted, "SubnetIds": ["subnet-1"]}) == "BadRequestException"
    made = client.create_vpc_link(**wanted)
    link = made["VpcLinkId"]
    assert made["VpcLinkStatus"] == "PENDING"

    def status() -> str:
        found = [one for one in client.get_vpc_links()["Items"] if one["VpcLinkId"] == link]
        return found[0]["VpcLinkStatus"] if found else "gone"

    until(status, "AVAILABLE")
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    private = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationMethod": "ANY",
        "IntegrationUri": LISTENER,
        "PayloadFormatVersion": "1.0",
        "ConnectionType": "VPC_LINK",
    }
    inside = integration(client, api, **private, ConnectionId=link)
    assert refusal(client.delete_vpc_link, VpcLinkId=link) == "BadRequestException"
    client.delete_integration(ApiId=api, IntegrationId=inside)
    client.delete_vpc_link(VpcLinkId=link)
    until(status, "gone")
    ec2.delete_security_group(GroupId=group)


def test_the_tagging_api_sees_apis_stages_and_links(
    aws: Aws, client: Any, api: str, network: Network
) -> None:
    client.create_stage(ApiId=api, StageName="$default", Tags={"stack": "one"})
    client.create_vpc_link(Name="inside", SubnetIds=list(network.subnets), Tags={"stack": "one"})
    tagging = aws("resourcegroupstaggingapi")

    def seen() -> list[str]:
        listed = tagging.get_resources(TagFilters=[{"Key": "stack"}])["ResourceTagMappingList"]
        return sorted(one["ResourceARN"].split("::")[1].split("/")[-2] for one in listed)

    assert seen() == ["apis", "stages", "vpclinks"]
    client.delete_api(ApiId=api)
    assert seen() == ["vpclinks"]

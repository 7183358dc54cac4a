"""EC2 instances in the simulator: their states, their templates, and what they keep in use."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network
from provisioning.simulator.tests.servers import IMAGE, make_group, make_profile, make_template, template_data

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def launch(network: Network, template: str, **changes: object) -> dict[str, Any]:
    """Parameters of RunInstances for one instance in the first subnet."""
    interface = {"DeviceIndex": 0, "SubnetId": network.subnets[0], "AssociatePublicIpAddress": True}
    return {
        "LaunchTemplate": {"LaunchTemplateId": template},
        "NetworkInterfaces": [interface],
        "MinCount": 1,
        "MaxCount": 1,
        **changes,
    }


def start(ec2: Any, network: Network, template: str, **changes: object) -> str:
    """The id of an instance."""
    return str(ec2.run_instances(**launch(network, template, **changes))["Instances"][0]["InstanceId"])


def described(ec2: Any, identifier: str) -> dict[str, Any]:
    """What AWS says of an instance."""
    found = ec2.describe_instances(InstanceIds=[identifier])["Reservations"][0]["Instances"][0]
    return dict(found)


def state(ec2: Any, identifier: str) -> Callable[[], str]:
    return lambda: str(described(ec2, identifier)["State"]["Name"])


def test_an_instance_starts_and_ends_in_its_own_time(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    server = start(ec2, network, make_template(aws, network))
    assert until(state(ec2, server), "running") == ["pending", "running"]
    ec2.terminate_instances(InstanceIds=[server])
    assert until(state(ec2, server), "terminated") == ["shutting-down", "terminated"]


def test_a_template_says_what_the_request_does_not(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    profile = make_profile(aws("iam"))
    template = make_template(
        aws, network, IamInstanceProfile={"Name": profile}, MetadataOptions={"HttpTokens": "required"}
    )
    found = described(ec2, start(ec2, network, template, InstanceType="t3.small"))
    assert found["ImageId"].startswith("ami-")
    assert found["InstanceType"] == "t3.small"
    assert found["IamInstanceProfile"]["Arn"].endswith("/web")
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["SubnetId"] == network.subnets[0]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags["aws:ec2launchtemplate:id"] == template and tags["aws:ec2launchtemplate:version"] == "1"


def test_an_instance_keeps_its_subnet_its_group_and_the_gateway(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    template = make_template(aws, network)
    (group,) = [
        one["GroupId"]
        for one in ec2.describe_security_groups()["SecurityGroups"]
        if one["GroupName"] == "web"
    ]
    interface = {
        "DeviceIndex": 0,
        "SubnetId": network.subnets[0],
        "Groups": [group],
        "AssociatePublicIpAddress": True,
    }
    server = start(ec2, network, template, NetworkInterfaces=[interface])
    assert refusal(ec2.delete_subnet, SubnetId=network.subnets[0]) == "DependencyViolation"
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    detach = {"InternetGatewayId": network.gateway, "VpcId": network.vpc}
    assert refusal(ec2.detach_internet_gateway, **detach) == "DependencyViolation"
    ec2.terminate_instances(InstanceIds=[server])
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    until(state(ec2, server), "terminated")
    ec2.delete_security_group(GroupId=group)
    ec2.detach_internet_gateway(**detach)


def test_the_same_token_gives_the_same_instance_until_it_is_gone(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    template = make_template(aws, network)
    servers = {start(ec2, network, template, ClientToken="t") for _ in "ab"}
    (server,) = servers
    ec2.terminate_instances(InstanceIds=[server])
    until(state(ec2, server), "terminated")
    again = launch(network, template, ClientToken="t")
    assert refusal(ec2.run_instances, **again) == "IdempotentInstanceTerminated"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "resolve:ssm:/nothing"}, "InvalidParameterValue"),
        ({"InstanceType": "t4g.micro"}, "InvalidParameterValue"),
        ({"InstanceType": "t99.micro"}, "InvalidParameterValue"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue"),
        ({"SubnetId": "subnet-1"}, "InvalidParameterCombination"),
        ({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": "subnet-1"}]}, "InvalidSubnetID.NotFound"),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-1"}}, "InvalidLaunchTemplateId.NotFound"),
    ],
)
def test_what_does_not_fit_is_refused(
    aws: Aws, network: Network, changes: dict[str, object], code: str
) -> None:
    request = launch(network, make_template(aws, network), **changes)
    assert refusal(aws("ec2").run_instances, **request) == code
    assert aws("ec2").describe_instances()["Reservations"] == []


def test_a_stopped_instance_loses_the_address_it_was_given_and_starts_again(
    aws: Aws, network: Network
) -> None:
    ec2 = aws("ec2")
    server = start(ec2, network, make_template(aws, network))
    assert refusal(ec2.stop_instances, InstanceIds=[server]) == "IncorrectInstanceState"
    until(state(ec2, server), "running")
    assert described(ec2, server)["NetworkInterfaces"][0]["Association"]["IpOwnerId"] == "amazon"
    ec2.stop_instances(InstanceIds=[server])
    assert until(state(ec2, server), "stopped") == ["stopping", "stopped"]
    assert "PublicIpAddress" not in described(ec2, server)
    ec2.start_instances(InstanceIds=[server])
    assert until(state(ec2, server), "running") == ["pending", "running"]
    assert described(ec2, server)["PublicIpAddress"]


def test_an_address_is_free_again_when_its_instance_is_gone(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    server = start(ec2, network, make_template(aws, network))
    until(state(ec2, server), "running")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=server)
    assert refusal(ec2.release_address, AllocationId=address) == "InvalidIPAddress.InUse"
    ec2.terminate_instances(InstanceIds=[server])
    until(state(ec2, server), "terminated")
    ec2.release_address(AllocationId=address)


def test_a_template_has_versions_and_a_default_one(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    template = make_template(aws, network)
    ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    assert described(ec2, start(ec2, network, template))["InstanceType"] == "t3.micro"
    newest = {"LaunchTemplateId": template, "Version": "$Latest"}
    assert described(ec2, start(ec2, network, template, LaunchTemplate=newest))["InstanceType"] == "t3.small"
    ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")
    assert described(ec2, start(ec2, network, template))["InstanceType"] == "t3.small"
    missing = {"LaunchTemplateId": template, "Version": "9"}
    request = launch(network, template, LaunchTemplate=missing)
    assert refusal(ec2.run_instances, **request) == "InvalidLaunchTemplateId.VersionNotFound"


def test_a_template_that_is_none_is_refused(aws: Aws, network: Network) -> None:
    ec2 = aws("ec2")
    data = template_data(make_group(ec2, network, "web"))
    short = {"LaunchTemplateName": "ab", "LaunchTemplateData": data}
    assert refusal(ec2.create_launch_template, **short) == "InvalidLaunchTemplateName.MalformedException"
    garbled = {"LaunchTemplateName": "abc", "LaunchTemplateData": {**data, "UserData": "no base64"}}
    assert refusal(ec2.create_launch_template, **garbled) == "InvalidUserData.Malformed"
    long = {"LaunchTemplateName": "abc", "LaunchTemplateData": {**data, "UserData": "AAAA" * 6000}}
    assert refusal(ec2.create_launch_template, **long) == "InvalidParameterValue"


def test_the_same_token_gives_the_same_template(aws: Aws) -> None:
    ec2 = aws("ec2")
    request = {"LaunchTemplateName": "web", "LaunchTemplateData": {"ImageId": IMAGE}, "ClientToken": "t"}
    made = [ec2.create_launch_template(**request)["LaunchTemplate"]["LaunchTemplateId"] for _ in "ab"]
    assert made[0] == made[1]
    other = {**request, "ClientToken": "u"}
    assert refusal(ec2.create_launch_template, **other) == "InvalidLaunchTemplateName.AlreadyExistsException"


def test_templates_come_in_pages(aws: Aws) -> None:
    ec2 = aws("ec2")
    for number in range(5):
        ec2.create_launch_template(LaunchTemplateName=f"web{number}", LaunchTemplateData={"ImageId": IMAGE})
    pages = ec2.get_paginator("describe_launch_templates").paginate(PaginationConfig={"PageSize": 2})
    names = [one["LaunchTemplateName"] for page in pages for one in page["LaunchTemplates"]]
    assert sorted(names) == [f"web{number}" for number in range(5)]


def test_a_server_tells_its_memory_where_it_was_started_with_an_agent_that_does(
    aws: Aws, network: Network
) -> None:
    ec2, cloudwatch = aws("ec2"), aws("cloudwatch")
    agent = '#!/bin/sh\ndnf install amazon-cloudwatch-agent; echo \'{"InstanceId": "${aws:InstanceId}"}\''
    template = make_template(aws, network)
    silent, talking = (start(ec2, network, template, **more) for more in ({}, {"UserData": agent}))
    for server in (silent, talking):
        until(state(ec2, server), "running")

    def points(server: str) -> list[Any]:
        now = datetime.now(UTC)
        told = cloudwatch.get_metric_statistics(
            Namespace="CWAgent",
            MetricName="mem_used_percent",
            Dimensions=[{"Name": "InstanceId", "Value": server}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )
        return list(told["Datapoints"])

    assert points(talking) and not points(silent)

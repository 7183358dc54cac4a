"""Elastic Beanstalk in the simulator: applications, versions, and environments that come and go."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.beanstalk import ENVIRONMENT, LAUNCH, Beanstalk, option
from provisioning.simulator.tests.clients import REGION, refusal, until
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]

MANAGED = "aws:elasticbeanstalk:managedactions"


@pytest.fixture
def beanstalk(aws: Aws, network: Network) -> Beanstalk:
    """An application with versions."""
    return Beanstalk(aws, network)


def test_an_environment_is_launched_with_all_that_it_consists_of_and_goes_with_it(
    aws: Aws, beanstalk: Beanstalk
) -> None:
    client = beanstalk.client
    made = client.create_environment(**beanstalk.wanted(CNAMEPrefix="shop"))
    assert (made["Status"], made["Health"], made["CNAME"]) == (
        "Launching",
        "Grey",
        f"shop.{REGION}.elasticbeanstalk.com",
    )
    identifier = made["EnvironmentId"]
    ready = beanstalk.rest(identifier)
    assert (ready["Health"], ready["HealthStatus"], ready["VersionLabel"]) == ("Green", "Ok", "v1")
    assert ready["EndpointURL"].endswith(".elb.amazonaws.com")
    parts = client.describe_environment_resources(EnvironmentId=identifier)["EnvironmentResources"]
    assert len(parts["Instances"]) == 2
    assert {len(parts[name]) for name in ("AutoScalingGroups", "LaunchTemplates", "LoadBalancers")} == {1}
    assert "Successfully launched environment: shop-web" in beanstalk.told("INFO")
    client.terminate_environment(EnvironmentId=identifier)
    until(lambda: beanstalk.look(identifier)["Status"], "Terminated")
    assert aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []
    assert aws("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert aws("elbv2").describe_target_groups()["TargetGroups"] == []
    assert {one["GroupName"] for one in aws("ec2").describe_security_groups()["SecurityGroups"]} == {
        "default"
    }
    assert client.describe_environments(IncludeDeleted=False)["Environments"] == []


def test_a_single_instance_has_an_address_and_no_load_balancer(aws: Aws, beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make(option(ENVIRONMENT, "EnvironmentType", "SingleInstance"))
    (address,) = aws("ec2").describe_addresses()["Addresses"]
    assert beanstalk.look(identifier)["EndpointURL"] == address["PublicIp"]
    assert address["InstanceId"]
    assert aws("elbv2").describe_load_balancers()["LoadBalancers"] == []
    beanstalk.client.terminate_environment(EnvironmentId=identifier)
    until(lambda: beanstalk.look(identifier)["Status"], "Terminated")
    assert aws("ec2").describe_addresses()["Addresses"] == []


def test_an_address_belongs_to_one_environment_of_all_customers(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    assert client.check_dns_availability(CNAMEPrefix="shop")["Available"]
    identifier = beanstalk.make(CNAMEPrefix="shop")
    taken = client.check_dns_availability(CNAMEPrefix="SHOP")
    assert not taken["Available"]
    assert taken["FullyQualifiedCNAME"] == f"shop.{REGION}.elasticbeanstalk.com"
    other = beanstalk.wanted(EnvironmentName="other", CNAMEPrefix="shop")
    assert refusal(client.create_environment, **other) == "InvalidParameterValue"
    client.terminate_environment(EnvironmentId=identifier)
    until(lambda: client.check_dns_availability(CNAMEPrefix="shop")["Available"], True)


def test_while_it_is_busy_it_takes_nothing(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    named = {"EnvironmentId": client.create_environment(**beanstalk.wanted())["EnvironmentId"]}
    for call in (client.update_environment, client.terminate_environment, client.restart_app_server):
        assert refusal(call, **named) == "InvalidParameterValue"
    assert refusal(client.create_environment, **beanstalk.wanted()) == "InvalidParameterValue"


def test_an_application_and_a_version_stay_while_an_environment_runs_them(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    client.create_environment(**beanstalk.wanted())
    version = {"ApplicationName": "shop", "VersionLabel": "v1"}
    assert refusal(client.delete_application_version, **version) == "InvalidParameterValue"
    assert refusal(client.delete_application, ApplicationName="shop") == "InvalidParameterValue"
    client.delete_application_version(ApplicationName="shop", VersionLabel="v2")
    labels = [one["VersionLabel"] for one in client.describe_application_versions()["ApplicationVersions"]]
    assert labels == ["v3-broken", "v1"]


def test_an_application_goes_with_its_versions(beanstalk: Beanstalk) -> None:
    beanstalk.client.delete_application(ApplicationName="shop")
    assert beanstalk.client.describe_applications()["Applications"] == []
    assert beanstalk.client.describe_application_versions()["ApplicationVersions"] == []


def test_a_version_needs_its_bundle_and_is_processed_where_that_is_asked_for(
    aws: Aws, beanstalk: Beanstalk
) -> None:
    client = beanstalk.client
    missing = {"ApplicationName": "shop", "SourceBundle": {"S3Bucket": "bundles", "S3Key": "none"}}
    assert refusal(client.create_application_version, VersionLabel="v9", **missing) == "InvalidParameterValue"
    there = {"ApplicationName": "shop", "SourceBundle": {"S3Bucket": "bundles", "S3Key": "shop.zip"}}
    made = client.create_application_version(VersionLabel="v9", Process=True, **there)["ApplicationVersion"]
    assert made["Status"] == "PROCESSING"
    assert refusal(client.create_application_version, VersionLabel="v9", **there) == "InvalidParameterValue"
    asked = {"ApplicationName": "shop", "VersionLabels": ["v9"]}
    until(
        lambda: client.describe_application_versions(**asked)["ApplicationVersions"][0]["Status"], "PROCESSED"
    )
    client.delete_application_version(ApplicationName="shop", VersionLabel="v9", DeleteSourceBundle=True)
    assert aws("s3").list_objects_v2(Bucket="bundles")["KeyCount"] == 0


def test_a_group_that_somebody_else_names_keeps_the_environment(aws: Aws, beanstalk: Beanstalk) -> None:
    client, ec2 = beanstalk.client, aws("ec2")
    identifier = beanstalk.make()
    groups = ec2.describe_security_groups()["SecurityGroups"]
    ours = next(one["GroupId"] for one in groups if "AWSEBSecurityGroup" in one["GroupName"])
    other = ec2.create_security_group(GroupName="db", Description="db", VpcId=beanstalk.network.vpc)[
        "GroupId"
    ]
    pairs = [{"GroupId": ours}]
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": pairs}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[rule])
    client.terminate_environment(EnvironmentId=identifier)
    beanstalk.rest(identifier)
    assert "has a dependent object" in beanstalk.told()
    ec2.revoke_security_group_ingress(GroupId=other, IpPermissions=[rule])
    client.terminate_environment(EnvironmentId=identifier)
    until(lambda: beanstalk.look(identifier)["Status"], "Terminated")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([option(LAUNCH, "IamInstanceProfile", "nobody")], "ConfigurationValidationException"),
        ([option(LAUNCH, "NoSuchOption", "1")], "ConfigurationValidationException"),
        ([option(ENVIRONMENT, "ServiceRole", "nobody")], "ConfigurationValidationException"),
        ([option("aws:ec2:vpc", "Subnets", "subnet-1")], "ConfigurationValidationException"),
        ([option("aws:autoscaling:asg", "MinSize", "9")], "ConfigurationValidationException"),
        ([option(MANAGED, "ManagedActionsEnabled", "true")], "ConfigurationValidationException"),
        ([option(ENVIRONMENT, "LoadBalancerType", "classic")], "NotImplementedInSimulator"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    beanstalk: Beanstalk, changes: list[dict[str, str]], code: str
) -> None:
    assert refusal(beanstalk.client.create_environment, **beanstalk.wanted(*changes)) == code
    assert beanstalk.client.describe_environments()["Environments"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"EnvironmentName": "shop_web"},
        {"EnvironmentName": "-shop-web"},
        {"ApplicationName": "other"},
        {"VersionLabel": "v7"},
        {"SolutionStackName": "64bit Amazon Linux 1"},
        {"CNAMEPrefix": "a b c d"},
    ],
)
def test_what_is_not_there_or_no_name_is_refused(beanstalk: Beanstalk, fields: dict[str, str]) -> None:
    assert (
        refusal(beanstalk.client.create_environment, **beanstalk.wanted(**fields)) == "InvalidParameterValue"
    )


def test_without_an_option_that_asks_for_a_launch_template_a_new_account_launches_nothing(
    beanstalk: Beanstalk,
) -> None:
    identifier = beanstalk.make(option(LAUNCH, "DisableIMDSv1", ""))
    assert beanstalk.look(identifier)["Health"] == "Red"
    assert "Launch Configuration creation operation is not available" in beanstalk.told()


def test_settings_read_back_with_defaults_and_are_checked_without_being_made(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    beanstalk.make()
    named = {"ApplicationName": "shop", "EnvironmentName": "shop-web"}
    (found,) = client.describe_configuration_settings(**named)["ConfigurationSettings"]
    values = {(one["Namespace"], one["OptionName"]): one.get("Value") for one in found["OptionSettings"]}
    assert found["DeploymentStatus"] == "deployed"
    assert values["aws:autoscaling:asg", "MaxSize"] == "4"
    assert values[LAUNCH, "EC2KeyName"] is None
    wrong = [option("aws:autoscaling:asg", "MinSize", "9")]
    (message,) = client.validate_configuration_settings(**named, OptionSettings=wrong)["Messages"]
    assert (message["Severity"], message["OptionName"]) == ("error", "MinSize")


def test_platforms_are_listed_by_what_is_asked_for(beanstalk: Beanstalk) -> None:
    python = {"Type": "PlatformBranchName", "Operator": "begins_with", "Values": ["Python"]}
    found = beanstalk.client.list_platform_versions(Filters=[python])["PlatformSummaryList"]
    assert "Python 3.13 running on 64bit Amazon Linux 2023" in {one["PlatformBranchName"] for one in found}


def test_things_are_found_by_their_tags_while_they_are_there(aws: Aws, beanstalk: Beanstalk) -> None:
    tag = {"Key": "stack", "Value": "one"}
    identifier = beanstalk.make(Tags=[tag])
    arn = beanstalk.look(identifier)["EnvironmentArn"]
    assert beanstalk.client.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == [tag]

    def found() -> set[str]:
        wanted = {"TagFilters": [{"Key": "stack", "Values": ["one"]}]}
        listed = aws("resourcegroupstaggingapi").get_resources(**wanted)["ResourceTagMappingList"]
        return {one["ResourceARN"] for one in listed}

    assert arn in found() and any(":instance/" in one for one in found())
    beanstalk.client.terminate_environment(EnvironmentId=identifier)
    until(found, set())


def test_what_is_not_here_says_so(beanstalk: Beanstalk) -> None:
    template = {"ApplicationName": "shop", "TemplateName": "one", "SolutionStackName": beanstalk.stack}
    call = beanstalk.client.create_configuration_template
    assert refusal(call, **template) == "NotImplementedInSimulator"

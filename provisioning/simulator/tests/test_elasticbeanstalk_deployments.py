"""Deployments of Elastic Beanstalk in the simulator: what each policy does with a version that never answers."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.beanstalk import COMMAND, ENVIRONMENT, VARIABLES, Beanstalk, option
from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


@pytest.fixture
def beanstalk(aws: Aws, network: Network) -> Beanstalk:
    """An application with versions."""
    return Beanstalk(aws, network)


def health(beanstalk: Beanstalk, identifier: str) -> tuple[str, str]:
    """The colour of an environment, and the version that it should run."""
    found = beanstalk.look(identifier)
    return found["Health"], found["VersionLabel"]


def deploy(beanstalk: Beanstalk, identifier: str, label: str) -> set[str]:
    """Deploy a version; gives the colours on the way."""
    beanstalk.client.update_environment(EnvironmentId=identifier, VersionLabel=label)

    seen: set[str] = set()

    def look() -> str:
        found = beanstalk.look(identifier)
        seen.add(found["Health"])
        return str(found["Status"])

    until(look, "Ready")
    return seen


def versions(beanstalk: Beanstalk, identifier: str) -> list[str]:
    """What each server runs."""
    found = beanstalk.client.describe_instances_health(EnvironmentId=identifier, AttributeNames=["All"])
    return sorted(one["Deployment"]["VersionLabel"] for one in found["InstanceHealthList"])


def test_a_version_is_deployed_to_all_servers(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make()
    beanstalk.client.update_environment(EnvironmentId=identifier, VersionLabel="v2")
    assert beanstalk.look(identifier)["Status"] == "Updating"
    assert beanstalk.look(identifier)["AbortableOperationInProgress"]
    beanstalk.rest(identifier)
    assert health(beanstalk, identifier) == ("Green", "v2")
    assert versions(beanstalk, identifier) == ["v2", "v2"]


def test_all_at_once_a_version_that_never_answers_is_everywhere(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make()
    deploy(beanstalk, identifier, "v3-broken")
    assert health(beanstalk, identifier) == ("Red", "v3-broken")
    asked = {"EnvironmentId": identifier, "AttributeNames": ["All"]}
    told = beanstalk.client.describe_environment_health(**asked)
    assert (told["Color"], told["HealthStatus"]) == ("Red", "Severe")
    assert told["Causes"] == ["ELB health is failing or not available for all instances."]
    deploy(beanstalk, identifier, "v2")
    assert health(beanstalk, identifier) == ("Green", "v2")


@pytest.mark.parametrize("policy", ["RollingWithAdditionalBatch", "Immutable"])
def test_on_servers_of_its_own_it_goes_again_and_the_version_before_serves(
    beanstalk: Beanstalk, policy: str
) -> None:
    identifier = beanstalk.make(option(COMMAND, "DeploymentPolicy", policy))
    assert "Red" in deploy(beanstalk, identifier, "v3-broken")
    assert health(beanstalk, identifier) == ("Green", "v1")
    assert versions(beanstalk, identifier) == ["v1", "v1"]
    assert "Failed to deploy application." in beanstalk.told()


def test_rolling_stops_at_its_first_batch_until_another_deployment(beanstalk: Beanstalk) -> None:
    policy = [option(COMMAND, "DeploymentPolicy", "Rolling"), option(COMMAND, "BatchSize", 50)]
    identifier = beanstalk.make(*policy)
    deploy(beanstalk, identifier, "v3-broken")
    assert health(beanstalk, identifier) == ("Red", "v1")
    assert versions(beanstalk, identifier) == ["v1", "v3-broken"]
    deploy(beanstalk, identifier, "v1")
    assert health(beanstalk, identifier) == ("Green", "v1")


def test_an_environment_launched_with_it_is_ready_and_red(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make(VersionLabel="v3-broken")
    assert health(beanstalk, identifier) == ("Red", "v3-broken")
    assert "Create environment operation is complete, but with errors." in beanstalk.told()


def test_version_and_settings_are_updated_one_after_the_other(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make()
    settings = [option(VARIABLES, "COLOUR", "blue")]
    both = {"EnvironmentId": identifier, "VersionLabel": "v2", "OptionSettings": settings}
    assert refusal(beanstalk.client.update_environment, **both) == "InvalidParameterCombination"
    beanstalk.client.update_environment(EnvironmentId=identifier, OptionSettings=settings)
    named = {"ApplicationName": "shop", "EnvironmentName": "shop-web"}
    found = beanstalk.client.describe_configuration_settings(**named)["ConfigurationSettings"]
    assert {one["DeploymentStatus"] for one in found} == {"deployed", "pending"}
    beanstalk.rest(identifier)
    (found,) = beanstalk.client.describe_configuration_settings(**named)["ConfigurationSettings"]
    assert {"Namespace": VARIABLES, "OptionName": "COLOUR", "Value": "blue"} in found["OptionSettings"]


def test_another_instance_type_replaces_the_servers(aws: Aws, beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make()
    change = [
        option("aws:ec2:instances", "InstanceTypes", "t3.small"),
        option("aws:autoscaling:updatepolicy:rollingupdate", "RollingUpdateEnabled", "true"),
    ]
    beanstalk.client.update_environment(EnvironmentId=identifier, OptionSettings=change)
    beanstalk.rest(identifier)
    (group,) = aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    serving = [one for one in group["Instances"] if one["LifecycleState"] == "InService"]
    assert [one["InstanceType"] for one in serving] == ["t3.small", "t3.small"]


def test_some_settings_are_for_good(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make()
    change = [option(ENVIRONMENT, "EnvironmentType", "SingleInstance")]
    request = {"EnvironmentId": identifier, "OptionSettings": change}
    assert refusal(beanstalk.client.update_environment, **request) == "ConfigurationValidationException"


def test_an_update_that_is_aborted_leaves_what_was_before(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    identifier = beanstalk.make(option(COMMAND, "DeploymentPolicy", "Immutable"))
    assert refusal(client.abort_environment_update, EnvironmentId=identifier) == "InvalidParameterValue"
    client.update_environment(EnvironmentId=identifier, VersionLabel="v2")
    client.abort_environment_update(EnvironmentId=identifier)
    assert beanstalk.look(identifier)["Status"] == "Aborting"
    beanstalk.rest(identifier)
    assert health(beanstalk, identifier) == ("Green", "v1")
    until(lambda: versions(beanstalk, identifier), ["v1", "v1"])


def test_two_environments_change_their_addresses_and_back(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    blue = beanstalk.make(CNAMEPrefix="blue")
    green = beanstalk.make(EnvironmentName="shop-green", CNAMEPrefix="green")
    before = [beanstalk.look(one)["CNAME"] for one in (blue, green)]
    swap = {"SourceEnvironmentId": blue, "DestinationEnvironmentId": green}
    client.swap_environment_cnames(**swap)
    assert refusal(client.swap_environment_cnames, **swap) == "InvalidParameterValue"
    assert [beanstalk.rest(one)["CNAME"] for one in (blue, green)] == before[::-1]
    client.swap_environment_cnames(**swap)
    assert [beanstalk.rest(one)["CNAME"] for one in (blue, green)] == before


def test_an_environment_is_made_anew_under_its_name_and_address(aws: Aws, beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make(CNAMEPrefix="shop")

    def group() -> str:
        (found,) = aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        return str(found["AutoScalingGroupName"])

    before, address = group(), beanstalk.look(identifier)["CNAME"]
    beanstalk.client.rebuild_environment(EnvironmentId=identifier)
    assert beanstalk.rest(identifier)["CNAME"] == address
    assert group() != before
    beanstalk.client.terminate_environment(EnvironmentId=identifier)
    until(lambda: beanstalk.look(identifier)["Status"], "Terminated")
    beanstalk.client.rebuild_environment(EnvironmentId=identifier)
    assert beanstalk.rest(identifier)["Health"] == "Green"


def test_a_restart_is_a_short_update(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make()
    beanstalk.client.restart_app_server(EnvironmentId=identifier)
    assert beanstalk.look(identifier)["Status"] == "Updating"
    beanstalk.rest(identifier)


def test_health_is_told_only_where_it_is_enhanced(beanstalk: Beanstalk) -> None:
    identifier = beanstalk.make(option("aws:elasticbeanstalk:healthreporting:system", "SystemType", "basic"))
    call = beanstalk.client.describe_environment_health
    assert refusal(call, EnvironmentId=identifier) == "InvalidRequestException"
    assert "HealthStatus" not in beanstalk.look(identifier)


def test_events_are_told_from_a_moment_and_a_severity_on(beanstalk: Beanstalk) -> None:
    client = beanstalk.client
    identifier = beanstalk.make()
    ready = beanstalk.look(identifier)["DateUpdated"]
    deploy(beanstalk, identifier, "v2")
    later = [
        one["Message"] for one in client.describe_events(EnvironmentId=identifier, StartTime=ready)["Events"]
    ]
    assert later[0] == "Environment update completed successfully."
    assert "createEnvironment is starting." not in later
    assert beanstalk.told("ERROR") == ""
    assert len(client.describe_events(MaxRecords=2)["Events"]) == 2

"""Auto Scaling groups in the simulator: their instances come, are watched, replaced and go, in AWS's time."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network, make_target_group
from provisioning.simulator.tests.servers import make_profile, make_template, user_data

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def group(network: Network, template: str, **changes: object) -> dict[str, Any]:
    """Parameters of a group of two servers."""
    return {
        "AutoScalingGroupName": "web",
        "LaunchTemplate": {"LaunchTemplateId": template, "Version": "1"},
        "MinSize": 1,
        "MaxSize": 3,
        "DesiredCapacity": 2,
        "VPCZoneIdentifier": ",".join(network.subnets),
        "DefaultInstanceWarmup": 0,
        **changes,
    }


def instances(asg: Any, state: str = "InService") -> list[dict[str, Any]]:
    """The instances of the group in one state."""
    found = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    return [one for each in found for one in each["Instances"] if one["LifecycleState"] == state]


def running(aws: Aws, network: Network, **changes: object) -> Any:
    """Auto Scaling, with a group whose two servers are in service."""
    asg = aws("autoscaling")
    asg.create_auto_scaling_group(**group(network, make_template(aws, network), **changes))
    until(lambda: len(instances(asg)), 2)
    return asg


def health(aws: Aws, arn: str) -> list[str]:
    """How the targets of a target group do."""
    found = aws("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return sorted(one["TargetHealth"]["State"] for one in found)


def test_a_group_starts_as_many_as_desired_in_all_its_subnets(aws: Aws, network: Network) -> None:
    asg = aws("autoscaling")
    tag = {"Key": "stack", "Value": "one", "PropagateAtLaunch": True}
    asg.create_auto_scaling_group(**group(network, make_template(aws, network), Tags=[tag]))
    assert len(instances(asg, "Pending")) == 2
    until(lambda: len(instances(asg)), 2)
    found = aws("ec2").describe_instances(Filters=[{"Name": "tag:stack", "Values": ["one"]}])
    servers = [one for each in found["Reservations"] for one in each["Instances"]]
    assert {one["SubnetId"] for one in servers} == set(network.subnets)
    assert {"Key": "aws:autoscaling:groupName", "Value": "web"} in servers[0]["Tags"]


def test_its_instances_are_targets_and_drain_when_they_leave(aws: Aws, network: Network) -> None:
    targets = make_target_group(aws, network, TargetType="instance")
    balancer = aws("elbv2").create_load_balancer(Name="web", Subnets=list(network.subnets))["LoadBalancers"][
        0
    ]
    forward = {"Type": "forward", "TargetGroupArn": targets}
    aws("elbv2").create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[forward]
    )
    asg = running(aws, network, TargetGroupARNs=[targets], HealthCheckType="ELB")
    until(lambda: health(aws, targets), ["healthy", "healthy"])
    asg.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    until(lambda: health(aws, targets), ["draining", "healthy"])


def test_an_instance_that_somebody_ended_is_replaced(aws: Aws, network: Network) -> None:
    asg = running(aws, network)
    victim = instances(asg)[0]["InstanceId"]
    aws("ec2").terminate_instances(InstanceIds=[victim])
    until(lambda: victim in [one["InstanceId"] for one in instances(asg)], False)
    until(lambda: len(instances(asg)), 2)


def test_an_instance_that_never_answers_is_replaced_after_its_grace_period(
    aws: Aws, network: Network
) -> None:
    asg, targets = aws("autoscaling"), make_target_group(aws, network, TargetType="instance")
    template = make_template(aws, network, "nginx:broken-1")
    wanted = group(network, template, TargetGroupARNs=[targets], HealthCheckType="ELB", DesiredCapacity=1)
    asg.create_auto_scaling_group(**wanted, HealthCheckGracePeriod=30)
    until(lambda: len(instances(asg)), 1)
    first = instances(asg)[0]["InstanceId"]
    until(lambda: first in [one["InstanceId"] for one in instances(asg)], False)
    causes = " ".join(one["Cause"] for one in asg.describe_scaling_activities()["Activities"])
    assert "ELB system health check failure" in causes


def test_a_group_goes_by_force_when_its_instances_are_gone(aws: Aws, network: Network) -> None:
    asg = running(aws, network)
    assert refusal(asg.delete_auto_scaling_group, AutoScalingGroupName="web") == "ResourceInUse"
    asg.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    (found,) = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert found["Status"] == "Delete in progress"
    assert refusal(asg.update_auto_scaling_group, AutoScalingGroupName="web") == "ScalingActivityInProgress"
    until(lambda: asg.describe_auto_scaling_groups()["AutoScalingGroups"], [])
    assert refusal(asg.delete_auto_scaling_group, AutoScalingGroupName="web") == "ValidationError"


@pytest.mark.parametrize(
    "changes",
    [
        {"MinSize": 4},
        {"DesiredCapacity": 4},
        {"VPCZoneIdentifier": "subnet-1"},
        {"VPCZoneIdentifier": ","},
        {"TargetGroupARNs": ["arn:nobody"]},
        {"LaunchTemplate": {"LaunchTemplateId": "lt-1"}},
    ],
)
def test_what_does_not_fit_is_refused(aws: Aws, network: Network, changes: dict[str, object]) -> None:
    wanted = group(network, make_template(aws, network), **changes)
    assert refusal(aws("autoscaling").create_auto_scaling_group, **wanted) == "ValidationError"


def test_a_name_is_taken_and_targets_that_are_addresses_do_not_fit(aws: Aws, network: Network) -> None:
    asg, template = aws("autoscaling"), make_template(aws, network)
    addresses = make_target_group(aws, network)
    wanted = group(network, template, TargetGroupARNs=[addresses])
    assert refusal(asg.create_auto_scaling_group, **wanted) == "ValidationError"
    asg.create_auto_scaling_group(**group(network, template, MinSize=0, DesiredCapacity=0))
    assert refusal(asg.create_auto_scaling_group, **group(network, template)) == "AlreadyExists"


def test_a_template_that_nothing_can_be_started_with_is_refused(aws: Aws, network: Network) -> None:
    template = make_template(aws, network, IamInstanceProfile={"Name": "nobody"})
    call = aws("autoscaling").create_auto_scaling_group
    assert refusal(call, **group(network, template)) == "ValidationError"


def test_what_can_no_longer_be_started_is_told_in_the_activities(aws: Aws, network: Network) -> None:
    asg, iam = aws("autoscaling"), aws("iam")
    profile = make_profile(iam)
    template = make_template(aws, network, IamInstanceProfile={"Name": profile})
    asg.create_auto_scaling_group(**group(network, template, MinSize=0, DesiredCapacity=0))
    iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=profile)
    iam.delete_instance_profile(InstanceProfileName=profile)
    asg.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    (activity,) = asg.describe_scaling_activities(AutoScalingGroupName="web")["Activities"]
    assert activity["StatusCode"] == "Failed"
    assert "Invalid IAM Instance Profile name" in activity["StatusMessage"]


def refresh(aws: Aws, image: str, **preferences: object) -> dict[str, Any]:
    """Parameters of a refresh to a new version of the template, with this image."""
    data = {"UserData": user_data(image)}
    made = aws("ec2").create_launch_template_version(
        LaunchTemplateName="web", SourceVersion="1", LaunchTemplateData=data
    )
    version = str(made["LaunchTemplateVersion"]["VersionNumber"])
    wanted = {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": version}}
    bounds = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200, **preferences}
    return {"AutoScalingGroupName": "web", "DesiredConfiguration": wanted, "Preferences": bounds}


def newest(asg: Any) -> dict[str, Any]:
    """The newest refresh."""
    return dict(asg.describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"][0])


def test_a_refresh_starts_new_ones_before_old_ones_go(aws: Aws, network: Network) -> None:
    asg = running(aws, network)
    wanted = refresh(aws, "nginx:2")
    asg.start_instance_refresh(**wanted)
    assert refusal(asg.start_instance_refresh, **wanted) == "InstanceRefreshInProgress"
    fewest = min(
        int(str(count))
        for count in until(lambda: len(instances(asg)) if newest(asg)["Status"] != "Successful" else 99, 99)
    )
    assert fewest >= 2
    (found,) = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert found["LaunchTemplate"]["Version"] == "2"
    assert {one["LaunchTemplate"]["Version"] for one in instances(asg)} == {"2"}
    assert newest(asg)["PercentageComplete"] == 100


def test_a_refresh_whose_new_ones_never_answer_fails_and_leaves_the_old_template(
    aws: Aws, network: Network
) -> None:
    targets = make_target_group(aws, network, TargetType="instance")
    asg = running(aws, network, TargetGroupARNs=[targets], HealthCheckType="ELB", HealthCheckGracePeriod=30)
    before = {one["InstanceId"] for one in instances(asg)}
    asg.start_instance_refresh(**refresh(aws, "nginx:broken"))
    until(lambda: newest(asg)["Status"], "Failed")
    assert "did not become healthy" in newest(asg)["StatusReason"]
    until(lambda: {one["InstanceId"] for one in instances(asg)}, before)
    (found,) = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert found["LaunchTemplate"]["Version"] == "1"


def test_a_template_that_names_no_image_of_its_own_cannot_be_rolled_back(aws: Aws, network: Network) -> None:
    asg = running(aws, network)
    wanted = refresh(aws, "nginx:2", AutoRollback=True)
    assert refusal(asg.start_instance_refresh, **wanted) == "ValidationError"


def test_a_policy_has_alarms_that_go_with_its_group(aws: Aws, network: Network) -> None:
    asg = aws("autoscaling")
    asg.create_auto_scaling_group(**group(network, make_template(aws, network), MinSize=0, DesiredCapacity=0))
    tracking = {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 70.0,
    }
    policy = {
        "AutoScalingGroupName": "web",
        "PolicyName": "cpu",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": tracking,
    }
    assert asg.put_scaling_policy(**policy)["PolicyARN"] == asg.put_scaling_policy(**policy)["PolicyARN"]
    assert len(aws("cloudwatch").describe_alarms()["MetricAlarms"]) == 2
    asg.delete_auto_scaling_group(AutoScalingGroupName="web")
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert asg.describe_policies()["ScalingPolicies"] == []
    assert refusal(asg.put_scaling_policy, **policy) == "ValidationError"

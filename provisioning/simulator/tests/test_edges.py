"""Certificates, zones, topics, alarms, roles, buckets, scaling and log groups in the simulator."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator, SimulatorFailed
from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import (
    Network,
    make_balancer,
    make_target_group,
    register,
    service,
)

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def upsert(zone: str, record: dict[str, str]) -> dict[str, Any]:
    values = [{"Value": record["Value"]}]
    change = {"Name": record["Name"], "Type": record["Type"], "TTL": 60, "ResourceRecords": values}
    return {
        "HostedZoneId": zone,
        "ChangeBatch": {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]},
    }


def test_a_certificate_waits_for_its_record_is_issued_and_stays_while_used(
    aws: Aws, network: Network
) -> None:
    acm, route53 = aws("acm"), aws("route53")
    arn = acm.request_certificate(DomainName="app.example.com", ValidationMethod="DNS")["CertificateArn"]

    def look() -> Any:
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    assert "ResourceRecord" not in look()["DomainValidationOptions"][0]
    until(lambda: "ResourceRecord" in look()["DomainValidationOptions"][0], wanted=True)
    assert look()["Status"] == "PENDING_VALIDATION"
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    assert zone.startswith("/hostedzone/Z"), "as every zone of AWS"
    record = look()["DomainValidationOptions"][0]["ResourceRecord"]
    route53.change_resource_record_sets(**upsert(zone, record))
    assert until(lambda: look()["Status"], "ISSUED") == ["PENDING_VALIDATION", "ISSUED"]
    listener = {
        "LoadBalancerArn": make_balancer(aws, network),
        "Port": 443,
        "Protocol": "HTTPS",
        "Certificates": [{"CertificateArn": arn}],
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": make_target_group(aws, network)}],
    }
    aws("elbv2").create_listener(**listener)
    assert refusal(acm.delete_certificate, CertificateArn=arn) == "ResourceInUseException"
    aws("elbv2").delete_load_balancer(LoadBalancerArn=listener["LoadBalancerArn"])
    acm.delete_certificate(CertificateArn=arn)


def test_a_record_change_is_pending_first(aws: Aws) -> None:
    route53 = aws("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "a.example.com", "Type": "A", "Value": "10.0.0.1"}
    change = route53.change_resource_record_sets(**upsert(zone, record))["ChangeInfo"]
    assert change["Status"] == "PENDING"
    until(lambda: route53.get_change(Id=change["Id"])["ChangeInfo"]["Status"], "INSYNC")
    again = {"Name": "example.com", "CallerReference": "1"}
    assert refusal(route53.create_hosted_zone, **again) == "HostedZoneAlreadyExists"
    apex = upsert(zone, {"Name": "example.com", "Type": "CNAME", "Value": "elsewhere.example.org"})
    assert refusal(route53.change_resource_record_sets, **apex) == "InvalidChangeBatch"


def test_a_zone_goes_with_its_own_two_records_only(aws: Aws) -> None:
    route53 = aws("route53")
    wrong = {"Name": "a..example.com", "CallerReference": "1"}
    assert refusal(route53.create_hosted_zone, **wrong) == "InvalidDomainName"
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    listed = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [one["Type"] for one in listed] == ["NS", "SOA"]
    record = next(one for one in listed if one["Type"] == "NS")
    deletion = {"Changes": [{"Action": "DELETE", "ResourceRecordSet": record}]}
    change = {"HostedZoneId": zone, "ChangeBatch": deletion}
    assert refusal(route53.change_resource_record_sets, **change) == "InvalidChangeBatch"
    route53.change_resource_record_sets(
        **upsert(zone, {"Name": "below.example.com", "Type": "NS", "Value": "ns.example.org"})
    )
    assert refusal(route53.delete_hosted_zone, Id=zone) == "HostedZoneNotEmpty"


def test_an_email_subscription_waits_for_the_click(aws: Aws, simulator: Simulator) -> None:
    sns = aws("sns")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    request = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.org"}
    assert sns.subscribe(**request)["SubscriptionArn"] == "pending confirmation"

    def look() -> Any:
        return sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]

    assert [one["SubscriptionArn"] for one in look()] == ["PendingConfirmation"]
    assert sns.subscribe(**request, ReturnSubscriptionArn=True)["SubscriptionArn"].startswith("arn:")
    simulator.confirm_subscription("ops@example.org")
    assert [one["SubscriptionArn"].startswith("arn:") for one in look()] == [True]
    with pytest.raises(SimulatorFailed):
        simulator.confirm_subscription("nobody@example.org")
    wrong = {"TopicArn": topic, "Protocol": "email", "Endpoint": "nobody"}
    assert refusal(sns.subscribe, **wrong) == "InvalidParameter"


def test_a_new_alarm_has_no_data(aws: Aws) -> None:
    client = aws("cloudwatch")
    alarm = {
        "AlarmName": "cpu",
        "Namespace": "AWS/ECS",
        "MetricName": "CPUUtilization",
        "Statistic": "Average",
    }
    rule = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 80.0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    client.put_metric_alarm(**alarm, **rule)

    def look() -> Any:
        return client.describe_alarms()["MetricAlarms"][0]["StateValue"]

    assert look() == "INSUFFICIENT_DATA"
    client.set_alarm_state(AlarmName="cpu", StateValue="OK", StateReason="test")
    client.put_metric_alarm(**alarm, **{**rule, "Threshold": 90.0})
    assert look() == "OK"


def test_roles_are_checked_and_stay_while_they_have_policies(aws: Aws) -> None:
    iam = aws("iam")
    assert (
        refusal(iam.create_role, RoleName="a" * 64 + "b", AssumeRolePolicyDocument=TRUST) == "ValidationError"
    )
    assert refusal(iam.create_role, RoleName="a", AssumeRolePolicyDocument="{no") == "MalformedPolicyDocument"
    iam.create_role(RoleName="task", AssumeRolePolicyDocument=TRUST)
    assert refusal(iam.create_role, RoleName="TASK", AssumeRolePolicyDocument=TRUST) == "EntityAlreadyExists"
    policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    iam.attach_role_policy(RoleName="task", PolicyArn=policy)
    unknown = {"RoleName": "task", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicy"}
    assert refusal(iam.attach_role_policy, **unknown) == "NoSuchEntity"
    assert refusal(iam.delete_role, RoleName="task") == "DeleteConflict"
    iam.detach_role_policy(RoleName="task", PolicyArn=policy)
    iam.delete_role(RoleName="task")


def test_a_bucket_has_its_tags_from_the_start_and_stays_while_it_is_not_empty(aws: Aws) -> None:
    s3 = aws("s3")
    where = {"LocationConstraint": "eu-west-1", "Tags": [{"Key": "stack", "Value": "one"}]}
    s3.create_bucket(Bucket="orders-files", CreateBucketConfiguration=where)
    assert s3.get_bucket_tagging(Bucket="orders-files")["TagSet"] == [{"Key": "stack", "Value": "one"}]
    s3.put_object(Bucket="orders-files", Key="a", Body=b"content")
    assert refusal(s3.delete_bucket, Bucket="orders-files") == "BucketNotEmpty"
    s3.delete_object(Bucket="orders-files", Key="a")
    s3.delete_bucket(Bucket="orders-files")
    plain = {"LocationConstraint": "eu-west-1"}
    assert refusal(s3.create_bucket, Bucket="a..b", CreateBucketConfiguration=plain) == "InvalidBucketName"


def test_scaling_needs_a_service_and_bounds_that_make_sense(aws: Aws, network: Network) -> None:
    ecs, scaling = aws("ecs"), aws("application-autoscaling")
    ecs.create_cluster(clusterName="main")
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/main/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    bounds = {"MinCapacity": 3, "MaxCapacity": 10}
    assert refusal(scaling.register_scalable_target, **target, **bounds) == "ValidationException"
    ecs.create_service(**service(network, register(aws, "1")))
    wrong = {"MinCapacity": 10, "MaxCapacity": 1}
    assert refusal(scaling.register_scalable_target, **target, **wrong) == "ValidationException"
    scaling.register_scalable_target(**target, **bounds)
    find = {"cluster": "main", "services": ["web"]}
    until(lambda: ecs.describe_services(**find)["services"][0]["runningCount"], 3)
    tracking = {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    scaling.put_scaling_policy(
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
        **target,
    )
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"]
    scaling.deregister_scalable_target(**target)
    assert aws("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert refusal(scaling.deregister_scalable_target, **target) == "ObjectNotFoundException"


def test_retention_is_one_of_the_days_that_aws_has(aws: Aws) -> None:
    logs = aws("logs")
    logs.create_log_group(logGroupName="/app")
    request = {"logGroupName": "/app", "retentionInDays": 31}
    assert refusal(logs.put_retention_policy, **request) == "InvalidParameterException"
    logs.put_retention_policy(logGroupName="/app", retentionInDays=30)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 30
    assert refusal(logs.create_log_group, logGroupName="/app") == "ResourceAlreadyExistsException"

"""The simulator as a process: journal, faults, state over restarts and crashes, gaps told honestly, its imports."""

import ast
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

import provisioning.simulator
from provisioning.simulator.durations import Durations, UnknownDuration
from provisioning.simulator.launch import SimulatorFailed, start
from provisioning.simulator.tests.clients import client_of, refusal, until
from provisioning.simulator.tests.clusters import member_status, ready_cluster
from provisioning.simulator.tests.functions import make_role, ready, wanted
from provisioning.simulator.tests.networks import (
    database,
    make_balancer,
    make_network,
    make_target_group,
    register,
    service,
)

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
QUICK = {"rds.create": 300, "elbv2.create": 30, "ecs.create": 30, "elbv2.interfaces": 5}


def build(aws: Aws) -> None:
    """A little of everything that is hard to keep."""
    network = make_network(aws("ec2"))
    group = make_target_group(aws, network)
    actions = [{"Type": "forward", "TargetGroupArn": group}]
    balancer = make_balancer(aws, network)
    aws("elbv2").create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=actions)
    aws("ecs").create_cluster(clusterName="main")
    aws("ecs").create_service(**service(network, register(aws, "1"), group))
    aws("acm").request_certificate(DomainName="a.example.com", ValidationMethod="DNS")
    aws("ecr").create_repository(repositoryName="app")
    aws("ssm").put_parameter(Name="/app/key", Value="secret", Type="SecureString")
    aws("s3").create_bucket(
        Bucket="kept-files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    aws("s3").put_object(Bucket="kept-files", Key="a", Body=b"content")
    aws("kms").create_key()
    aws("sns").create_topic(Name="alarms")
    aws("rds").create_db_instance(**database())


def subnets(ec2: Any) -> list[str]:
    return sorted(one["SubnetId"] for one in ec2.describe_subnets()["Subnets"])


def test_state_and_what_was_under_way_survive_a_restart(tmp_path: Path) -> None:
    with start(data=tmp_path, speed=100, durations=QUICK) as first:
        build(lambda name: client_of(first, name))
        states = client_of(first, "rds").describe_db_instances()["DBInstances"]
        assert states[0]["DBInstanceStatus"] == "creating"
        identifiers = subnets(client_of(first, "ec2"))
        first.stop()
        assert first.output.read_text() == ""
    with start(data=tmp_path, speed=100, durations=QUICK) as second:

        def aws(name: str) -> Any:
            return client_of(second, name)

        assert subnets(aws("ec2")) == identifiers
        assert aws("s3").get_object(Bucket="kept-files", Key="a")["Body"].read() == b"content"
        assert (
            aws("ssm").get_parameter(Name="/app/key", WithDecryption=True)["Parameter"]["Value"] == "secret"
        )
        assert len(aws("acm").list_certificates()["CertificateSummaryList"]) == 1
        until(lambda: aws("rds").describe_db_instances()["DBInstances"][0]["DBInstanceStatus"], "available")

        def found() -> Any:
            return aws("ecs").describe_services(cluster="main", services=["web"])["services"][0]

        until(lambda: found()["deployments"][0]["rolloutState"], "COMPLETED")
        aws("rds").delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
        assert second.output.read_text() == ""


def build_serverless(aws: Aws) -> None:
    """Functions and what calls them, Aurora and its proxy: some of it done, some under way."""
    role = make_role(aws)
    aws("lambda").create_function(**wanted(role))
    ready(aws("lambda"))
    aws("lambda").publish_version(FunctionName="web")
    aws("lambda").create_alias(FunctionName="web", Name="live", FunctionVersion="1")
    aws("sqs").create_queue(QueueName="jobs")
    queue = "arn:aws:sqs:eu-west-1:123456789012:jobs"
    aws("lambda").create_event_source_mapping(FunctionName="web", EventSourceArn=queue)
    api = aws("apigatewayv2").create_api(Name="shop", ProtocolType="HTTP")["ApiId"]
    aws("apigatewayv2").create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    network = make_network(aws("ec2"))
    aws("apigatewayv2").create_vpc_link(Name="inside", SubnetIds=network.subnets)
    ready_cluster(aws("rds"))
    role = make_role(aws, "opens-connections", "rds")
    aws("rds").create_db_proxy(
        DBProxyName="pool", EngineFamily="POSTGRESQL", Auth=[], RoleArn=role, VpcSubnetIds=network.subnets
    )
    aws("rds").register_db_proxy_targets(DBProxyName="pool", DBClusterIdentifiers=["orders"])


def test_functions_apis_and_aurora_survive_a_restart(tmp_path: Path) -> None:
    with start(data=tmp_path, speed=100) as first:
        build_serverless(lambda name: client_of(first, name))
        first.stop()
        assert first.output.read_text() == ""
    with start(data=tmp_path, speed=100) as second:

        def aws(name: str) -> Any:
            return client_of(second, name)

        def proxy() -> Any:
            return aws("rds").describe_db_proxies()["DBProxies"][0]["Status"]

        def target() -> Any:
            told = aws("rds").describe_db_proxy_targets(DBProxyName="pool")["Targets"]
            return told[-1]["TargetHealth"]["State"]

        def link() -> Any:
            return aws("apigatewayv2").get_vpc_links()["Items"][0]["VpcLinkStatus"]

        def reader() -> Any:
            return aws("lambda").list_event_source_mappings()["EventSourceMappings"][0]["State"]

        for look, state in (
            (proxy, "available"),
            (target, "AVAILABLE"),
            (link, "AVAILABLE"),
            (reader, "Enabled"),
        ):
            until(look, state)
        function = aws("lambda").get_alias(FunctionName="web", Name="live")["AliasArn"]
        assert aws("lambda").get_function(FunctionName=function)["Configuration"]["Version"] == "1"
        api = aws("apigatewayv2").get_apis()["Items"][0]["ApiId"]
        assert aws("apigatewayv2").get_stages(ApiId=api)["Items"][0]["StageName"] == "$default"
        assert member_status(aws("rds"))() == "available"
        aws("lambda").update_function_configuration(FunctionName="web", MemorySize=512)
        ready(aws("lambda"))
        assert aws("lambda").publish_version(FunctionName="web")["Version"] == "2"
        assert second.output.read_text() == ""


def test_a_crash_loses_a_second_at_most(tmp_path: Path) -> None:
    with start(data=tmp_path) as first:
        client_of(first, "sns").create_topic(Name="early")
        time.sleep(1.6)
        first.kill()
    port = int(first.endpoint.rsplit(":", 1)[-1])
    with start(data=tmp_path, port=port) as second:
        topics = client_of(second, "sns").list_topics()["Topics"]
        assert [topic["TopicArn"].rsplit(":", 1)[-1] for topic in topics] == ["early"]


def test_state_of_another_version_is_put_aside(tmp_path: Path) -> None:
    (tmp_path / "aws.state").write_bytes(b"0 of another time\nrubbish")
    with start(data=tmp_path) as simulator:
        assert client_of(simulator, "sns").list_topics()["Topics"] == []
        assert "other versions" in simulator.output.read_text()
    assert (tmp_path / "aws.old").read_bytes().endswith(b"rubbish")


def test_the_journal_tells_who_called_what_and_how_it_ended(tmp_path: Path) -> None:
    journal = tmp_path / "calls.jsonl"
    with start(journal=journal) as simulator:
        sns = client_of(simulator, "sns", agent="portal/1 operation/7 fence/3")
        sns.create_topic(Name="alarms")
        refusal(sns.get_topic_attributes, TopicArn="arn:aws:sns:eu-west-1:123456789012:none")
        client_of(simulator, "s3").list_buckets()
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    told = [(line["service"], line["operation"], line["mutating"], line["error"]) for line in lines]
    assert told == [
        ("sns", "CreateTopic", True, ""),
        ("sns", "GetTopicAttributes", False, "NotFound"),
        ("s3", "ListBuckets", False, ""),
    ]
    assert "portal/1 operation/7 fence/3" in lines[0]["user_agent"]


def test_an_ordered_error_comes_as_often_as_ordered_in_the_services_own_format(
    simulator: Any, aws: Aws
) -> None:
    simulator.fault(
        service="rds", operation="CreateDBInstance", code="InsufficientDBInstanceCapacity", skip=1, times=2
    )
    codes = [
        refusal(aws("rds").create_db_instance, **database(DBInstanceIdentifier="9")),
        refusal(aws("rds").create_db_instance, **database()),
        refusal(aws("rds").create_db_instance, **database()),
    ]
    assert codes == ["InvalidParameterValue", *["InsufficientDBInstanceCapacity"] * 2]
    aws("rds").create_db_instance(**database())
    for name, call in (
        ("ec2", aws("ec2").describe_vpcs),
        ("ecs", aws("ecs").list_clusters),
        ("s3", aws("s3").list_buckets),
        ("route53", aws("route53").list_hosted_zones),
        ("logs", aws("logs").describe_log_groups),
    ):
        simulator.fault(service=name, code="SlowDown", status=503)
        assert refusal(call) == "SlowDown", name
    with pytest.raises(SimulatorFailed, match="effect"):
        simulator.fault(effect="lightning")


def test_a_lost_reply_leaves_what_was_done(simulator: Any, aws: Aws) -> None:
    simulator.fault(service="sns", operation="CreateTopic", effect="lost")
    with pytest.raises(ConnectionClosedError):
        aws("sns").create_topic(Name="alarms")
    assert len(aws("sns").list_topics()["Topics"]) == 1


def test_what_the_simulator_lacks_it_says_in_every_protocol(aws: Aws) -> None:
    lacking = {
        "query": (aws("elasticache").test_failover, {"ReplicationGroupId": "a", "NodeGroupId": "1"}),
        "json": (aws("ecs").list_service_deployments, {"service": "a"}),
        "rest-json": (aws("xray").list_resource_policies, {}),
        "ec2": (aws("ec2").describe_capacity_blocks, {}),
    }
    for protocol, (call, parameters) in lacking.items():
        assert refusal(call, **parameters) == "NotImplementedInSimulator", protocol


def test_it_ends_at_once_and_with_the_process_that_started_it() -> None:
    simulator = start()
    began = time.monotonic()
    simulator.stop()
    assert time.monotonic() - began < 20
    assert simulator.process.returncode == 0
    script = "from provisioning.simulator.launch import start; print(start().process.pid, flush=True)"
    child = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    until(lambda: Path(f"/proc/{int(child.stdout)}/stat").exists(), wanted=False)


def test_durations_are_read_scaled_and_named() -> None:
    durations = Durations.parse(speed=10, text="rds.create=100, ecs.create=7")
    assert (durations.of("rds.create"), durations.of("ecs.create"), durations.of("rds.delete")) == (
        10,
        0.7,
        24,
    )
    with pytest.raises(UnknownDuration, match=r"rds\.create"):
        Durations.parse(speed=1, text="rds.invent=1")
    with pytest.raises(ValueError, match="Speed"):
        Durations(speed=0)


def test_it_imports_nothing_of_the_rest_of_the_project() -> None:
    folder = Path(provisioning.simulator.__file__).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                foreign = name.split(".")[0] in ("provisioning", "environments", "portal")
                assert not foreign or name.startswith("provisioning.simulator"), (file.name, name)

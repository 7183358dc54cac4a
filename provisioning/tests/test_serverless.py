"""A serverless environment as the engine makes, changes and takes it away: functions behind an API, a queue, Aurora."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.inspect.sweep import sweep
from provisioning.journal import MemoryJournal, Result
from provisioning.kinds.apigatewayv2_api import ApiProps, Cors
from provisioning.kinds.apigatewayv2_integration import IntegrationProps
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.apigatewayv2_stage import StageProps
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.lambda_alias import AliasProps
from provisioning.kinds.lambda_event_source_mapping import EventSourceMappingProps
from provisioning.kinds.lambda_function import FunctionProps, S3Code
from provisioning.kinds.lambda_permission import PermissionProps
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.rds_cluster_instance import ClusterInstanceProps
from provisioning.kinds.rds_db_cluster import DBClusterProps
from provisioning.kinds.rds_db_cluster_parameter_group import DBClusterParameterGroupProps
from provisioning.kinds.rds_db_proxy import DBProxyProps
from provisioning.kinds.rds_db_proxy_target import DBProxyTargetProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.sqs_queue import QueueProps
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import Action, plan_for
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.simulator.launch import start
from provisioning.simulator.tests.functions import package
from provisioning.steps import Step
from provisioning.tests.cloud import QUICK, SPEC, Once, claim_of

pytestmark = pytest.mark.simulator
HERE = "eu-west-1"
ENVIRONMENT = SPEC.model_copy(update={"region": HERE, "zones": (f"{HERE}a", f"{HERE}b")})
# Looks as often as an account asks for that is a thousand times as quick.
TIMING = replace(QUICK, not_yet=10, longest_poll=0.1)
SUBNETS = (ref("private-a"), ref("private-b"))


def _network() -> Iterator[Resource]:
    yield Resource(key="vpc", props=VpcProps())
    for number, zone in enumerate("ab"):
        props = SubnetProps(
            vpc_id=ref("vpc"), cidr_block=f"10.0.{number}.0/24", availability_zone=f"{HERE}{zone}"
        )
        yield Resource(key=f"private-{zone}", props=props)
    yield Resource(key="inside", props=SecurityGroupProps(vpc_id=ref("vpc"), description="Inside"))


def _function(memory: int, code: S3Code | None) -> FunctionProps:
    return FunctionProps(
        role_arn=ref("function-role", "arn"),
        log_group=ref("function-log", "name"),
        memory=memory,
        code=code,
        subnet_ids=SUBNETS,
        security_group_ids=(ref("inside"),),
        environment={"DATABASE_HOST": ref("proxy", "address")},
    )


def _functions(memory: int, code: S3Code | None) -> Iterator[Resource]:
    yield Resource(key="function-role", props=RoleProps(service="lambda.amazonaws.com"))
    yield Resource(key="function-log", props=LogGroupProps())
    yield Resource(key="web", props=_function(memory, code))
    yield Resource(key="live", name="live", props=AliasProps(function_name=ref("web", "name")))
    yield Resource(key="worker", props=_function(memory, None).model_copy(update={"calls": "jobs"}))
    yield Resource(key="dead", props=QueueProps(priced=False))
    yield Resource(key="jobs", props=QueueProps(dead_letter_arn=ref("dead", "arn")))
    reader = EventSourceMappingProps(queue_arn=ref("jobs", "arn"), function_arn=ref("worker", "arn"))
    yield Resource(key="reader", props=reader)


def _api() -> Iterator[Resource]:
    api = ref("api")
    yield Resource(key="api", props=ApiProps(cors=Cors(origins=("https://shop.example",))))
    leads_to = IntegrationProps(api_id=api, target_arn=ref("live", "arn"))
    yield Resource(key="web-integration", props=leads_to)
    yield Resource(key="route", props=RouteProps(api_id=api, target=ref("web-integration", "target")))
    logged = StageProps(api_id=api, access_log_arn=ref("access-log", "arn"))
    yield Resource(key="access-log", props=LogGroupProps(priced=False))
    yield Resource(key="stage", name="$default", props=logged)
    allowed = PermissionProps(
        function_name=ref("web", "name"),
        qualifier=ref("live", "name"),
        source_arn=f"{ref('api', 'execution_arn')}/*/*",
    )
    yield Resource(key="permission", props=allowed)


def _database() -> Iterator[Resource]:
    yield Resource(key="database-subnets", props=DBSubnetGroupProps(subnet_ids=SUBNETS))
    yield Resource(key="database-settings", props=DBClusterParameterGroupProps())
    cluster = DBClusterProps(
        subnet_group_name=ref("database-subnets"),
        parameter_group_name=ref("database-settings"),
        security_group_ids=(ref("inside"),),
        members=2,
    )
    yield Resource(key="database", props=cluster)
    instance = ClusterInstanceProps(cluster_name=ref("database"))
    yield Resource(key="writer", props=instance)
    yield Resource(key="reader-instance", props=instance, after=("writer",))
    yield Resource(key="proxy-role", props=RoleProps(service="rds.amazonaws.com"))
    proxy = DBProxyProps(
        role_arn=ref("proxy-role", "arn"),
        secret_arns=(ref("database", "secret_arn"),),
        subnet_ids=SUBNETS,
        security_group_ids=(ref("inside"),),
    )
    yield Resource(key="proxy", props=proxy)
    target = DBProxyTargetProps(proxy_name=ref("proxy"), cluster_name=ref("database"))
    yield Resource(key="proxy-target", props=target, after=("writer",))


def _wanted(memory: int = 512, code: S3Code | None = None) -> tuple[Resource, ...]:
    return (*_network(), *_functions(memory, code), *_api(), *_database())


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with start(speed=1000, durations={"lambda.interfaces": 300}) as simulator:
        access = AccountAccess(account=SPEC.account, endpoint_url=simulator.endpoint)
        yield Aws(connection=Connection(access, HERE), caller="test")


def _carried_out(steps: tuple[Step, ...], before: MemoryJournal, aws: Aws) -> MemoryJournal:
    journal = MemoryJournal()
    journal.recorded.update(before.recorded)
    claim = replace(claim_of(steps, journal), aws=aws, spec=ENVIRONMENT)
    engine = Engine(Once(claim), timing=TIMING)
    engine.work()
    engine.close()
    failed = [state.error for state in journal.states.values() if state.error]
    assert journal.result is Result.SUCCEEDED, failed
    return journal


def _upload(aws: Aws, text: str) -> S3Code:
    aws.s3.create_bucket(Bucket="releases", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    packed = package(text)
    aws.s3.put_object(Bucket="releases", Key="web.zip", Body=packed)
    digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
    return S3Code(bucket="releases", key="web.zip", sha256=digest)


def test_a_serverless_environment_is_made_changed_and_taken_away_without_a_trace(aws: Aws) -> None:
    made = _carried_out(provision(plan_for(ENVIRONMENT, _wanted())), MemoryJournal(), aws)
    recorded = made.recorded.values()
    assert plan_for(ENVIRONMENT, _wanted(), recorded, observe(recorded, ENVIRONMENT, aws)).is_empty

    # Settings and code of one function: the second change is asked for again until the first is in force.
    code = _upload(aws, "def handler(event, context): return 'shop'\n")
    changed = _wanted(1024, code)
    plan = plan_for(ENVIRONMENT, changed, recorded, observe(recorded, ENVIRONMENT, aws))
    assert {one.key for one in plan.changes if one.action is Action.UPDATE} == {"web", "worker"}
    after = _carried_out(provision(plan), made, aws)
    told: Any = aws.functions.get_function(FunctionName=after.recorded["web"].name)["Configuration"]
    assert (told["MemorySize"], told["CodeSha256"]) == (1024, code.sha256)

    _carried_out(destroy(after.recorded.values()), after, aws)
    assert sweep(aws, ENVIRONMENT.stack) == ()
    assert aws.ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert [role["RoleName"] for role in aws.iam.list_roles(PathPrefix="/portal/")["Roles"]] == []

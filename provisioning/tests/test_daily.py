"""What looks after an environment from day to day (backups, copies, budget, sign-in, tracing, delivery) on one account:
made at once, found as wanted, and taken away in the order that AWS asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.inspect.sweep import sweep
from provisioning.journal import MemoryJournal, Result
from provisioning.kinds.backup_plan import PlanProps
from provisioning.kinds.backup_selection import SelectionProps
from provisioning.kinds.backup_vault import VaultProps
from provisioning.kinds.budgets_budget import BudgetProps
from provisioning.kinds.cloudwatch_dashboard import DashboardProps
from provisioning.kinds.codebuild_project import ProjectProps
from provisioning.kinds.codeconnections_connection import WAITING, ConnectionProps
from provisioning.kinds.codepipeline_pipeline import PipelineProps
from provisioning.kinds.cognito_user_pool import UserPoolProps
from provisioning.kinds.cognito_user_pool_client import UserPoolClientProps
from provisioning.kinds.cognito_user_pool_domain import UserPoolDomainProps
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.rds_backup_replication import BackupReplicationProps
from provisioning.kinds.rds_db_instance import DBInstanceProps
from provisioning.kinds.rds_db_parameter_group import DBParameterGroupProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.rds_read_replica import ReadReplicaProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.s3_replication import ReplicationProps
from provisioning.kinds.secretsmanager_secret import SecretProps
from provisioning.kinds.sns_topic import TopicProps
from provisioning.kinds.xray_group import GroupProps
from provisioning.kinds.xray_sampling_rule import SamplingRuleProps
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.simulator.launch import start
from provisioning.steps import Step
from provisioning.tests.cloud import QUICK, SPEC, Once, claim_of

pytestmark = pytest.mark.simulator
ELSEWHERE = "us-west-2"
TIMING = replace(QUICK, not_yet=10, longest_poll=0.1)
SHORT = {"rds.create": 50, "rds.delete": 50, "rds.snapshot": 20, "rds.modify": 20}

NETWORK = (
    Resource(key="vpc", props=VpcProps()),
    *(
        Resource(
            key=f"private-{zone}",
            props=SubnetProps(
                vpc_id=ref("vpc"),
                cidr_block=f"10.0.{number}.0/24",
                availability_zone=f"{SPEC.region}{zone}",
            ),
        )
        for number, zone in enumerate("ab")
    ),
    Resource(key="database-group", props=SecurityGroupProps(vpc_id=ref("vpc"), description="Database")),
)
DATA = (
    Resource(
        key="database-subnets", props=DBSubnetGroupProps(subnet_ids=(ref("private-a"), ref("private-b")))
    ),
    Resource(key="database-settings", props=DBParameterGroupProps()),
    Resource(key="database-secret", props=SecretProps()),
    Resource(
        key="database",
        props=DBInstanceProps(
            subnet_group_name=ref("database-subnets"),
            parameter_group_name=ref("database-settings"),
            security_group_ids=(ref("database-group"),),
            managed_password=False,
            password_secret_arn=ref("database-secret"),
        ),
    ),
    Resource(
        key="replica",
        props=ReadReplicaProps(source=ref("database"), security_group_ids=(ref("database-group"),)),
    ),
    Resource(
        key="database-copies",
        region=ELSEWHERE,
        props=BackupReplicationProps(source_arn=ref("database", "arn")),
    ),
    Resource(key="files", props=BucketProps()),
    Resource(key="file-copies", region=ELSEWHERE, props=BucketProps()),
    Resource(key="copy-role", props=RoleProps(service="s3.amazonaws.com")),
    Resource(
        key="file-replication",
        props=ReplicationProps(
            bucket=ref("files"),
            destination_arn=ref("file-copies", "arn"),
            destination_region=ELSEWHERE,
            role_arn=ref("copy-role", "arn"),
        ),
    ),
)
BACKUPS = (
    Resource(key="vault", props=VaultProps()),
    Resource(key="vault-copies", region=ELSEWHERE, props=VaultProps()),
    Resource(
        key="backups",
        props=PlanProps(
            vault_name=ref("vault"),
            copy_vault_arn=ref("vault-copies", "arn"),
            copy_retention_days=7,
        ),
    ),
    Resource(key="backup-role", props=RoleProps(service="backup.amazonaws.com")),
    Resource(
        key="backed-up",
        props=SelectionProps(
            plan_id=ref("backups"),
            role_arn=ref("backup-role", "arn"),
            resource_arns=(ref("database", "arn"), ref("files", "arn")),
            resource_types=("RDS", "S3"),
        ),
    ),
)
WATCH = (
    Resource(key="topic", props=TopicProps(publishers=("budgets.amazonaws.com",))),
    Resource(key="budget", props=BudgetProps(limit_usd=100, topic_arn=ref("topic"))),
    Resource(
        key="dashboard",
        props=DashboardProps.model_validate({"widgets": [{"text": f"Database {ref('database')}"}]}),
    ),
    Resource(key="traces", props=GroupProps(filter='service("shop")')),
    Resource(key="sampling", props=SamplingRuleProps(service_name="shop")),
)
PEOPLE = (
    Resource(key="users", props=UserPoolProps()),
    Resource(key="sign-in", props=UserPoolDomainProps(pool_id=ref("users"))),
    Resource(
        key="web",
        props=UserPoolClientProps(pool_id=ref("users"), callback_urls=("https://shop.example.com/back",)),
    ),
)
DELIVERY = (
    Resource(key="source", props=ConnectionProps()),
    Resource(key="build-role", props=RoleProps(service="codebuild.amazonaws.com")),
    Resource(
        key="build",
        props=ProjectProps(
            role_arn=ref("build-role", "arn"), buildspec="version: 0.2", log_group_name="/shop/builds"
        ),
    ),
    Resource(key="artifacts", props=BucketProps()),
    Resource(key="pipeline-role", props=RoleProps(service="codepipeline.amazonaws.com")),
    Resource(
        key="pipeline",
        props=PipelineProps(
            role_arn=ref("pipeline-role", "arn"),
            artifact_bucket=ref("artifacts"),
            connection_arn=ref("source"),
            repository="example/shop",
            project_name=ref("build"),
        ),
    ),
)
WANTED = (*NETWORK, *DATA, *BACKUPS, *WATCH, *PEOPLE, *DELIVERY)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with start(speed=500, durations=SHORT) as simulator:
        access = AccountAccess(account=SPEC.account, endpoint_url=simulator.endpoint)
        yield Aws(connection=Connection(access, SPEC.region), caller="test")


def _carry_out(steps: tuple[Step, ...], journal: MemoryJournal, aws: Aws) -> None:
    engine = Engine(Once(replace(claim_of(steps, journal), aws=aws)), timing=TIMING)
    engine.work()
    engine.close()
    failed = [f"{key}: {state.error}" for key, state in journal.states.items() if state.error]
    assert journal.result is Result.SUCCEEDED, failed


def _left(aws: Aws) -> list[str]:
    return [one.key for one in sweep(aws, SPEC.stack, [ELSEWHERE])]


def test_it_is_all_made_found_as_wanted_and_taken_away(aws: Aws) -> None:
    journal = MemoryJournal()

    _carry_out(provision(plan_for(SPEC, WANTED)), journal, aws)

    recorded = journal.recorded.values()
    observed = observe(recorded, SPEC, aws)
    again = plan_for(SPEC, WANTED, recorded, observed)
    assert [(change.key, change.differences) for change in again.changes if change.differences] == []
    assert again.is_empty
    connection = observed["source"]
    assert connection is not None and connection.reason == WAITING
    assert {"budget", "dashboard", "users", "pipeline", "vault-copies", "traces", "database-copies"} <= set(
        _left(aws)
    )
    after = MemoryJournal()
    after.recorded.update(journal.recorded)
    _carry_out(destroy(recorded), after, aws)
    assert _left(aws) == []

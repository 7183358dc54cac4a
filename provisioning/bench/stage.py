"""Where the bench plays: a simulated AWS with AWS's waits, its journal, and warm connections to it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioning.aws import AccountAccess, Connection
from provisioning.bench.measure import CallLog
from provisioning.bench.waits import CALL_SECONDS, Pace
from provisioning.simulator import launch
from provisioning.spec import Spec

REGION = "us-east-1"
ACCOUNT = "123456789012"
SERVICES = (
    *("acm", "application-autoscaling", "cloudwatch", "ec2", "ecr", "ecs", "elasticache"),
    *("elbv2", "iam", "logs", "rds", "s3", "sns", "ssm"),
)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A running simulator and how to reach it."""

    endpoint: str
    log: CallLog
    pace: Pace

    def connection(self) -> Connection:
        """A connection with every client made: what a warm worker has."""
        access = AccountAccess(account=ACCOUNT, endpoint_url=self.endpoint)
        connection = Connection(access, REGION)
        for service in SERVICES:
            connection.client(service)
        wake(connection)
        return connection


def wake(connection: Connection) -> None:
    """One read of each service: moto loads a service at its first call, and boto3 a protocol's parser."""
    for service, method in (
        ("ec2", "describe_vpcs"),
        ("rds", "describe_db_instances"),
        ("elasticache", "describe_replication_groups"),
        ("elbv2", "describe_load_balancers"),
        ("ecs", "list_clusters"),
        ("iam", "list_roles"),
        ("s3", "list_buckets"),
        ("ssm", "describe_parameters"),
        ("sns", "list_topics"),
        ("logs", "describe_log_groups"),
        ("ecr", "describe_repositories"),
        ("cloudwatch", "describe_alarms"),
    ):
        getattr(connection.client(service), method)()


@contextmanager
def stage(
    pace: Pace, *, latency: float = CALL_SECONDS, waits: dict[str, float] | None = None
) -> Iterator[Stage]:
    """A simulated AWS for as long as the block lasts. `waits` replaces some, in AWS's seconds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        journal = Path(folder) / "calls"
        durations = {**pace.durations(), **(waits or {})}
        with launch.start(
            speed=pace.scale, durations=durations, latency=latency, journal=journal
        ) as simulator:
            yield Stage(endpoint=simulator.endpoint, log=CallLog(file=journal), pace=pace)


def spec_of(identity: str) -> Spec:
    """The environment that is measured: containers in production, without CloudFront, which spreads for minutes and
    which the plain script does not make."""
    return Spec(
        identity=identity,
        application="flowise-backend",
        environment=f"bench-{identity}",
        team="Flowise",
        architecture="containers",
        phase="production",
        region=REGION,
        account=ACCOUNT,
        zones=(f"{REGION}a", f"{REGION}b"),
        options={"file_delivery": False},
    )

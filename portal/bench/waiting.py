"""A thousand environments whose databases take their time, on one worker process.

One environment is begun in truth; the others are its copies: rows in the database, and in AWS the one thing that
each waits for, a database instance of its own.
"""

from __future__ import annotations

import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.utils import timezone

from environments.choices import OperationStatus
from environments.journal import due_now
from environments.models import Account, Environment, Operation, ResourceRecord, StepRecord
from portal.bench.memory import memory_of
from portal.bench.people import account_on, ask_for, developer
from portal.bench.servers import Servers
from provisioning.bench.engine_runs import BenchFailed
from provisioning.bench.stage import REGION, Stage
from provisioning.bench.table import Row
from provisioning.names import stack_of
from provisioning.timing import Timing

_KEY = "database"
_PATIENCE = 120.0
_OVERDUE = timedelta(hours=2)  # so long ago that looks come at the longest pause that there is
_WATCH_SECONDS = 60.0


def waiting(servers: Servers, stage: Stage, *, counts: tuple[int, ...] = (100, 1000)) -> list[Row]:
    """Calls a minute, CPU and lateness of one worker with so many environments to watch."""
    account = account_on(stage, "waiting")
    account.usual_durations.all().delete()
    (first,) = ask_for(account, ["wait-0"], developer())
    rows: list[Row] = []
    with servers.workers(1) as (worker,):
        _wait_until_only_the_database_is_left(first)
        there = 1
        for count in counts:
            _copy(first, stage, range(there, count))
            there = count
            rows.extend(_watch(stage, worker.pid, count))
    Operation.objects.open().update(status=OperationStatus.CANCELLED)
    return rows


def _wait_until_only_the_database_is_left(environment: Environment) -> None:
    operation = environment.operations.get()
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        left = operation.steps.filter(status__in=("running", "waiting")).values_list("key", flat=True)
        operation.refresh_from_db()
        if list(left) == [_KEY] and operation.status == OperationStatus.WAITING:
            return
        time.sleep(0.2)
    raise BenchFailed("The first environment never came to wait for its database alone.")


def _copy(first: Environment, stage: Stage, numbers: range) -> None:
    operation = first.operations.get()
    recorded = first.resources.get(key=_KEY).recorded
    client = stage.connection().client("rds")
    shape = {
        **_shape(client.describe_db_instances(DBInstanceIdentifier=recorded.name)["DBInstances"][0]),
        "DBSubnetGroupName": _room(stage, f"room-{numbers.start}"),
    }
    names = {number: f"waits-{number:04}" for number in numbers}
    with ThreadPoolExecutor(16) as pool:
        made = [
            pool.submit(client.create_db_instance, DBInstanceIdentifier=name, **shape)
            for name in names.values()
        ]
        for one in made:
            one.result()
    environments = Environment.objects.bulk_create(_environment(first, number) for number in numbers)
    operations = Operation.objects.bulk_create(_operation(operation, one) for one in environments)
    for start in range(0, len(environments), 100):
        some = list(zip(environments, operations, names.values(), strict=True))[start : start + 100]
        ResourceRecord.objects.bulk_create(
            row for one, _, name in some for row in _resources(first, one, name)
        )
        StepRecord.objects.bulk_create(row for _, one, name in some for row in _steps(operation, one, name))
    _let_them_wait(first.account)


_LIKE_THE_FIRST = (
    *("Engine", "EngineVersion", "DBInstanceClass", "AllocatedStorage", "StorageType", "MasterUsername"),
    *("StorageEncrypted", "MultiAZ", "BackupRetentionPeriod", "DeletionProtection", "PubliclyAccessible"),
    *("CopyTagsToSnapshot", "AutoMinorVersionUpgrade"),
)


def _shape(database: dict[str, Any]) -> dict[str, Any]:
    """What to ask for to get one that reads like it."""
    return {"ManageMasterUserPassword": True, **{name: database[name] for name in _LIKE_THE_FIRST}}


def _room(stage: Stage, name: str) -> str:
    """A subnet group with addresses for thousands: an environment's own has a few hundred."""
    connection = stage.connection()
    ec2 = connection.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.250.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for block, zone in (("10.250.0.0/18", "a"), ("10.250.128.0/18", "b"))
    ]
    connection.client("rds").create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="Room for many", SubnetIds=subnets
    )
    return name


def _environment(first: Environment, number: int) -> Environment:
    identity = uuid.uuid4()
    return Environment(
        application=first.application,
        name=f"wait-{number}",
        slug=f"flowise-backend-wait-{number}",
        identity=identity,
        stack=stack_of(str(identity)),
        architecture=first.architecture,
        phase=first.phase,
        region=first.region,
        account=first.account,
        owner=first.owner,
        lifecycle=first.lifecycle,
        raw_spec={**first.raw_spec, "identity": str(identity), "environment": f"wait-{number}"},
    )


def _operation(first: Operation, environment: Environment) -> Operation:
    far = timezone.now() + timedelta(hours=1)  # until all of it is written
    return Operation(
        environment=environment,
        kind=first.kind,
        status=OperationStatus.WAITING,
        raw_spec=environment.raw_spec,
        requested_by=first.requested_by,
        started_at=first.started_at,
        wake_at=far,
    )


def _resources(first: Environment, environment: Environment, name: str) -> list[ResourceRecord]:
    rows = list(first.resources.all())
    for row in rows:
        row.pk, row.environment = None, environment
        if row.key == _KEY:
            row.name = row.aws_id = name
            row.raw = {**row.raw, "name": name, "id": name}
    return rows


def _steps(first: Operation, operation: Operation, name: str) -> list[StepRecord]:
    rows = list(first.steps.all())
    for row in rows:
        row.pk, row.operation = None, operation
        if row.key == _KEY:
            row.raw_step = {**row.raw_step, "target": {**row.raw_step["target"], "name": name}}
    return rows


def _let_them_wait(account: Account) -> None:
    """Every look is overdue by hours, and the next ones are spread over the longest pause."""
    longest = Timing().at_pace(account.poll_seconds).longest_poll
    since = time.time() - _OVERDUE.total_seconds()
    mine = Operation.objects.open().filter(environment__account=account)
    steps = list(StepRecord.objects.filter(operation__in=mine, key=_KEY).select_related("operation"))
    for step in steps:
        due = time.time() + 2 + random.uniform(0, longest)  # noqa: S311 # a spread, not a secret
        step.raw_state = {**step.raw_state, "settling_since": since, "due_at": due}
        step.raw_step = {**step.raw_step, "deadline": 1e6}
        step.operation.wake_at = timezone.now() + timedelta(seconds=due - time.time())
    StepRecord.objects.bulk_update(steps, ["raw_state", "raw_step"], batch_size=200)
    Operation.objects.bulk_update([step.operation for step in steps], ["wake_at"], batch_size=200)


def _watch(stage: Stage, pid: int, count: int) -> list[Row]:
    longest = Timing().at_pace(stage.pace.poll).longest_poll
    time.sleep(longest)  # one round to settle
    before, began, cpu = stage.log.length(), time.monotonic(), _cpu_of(pid)
    fences, late = _claims(), []
    while time.monotonic() - began < _WATCH_SECONDS:
        late.append(due_now())
        time.sleep(1.0)
    seconds = time.monotonic() - began
    minute = 60 / seconds
    calls = len(stage.log.after(before)) * minute
    looks = (_claims() - fences) * minute
    share = (_cpu_of(pid) - cpu) / seconds
    return [
        Row(
            what=f"{count:,} environments waiting, one worker: AWS calls a minute",
            value=calls,
            shown=f"{calls:.0f} for {looks:.0f} looks",
        ),
        Row(
            what=f"{count:,} environments waiting: CPU of the worker; due and not yet taken",
            value=share,
            shown=f"{share:.0%}; {max(late)} at most; {memory_of(pid).resident:.0f} MiB",
        ),
    ]


def _claims() -> int:
    """How often operations were taken up so far: a fence counts up at each claim."""
    from django.db.models import Sum

    return int(Operation.objects.aggregate(total=Sum("fence"))["total"] or 0)


def _cpu_of(pid: int) -> float:
    import psutil

    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)

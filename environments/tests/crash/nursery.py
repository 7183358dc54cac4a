"""`python -m environments.tests.crash.nursery --endpoint URL`: a process that forks warm workers and replaces the dead.

To start a worker from nothing costs two seconds, which a thousand kills cannot afford. What each of them runs is the
product's own `environments.jobs.attend`; only the lease is shorter, and the doorbell is a look every few moments.

Reads lines "<how many workers> <operations each may hold>" and answers each with a line once it is so; ends with its
standard input, and the workers with it.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

REGION = "us-east-1"
ACCOUNT = "123456789012"
EXTERNAL_ID = "of-the-crash-tests"
LEASE_SECONDS = 3.0
SERVICES = (
    "acm application-autoscaling cloudwatch ec2 ecr ecs elasticache elbv2 iam logs rds resourcegroupstaggingapi "
    "route53 s3 secretsmanager sns ssm sts"
).split()


class Nursery:
    """The handle by which a test asks for workers."""

    def __init__(self, *, endpoint: str, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "environments.tests.crash.nursery", "--endpoint", endpoint],
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                bufsize=1,
            )

    def keep(self, workers: int, *, capacity: int = 12) -> None:
        """From now on there are so many workers, none of them older than this call; the dead are replaced."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{workers} {capacity}\n")
        self._process.stdin.flush()
        if not self._process.stdout.readline():
            raise RuntimeError(f"The nursery ended. It said: {self.log.read_text()[-2000:]}")

    def close(self) -> None:
        """End all workers, then the nursery."""
        self._process.communicate(timeout=30)


class _Keeper:
    """What the process does."""

    def __init__(self) -> None:
        # Workers log to standard output; the answers need it for themselves.
        self._answers = os.dup(1)
        os.dup2(2, 1)
        self._wanted = 0
        self._children: set[int] = set()

    def run(self) -> None:
        """Until standard input ends."""
        while True:
            readable, _, _ = select.select([0], [], [], 0.01)
            if readable:
                said = os.read(0, 1000).decode()
                if not said:
                    break
                self._restart(*(int(word) for word in said.splitlines()[-1].split()))
            self._reap()
            self._fork_missing()
        self._end_all()

    def _restart(self, wanted: int, capacity: int) -> None:
        from environments import jobs

        self._end_all()
        self._wanted, jobs.CAPACITY = wanted, capacity
        self._fork_missing()
        os.write(self._answers, f"{wanted}\n".encode())

    def _fork_missing(self) -> None:
        while len(self._children) < self._wanted:
            child = os.fork()
            if child == 0:
                _work()
            self._children.add(child)

    def _reap(self) -> None:
        for child in list(self._children):
            if os.waitpid(child, os.WNOHANG)[0]:
                self._children.discard(child)

    def _end_all(self) -> None:
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        for child in self._children:
            os.waitpid(child, 0)
        self._children.clear()


def _work() -> None:
    from environments import jobs

    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    while True:
        if not jobs.attend():
            time.sleep(0.05)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def main() -> None:
    """Load everything a worker needs, then keep workers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoint", required=True)
    endpoint = parser.parse_args().endpoint
    import django
    from django.conf import settings

    django.setup()
    settings.DATABASES["default"]["OPTIONS"]["options"] = "-c idle_in_transaction_session_timeout=2000"
    from environments import jobs, journal
    from provisioning.aws import AccountAccess

    journal.LEASE_SECONDS = LEASE_SECONDS
    access = AccountAccess(account=ACCOUNT, external_id=EXTERNAL_ID, endpoint_url=endpoint)
    connection = jobs.connection_to(access, REGION)
    for service in SERVICES:
        connection.client(service)
    gc.freeze()
    _Keeper().run()


if __name__ == "__main__":
    main()

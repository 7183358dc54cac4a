"""PostgreSQL, Redis and worker processes of a bench: real ones, in a folder that is thrown away."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.launcher.commands import commands
from portal.launcher.home import free_port
from portal.launcher.options import child_environment, read_options
from portal.launcher.postgres import Postgres
from portal.launcher.redis import Redis
from portal.launcher.services import Running, Service, stop, wait_done, wait_ready


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The running stores, and the environment of whatever uses them."""

    folder: Path
    environment: Mapping[str, str]

    def begin(self, program: str, number: int = 1) -> Running:
        """Start a program of the portal, such as a worker."""
        options = read_options(self.environment)
        return Running(
            Service(
                name=program,
                command=commands(options, simulator_port=0)[program],
                environment=self.environment,
                log=self.folder / f"{program}-{number}.log",
            )
        )

    @contextmanager
    def workers(self, count: int) -> Iterator[list[Running]]:
        """So many workers and the timekeeper, for as long as the block lasts."""
        running = [self.begin("worker", number) for number in range(1, count + 1)]
        scheduler = self.begin("scheduler")
        try:
            yield running
        finally:
            stop(scheduler, *running)


@contextmanager
def servers() -> Iterator[Servers]:
    """Start the stores, point this process's Django at them, and make the tables."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user where the bench runs as root
        postgres = Postgres(folder=folder / "postgres", port=free_port())
        redis = Redis(folder=folder / "redis", port=free_port())
        started = [
            Running(postgres.service(environment=os.environ, log=folder / "postgres.log")),
            Running(redis.service(environment=os.environ, log=folder / "redis.log")),
        ]
        try:
            for running in started:
                wait_ready(running)
            place = Servers(folder=folder, environment=_environment(folder, postgres.url, redis.url))
            wait_done(place.begin("migrate"))
            _set_up_django(place.environment)
            yield place
        finally:
            stop(*started)


def _environment(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    bare = {**os.environ, "DATA_DIR": str(folder), "SECRET_KEY": "of-a-bench", "LOG_LEVEL": "WARNING"}
    for name in ("DEBUG", "AWS_ENDPOINT_URL", "QUEUE_BACKEND"):
        bare.pop(name, None)
    options = read_options(bare)
    return child_environment(options, database_url=database_url, redis_url=redis_url, aws_endpoint="")


def _set_up_django(environment: Mapping[str, str]) -> None:
    import django

    os.environ.update(environment)
    django.setup()

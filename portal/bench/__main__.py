"""`python -m portal.bench`: everything that `make bench` measures, as one table."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from portal.bench.servers import Servers, servers
from provisioning.bench import cpu
from provisioning.bench.compare import engine_trio, plain_trio
from provisioning.bench.compare import rows as compared
from provisioning.bench.stage import stage
from provisioning.bench.table import Row, as_markdown
from provisioning.bench.waits import Pace

CROWD_SCALE = 30.0  # crowds do not get better by waiting longer


def main() -> int:
    """Measure and print; exit code 0, also where a goal was missed: the table says so."""
    parser = argparse.ArgumentParser(prog="python -m portal.bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=30.0, help="divides AWS's waits (30); 1 is AWS")
    parser.add_argument("--only", choices=[name for name, _ in _PARTS], help="leave the others out")
    arguments = parser.parse_args()
    rows: list[Row] = []
    with servers() as place:
        import provisioning.kinds  # noqa: F401 # registers every kind

        for name, part in _PARTS:
            if arguments.only in (None, name):
                _say(f"{name} ...")
                rows.extend(part(place, Pace(scale=arguments.scale)))
    _say(as_markdown(rows))
    _say(f"\nAWS's waits ÷ {arguments.scale:g}. {machine()}, {datetime.now(UTC):%Y-%m-%d}.")
    return 0


def _engine(place: Servers, pace: Pace) -> Iterator[Row]:
    from portal.bench import journaled

    with stage(pace) as where:
        plain = plain_trio(where, where.connection())
        ours, objects = engine_trio(where, where.connection())
        account = journaled.warm_account(where, "journaled")
        create, destroy = journaled.journaled_runs(where, account, "journal")
    yield from compared(pace, ours, plain, objects)
    yield from journaled.rows(create, destroy, plain)


def _cpu(place: Servers, _pace: Pace) -> Iterator[Row]:
    from portal.bench import journaled

    with stage(Pace(scale=cpu.SCALE)) as where:
        plain, engine = cpu.plain_and_engine(where)
        journal = journaled.cost(where)
    yield cpu.row("CPU a call over the plain script, journal in memory", engine, plain)
    yield cpu.row("CPU a call over the plain script, journal in Postgres", journal, plain)


def _throughput(place: Servers, _pace: Pace) -> Iterator[Row]:
    from portal.bench import crowds

    with stage(Pace(scale=CROWD_SCALE)) as where:
        yield from crowds.throughput(place, where)


def _memory(place: Servers, _pace: Pace) -> Iterator[Row]:
    from portal.bench import crowds

    with stage(Pace(scale=CROWD_SCALE)) as where:
        yield from crowds.memory(place, where)


def _waiting(place: Servers, _pace: Pace) -> Iterator[Row]:
    from portal.bench import waiting

    day = 24 * 3600.0
    # At AWS's own pace: the polls are AWS's too. All but the databases are there at once.
    quick = {"rds.create": day, "elasticache.create": 1, "elbv2.create": 1, "ecs.create": 1}
    with stage(Pace(scale=1), waits=quick) as where:
        yield from waiting.waiting(place, where)


Part = Callable[[Servers, Pace], Iterator[Row]]
_PARTS: tuple[tuple[str, Part], ...] = (
    ("engine", _engine),
    ("cpu", _cpu),
    ("throughput", _throughput),
    ("memory", _memory),
    ("waiting", _waiting),
)


def machine() -> str:
    """Where this was measured, in a line."""
    import os

    names = [line for line in _cpu_lines() if line.startswith("model name")]
    model = names[0].partition(":")[2].strip() if names else platform.processor()
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    started = time.monotonic()
    code = main()
    _say(f"Took {time.monotonic() - started:.0f} s.")
    sys.exit(code)

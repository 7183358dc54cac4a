"""`python -m provisioning.bench`: the engine alone beside a plain script, on a simulated AWS with AWS's waits."""

from __future__ import annotations

import argparse
import sys

import provisioning.kinds  # noqa: F401 # registers every kind
from provisioning.bench import cpu
from provisioning.bench.compare import engine_trio, plain_trio, rows
from provisioning.bench.stage import stage
from provisioning.bench.table import as_markdown
from provisioning.bench.waits import Pace


def main() -> int:
    """Measure and print; exit code 0, also where a goal was missed: the table says so."""
    parser = argparse.ArgumentParser(prog="python -m provisioning.bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=30.0, help="divides AWS's waits (30); 1 is AWS")
    parser.add_argument("--calls", action="store_true", help="list the operations that were called, too")
    arguments = parser.parse_args()
    pace = Pace(scale=arguments.scale)
    with stage(pace) as place:
        plain = plain_trio(place, place.connection())
        ours, objects = engine_trio(place, place.connection())
    with stage(Pace(scale=cpu.SCALE)) as place:
        script, engine = cpu.plain_and_engine(place)
    table = [*rows(pace, ours, plain, objects), cpu.row("CPU a call over the plain script", engine, script)]
    sys.stdout.write(as_markdown(table) + "\n")
    if arguments.calls:
        for name, mine, theirs in (
            ("create", ours.create, plain.create),
            ("look", ours.look, plain.look),
            ("destroy", ours.destroy, plain.destroy),
        ):
            sys.stdout.write(f"\n{name}, more or less often than the plain script:\n")
            extra, usual = mine.operations(), theirs.operations()
            for operation in sorted({*extra, *usual}):
                if extra[operation] != usual[operation]:
                    sys.stdout.write(f"  {operation}: {extra[operation]} ({usual[operation]})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

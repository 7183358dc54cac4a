"""CPU of a call: a few rounds of everything on warm connections, the middle one counts."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from provisioning.bench.compare import engine_trio, plain_trio
from provisioning.bench.measure import Measured
from provisioning.bench.stage import Stage
from provisioning.bench.table import Row, within

# Waits short enough for many rounds, calls as far away as ever: what waits costs nothing, what is called does.
SCALE = 60.0
ROUNDS = 5
MOST_MILLISECONDS = 2.0  # a call, over the plain script's


def milliseconds_a_call(runs: Sequence[Measured]) -> float:
    """CPU of some runs, by their calls."""
    return 1000 * sum(run.cpu for run in runs) / max(1, sum(len(run.calls) for run in runs))


def middle(rounds: Sequence[float]) -> float:
    """The median without the first, in which boto3 loads what it will need."""
    return median(rounds[1:])


def plain_and_engine(stage: Stage) -> tuple[float, float]:
    """Milliseconds a call of the plain script and of the engine with its journal in memory."""
    connection = stage.connection()
    plain, ours = [], []
    for number in range(ROUNDS + 1):
        # In turns, so that whatever else the machine does meets both.
        script = plain_trio(stage, connection, f"plain-{number}")
        engine, _ = engine_trio(stage, connection, f"engine-{number}")
        plain.append(milliseconds_a_call([script.create, script.destroy]))
        ours.append(milliseconds_a_call([engine.create, engine.destroy]))
    return middle(plain), middle(ours)


def row(what: str, ours: float, plain: float) -> Row:
    """CPU a call beside the script's."""
    return Row(
        what=what,
        value=round(ours - plain, 2),
        shown=f"{ours - plain:+.2f} ms ({ours:.2f} ms)",
        plain=f"{plain:.2f} ms",
        most=MOST_MILLISECONDS,
        goal=within(MOST_MILLISECONDS, " ms"),
    )

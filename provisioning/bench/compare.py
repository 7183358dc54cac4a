"""The engine beside the plain script: what each took, as rows of the table."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.bench.engine_runs import EngineRuns
from provisioning.bench.measure import Measured, measure
from provisioning.bench.plain.create import CREATE
from provisioning.bench.plain.destroy import DESTROY
from provisioning.bench.plain.look import look
from provisioning.bench.plain.script import Script, path_of, run
from provisioning.bench.stage import Stage, spec_of
from provisioning.bench.table import Row, within
from provisioning.bench.waits import Pace

MOST_CALLS = 1.2  # times the plain script's
MOST_CPU_MILLISECONDS = 2.0  # a call, over the plain script's
MOST_LOOK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Trio:
    """The three runs of one side, and how many objects the environment has."""

    create: Measured
    look: Measured
    destroy: Measured

    @property
    def cpu_a_call(self) -> float:
        """Milliseconds of CPU for each call of all three."""
        runs = (self.create, self.look, self.destroy)
        return 1000 * sum(run.cpu for run in runs) / max(1, sum(len(run.calls) for run in runs))


def plain_trio(stage: Stage) -> Trio:
    """The plain script, start to end."""
    script = Script(connection=stage.connection(), spec=spec_of("plain"), pace=stage.pace)
    return Trio(
        create=measure(stage.log, lambda: run(CREATE, script)),
        look=measure(stage.log, lambda: look(script)),
        destroy=measure(stage.log, lambda: run(DESTROY, script)),
    )


def engine_trio(stage: Stage) -> tuple[Trio, int]:
    """The engine, start to end, and the number of objects of the environment."""
    runs = EngineRuns(stage.connection(), spec_of("engine"), stage.pace)
    try:
        trio = Trio(
            create=measure(stage.log, runs.create),
            look=measure(stage.log, runs.look),
            destroy=measure(stage.log, runs.destroy),
        )
    finally:
        runs.close()
    return trio, len(runs.wanted())


def most_of_path(pace: Pace) -> float:
    """The goal for makespan over critical path: the shorter the waits, the more the calls between them weigh."""
    return 1.02 if pace.scale <= 1 else 1.06


def rows(pace: Pace, ours: Trio, plain: Trio, objects: int) -> list[Row]:
    """The figures of both, as the table shows them."""
    return [
        *_makespan("Create", "create", pace, ours.create, plain.create),
        *_makespan("Destroy", "destroy", pace, ours.destroy, plain.destroy),
        *_looking(ours.look, plain.look, objects),
        cpu_row("CPU a call over the plain script", ours, plain),
    ]


def _makespan(title: str, which: str, pace: Pace, ours: Measured, plain: Measured) -> list[Row]:
    path = path_of(CREATE if which == "create" else DESTROY, pace).seconds
    most = most_of_path(pace)
    return [
        Row(
            what=f"{title}: makespan ÷ critical path of {path:.2f} s",
            value=round(ours.seconds / path, 3),
            shown=f"{ours.seconds / path:.3f}",
            plain=f"{plain.seconds / path:.3f}",
            most=most,
            goal=within(most),
        ),
        Row(
            what=f"{title}: seconds",
            value=ours.seconds,
            shown=f"{ours.seconds:.2f}",
            plain=f"{plain.seconds:.2f}",
        ),
        calls_row(title, ours, plain),
    ]


def calls_row(title: str, ours: Measured, plain: Measured) -> Row:
    """AWS calls beside the script's."""
    ratio = len(ours.calls) / max(1, len(plain.calls))
    return Row(
        what=f"{title}: AWS calls",
        value=round(ratio, 2),
        shown=f"{len(ours.calls)} ({ratio:.2f}×)",
        plain=str(len(plain.calls)),
        most=MOST_CALLS,
        goal=within(MOST_CALLS, "×"),
    )


def _looking(ours: Measured, plain: Measured, objects: int) -> list[Row]:
    reads = len(ours.calls) / objects
    return [
        Row(
            what="Nothing to change: seconds",
            value=ours.seconds,
            shown=f"{ours.seconds:.2f}",
            plain=f"{plain.seconds:.2f}",
            most=MOST_LOOK_SECONDS,
            goal=within(MOST_LOOK_SECONDS, " s"),
        ),
        Row(
            what=f"Nothing to change: reads for {objects} objects",
            value=round(reads, 2),
            shown=f"{len(ours.calls)} ({reads:.2f} each)",
            plain=str(len(plain.calls)),
            most=1.0,
            goal=within(1, " each"),
        ),
        Row(
            what="Nothing to change: writes",
            value=ours.writes,
            shown=str(ours.writes),
            plain=str(plain.writes),
            most=0,
            goal="none",
        ),
    ]


def cpu_row(what: str, ours: Trio, plain: Trio) -> Row:
    """CPU a call beside the script's."""
    over = ours.cpu_a_call - plain.cpu_a_call
    return Row(
        what=what,
        value=round(over, 2),
        shown=f"{over:+.2f} ms ({ours.cpu_a_call:.2f} ms)",
        plain=f"{plain.cpu_a_call:.2f} ms",
        most=MOST_CPU_MILLISECONDS,
        goal=within(MOST_CPU_MILLISECONDS, " ms"),
    )

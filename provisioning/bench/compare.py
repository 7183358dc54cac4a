"""The engine beside the plain script: what each took, as rows of the table."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.aws import Connection
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
MOST_LOOK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Trio:
    """The three runs of one side, and how many objects the environment has."""

    create: Measured
    look: Measured
    destroy: Measured

    @property
    def cpu(self) -> float:
        """Seconds of CPU of all three."""
        return self.create.cpu + self.look.cpu + self.destroy.cpu


def plain_trio(stage: Stage, connection: Connection, identity: str = "plain") -> Trio:
    """The plain script, start to end."""
    script = Script(connection=connection, spec=spec_of(identity), pace=stage.pace)
    return Trio(
        create=measure(stage.log, lambda: run(CREATE, script)),
        look=measure(stage.log, lambda: look(script)),
        destroy=measure(stage.log, lambda: run(DESTROY, script)),
    )


def engine_trio(stage: Stage, connection: Connection, identity: str = "engine") -> tuple[Trio, int]:
    """The engine, start to end, and the number of objects of the environment."""
    runs = EngineRuns(connection, spec_of(identity), stage.pace)
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
        Row(
            what="CPU of these three, waits included",
            value=ours.cpu,
            shown=f"{ours.cpu:.2f} s",
            plain=f"{plain.cpu:.2f} s",
        ),
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

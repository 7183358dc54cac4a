"""The table, and what a run is said to have taken."""

from __future__ import annotations

import json
from pathlib import Path

from provisioning.bench.compare import calls_row
from provisioning.bench.measure import Call, CallLog, Measured, measure
from provisioning.bench.table import Row, as_markdown


def test_a_figure_at_its_goal_meets_it_and_one_above_does_not() -> None:
    assert Row(what="calls", value=1.2, shown="1.20", most=1.2).verdict == "met"
    assert Row(what="calls", value=1.21, shown="1.21", most=1.2).verdict == "MISSED"


def test_a_figure_without_a_goal_is_only_told() -> None:
    assert Row(what="seconds", value=12.0, shown="12.0").verdict == ""


def test_the_columns_of_the_table_stand_under_each_other() -> None:
    rows = [
        Row(what="Create: seconds", value=12.0, shown="12.00", plain="11.90"),
        Row(what="Reads", value=45, shown="45 (0.94 each)", most=1, goal="≤ 1 each"),
    ]

    lines = as_markdown(rows).splitlines()

    assert len({len(line) for line in lines}) == 1
    assert len({tuple(at for at, sign in enumerate(line) if sign == "|") for line in lines}) == 1
    assert "MISSED" in lines[3]


def test_calls_are_compared_with_those_of_the_script() -> None:
    call = Call(at=0.0, service="ec2", operation="CreateVpc", mutating=True, error="")
    ours = Measured(seconds=1.0, calls=(call,) * 12, cpu=0.012)
    plain = Measured(seconds=1.0, calls=(call,) * 10, cpu=0.010)

    row = calls_row("Create", ours, plain)

    assert (row.shown, row.plain, row.verdict) == ("12 (1.20×)", "10", "met")
    assert round(ours.cpu_a_call, 3) == 1.0


def test_a_run_is_told_only_of_its_own_calls(tmp_path: Path) -> None:
    file = tmp_path / "calls"
    log = CallLog(file=file)

    def call(operation: str, *, mutating: bool) -> None:
        line = {"time": 1.0, "service": "ec2", "operation": operation, "error": "", "mutating": mutating}
        with file.open("a") as journal:
            journal.write(json.dumps(line) + "\n")

    call("CreateVpc", mutating=True)
    taken = measure(log, lambda: call("DescribeVpcs", mutating=False))

    assert [one.operation for one in taken.calls] == ["DescribeVpcs"]
    assert taken.writes == 0


def test_a_line_that_is_still_being_written_waits_for_its_end(tmp_path: Path) -> None:
    file = tmp_path / "calls"
    file.write_text('{"time": 1.0, "service": "ec2", "ope')

    assert CallLog(file=file).after(0) == ()

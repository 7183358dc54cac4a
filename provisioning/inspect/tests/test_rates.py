"""What is counted is told a minute, whatever the period."""

from __future__ import annotations

import pytest

from provisioning.inspect.charts import Chart, Line, Metric
from provisioning.inspect.metrics import _Answer, _of_chart

METRIC = Metric(namespace="AWS/Lambda", name="Invocations", dimensions=(), statistic="Sum")


@pytest.mark.parametrize(("end", "last"), [(900, 10), (720, 25), (601, 50)])
def test_a_period_that_is_not_over_counts_by_its_minutes_so_far(end: int, last: float) -> None:
    line = Line(label="Calls", metric=METRIC)
    chart = Chart(
        key="calls", tier="application", title="Calls", subject="Web", unit="per_minute", lines=(line,)
    )

    found = _of_chart(chart, 300, [_Answer(points={300: 100.0, 600: 50.0})], end)

    assert [value for _, value in found.series[0].points] == [20, last]

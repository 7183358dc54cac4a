"""The drawing of a chart: gaps stay gaps, thresholds are lines with words, numbers are told as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from environments.templatetags.charts import FLOOR, TOP, Plot, plot_of, said
from provisioning.inspect.alarms import Alarms, Problem
from provisioning.inspect.charts import Chart, Line, Metric, Unit
from provisioning.inspect.metrics import RANGES, Measured, Metrics, Series, Threshold

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ZERO = int(START.timestamp())


def drawn(
    *points: tuple[int, float],
    unit: Unit = "percent",
    thresholds: tuple[Threshold, ...] = (),
    problem: Problem | None = None,
) -> Plot:
    """An hour of one line, its points told by minute."""
    metric = Metric(namespace="AWS/ECS", name="CPUUtilization", dimensions=())
    line = Line(label="CPU", metric=metric)
    chart = Chart(key="web-cpu", tier="application", title="CPU", subject="Web", unit=unit, lines=(line,))
    series = Series(label="CPU", points=tuple((ZERO + 60 * at, value) for at, value in points))
    measured = Measured(chart=chart, period=60, series=(series,), thresholds=thresholds, problem=problem)
    end = START + timedelta(hours=1)
    return plot_of(
        measured, Metrics(range=RANGES["1h"], start=START, end=end, charts=(measured,), alarms=Alarms())
    )


def shown(plot: Plot) -> str:
    page = Template('{% load andamio %}{% component "chart" plot=plot %}')
    return page.render(Context({"plot": plot}))


def test_a_gap_stays_a_gap_and_a_point_alone_is_a_dot() -> None:
    (line,) = drawn((0, 10), (1, 20), (2, 30), (10, 40), (30, 50), (31, 60)).lines

    assert line.path.count("M") == 2
    assert line.dots.count("M") == 1
    assert (line.least, line.most, line.last) == ("10 %", "60 %", "60 %")


def test_a_threshold_is_drawn_at_its_height_and_tells_when_it_is_passed() -> None:
    limit = Threshold(alarm="CPU", value=80, below=False)

    (calm,) = drawn((0, 10), (1, 20), thresholds=(limit,)).limits
    (passed,) = drawn((0, 10), (1, 95), thresholds=(limit,)).limits

    assert calm.text == "alarm above 80 %" and not calm.passed
    assert calm.y == pytest.approx(FLOOR - (FLOOR - TOP) * 0.8)
    assert passed.passed
    assert "alarm above 80 %" in shown(drawn((0, 10), thresholds=(limit,)))


def test_no_point_at_all_is_said_and_not_drawn_as_zero() -> None:
    page = shown(drawn())

    assert "not the same as zero" in page
    assert "<path" not in page.replace("<use", "")


def test_what_aws_does_not_tell_says_why() -> None:
    problem = Problem(code="aws.AccessDenied", message="AWS refused it.", hint="Ask an admin.")

    page = shown(drawn(problem=problem))

    assert "AWS does not tell. AWS refused it. Ask an admin." in " ".join(page.split())
    assert "metric-plot" not in page


def test_the_same_stands_in_words_and_in_a_table() -> None:
    plot = drawn(*((minute, 10.0 + minute) for minute in range(60)))
    page = shown(plot)

    assert "CPU: 69 % now, at least 10 %, at most 69 %." in page
    assert 10 <= len(plot.rows) <= 12
    assert plot.rows[0].cells == ("12 %",)


def test_positions_are_numbers_in_every_language() -> None:
    with translation.override("es"):
        page = shown(
            drawn((0, 12.5), (1, 40.25), thresholds=(Threshold(alarm="CPU", value=33.3, below=True),))
        )

    assert "alarma por debajo de 33,3 %" in page
    assert ' y1="104,' not in page and 'x="50,0%"' not in page


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0.0123, "seconds", "12.3 ms"),
        (2.5, "seconds", "2.5 s"),
        (5 * 1024**3, "bytes", "5 GiB"),
        (1234567, "count", "1,234,567"),
        (0.25, "percent", "0.25 %"),
        (31.5, "per_minute", "31.5 a minute"),
        (0, "bytes", "0 B"),
    ],
)
def test_values_are_said_with_their_unit(value: float, unit: Unit, words: str) -> None:
    assert said(value, unit) == words

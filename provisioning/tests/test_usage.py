"""What a usage profile accepts, and the defaults of each phase."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from pydantic import ValidationError

from provisioning.pricing import Usage


def test_each_phase_has_a_valid_profile_and_production_is_the_default() -> None:
    assert Usage.of_phase("production") == Usage()
    mvp, scaling = Usage.of_phase("mvp"), Usage.of_phase("scaling")
    assert (mvp.requests, mvp.gb_out, mvp.db_io) == (300_000, D(10), 5_000_000)
    assert (scaling.requests, scaling.cdn_gb, scaling.lcu) == (30_000_000, D(500), D(2))
    assert Usage.model_validate_json(scaling.model_dump_json()) == scaling


@pytest.mark.parametrize(
    "change",
    [
        {"requests": -1},
        {"lambda_mb": 64},
        {"trace_percent": 101},
        {"average_tasks": 0},
        {"active_hours": 731},
        {"log_gb": "NaN"},
        {"log_gb": "0.00001"},
        {"visits": 3},
    ],
)
def test_a_profile_outside_the_limits_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Usage.model_validate(change)


def test_every_figure_of_a_profile_says_what_it_counts() -> None:
    assert all(field.description for field in Usage.model_fields.values())


def test_traffic_moves_to_and_from_the_cdn_without_loss() -> None:
    usage = Usage(gb_out=D(10), cdn_gb=D(100))
    assert (usage.with_cdn().gb_out, usage.with_cdn().cdn_gb) == (D(0), D(110))
    assert (usage.without_cdn().gb_out, usage.without_cdn().cdn_gb) == (D(110), D(0))

"""One run of everything, at a pace at which AWS's minutes are blinks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import provisioning.kinds  # noqa: F401 # registers every kind
from provisioning.bench.compare import Trio, engine_trio, plain_trio
from provisioning.bench.plain.create import CREATE
from provisioning.bench.plain.destroy import DESTROY
from provisioning.bench.stage import Stage, stage
from provisioning.bench.waits import Pace

pytestmark = pytest.mark.simulator


@pytest.fixture(scope="module")
def place() -> Iterator[Stage]:
    with stage(Pace(scale=600), latency=0.0) as running:
        yield running


@pytest.fixture(scope="module")
def plain(place: Stage) -> Trio:
    return plain_trio(place, place.connection())


@pytest.fixture(scope="module")
def engine(place: Stage) -> tuple[Trio, int]:
    return engine_trio(place, place.connection())


def test_the_script_makes_no_call_in_vain_and_no_fewer_than_its_path_counts(plain: Trio) -> None:
    assert not [call for call in plain.create.calls if call.error]
    looks = sum(task.ready is not None for task in CREATE)
    # On a busy machine a thing may be looked at again; what is made is made once.
    assert plain.create.writes == sum(task.calls for task in CREATE) - looks
    assert plain.destroy.writes == sum(task.calls for task in DESTROY) - sum(
        task.ready is not None for task in DESTROY
    )


def test_the_script_makes_what_the_engine_makes(plain: Trio, engine: tuple[Trio, int]) -> None:
    """Else the comparison would flatter one of them."""
    ours, _ = engine
    made = {name: count for name, count in ours.create.operations().items() if ".Create" in name}
    assert made == {name: count for name, count in plain.create.operations().items() if ".Create" in name}
    put = {name: count for name, count in ours.create.operations().items() if ".Put" in name}
    assert put == {name: count for name, count in plain.create.operations().items() if ".Put" in name}


def test_a_run_that_changes_nothing_reads_each_object_once_at_most_and_writes_nothing(
    engine: tuple[Trio, int],
) -> None:
    ours, objects = engine
    assert len(ours.look.calls) <= objects
    assert ours.look.writes == 0

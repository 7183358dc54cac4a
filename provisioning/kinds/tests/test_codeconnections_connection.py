"""What is peculiar to a connection: it is done when asked for, and says that a person has to finish it."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.kind import Status, kind_named
from provisioning.kinds.codeconnections_connection import WAITING, ConnectionProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "codeconnections.connection"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({},)
PROPS = ConnectionProps(provider="GitHub")


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("source", KIND),
        PROPS,
        attributes=["arn", "name"],
        also_permitted=["codeconnections:TagResource"],  # a creation with tags
    )


def test_it_is_made_by_a_look_and_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("source", KIND), PROPS) == 1


def test_it_is_ready_and_says_that_a_person_has_to_finish_it(
    aws: Aws, handle: MakeHandle, simulator: Simulator
) -> None:
    made = kind_named(KIND).create(aws, handle("source", KIND), PROPS)
    known = handle("source", KIND, id=made.id)
    waiting = kind_named(KIND).read(aws, known)

    simulator.finish_connection(made.id)

    assert (made.status, made.reason) == (Status.READY, WAITING)
    assert waiting is not None and (waiting.status, waiting.reason) == (Status.READY, WAITING)
    finished = kind_named(KIND).read(aws, known)
    assert finished is not None and finished.reason == ""


def test_asked_for_twice_nobody_has_to_sign_in_twice(aws: Aws, handle: MakeHandle) -> None:
    made = [kind_named(KIND).create(aws, handle("source", KIND), PROPS).id for _ in range(2)]

    assert made[0] == made[1]


def test_another_provider_is_another_connection(aws: Aws, handle: MakeHandle, build: Build) -> None:
    now = kind_named(KIND).read(aws, handle("source", KIND, id=build("source", PROPS).id))

    assert now is not None
    assert set(kind_named(KIND).differences({"provider": "GitLab"}, now)) <= kind_named(KIND).replace_on

"""The check: every item asked at once, none of them in the way of another."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from provisioning.aws import Aws
from provisioning.errors import AwsError, FailureClass
from provisioning.readiness.answer import Answer, State, silent, unmet
from provisioning.readiness.item import Item, Scene
from provisioning.readiness.reads import Missing
from provisioning.resource import Recorded
from provisioning.spec import Spec

logger = logging.getLogger(__name__)

ATTEMPTS = 3
WITHIN = 45.0  # seconds for all items: where AWS is away, a worker must not wait for it fifty times
PAUSE = 0.5  # seconds before a call is made again that was lost or throttled
_DENIED = ("denied", "unauthorized", "notauthorized", "authorizationerror", "forbidden")


class _TimeIsUp(Exception):
    """No further call is begun."""


def check(
    items: Iterable[Item], spec: Spec, recorded: Iterable[Recorded], aws: Aws, *, threads: int = 8
) -> dict[str, Answer]:
    """Key -> answer, for every item that has a probe. Reads only, lists shared, no read older than this call."""
    until = time.monotonic() + WITHIN

    def guard() -> None:
        if time.monotonic() > until:
            raise _TimeIsUp

    reader = replace(aws.since(time.monotonic()), guard=guard)
    scene = Scene(spec=spec, recorded=tuple(recorded), aws=reader)
    probed = [item for item in items if item.probe is not None]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        answers = pool.map(lambda item: ask(item, scene, until), probed)
        return {item.key: answer for item, answer in zip(probed, answers, strict=True)}


def ask(item: Item, scene: Scene, until: float = math.inf) -> Answer:
    """What the probe of an item says; unknown, with AWS's word for it, where AWS does not answer. `until`
    (time.monotonic): later it is not asked any more."""
    if time.monotonic() > until:
        return _too_slow()
    try:
        answer = _patiently(item, scene)
    except _TimeIsUp:
        return _too_slow()
    except AwsError as error:
        answer = _unanswered(error)
    except Missing as error:
        return unmet(f"AWS no longer has {error.name}.")
    except Exception:
        logger.exception("A probe failed", extra={"item": item.key})
        return silent("The portal could not make sense of AWS's answer.")
    if answer.state is not State.FAIL:
        return answer
    return replace(answer, command=item.fix.command_for(scene.recorded))


def _too_slow() -> Answer:
    return silent("AWS answered so slowly that there was no time left to ask.")


def _patiently(item: Item, scene: Scene) -> Answer:
    assert item.probe is not None  # noqa: S101 # those without are left out
    for attempt in range(ATTEMPTS):
        try:
            return item.probe(scene)
        except AwsError as error:
            passing = error.failure in {FailureClass.THROTTLE, FailureClass.UNKNOWN}
            if not passing or attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE * 2**attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _unanswered(error: AwsError) -> Answer:
    call = f"{error.service}:{error.operation}"
    if any(word in error.aws_code.lower() for word in _DENIED):
        return silent(f"The portal's role may not call {call}.", error.aws_code)
    if error.failure is FailureClass.ABSENT:
        return silent(f"AWS knows nothing of what {call} asked about.", error.aws_code)
    return silent(f"AWS did not answer {call}.", error.aws_code)


def permissions_of(items: Iterable[Item]) -> tuple[str, ...]:
    """Every IAM action that the probes of these items need."""
    return tuple(sorted({action for item in items for action in item.permissions}))


def counted(answers: Mapping[str, Answer]) -> dict[State, int]:
    """How many items stand how."""
    return {state: sum(one.state is state for one in answers.values()) for state in State}

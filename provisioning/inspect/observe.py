"""Observe: read every recorded resource at once, for a plan, a drift check or a page."""

from __future__ import annotations

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from provisioning.aws import Aws
from provisioning.errors import AwsError, FailureClass
from provisioning.kind import Observed, kind_named
from provisioning.resource import Recorded
from provisioning.spec import Spec
from provisioning.timing import Timing, retry_after

ATTEMPTS = 5


def observe(
    recorded: Iterable[Recorded],
    spec: Spec,
    aws: Aws,
    *,
    threads: int = 16,
    timing: Timing | None = None,
) -> dict[str, Observed | None]:
    """Key -> what AWS says, for everything that may be there. Reads only, lists shared, no read older than this call.

    Raises the AwsError of the first read that stays without an answer: half a picture would plan a whole rebuild.
    """
    here = [one for one in recorded if one.is_there]
    reader = aws.since(time.monotonic())
    patience = timing or Timing()
    with ThreadPoolExecutor(max_workers=max(1, min(threads, len(here)))) as pool:
        answers = pool.map(lambda one: _read(one, spec, reader, patience), here)
        return {one.key: answer for one, answer in zip(here, answers, strict=True)}


def _read(one: Recorded, spec: Spec, aws: Aws, timing: Timing) -> Observed | None:
    for attempt in range(ATTEMPTS):
        try:
            return kind_named(one.kind).read(aws.in_region(one.region), one.handle(spec, operation=""))
        except AwsError as error:
            passing = error.failure in {FailureClass.THROTTLE, FailureClass.UNKNOWN}
            if not passing or attempt == ATTEMPTS - 1:
                raise
            time.sleep(retry_after(error, attempt, timing))
    raise AssertionError("unreachable: the last attempt returns or raises")

"""What is looked at before anything is made, so that nothing stands half made for want of what could be known."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from provisioning.aws import Aws
from provisioning.errors import AwsError, FailureClass, ProvisioningError

T = TypeVar("T")
U = TypeVar("U")

_LASTS = (
    300.0  # seconds for which an answer about an account that hardly ever changes serves all its environments
)
_RECENT = 2.0  # the same for how much of it is in use


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a look found: in words, and whether somebody should think about it."""

    note: str
    warning: bool = False


class PreflightFailed(ProvisioningError):
    """What is asked for cannot be made in this account or region as it is."""

    code = "preflight.failed"
    hint = "Nothing was made. Mend the cause, then retry; or roll back and ask for something else."


@dataclass(frozen=True, kw_only=True)
class Quota:
    """One quota of AWS: `usual` is what an account has that never asked for more."""

    service: str
    code: str
    noun: str  # "VPCs"
    usual: float

    def limit(self, aws: Aws, wanted: float = 0) -> float | None:
        """What applies in this account and region; None where it cannot be read. One that is too small for what is
        `wanted` is asked for again: AWS may have raised it since."""
        known = self._read(aws, _LASTS)
        return known if known is None or known >= wanted else self._read(aws, 0)

    def _read(self, aws: Aws, seconds: float) -> float | None:
        try:
            answer = aws.recent(
                aws.service_quotas.get_service_quota,
                seconds=seconds,
                ServiceCode=self.service,
                QuotaCode=self.code,
            )
        except AwsError as error:
            if error.failure in {FailureClass.THROTTLE, FailureClass.UNKNOWN}:
                raise
            return None
        return float(answer["Quota"]["Value"])

    def room(self, aws: Aws, wanted: float, used: Callable[[], float]) -> Finding:
        """Whether so many more fit. Raises PreflightFailed when they do not."""
        limit, now = at_once(lambda: self.limit(aws), used)
        if limit is not None and now + wanted > limit:
            limit = self.limit(aws, now + wanted)
        known = self.usual if limit is None else limit
        note = f"{now:g} of {known:g} {self.noun} are in use, {wanted:g} more wanted"
        if limit is None:
            return Finding(
                note=f"{note}; that is AWS's default, and the account's own quota could not be read",
                warning=True,
            )
        if now + wanted > limit:
            raise self.exceeded(f"{note}.", aws.region)
        return Finding(note=note)

    def exceeded(self, note: str, region: str) -> PreflightFailed:
        """That it does not fit."""
        return PreflightFailed(
            f"The quota of the account in {region} is too small: {note}",
            code="preflight.quota",
            hint=f"Ask AWS for a higher quota (Service Quotas, {self.code}) or destroy an environment, then retry. "
            "Nothing was made.",
        )


def in_use(aws: Aws, call: Callable[..., object], items: str) -> int:
    """How many things an account has, by a list of the last seconds."""
    return len(aws.since(time.monotonic() - _RECENT).listed(call, items))


def at_once(first: Callable[[], T], second: Callable[[], U]) -> tuple[T, U]:
    """Two reads side by side."""
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(second)
        return first(), other.result()


def confirm_account(aws: Aws) -> None:
    """Raises PreflightFailed when the calls go to another account than the one that was meant."""
    told = aws.recent(aws.sts.get_caller_identity, seconds=_LASTS)["Account"]
    if told != aws.account:
        raise PreflightFailed(
            f"The credentials lead to the account {told}, not to {aws.account}.",
            code="preflight.wrong_account",
            hint="A platform admin corrects the account's number or role, then retry. Nothing was made.",
        )

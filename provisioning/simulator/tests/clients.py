"""boto3 clients for a simulator, and waiting for what it makes later."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from provisioning.simulator.launch import Simulator

REGION = "eu-west-1"
_session = boto3.Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


@cache
def _client(endpoint: str, service: str, region: str, agent: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, user_agent_extra=agent)
    maker: Any = _session
    return maker.client(service, region_name=region, endpoint_url=endpoint, config=config)


def client_of(simulator: Simulator, service: str, *, region: str = REGION, agent: str = "tests/1") -> Any:
    """A client that tries once; botocore would hide errors by trying again."""
    return _client(simulator.endpoint, service, region, agent)


def refusal(call: Callable[..., object], **parameters: object) -> str:
    """The error code with which AWS refuses a call."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("AWS did not refuse.")


def until(look: Callable[[], Any], wanted: object, *, seconds: float = 60.0) -> list[object]:
    """Look until `wanted` is seen; gives what was seen on the way, each value once."""
    seen: list[object] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = look()
        if not seen or seen[-1] != value:
            seen.append(value)
        if value == wanted:
            return seen
        time.sleep(0.01)
    raise AssertionError(f"{wanted!r} did not come; seen: {seen}")

"""Prepared answers of services that speak AWS's JSON protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from provisioning.aws import Aws
from provisioning.kinds.tests.scripted_server import Reply, scripted_server


@contextmanager
def scripted_json(answers: Mapping[str, Any]) -> Iterator[Aws]:
    """AWS that gives one prepared answer per operation ("DescribeServices"); one with "__type" is an error."""

    def reply_to(headers: Mapping[str, str], _body: bytes) -> Reply:
        answer = answers[headers["X-Amz-Target"].rpartition(".")[2]]
        return 400 if "__type" in answer else 200, json.dumps(answer)

    with scripted_server("application/x-amz-json-1.1", reply_to) as aws:
        yield aws

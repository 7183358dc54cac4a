"""Prepared answers as EC2 writes them."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from provisioning.aws import Aws
from provisioning.kinds.tests.scripted_server import Reply, scripted_server

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"


def refusal(code: str, message: str) -> Reply:
    """An error as EC2 writes it."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return 400, f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"


def answer(operation: str, body: str) -> Reply:
    """A success as EC2 writes it."""
    return (
        200,
        f'<{operation}Response xmlns="{NAMESPACE}"><requestId>1</requestId>{body}</{operation}Response>',
    )


def _nothing(operation: str, sent: Mapping[str, str]) -> None:
    return None


@contextmanager
def scripted_ec2(
    answers: Mapping[str, Reply],
    follows: Callable[[str, Mapping[str, str]], Reply | None] = _nothing,
) -> Iterator[Aws]:
    """AWS whose EC2 gives one prepared answer per operation ("DescribeNatGateways").

    `follows` may give another one that depends on the parameters as sent ("ClientToken").
    """

    def reply_to(_headers: Mapping[str, str], body: bytes) -> Reply:
        sent = dict(urllib.parse.parse_qsl(body.decode()))
        return follows(sent["Action"], sent) or answers[sent["Action"]]

    with scripted_server("text/xml", reply_to) as aws:
        yield aws

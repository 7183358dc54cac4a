"""Prepared answers as RDS and ElastiCache write them (AWS's query protocol), and a log of what was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from provisioning.aws import Aws
from provisioning.kinds.tests.scripted import scripted_ec2
from provisioning.kinds.tests.scripted_server import Reply

Asked = list[tuple[str, dict[str, str]]]


def answer(operation: str, body: str) -> Reply:
    """A success."""
    result = f"<{operation}Result>{body}</{operation}Result>"
    return 200, f"<{operation}Response>{result}</{operation}Response>"


def refusal(code: str, message: str = "No.") -> Reply:
    """An error."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return 400, f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"


@contextmanager
def scripted(answers: Mapping[str, Reply | list[Reply]]) -> Iterator[tuple[Aws, Asked]]:
    """AWS that gives these answers by operation, of a list one after the other, and the calls it got."""
    asked: Asked = []
    left = {name: [*replies] for name, replies in answers.items() if isinstance(replies, list)}
    always = {name: reply for name, reply in answers.items() if not isinstance(reply, list)}

    def follows(operation: str, sent: Mapping[str, str]) -> Reply | None:
        asked.append((operation, {key: sent[key] for key in sent if key not in {"Action", "Version"}}))
        return left[operation].pop(0) if operation in left else None

    with scripted_ec2(always, follows) as aws:
        yield aws, asked

"""What the log says, and what it never says."""

import contextlib
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from portal.logs import logging_config, redact


@contextlib.contextmanager
def json_log() -> Iterator[None]:
    """The product's JSON log on standard output, where `capsys` reads it."""
    logging.config.dictConfig(logging_config(level="INFO", readable=False))
    try:
        yield
    finally:
        logging.config.dictConfig(settings.LOGGING)


def entries(log: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.readouterr().out.splitlines()]


def test_secrets_are_blanked_at_any_depth() -> None:
    event = {
        "event": "Connected to postgres://someone:hunter2@db/x with Authorization: Bearer abc.def",
        "password": "hunter2",
        "settings": {"api_key": "hunter2", "nested": [{"Cookie": "hunter2"}]},
        "region": "eu-west-1",
    }

    clean = redact(None, "info", event)

    assert "hunter2" not in str(clean)
    assert "abc.def" not in str(clean)
    assert clean["region"] == "eu-west-1"


def test_an_exceptions_text_is_cleaned_too(capsys: pytest.CaptureFixture[str]) -> None:
    with json_log():
        try:
            raise ConnectionError("cannot reach redis://:hunter2@cache/0")
        except ConnectionError:
            logging.getLogger("portal.tests").exception("It failed", extra={"step": 3})

    (entry,) = entries(capsys)

    assert "hunter2" not in json.dumps(entry)
    assert (entry["event"], entry["step"], entry["level"]) == ("It failed", 3, "error")
    assert "ConnectionError" in str(entry["exception"])


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_id(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    with json_log():
        answer = client.get("/accounts/login/?next=/x", headers={"x-request-id": "id-of-the-proxy"})

    (entry,) = entries(capsys)

    assert answer["X-Request-ID"] == "id-of-the-proxy"
    assert (entry["request_id"], entry["path"], entry["status"]) == (
        "id-of-the-proxy",
        "/accounts/login/",
        200,
    )


@pytest.mark.django_db
def test_an_id_that_could_forge_a_line_is_replaced(client: Client) -> None:
    answer = client.get("/accounts/login/", headers={"x-request-id": 'x" level="error'})

    assert len(answer["X-Request-ID"]) == 32

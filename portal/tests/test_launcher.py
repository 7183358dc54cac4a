"""`make up`, run for real: only simulator, workers, scheduler and seed are stand-ins."""

import json
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from portal.launcher.home import free_port
from portal.tests.launched import Portal, until

pytestmark = pytest.mark.slow


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended; one that nobody has reaped yet counts as ended."""
    return not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        status: int = answer.status
        return status


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    running = Portal(data=tmp_path / "data folder", port=free_port())  # with a space, as people have them
    yield running
    if running.process is not None and running.process.poll() is None:
        running.end(signal.SIGTERM)


def test_it_comes_up_stops_without_a_trace_and_comes_up_again_with_its_state(portal: Portal) -> None:
    portal.start()
    family = portal.family()
    web = json.loads(portal.state.read_text())["web"]
    assert status_of(f"{web}/accounts/login/") == 200
    assert status_of(f"{web}/health") == 200
    assert portal.state.stat().st_mode & 0o077 == 0
    portal.query("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")

    assert portal.end(signal.SIGTERM) == 0

    assert gone(family)
    assert not portal.state.exists()

    seconds = portal.start()

    assert portal.query("SELECT word FROM kept") == [("still here",)]
    assert seconds < 20
    assert portal.end(signal.SIGINT) == 0


def test_a_second_one_on_the_same_data_says_where_the_first_is_and_leaves_it_alone(portal: Portal) -> None:
    portal.start()
    second = Portal(data=portal.data, port=portal.port)

    assert second.launch().wait(30) == 1

    assert f"already runs on {portal.data} at http://127.0.0.1:{portal.port}" in portal.said
    assert status_of(f"http://127.0.0.1:{portal.port}/health") == 200


def test_nothing_outlives_a_launcher_that_was_killed(portal: Portal) -> None:
    portal.start()
    family = portal.family()

    portal.end(signal.SIGKILL)

    until(lambda: gone(family))
    portal.start()
    assert status_of(f"http://127.0.0.1:{portal.port}/health") == 200


def test_a_part_that_dies_is_started_again_and_said_so(portal: Portal) -> None:
    portal.start()
    before = portal.pids()
    for name in ("worker-1", "web", "simulator", "postgres", "redis"):
        os.kill(before[name], signal.SIGKILL)

    until(lambda: all(portal.pids()[name] != before[name] for name in ("worker-1", "web", "simulator")))

    assert "worker-1 was ended by SIGKILL; started again in 0.5 s" in portal.said
    assert portal.pids()["worker-2"] == before["worker-2"]
    until(lambda: _healthy(portal))


def _healthy(portal: Portal) -> bool:
    try:
        return status_of(f"http://127.0.0.1:{portal.port}/health") == 200
    except OSError:
        return False


def test_errors_of_the_web_server_are_shown(portal: Portal) -> None:
    portal.start()
    portal.query("ALTER TABLE django_session RENAME TO lost")
    request = urllib.request.Request(
        f"http://127.0.0.1:{portal.port}/accounts/login/",
        headers={"Cookie": "andamio_session=abcdefgh12345678"},
    )

    with pytest.raises(urllib.error.HTTPError, match="500"):
        urllib.request.urlopen(request, timeout=10)

    until(lambda: "relation" in portal.said)
    assert "Traceback" in portal.said


def test_a_given_endpoint_starts_no_simulator(portal: Portal) -> None:
    portal.extra = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "WORKERS": "0"}

    portal.start()

    assert json.loads(portal.state.read_text())["aws_endpoint"] == "http://127.0.0.1:9"
    assert set(portal.pids()) == {"launcher", "redis", "postgres", "web", "scheduler"}


def test_a_taken_port_is_named_with_a_way_out(portal: Portal) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        portal.port = listener.getsockname()[1]

        assert portal.launch().wait(30) == 1

    assert f"Port {portal.port} is taken; choose another: make up PORT={portal.port + 1}" in portal.said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "eighty", "PORT is 'eighty'; it must be a number from 1 to 65535."),
        ("WORKERS", "-1", "WORKERS is '-1'; it must be a number from 0 to 64."),
        ("DATABASE_URL", "postgres://a:b@127.0.0.1:9/c", "The database of DATABASE_URL does not answer"),
        ("REDIS_URL", "redis://127.0.0.1:9/0", "The Redis of REDIS_URL does not answer"),
    ],
)
def test_an_option_that_cannot_work_ends_the_start_in_a_sentence(
    portal: Portal, name: str, value: str, words: str
) -> None:
    portal.extra = {name: value}

    assert portal.launch().wait(30) == 1

    assert words in portal.said
    assert "Traceback" not in portal.said

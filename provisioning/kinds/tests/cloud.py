"""The AWS that tests of kinds talk to: a server process of its own behind AWS's wire protocol."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running_cloud() -> Iterator[str]:
    """The URL of a server that is stopped at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "provisioning.kinds.tests.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "MOTO_ACM_VALIDATION_WAIT": "1"}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_it_answers(url)
            yield url
        finally:
            server.terminate()


def forget_everything(url: str) -> None:
    """Empty the server."""
    request = urllib.request.Request(f"{url}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request, timeout=30):
        pass


def _wait_until_it_answers(url: str, seconds: float = 30) -> None:
    limit = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"{url}/moto-api/config", timeout=2):
                return
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)

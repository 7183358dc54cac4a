"""Starts the simulator as a process of its own, for tests and for the launcher, and stops it without a trace."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_READY_WITHIN_SECONDS = 30.0
_STOPPED_WITHIN_SECONDS = 10.0
_LOOK_EVERY_SECONDS = 0.02
_PROJECT = Path(__file__).parents[2]
# The simulator is on this machine; a proxy of the environment could not reach it.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SimulatorFailed(RuntimeError):
    """The simulator did not start, or it refused an order; the message holds what it said."""


class Simulator:
    """A running simulator; leaving the `with` block stops it."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, output: Path) -> None:
        self.process = process
        #: What the process writes: its warnings and tracebacks.
        self.output = output
        #: For `AWS_ENDPOINT_URL` or boto3's `endpoint_url`.
        self.endpoint = f"http://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def order(self, method: str, path: str, body: object = None) -> Any:
        """Ask something of `/simulator/<path>`; gives the JSON that it answers."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/simulator/{path}", content, method=method)  # noqa: S310  # our own http address
        try:
            with _opener.open(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise SimulatorFailed(error.read().decode()) from error

    def reset(self) -> None:
        """Empty the simulated AWS: resources, pending changes and ordered faults."""
        self.order("POST", "reset")
        self.order("DELETE", "faults")

    def fault(self, **order: object) -> None:
        """Order an AWS error, a lost reply or a delay for calls to come (see `faults.Fault`)."""
        self.order("POST", "faults", order)

    def confirm_subscription(self, endpoint: str) -> list[str]:
        """Do what the click in SNS's e-mail does; gives the ARNs of the subscriptions."""
        confirmed: list[str] = self.order("POST", "confirm-subscription", {"endpoint": endpoint})["confirmed"]
        return confirmed

    def finish_connection(self, connection: str) -> list[str]:
        """Do what a person does in the console for a connection by its ARN or name; gives the ARNs."""
        finished: list[str] = self.order("POST", "finish-connection", {"connection": connection})["finished"]
        return finished

    def put_load(self, resource: str, load: float | None, *, since: float = 600) -> None:
        """Let the metrics of a resource, by its name in AWS, say that it has so much to do, from 0 to 1, for so many
        seconds already; None: as much as usual."""
        self.order("POST", "load", {"resource": resource, "load": load, "since": since})

    def limit(self, **quotas: float) -> None:
        """Set quotas of Service Quotas; the codes with underscores (`L_F678F1CE=5` is that of VPCs)."""
        self.order("POST", "quotas", {code.replace("_", "-"): value for code, value in quotas.items()})

    def stop(self) -> None:
        """Let it save its state and end; after some seconds end it anyway."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(_STOPPED_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _command(options: Mapping[str, object]) -> list[str]:
    command = [sys.executable, "-m", "provisioning.simulator"]
    for name, value in options.items():
        if value is not None:
            command += [f"--{name}", str(value)]
    return command


def _wait_for_port(process: subprocess.Popen[bytes], port_file: Path, said: Path) -> int:
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        text = port_file.read_text() if port_file.exists() else ""
        if text and _answers(int(text)):
            return int(text)
        time.sleep(_LOOK_EVERY_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    raise SimulatorFailed(f"The simulator did not start. It said: {said.read_text()[-2000:] or 'nothing'}")


def _answers(port: int) -> bool:
    try:
        with _opener.open(f"http://127.0.0.1:{port}/simulator/health", timeout=1) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def start(
    *,
    port: int = 0,
    data: Path | None = None,
    speed: float = 60.0,
    durations: Mapping[str, float] | None = None,
    journal: Path | None = None,
    latency: float = 0.0,
) -> Simulator:
    """Start a simulator and wait until it answers.

    `port` 0 takes a free one. `data` is the folder that keeps its state; without it, it forgets. `speed`
    divides all waits; `durations` replaces some, in unscaled seconds (names: `durations.USUAL`). `journal`
    gets one JSON line per call. `latency` is added to every call, in real seconds.

    Raises SimulatorFailed when it does not answer within 30 seconds.
    """
    folder = Path(tempfile.mkdtemp(prefix="simulator-"))
    said, port_file = folder / "output", folder / "port"
    text = ",".join(f"{name}={seconds}" for name, seconds in (durations or {}).items())
    options = {
        "port": port,
        "data": data.resolve() if data else None,
        "speed": speed,
        "durations": text or None,
        "journal": journal.resolve() if journal else None,
        "latency": latency,
        "port-file": port_file,
        "parent": os.getpid(),
    }
    with said.open("wb") as output:
        # A group of its own, so that Ctrl-C in a terminal leaves stopping to us, and `kill` reaches all of it.
        process = subprocess.Popen(  # noqa: S603  # our own module with our own options
            _command(options), cwd=_PROJECT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return Simulator(process, _wait_for_port(process, port_file, said), said)

"""One process of the portal: how it is started, when it is ready, how it is stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")
_TAIL_BYTES = 8192


class StartFailed(Exception):
    """Something did not come up; the message says what, why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program to run beside the others. `environment` is the whole of it, not an addition."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0  # seconds between the stop signal and SIGKILL


class Running:
    """A started service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.started = time.monotonic()
        self._process = _spawn(service)

    @property
    def pid(self) -> int:
        """Its process id, which is its process group's too."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative is the signal that ended it."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """Send the polite signal."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(self.service.stop_signal)

    def wait_stopped(self, deadline: float) -> None:
        """Wait until the monotonic time `deadline`, then kill it; whatever it forked dies with it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def stop(*together: Running) -> None:
    """Stop services side by side, each within its patience."""
    asked = time.monotonic()
    for running in together:
        running.ask_to_stop()
    for running in together:
        running.wait_stopped(asked + running.service.patience)


def _spawn(service: Service) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that the terminal's Ctrl-C reaches the launcher alone."""
    leash = (sys.executable, "-I", "-S", str(_LEASH), str(int(service.stop_signal)), str(os.getpid()))
    service.log.parent.mkdir(parents=True, exist_ok=True)
    with service.log.open("ab") as log:
        return subprocess.Popen(
            [*leash, *service.command],
            env=dict(service.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def wait_ready(running: Running, *, seconds: float = 120.0) -> None:
    """Return once the service answers; StartFailed, with the end of its log, if it ends or stays silent."""
    deadline = time.monotonic() + seconds
    while not running.service.ready():
        if running.exit_code() is not None:
            raise StartFailed(f"{_ended(running)}\n{tail(running.service.log)}")
        if time.monotonic() > deadline:
            raise StartFailed(
                f"{running.service.name} did not answer in {seconds:.0f} s; see {running.service.log}.\n"
                f"{tail(running.service.log)}"
            )
        time.sleep(0.05)


def wait_done(running: Running) -> None:
    """Return once the program has ended well; StartFailed, with the end of its log, if it ended badly."""
    while (code := running.exit_code()) is None:
        time.sleep(0.05)
    if code:
        raise StartFailed(f"{_ended(running)}\n{tail(running.service.log)}")


def _ended(running: Running) -> str:
    return f"{running.service.name} {how_it_ended(running.exit_code())}; see {running.service.log}."


def how_it_ended(code: int | None) -> str:
    """An exit code in words."""
    if code is not None and code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    with contextlib.suppress(FileNotFoundError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    return ""

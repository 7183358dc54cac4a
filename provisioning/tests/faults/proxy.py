"""The handle by which a test or a benchmark starts a fault proxy, rules it and reads its journal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from http.client import HTTPConnection
from json import dumps, loads
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from provisioning.tests.faults.journal import Call, from_json_lines
from provisioning.tests.faults.rule_book import RuleCount
from provisioning.tests.faults.rules import Rule, rules_to_json

_ROOT = Path(__file__).parents[3]
_STOP_SECONDS = 5.0


class ControlRefused(Exception):
    """The proxy did not understand a control request; the text says why."""


class FaultProxy:
    """A fault proxy in a process of its own, in front of `upstream`, at `url` while the context lasts.

    `latency` is seconds added to each call. The process ends with the context, or with this process.

        with FaultProxy(simulator_url, [kill_at(3, "after_commit")]) as proxy:
            boto3.client("ec2", endpoint_url=proxy.url, …)
    """

    def __init__(
        self,
        upstream: str,
        rules: Sequence[Rule] = (),
        latency: float = 0.0,
        *,
        port: int = 0,
        journal_file: Path | None = None,
    ) -> None:
        self.upstream = upstream
        self.url = ""
        self._rules = tuple(rules)
        self._arguments = ["--upstream", upstream, "--port", str(port), "--latency", str(latency)]
        if journal_file:
            self._arguments += ["--journal", str(journal_file)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Starts the process and waits until it listens; `RuntimeError` if it does not."""
        command = [sys.executable, "-m", "provisioning.tests.faults", "--until-stdin-ends", *self._arguments]
        search_path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": search_path},
        )
        assert self._process.stdout is not None  # a pipe was asked for
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"the fault proxy did not start: exit code {self._process.wait()}")
        if self._rules:
            self.set_rules(*self._rules)

    def stop(self) -> None:
        """Stops the process; calls under way end with a reset."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()

    @property
    def pid(self) -> int:
        """The process id of the running proxy, for measuring it."""
        if self._process is None:
            raise RuntimeError("the fault proxy is not running")
        return self._process.pid

    def set_rules(self, *rules: Rule) -> None:
        """Puts these rules in force in place of all others, their counters at nought."""
        self._control("PUT", "/faults/rules", rules_to_json(rules))

    def counts(self) -> list[RuleCount]:
        """How many calls each rule has matched and struck, in their order."""
        return [RuleCount(**count) for count in loads(self._control("GET", "/faults/counts"))]

    def journal(self, after: int = 0) -> list[Call]:
        """The calls that have ended with `n` above `after`, in order of arrival."""
        return from_json_lines(self._control("GET", f"/faults/journal?after={after}"))

    def set_latency(self, seconds: float) -> None:
        """Sets the seconds that are added to each call from now on."""
        self._control("PUT", "/faults/latency", dumps({"seconds": seconds}).encode())

    def reset(self) -> None:
        """Empties the journal, sets the counters of the rules to nought, makes everything created visible."""
        self._control("POST", "/faults/reset")

    def _control(self, method: str, path: str, body: bytes = b"") -> bytes:
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise ControlRefused(text.decode())
        return text

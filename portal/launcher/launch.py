"""Brings the whole portal up on one machine, keeps it up, takes it down."""

import contextlib
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence

from portal.launcher import postgres, redis
from portal.launcher.commands import Commands, commands
from portal.launcher.errorlog import ErrorLog
from portal.launcher.home import MARK, Home, port_is_free
from portal.launcher.options import Options, child_environment
from portal.launcher.services import Running, Service, StartFailed, wait_done, wait_ready
from portal.launcher.supervisor import Supervisor

_LOG_BYTES = 10 * 1024 * 1024


class Launch:
    """One run of the portal on one data folder. `table` replaces some of its programs, for tests."""

    def __init__(self, options: Options, say: Callable[[str], None], table: Commands) -> None:
        self._options = options
        self._say = say
        self._home = Home(path=options.data)
        self._supervisor = Supervisor(say=say, changed=self._announce)
        self._table = table
        self._state: dict[str, str] = {}
        self._errors = ErrorLog(path=self._home.log("web"))

    def run(self) -> None:
        """Start, say the address, stay until KeyboardInterrupt, stop. StartFailed where it cannot start."""
        with self._home.owned():
            try:
                self._start()
                self._announce()
                self._say(f"Andamio answers at {self._options.web}   (Ctrl-C stops it)")
                self._stay()
            except KeyboardInterrupt:
                self._say("Stopping ...")
            finally:
                self._stop()
        self._say("Stopped.")

    def _start(self) -> None:
        options, home = self._options, self._home
        if left := home.clear_leftovers():
            self._say(f"Cleared away {left} processes of a run that was killed")
        if not port_is_free(options.host, options.port):
            raise StartFailed(
                f"Port {options.port} is taken; choose another: make up PORT={options.port + 1}"
            )
        self._cut_logs()
        programs = {**commands(options, simulator_port=home.port("simulator")), **self._table}
        bare = {**options.environment, MARK: str(options.data)}
        environment = self._start_stores(programs, bare)
        self._start_portal(programs, environment)

    def _start_stores(self, programs: Commands, bare: Mapping[str, str]) -> dict[str, str]:
        """Simulator, PostgreSQL and Redis, side by side; returns the environment that the portal gets."""
        options, home = self._options, self._home
        aws_endpoint = options.aws_endpoint or f"http://127.0.0.1:{home.port('simulator')}"
        waiting: list[Running] = []
        if not options.aws_endpoint:
            health = f"{aws_endpoint}/simulator/health"
            plain = {**bare, "PYTHONUNBUFFERED": "1"}
            waiting.append(self._begin("simulator", programs["simulator"], plain, lambda: _answers(health)))
        redis_url = self._redis(bare, waiting)
        database_url = self._postgres(bare, waiting)
        for running in waiting:
            wait_ready(running)
        self._state = {
            "web": options.web,
            "aws_endpoint": aws_endpoint,
            "database_url": database_url,
            "redis_url": redis_url,
        }
        addresses = {"database_url": database_url, "redis_url": redis_url, "aws_endpoint": aws_endpoint}
        return {
            "SECRET_KEY": home.secret_key(),
            **child_environment(options, **addresses),
            MARK: str(options.data),
        }

    def _redis(self, bare: Mapping[str, str], waiting: list[Running]) -> str:
        if given := self._options.redis_url:
            redis.require(given)
            return given
        server = redis.Redis(folder=self._home.path / "redis", port=self._home.port("redis"))
        service = server.service(environment=bare, log=self._home.log("redis"))
        waiting.append(self._supervisor.start(service))
        return server.url

    def _postgres(self, bare: Mapping[str, str], waiting: list[Running]) -> str:
        if given := self._options.database_url:
            postgres.require(given)
            return given
        server = postgres.Postgres(folder=self._home.path / "postgres", port=self._home.port("postgres"))
        service = server.service(environment=bare, log=self._home.log("postgres"))
        waiting.append(self._supervisor.start(service))
        return server.url

    def _start_portal(self, programs: Commands, environment: Mapping[str, str]) -> None:
        options = self._options
        self._finish("migrate", programs, environment)
        self._errors.skip()
        web = self._begin(
            "web", programs["web"], environment, lambda: _answers(f"{options.web}/accounts/login/")
        )
        for number in range(1, options.workers + 1):
            self._begin(f"worker-{number}", programs["worker"], environment)
        self._begin("scheduler", programs["scheduler"], environment)
        if options.demo:
            self._finish("seed", programs, environment)
        wait_ready(web)

    def _begin(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        ready: Callable[[], bool] = lambda: True,
    ) -> Running:
        return self._supervisor.start(
            Service(
                name=name, command=command, environment=environment, log=self._home.log(name), ready=ready
            )
        )

    def _finish(self, name: str, programs: Commands, environment: Mapping[str, str]) -> None:
        running = self._begin(name, programs[name], environment)
        wait_done(running)
        self._supervisor.release(running)

    def _cut_logs(self) -> None:
        """Keep one earlier log of each part, once it has grown long."""
        for log in self._home.log("any").parent.glob("*.log"):
            if log.stat().st_size > _LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))

    def _announce(self) -> None:
        self._home.announce({**self._state, "pids": {"launcher": os.getpid(), **self._supervisor.pids()}})

    def _stay(self) -> None:
        while True:
            self._supervisor.look_after()
            for line in self._errors.new_errors():
                self._say(f"web: {line}")
            time.sleep(0.25)

    def _stop(self) -> None:
        self._home.forget()
        with contextlib.suppress(KeyboardInterrupt):  # a second Ctrl-C ends the patience
            self._supervisor.stop_all()
        with contextlib.suppress(KeyboardInterrupt):
            self._home.clear_leftovers()


def _answers(url: str) -> bool:
    """Whether a GET of the page is answered with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310  (an address made here)
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False

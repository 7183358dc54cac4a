"""Puts the parts together: restores the state, serves, saves what changed, stops."""

import threading
import time
from pathlib import Path
from typing import Any

from moto.core.base_backend import BackendDict

from provisioning.simulator import layer, services, snapshot
from provisioning.simulator.application import Application
from provisioning.simulator.control import Control
from provisioning.simulator.durations import Durations
from provisioning.simulator.faults import Faults
from provisioning.simulator.journal import Journal
from provisioning.simulator.server import make_server
from provisioning.simulator.world import Machine

# A crash loses what was acknowledged since the last save, so this is the most that it can lose.
SAVE_EVERY_SECONDS = 0.8


class Simulation:
    """One simulated AWS in this process."""

    def __init__(
        self, *, durations: Durations, data: Path | None, journal: Path | None, latency: float
    ) -> None:
        self._machine = Machine(durations=durations)
        self._file = data / snapshot.FILE_NAME if data else None
        self._started = time.time()
        self._ended = threading.Event()
        self._server: Any = None
        faults = Faults()
        self._application = Application(
            machine=self._machine,
            faults=faults,
            journal=Journal(journal) if journal else None,
            latency=latency,
            control=Control(
                faults=faults,
                health=self._health,
                reset=self._reset,
                confirm=self._confirm,
                connect=self._connect,
                limit=self._limit,
                load=self._load,
            ),
        )
        layer.install(self._machine)
        if self._file:
            self._restore(self._file)

    def bind(self, *, host: str, port: int) -> Any:
        """A server that holds its port but does not answer yet."""
        return make_server(self._application, host=host, port=port)

    def start(self, server: Any) -> None:
        """Answer, warm up the services, and save from now on, all in threads of their own."""
        self._server = server
        for task in (server.serve, self._warm_up, *([self._save_for_ever] if self._file else [])):
            threading.Thread(target=task, name=task.__name__, daemon=True).start()

    def stop(self) -> None:
        """Take no more calls, finish the one that is under way, save."""
        self._ended.set()
        with self._machine.lock:
            if self._file:
                snapshot.write(self._file, snapshot.take(self._machine.world))

    def _restore(self, file: Path) -> None:
        world = snapshot.restore(file)
        if world is not None:
            self._machine.world = world
            services.load_all()

    def _warm_up(self) -> None:
        services.warm(self._ended)

    def _save_for_ever(self) -> None:
        while not self._ended.wait(SAVE_EVERY_SECONDS):
            if self._application.changed:
                self._save()

    def _save(self) -> None:
        with self._machine.lock:
            if self._ended.is_set() or self._file is None:
                return
            self._application.changed = False
            content = snapshot.take(self._machine.world)
        snapshot.write(self._file, content)

    def _health(self) -> dict[str, object]:
        return {
            "status": "ready",
            "mode": "simulated",
            "speed": self._machine.durations.speed,
            "uptime_seconds": round(time.time() - self._started, 3),
            "waiting_changes": len(self._machine.world.timers),
        }

    def _reset(self) -> None:
        with self._machine.lock:
            BackendDict.reset()
            self._machine.world.clear()
            self._application.changed = True

    def _connect(self, connection: str) -> list[str]:
        from provisioning.simulator import codeconnections

        with self._machine.lock:
            self._application.changed = True
            return codeconnections.finish(self._machine.world, connection)

    def _limit(self, quotas: dict[str, float]) -> None:
        from provisioning.simulator import servicequotas

        with self._machine.lock:
            self._application.changed = True
            servicequotas.limit(self._machine.world, quotas)

    def _confirm(self, topic: str, endpoint: str) -> list[str]:
        from provisioning.simulator import sns

        with self._machine.lock:
            self._application.changed = True
            return sns.confirm(topic=topic, endpoint=endpoint)

    def _load(self, order: dict[str, object]) -> dict[str, object]:
        from provisioning.simulator import cloudwatch_loads

        with self._machine.lock:
            self._application.changed = True
            return cloudwatch_loads.put(self._machine, order)

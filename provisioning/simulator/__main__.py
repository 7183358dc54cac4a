"""`python -m provisioning.simulator`: serve a simulated AWS on one port until SIGTERM."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from provisioning.simulator.durations import Durations

_LOOK_FOR_PARENT_SECONDS = 1.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m provisioning.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5600, help="0 takes a free one")
    parser.add_argument("--data", type=Path, help="folder that keeps the state over a restart; none: forget")
    parser.add_argument("--speed", type=float, default=60.0, help="AWS's seconds per real second (60)")
    parser.add_argument(
        "--durations",
        default=os.environ.get("SIMULATOR_DURATIONS", ""),
        help="e.g. rds.create=300,elasticache.create=240, in AWS's seconds (also SIMULATOR_DURATIONS)",
    )
    parser.add_argument("--latency", type=float, default=0.0, help="real seconds added to every call")
    parser.add_argument("--journal", type=Path, help="file that gets one JSON line per call")
    parser.add_argument("--port-file", type=Path, help="file that gets the port once it is bound")
    parser.add_argument("--parent", type=int, help="process without which the simulator ends too")
    return parser.parse_args()


def main() -> int:
    """Run until SIGTERM or SIGINT; the exit code is 0 then, 2 for wrong arguments."""
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s simulator %(levelname)s %(message)s")
    try:
        durations = Durations.parse(speed=arguments.speed, text=arguments.durations)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # moto must not take another account, region or delay from this process's environment.
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "0"
    from provisioning.simulator.simulator import Simulation

    simulation = Simulation(
        durations=durations, data=arguments.data, journal=arguments.journal, latency=arguments.latency
    )
    server = simulation.bind(host=arguments.host, port=arguments.port)
    if arguments.port_file:
        arguments.port_file.write_text(str(server.bind_addr[1]))
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    simulation.start(server)
    while not stopped.wait(_LOOK_FOR_PARENT_SECONDS):
        if arguments.parent and os.getppid() != arguments.parent:
            break
    try:
        simulation.stop()
    finally:
        # Threads that sleep out a latency must not keep a stopped simulator alive.
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    sys.exit(main())

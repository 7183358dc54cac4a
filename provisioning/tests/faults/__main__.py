"""`python -m provisioning.tests.faults --upstream URL`: the fault proxy as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
from pathlib import Path

from provisioning.tests.faults.rules import load_rules
from provisioning.tests.faults.server import ProxyServer


def main(arguments: list[str] | None = None) -> None:
    """Runs the proxy until it is interrupted; prints the URL it listens at as its first line."""
    options = _parser().parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m provisioning.tests.faults", description=__doc__)
    parser.add_argument("--upstream", required=True, help="URL of the AWS simulator")
    parser.add_argument("--port", type=int, default=0, help="port to listen at on 127.0.0.1 (0: a free one)")
    parser.add_argument("--rules", type=Path, help="JSON file with a list of rules")
    parser.add_argument("--journal", type=Path, help="file to append the journal to, as JSON lines")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds to add to each call")
    parser.add_argument("--until-stdin-ends", action="store_true", help="stop when the starter is gone")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    proxy = ProxyServer(upstream=options.upstream, journal=options.journal, latency=options.latency)
    if options.rules:
        proxy.rules.replace(load_rules(options.rules))
    server = await proxy.listen("127.0.0.1", options.port)
    # What was imported lives as long as the process: the collector need not look at it again.
    gc.freeze()
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if options.until_stdin_ends:
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    await stopped.wait()
    server.close()
    proxy.close()


if __name__ == "__main__":
    main()

"""`make up`: the whole portal on this machine. Run as `python -m portal.up`."""

import signal
import sys
from collections.abc import Callable
from types import FrameType

from portal.launcher.commands import Commands
from portal.launcher.launch import Launch
from portal.launcher.options import Options, read_options, system_environment
from portal.launcher.services import StartFailed


def main(table: Callable[[Options], Commands] = lambda _options: {}) -> int:
    """Exit code 0 after a stop that was asked for, 1 where it could not start; `table` is for tests."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        options = read_options(system_environment())
        Launch(options, say, table(options)).run()
    except StartFailed as error:
        say(str(error))
        return 1
    return 0


def say(line: str) -> None:
    """One line for the person, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

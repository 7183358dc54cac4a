"""Becomes another program that dies with the process that started it.

Run as a file: `python leash.py SIGNAL PARENT PROGRAM ARGUMENT…`. On Linux the kernel sends SIGNAL when PARENT
ends, even by SIGKILL; elsewhere the launcher clears away what is left at its next start.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(arguments: list[str]) -> None:
    """Tie this process to its parent, then turn into the program."""
    number, parent, *program = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != int(parent):  # it ended before the leash was on
            sys.exit(1)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Reading a process's memory."""

from __future__ import annotations

import os
import sys

import pytest

from portal.bench.memory import memory_of, parse_rollup, peak_of


def test_resident_and_own_memory_are_told_in_mib() -> None:
    text = "00400000-7ffd ---p 0 00:00 0   [rollup]\nRss:   204800 kB\nPss:   102400 kB\nPss_Dirty:  1 kB\n"

    memory = parse_rollup(text)

    assert (memory.resident, memory.own) == (200.0, 100.0)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_peak_is_no_less_than_what_there_was_at_first() -> None:
    before = memory_of(os.getpid())

    with peak_of(os.getpid()) as peak:
        pass

    assert peak.memory.resident >= before.resident * 0.9

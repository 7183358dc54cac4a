"""Crash tests: whatever dies, stalls or is lost on the way, AWS ends up with exactly what was planned.

`make crash` tries every boundary; the whole suite takes an evenly spaced sample of them.
"""

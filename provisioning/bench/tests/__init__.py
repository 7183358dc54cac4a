"""Tests of the bench: its arithmetic, and one run."""

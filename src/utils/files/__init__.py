"""Atomic files, locks, reserved disk space, and records of a run."""

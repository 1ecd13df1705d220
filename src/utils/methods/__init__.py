"""Runs a method on the problems of a test set: the runner, its ledger and processes."""

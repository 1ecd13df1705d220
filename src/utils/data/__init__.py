"""Reads datasets from files, folders and the hub, in the layouts that people use."""

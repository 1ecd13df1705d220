"""Ports for servers that must be given one."""

from __future__ import annotations

import random
import socket

from ..utils.defaults import LOOPBACK

PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to connections: one of these could take the port while a server
loads, which is before it listens.
"""
TRIES = 100
_random = random.SystemRandom()  # processes that start together must not choose alike


def free_port() -> int:
    """A port of loopback that is free now. Raises OSError if none is found."""
    for port in _random.sample(PORTS, TRIES):
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError(f"none of {TRIES} ports from {PORTS[0]} to {PORTS[-1]} is free")

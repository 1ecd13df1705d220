"""Ports for servers that have to be told theirs."""

from __future__ import annotations

import random
import socket

PORTS = range(20_000, 32_000)
"""Below those that the kernel gives to connections: a server that loads for a minute would find
its port taken by one of them.
"""
_random = random.SystemRandom()  # processes of one test run must not choose alike


def free_port() -> int:
    for port in _random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")

"""What the bounded processes are asked to do in test_bounded.py."""

from __future__ import annotations

import os
import time
from pathlib import Path


def add(shared: int, number: int) -> int:
    return shared + number


def whose(shared: None) -> int:
    return os.getpid()


def misbehave(shared: str, how: str) -> str:
    match how:
        case "sleep":
            time.sleep(600)
        case "memory":
            return "x" * len(bytearray(8 * 2**30))
        case "exit":
            os._exit(3)
        case "raise":
            raise KeyError("nobody expects this")
        case "print":
            print("noise on the pipe", flush=True)
            os.write(1, b"more noise")
    return how


def fail_once(shared: str) -> str:
    """Brings its process down the first time."""
    mark = Path(shared)
    if not mark.exists():
        mark.touch()
        os._exit(1)
    return "second time"

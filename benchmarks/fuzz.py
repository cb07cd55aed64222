"""Mutated workbooks by the thousand: `python benchmarks/fuzz.py --count 10000`. A failure prints its seed."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.corpus.fuzz import run, summary


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    started = time.monotonic()
    outcomes = run(range(asked.first, asked.first + asked.count))
    print(summary(outcomes))
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if any(one.complaints for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())

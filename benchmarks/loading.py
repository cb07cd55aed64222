"""Timings of loading and checking editions, after import: `make bench` or `python benchmarks/loading.py`.

CPU milliseconds of this process, best of five, every file read anew. The goals: the largest edition 50 ms, all of them
together one second.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import platform
import pstats
import time
from pathlib import Path

from evaltool.scheme import entries, examine

ONE, ALL = 50.0, 1000.0


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def milliseconds(folder: Path, times: int) -> float:
    found = []
    for _ in range(times):
        start = time.process_time()
        _, problems = examine(folder)
        found.append((time.process_time() - start) * 1000)
        assert not problems, folder
    return min(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="where the time of the slowest edition goes")
    chosen = parser.parse_args()
    print(machine())
    examine(entries()[0].folder)  # what only the first edition pays: the vocabulary, the patterns
    took = {entry.folder: milliseconds(entry.folder, 5) for entry in entries()}
    for folder, spent in took.items():
        lines = sum(len(file.read_bytes().splitlines()) for file in folder.glob("*.yaml"))
        print(f"  {'/'.join(folder.parts[-3:]):<50} {lines:5d} lines {spent:8.1f} ms")
    slowest = max(took, key=lambda folder: took[folder])
    print(f"  largest {took[slowest]:.1f} ms (goal {ONE:.0f}), all {sum(took.values()):.1f} ms (goal {ALL:.0f})")
    if chosen.profile:
        profile = cProfile.Profile()
        profile.runcall(examine, slowest)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()

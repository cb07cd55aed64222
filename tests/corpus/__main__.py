"""`python -m tests.corpus [--slow] [WORD…]`: runs the kinds with a WORD in name or group; prints a table."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.corpus.kinds import kinds, run, run_one


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--one"]:
        print(json.dumps(run_one(arguments[1]), ensure_ascii=False))
        return 0
    words = [word for word in arguments if not word.startswith("--")]
    wanted = [
        one
        for one in kinds().values()
        if (not one.slow or "--slow" in arguments) and (not words or any(w in one.name + one.group for w in words))
    ]
    made, passed, failed = Counter(), Counter(), 0
    for one in wanted:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = run(one, Path(folder))
            except Exception as error:  # noqa: BLE001 – an exception is what no kind may cause
                found = [f"RAISES {type(error).__name__}: {error}"]
        took = time.monotonic() - started
        if took > 5:
            print(f"   {one.name}: {took:.1f} s")
        made[one.group] += 1
        passed[one.group] += not found
        failed += bool(found)
        for line in found[:4]:
            print(f"{one.group} · {one.name}: {line[:420]}")
    print(table(made, passed))
    return 1 if failed else 0


def table(made: Counter[str], passed: Counter[str]) -> str:
    lines = [f"{group:<34}{passed[group]:>4} of {number:>4}" for group, number in made.items()]
    return "\n".join([*lines, f"{'all':<34}{sum(passed.values()):>4} of {sum(made.values()):>4}"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

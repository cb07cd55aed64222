"""Timings of scoring, imports and the command line: `make bench`. It prints, and asserts only that results are right.

How to read: CPU seconds are of this process (best of five). The ratio says how much exactness, states and ranges cost
over bare float64 numpy that does the same arithmetic on fully known answers.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
import synthetic

from evaltool.facts import OFFICIAL
from evaltool.intake import from_values, read_table
from evaltool.scheme import Scheme, load, load_folder
from evaltool.scoring import Label, score
from evaltool.scoring.engine import score_layer

COUNTIES = 2844
HUBEI = "hubei/ecommerce_rural"
HOSPITALS = Path(__file__).parent.parent / "tests" / "hvbp"


def cpu(work: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """Best CPU seconds, and what the work gives."""
    found, result = [], None
    for _ in range(times):
        start = time.process_time()
        result = work()
        found.append(time.process_time() - start)
    return min(found), result


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    python = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{model}, {os.cpu_count()} cores, {python}, {platform.system()}"


def line(what: str, seconds: float, note: str = "") -> None:
    print(f"  {what:<58} {seconds * 1000:9.1f} ms  {note}")


def sixty(folder: Path) -> None:
    scheme = load_folder(synthetic.write(folder))
    print(f"\n{COUNTIES} counties × {len(scheme.leaves())} indicators (and totals, bands), one layer")
    known = synthetic.answers(COUNTIES, 0)
    columns = synthetic.as_floats(known)
    bare, (totals, grades) = cpu(lambda: synthetic.by_hand(columns), 20)
    layer = from_values(scheme, known).layers[OFFICIAL]
    exact, outcome = cpu(lambda: score_layer(scheme, layer))
    singles, _ = cpu(lambda: score_layer(scheme, layer, fast=False), 2)
    floats, _ = cpu(lambda: score_layer(scheme, layer, exact=False))
    assert np.allclose(outcome.results["TOTAL"].lo.astype(float), totals, atol=1e-9)
    grade = outcome.results["GRADE"]
    assert isinstance(grade, Label)
    differing = int((np.log2(grade.mask).astype(int) != grades).sum())
    line("exact, every cell known", exact)
    line("the same number by number (the witness)", singles, f"{singles / exact:.0f} ×")
    line("the engine on float64 (simulation)", floats)
    line(
        "bare float64 numpy, written by hand",
        bare,
        f"exact is {exact / bare:.0f} ×, engine floats {floats / bare:.1f} ×",
    )
    print(f"  bands that bare floats get wrong: {differing} of {COUNTIES}")
    for unknown in (0.02, 0.2):
        part = from_values(scheme, synthetic.answers(COUNTIES, unknown)).layers[OFFICIAL]
        seconds, _ = cpu(lambda part=part: score_layer(scheme, part), 3)
        line(f"exact, {unknown:.0%} of the cells unknown", seconds)
    whole(scheme, known, "score(): both layers, problems, bands")


def whole(scheme: Scheme, sheets: dict[str, dict[str, Any]], what: str) -> None:
    facts = from_values(scheme, sheets)
    seconds, scores = cpu(lambda: score(facts), 3)
    line(what, seconds)
    seconds, _ = cpu(scores.table, 1)
    line("the table of results", seconds)


def hubei() -> None:
    scheme = load(HUBEI)
    print(f"\n{COUNTIES} counties × the Hubei edition ({len(scheme.leaves())} indicators, four lists)")
    base = {key: value for key, value in scheme.cases.base.items() if key != "lists"}
    rows = scheme.cases.base["lists"]
    sheets = {}
    for number in range(COUNTIES):
        sheet = {**base, "lists": rows, "fund_spent": str(1000 + number % 801), "town_stations": str(number % 11)}
        if number % 10 == 0:
            sheet |= {"delivered": "读不出", "std_trace": "未填"}
        sheets[f"{number:06d}"] = sheet
    layer = from_values(scheme, sheets).layers[OFFICIAL]
    seconds, _ = cpu(lambda: score_layer(scheme, layer), 3)
    line("exact, a tenth of the counties with unknown cells", seconds)
    whole(scheme, sheets, "score(): both layers, problems, bands")


def hospitals() -> None:
    """The official system in tests/hvbp with all its data; its test compares every result with the published one."""
    print("\n2,474 hospitals × 21 measures (51,954 rows), the points of tests/hvbp")
    scheme = load("cms/hospital_vbp", editions=[HOSPITALS / "editions"])
    names = {"combined_SSI_score": "ssi"}
    subjects = pd.read_csv(HOSPITALS / "data/domain_and_total_scores.csv.gz", dtype=str, keep_default_na=False)
    rows = pd.read_csv(HOSPITALS / "data/measures_long.csv.gz", dtype=str, keep_default_na=False)
    facts = read_table(
        scheme,
        subjects[["facility", *names]].rename(columns=names),
        {"measures": rows[["facility", "measure", "baseline", "performance"]]},
        code="facility",
    )
    layer = facts.layers[OFFICIAL]
    exact, outcome = cpu(lambda: score_layer(scheme, layer, confirmed=True))
    singles, witness = cpu(lambda: score_layer(scheme, layer, confirmed=True, fast=False), 1)
    assert outcome.results["TOTAL"].lo.tolist() == witness.results["TOTAL"].lo.tolist()
    line("exact", exact)
    line("the same number by number (the witness)", singles, f"{singles / exact:.0f} ×")
    both, _ = cpu(lambda: score(facts), 3)
    line("score(): both layers, problems", both)


def fresh(*arguments: str) -> float:
    """Median CPU seconds of a new Python process over nine runs."""
    import resource

    found = []
    for _ in range(9):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(found)


def imports() -> None:
    if platform.system() == "Windows":
        return
    print("\nnew processes, CPU, median of nine")
    bare, pandas = fresh("-c", "pass"), fresh("-c", "import pandas")
    evaltool = fresh("-c", "import evaltool")
    everything = fresh("-c", "import evaltool as ev; ev.load; ev.score; ev.read; ev.decide")
    line("python -c pass", bare)
    line("import pandas", pandas)
    line("import evaltool", evaltool, f"{(evaltool - pandas) * 1000:+.0f} ms against pandas")
    line(
        "import evaltool and touch load, read, score, decide",
        everything,
        f"{(everything - pandas) * 1000:+.0f} ms against pandas",
    )
    line("evaltool --help", fresh("-m", "evaltool.cli", "--help"))


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        sixty(Path(folder))
    hubei()
    hospitals()
    imports()


if __name__ == "__main__":
    main()

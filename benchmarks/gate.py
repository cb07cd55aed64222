"""What the gate costs: `python benchmarks/gate.py`.

CPU milliseconds of this process, best of many, beside openpyxl's loading of the same bytes in the same run: the machine
may be busy, so the ratio says more than the number. The goals: a good workbook 5 ms, a hostile one 50 ms.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from loading import machine
from openpyxl import Workbook, load_workbook

from evaltool.books.gate import judge

GOOD, HOSTILE = 5.0, 50.0
SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"


def milliseconds(work: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.process_time()
        work()
        found.append((time.process_time() - start) * 1000)
    return min(found)


def eighty_by_twelve() -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in range(80):
        sheet.append([f"第 {row} 行的说明" if column % 3 == 0 else row * column / 7 for column in range(12)])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def bomb(sheet: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A good workbook whose sheet is something else."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(eighty_by_twelve())) as source, zipfile.ZipFile(kept, "w", method) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name.endswith("sheet1.xml") else source.read(name))
    return kept.getvalue()


def hostile() -> dict[str, bytes]:
    main = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    numbered = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (i, i) for i in range(1, 600_001))
    made = {
        "47 MB of spaces": bomb(main + b" " * (47 * 2**20)),
        "60 MB of spaces": bomb(main + b" " * (60 * 2**20)),
        "2,000,000 cells without names": bomb(main + b"<row>" + b"<c/>" * 2_000_000),
        "600,000 rows and cells": bomb(main + numbered),
        "7,000,000 empty rows, stored": bomb(main + b"<row/>" * 7_000_000, zipfile.ZIP_STORED),
        "60,000 merges": bomb(main + b"</sheetData>" + b'<mergeCell ref="A1:B2"/>' * 60_000),
        "one merge over all": bomb(main + b'</sheetData><mergeCell ref="A1:XFD1048576"/></worksheet>'),
        "1,000,000 deep": bomb(main + b"<a>" * 1_000_000),
        "a DOCTYPE": bomb(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + main),
        "a cell in XFE1": bomb(main + b'<row r="1"><c r="XFE1"/></row></sheetData></worksheet>'),
    }
    return made | {"half a file": eighty_by_twelve()[:3000], "400 KB of noise": bytes(range(256)) * 1600}


def main() -> None:
    print(machine())
    good = {"80 × 12": eighty_by_twelve()}
    good |= {file.name: file.read_bytes() for file in sorted(SAMPLE.glob("*.xlsx"))[:4]}
    print("  good workbooks (goal 5 ms)              gate ms   openpyxl ms   share")
    for name, data in good.items():
        assert judge(data, name) == ("xlsx", None), name
        gate = milliseconds(lambda data=data, name=name: judge(data, name), 40)
        library = milliseconds(lambda data=data: load_workbook(io.BytesIO(data)), 5)
        print(f"  {name:<36} {gate:10.2f} {library:13.1f} {gate / library:7.1%}{'' if gate <= GOOD else '  over'}")
    print("  hostile ones (goal 50 ms)               gate ms   refused as")
    for name, data in hostile().items():
        problem = judge(data, "x.xlsx")[1]
        assert problem is not None, name
        gate = milliseconds(lambda data=data: judge(data, "x.xlsx"), 3)
        print(f"  {name:<36} {gate:10.2f}   {problem.code} {problem.what[:60]}{'' if gate <= HOSTILE else '  over'}")


if __name__ == "__main__":
    main()

"""Timings of taking in workbooks: `python benchmarks/intake.py [FILES]`. It prints; it asserts only right results.

An edition is made whose county workbook asks for a list of 80 rows and 12 columns; the workbooks are filled once and
varied in their XML. CPU seconds are of this process and of its workers; plain openpyxl reads the same files in the same
run, so the ratio says more than the seconds.
"""

from __future__ import annotations

import io
import platform
import random
import re
import resource
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from openpyxl import load_workbook
from scoring import machine

from evaltool.books.bounded import close_all
from evaltool.books.looking import look
from evaltool.books.opening import read_book
from evaltool.facts import ACCEPTED, SELF, State
from evaltool.intake import fill, read
from evaltool.intake.opened import anchored
from evaltool.intake.taking import Round, take_one
from evaltool.scheme import load_folder

ROWS = 80
SCHEME = """\
format: 1
id: shili/intake
name: 八十行
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {{total: TOTAL}}
blank: {{means: pending, question: Q1}}
open_questions:
  Q1: {{clause: T/1, question: 空白, reading: 待补}}
lists:
  items:
    name: 建设项目
    rows_from: edition
    given: [title]
    columns:
      title: {{name: 项目, type: text}}
      planned: {{name: 计划数, type: count, unit: 个}}
      done: {{name: 完成数, type: count, unit: 个}}
      budget: {{name: 预算, type: money, unit: 万元}}
      paid: {{name: 已拨付, type: money, unit: 万元}}
      spent: {{name: 已支出, type: money, unit: 万元}}
      people: {{name: 受益人数, type: count, unit: 人}}
      rate: {{name: 满意率, type: share}}
      area: {{name: 面积, type: number, unit: 平方米}}
      open: {{name: 已投入使用, type: yesno}}
      day: {{name: 验收日期, type: date}}
      remark: {{name: 说明, type: text}}
    rows:
{rows}
indicators:
  TOTAL: {{name: 总分, points: 100, combine: sum}}
  DONE: {{name: 完成率, in: TOTAL, points: 100, value: sum(items.done) / sum(items.planned), unit: 占比,
         rule: {{kind: proportional, target: 100%}}}}
"""
CODE, NAME = "990000", "第零零零零县"
_STANDS_IN = re.compile(r"<v>14(\d{4})</v>")  # what is varied: whole numbers from 140000 to 149999


def edition(folder: Path) -> Path:
    """The edition's three files."""
    folder.mkdir()
    rows = "\n".join(f"      - {{title: 第{n}个项目}}" for n in range(1, ROWS + 1))
    (folder / "scheme.yaml").write_text(SCHEME.format(rows=rows), "utf-8")
    (folder / "sources.yaml").write_text('format: 1\nT: {title: 试, clauses: {"1": {gist: 一}}}\n', "utf-8")
    (folder / "cases.yaml").write_text("format: 1\nbase: {}\ncases: []\n", "utf-8")
    return folder


def county(number: int) -> tuple[str, str]:
    """Code and name."""
    digits = str(number).translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    return f"99{number:04d}", f"第{digits.rjust(4, '零')}县"


def workbooks(folder: Path, scheme: Any, files: int) -> pd.DataFrame:
    """Fills one workbook and writes it `files` times, each with its own county and numbers; the roster."""
    luck = random.Random(4)
    rows = [
        {
            "planned": 9999, "done": 149000 + n, "budget": 149300 + n, "paid": 149200 + n, "spent": 149100 + n,
            "people": 143000 + n, "rate": f"{luck.randint(500, 1000) / 10}%", "area": round(luck.uniform(20, 900), 2),
            "open": "是" if n % 7 else "否", "day": f"2024-{n % 12 + 1:02d}-{n % 28 + 1:02d}", "remark": f"第{n}项说明",
        }
        for n in range(ROWS)
    ]  # fmt: skip
    first = fill(scheme, {"lists": {"items": rows}}, folder.parent / "first.xlsx", {"code": CODE, "name": NAME})
    with zipfile.ZipFile(first) as package:
        parts = {name: package.read(name).decode("utf-8") for name in package.namelist()}
    for number in range(1, files + 1):
        code, name = county(number)
        with zipfile.ZipFile(folder / f"{code}.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
            for part, text in parts.items():
                text = text.replace(CODE, code).replace(NAME, name).replace(coded(NAME), coded(name))
                varied = _STANDS_IN.sub(lambda m: f"<v>{int(m[1]) - luck.randrange(50)}</v>", text)
                package.writestr(part, varied)
    table = [county(number) for number in range(1, files + 1)]
    return pd.DataFrame(table, columns=["code", "name"], dtype=object)


def coded(text: str) -> str:
    """As openpyxl writes it: every character by its number."""
    return "".join(f"&#{ord(character)};" for character in text)


def cpu(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """CPU seconds with those of ended children, wall seconds, and what the work gives."""

    def spent() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in used)

    before, start = spent(), time.perf_counter()
    result = work()
    close_all()
    return spent() - before, time.perf_counter() - start, result


def by_stage(paths: list[Path], round_: Round) -> dict[str, float]:
    """Seconds of CPU by what is done, in this process."""
    times = dict.fromkeys(("look (gate)", "read_book", "anchored", "take_one in all"), 0.0)
    for path in paths:
        marks = [time.process_time()]
        sealed = look(path)
        marks.append(time.process_time())
        book = read_book(sealed, path.name)
        marks.append(time.process_time())
        anchored(book)
        marks.append(time.process_time())
        one = take_one(round_, path)
        marks.append(time.process_time())
        assert one.state == ACCEPTED, one.problems
        for stage, begun, ended in zip(times, marks, marks[1:], strict=False):
            times[stage] += ended - begun
    return times


class Memory(threading.Thread):
    """Looks twice a second at what this process and its workers hold together; pages that they share count once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.over, self.most = threading.Event(), 0

    def run(self) -> None:
        while not self.over.wait(0.5):
            here = Path("/proc/self")
            workers = [pid for task in here.glob("task/*/children") for pid in task.read_text().split()]
            with suppress(OSError):  # a worker has just ended
                self.most = max(self.most, sum(map(held, [here, *(here.parent / pid for pid in workers)])))

    def peak(self) -> float:
        """Megabytes."""
        self.over.set()
        return self.most / 1024


def held(process: Path) -> int:
    """Proportional share of memory, kB."""
    lines = (process / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def main(files: int = 500) -> None:
    if platform.system() != "Linux":
        print("needs a system that tells what other processes use")
        return
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        scheme = load_folder(edition(Path(folder) / "edition"))
        returned = Path(folder) / "returned"
        returned.mkdir()
        roster = workbooks(returned, scheme, files)
        paths = sorted(returned.glob("*.xlsx"))
        memory = Memory()
        memory.start()
        used, wall, facts = cpu(lambda: read(returned, scheme, roster))
        most = memory.peak()
        assert len(facts.submissions) == files
        assert all(each.state == ACCEPTED for each in facts.submissions)
        assert facts.returned.all()
        rows = facts.layers[SELF].lists["items"].table
        assert rows.values.shape[0] == ROWS * files
        assert (rows.states == State.FILLED).all(axis=None), facts.problems[:3]
        plain, _, cells = cpu(lambda: sum(map(opened_plainly, paths)))
        print(f"\n{files} workbooks of {ROWS} rows × 12 columns, {cells // files} cells with a value in each")
        print(f"  read(): gated, read and checked   {used:7.2f} s CPU  {wall:6.2f} s by the clock")
        print(f"  plain openpyxl.load_workbook      {plain:7.2f} s CPU  read() is {used / plain:.2f} ×")
        print(f"  peak memory of this process and its workers {most:.0f} MB")
        print(f"\none after the other in this process, ms of CPU a workbook (first {min(files, 100)})")
        for stage, seconds in by_stage(paths[:100], Round(scheme, facts.roster, None)).items():
            print(f"  {stage:<32} {seconds / min(files, 100) * 1000:7.2f}")


def opened_plainly(path: Path) -> int:
    """How many cells openpyxl finds something in."""
    book = load_workbook(io.BytesIO(path.read_bytes()))
    return sum(cell.value is not None for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

"""The roster of a round: which counties there are. Columns of `roster.csv`: code, name, city, batch, type, funds."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pandas as pd

from evaltool.problems import Place, Problem
from evaltool.quantities import parse_entered

COLUMNS = ("code", "name", "city", "batch", "type", "funds")
FILE = "roster.csv"


def read_roster(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """The roster in a CSV file (UTF-8, or GB18030 as Excel saves it). Raises FileNotFoundError if there is none."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = list(dict.fromkeys(reader.fieldnames or []))
    return roster_of(pd.DataFrame(list(reader), columns=columns, dtype=object), path.name)


def roster_of(table: pd.DataFrame, file: str = "名册") -> tuple[pd.DataFrame, list[Problem]]:
    """`table` as a roster: index code (text), columns name, city, batch, type (text) and funds (exact or None).

    Rows without a code and repeated codes are left out, each with its problem (W113).
    """
    if table.index.name == "code" and "code" not in table.columns:
        table = table.reset_index()
    problems: list[Problem] = []
    missing = [column for column in ("code", "name") if column not in table.columns]
    if missing:
        what = f"{file} 缺少列 {'、'.join(missing)}"
        problems.append(_slip(file, what, "没有名册就认不出县", f"第一行写 {','.join(COLUMNS)}"))
        table = pd.DataFrame(columns=list(COLUMNS), dtype=object)
    rows: dict[str, dict[str, object]] = {}
    for number, row in enumerate(table.to_dict("records"), 2):
        made: dict[str, object] = {column: _text(row.get(column)) for column in COLUMNS}
        code = str(made["code"])
        if not code:
            if any(made.values()):
                problems.append(_slip(file, f"{file} 第 {number} 行没有代码", "这一行没有采用", "补上代码"))
            continue
        if code in rows:
            what = f"{file} 第 {number} 行的代码 {code} 与“{rows[code]['name']}”重复"
            problems.append(_slip(file, what, "只采用先出现的一行", "一个代码只留一行", code))
            continue
        try:
            made["funds"] = parse_entered(str(made["funds"])) if made["funds"] else None
        except ValueError:
            what = f"{file} 第 {number} 行的资金“{made['funds']}”不是数字"
            problems.append(_slip(file, what, "该县资金按不明处理", "只填数字，单位万元", code))
            made["funds"] = None
        rows[code] = made
    frame = pd.DataFrame(list(rows.values()), columns=list(COLUMNS), dtype=object).set_index("code")
    frame.index = pd.Index([str(code) for code in frame.index], dtype=object, name="code")
    return frame, problems


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).strip()


def _slip(file: str, what: str, why: str, do: str, subject: str = "") -> Problem:
    return Problem("W113", what, why, do, Place(file, subject=subject))

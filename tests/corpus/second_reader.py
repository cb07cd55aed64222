"""What another reader, calamine, sees at an address; in a process of its own, because some files abort it."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import coordinate_to_tuple

from evaltool.facts import Facts, State
from tests.corpus.expecting import Got, equal, figures, is_told


def serve() -> None:
    """Reads `{"path": …, "cells": [[sheet, address], …]}` line by line, answers with values as [type, text]."""
    from python_calamine import load_workbook

    for line in sys.stdin:
        asked = json.loads(line)
        book, sheets, answers = load_workbook(asked["path"]), {}, []
        for title, address in asked["cells"]:
            if title not in sheets:
                sheets[title] = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            row, column = coordinate_to_tuple(address)
            rows = sheets[title]
            value = rows[row - 1][column - 1] if row <= len(rows) and column <= len(rows[row - 1]) else ""
            answers.append([type(value).__name__, value.isoformat() if hasattr(value, "isoformat") else repr(value)])
        print(json.dumps(answers), flush=True)


def ask(path: Path, cells: list[tuple[str, str]]) -> list[Any] | None:
    """What calamine sees, or None where it cannot read the file."""
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", "from tests.corpus.second_reader import serve; serve()"]
    question = json.dumps({"path": str(path), "cells": cells}) + "\n"
    if getattr(ask, "process", None) is None or ask.process.poll() is not None:
        stop()
        ask.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=root,
            text=True,
            encoding="utf-8",
        )
    ask.process.stdin.write(question)
    ask.process.stdin.flush()
    answer = ask.process.stdout.readline()
    if not answer:  # a hostile file has ended it
        stop()
        return None
    return [value_of(kind, text) for kind, text in json.loads(answer)]


def stop() -> None:
    process = getattr(ask, "process", None)
    if process is not None:
        with suppress(OSError):  # what was still to be written finds nobody
            process.stdin.close()
        process.stdout.close()
        process.wait()
        ask.process = None


def value_of(kind: str, text: str) -> Any:
    if kind in ("int", "float"):
        return Fraction(text) if text not in ("inf", "nan", "-inf") else text
    if kind == "bool":
        return text == "True"
    if kind == "date":
        return dt.date.fromisoformat(text)
    if kind == "datetime":
        return dt.datetime.fromisoformat(text).date()
    return str(__import__("ast").literal_eval(text)) if kind == "str" else text


def differences(path: Path, facts: Facts) -> list[str] | None:
    """Figures that calamine sees otherwise and that nothing is said about; None where it cannot read the file."""
    read = {
        key: one
        for key, one in figures(facts).items()
        if one.state == State.FILLED
        and one.origin
        and one.origin.cell
        and one.origin.workbook == path.name
        and key != "score:C3"
    }
    seen = ask(path, [(one.origin.sheet, one.origin.cell) for one in read.values() if one.origin])
    if seen is None:
        return None
    return [
        f"{key}: read {one.value!r}, calamine sees {value!r}"
        for (key, one), value in zip(read.items(), seen, strict=True)
        if not alike(one, value) and not is_told(facts, one)
    ]


def alike(one: Got, value: Any) -> bool:
    if isinstance(one.value, bool) and isinstance(value, str):
        return {"是": True, "否": False}.get(value.strip()) is one.value
    if isinstance(one.value, str) and isinstance(value, str):
        return one.value.strip() == value.strip()
    if isinstance(one.value, dt.date) and isinstance(value, str):
        return value.strip()[:10] == one.value.isoformat()  # a day written as text, plainly
    return equal(one.value, value)

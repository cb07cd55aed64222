"""The notebooks of the toolkit: where they lie, and what parameters they take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from evaltool.report.assignments import assigned_names

COUNTY, OVERVIEW = "county_report.ipynb", "province_overview.ipynb"


def notebook_path(name: str) -> Path:
    """Where a notebook of the toolkit lies: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"找不到笔记本 {name}；安装不完整，请重新安装 evaltool")


def read_notebook(path: Path) -> Any:
    """The notebook, in the newest format 4."""
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]


def parameters_of(notebook: Any) -> list[str]:
    """The names of the cell tagged `parameters`; none without such a cell."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            return assigned_names(cell.source)
    return []


def check_parameters(notebook: Any, given: Mapping[str, object]) -> None:
    """Refuses what papermill only warns of (unknown names) or would paste into code (anything but text)."""
    known = parameters_of(notebook)
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"不认识的参数：{'、'.join(unknown)}；这个笔记本的参数是：{'、'.join(known) or '无'}")
    wrong = [name for name, value in given.items() if not isinstance(value, str)]
    if wrong:
        raise TypeError(f"参数要是文字：{'、'.join(wrong)}")

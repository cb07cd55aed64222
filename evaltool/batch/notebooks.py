"""Notebooks as files: read, their parameters, and what may be passed to them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from evaltool.batch.assignments import assigned_names


def read_notebook(path: Path) -> Any:
    """The notebook, in the newest format 4. Raises ValueError for a file that is none, OSError."""
    try:
        return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
    except (UnicodeDecodeError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"“{path.name}”不是 Jupyter 笔记本（{said}）；用 JupyterLab 打开并另存一次") from None


def notebook_text(notebook: Any) -> str:
    """The notebook as the text of its file."""
    return str(nbformat.writes(notebook, version=4)) + "\n"  # type: ignore[no-untyped-call]


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

"""Notebooks as files: read, their parameters, and what may be passed to them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from evaltool.batch.assignments import assigned_names


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Whatever says that a file is no notebook becomes a ValueError in Chinese."""
    try:
        yield
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError, nbformat.ValidationError) as error:
        said = next(iter(str(error).splitlines()), "")[:100]
        raise ValueError(f"“{path.name}”不是 Jupyter 笔记本（{said}）；用 JupyterLab 打开并另存一次") from None


def read_notebook(path: Path) -> Any:
    """The notebook, in the newest format 4. Raises ValueError for a file that is none, OSError."""
    with readable(path):
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)  # type: ignore[no-untyped-call]
        check_cells(notebook)
    return notebook


def check_cells(notebook: Any) -> None:
    """nbformat lets nearly any JSON pass. Raises TypeError, AttributeError or KeyError for what has no proper cells."""
    for cell in notebook.cells:
        if not isinstance(cell.source, str) or not isinstance(cell.metadata, dict):
            raise TypeError("a cell without source")


def steady_ids(notebook: Any, path: Path) -> None:
    """An id for each cell that has none in the file: the same at every reading, where nbformat draws one by chance."""
    known = [cell.get("id") for cell in json.loads(path.read_bytes()).get("cells", [])]
    for number, cell in enumerate(notebook.cells):
        if known[number : number + 1] in ([], [None]):
            cell.id = f"cell-{number}"
            while cell.id in known:
                cell.id += "-"


def notebook_text(notebook: Any) -> str:
    """The notebook as the text of its file, the same that nbformat writes, in a quarter of the time: the standard
    library's fast encoder cannot indent, and a report with charts has twenty thousand numbers."""
    shape = nbformat.v4.rwbase
    whole = shape.strip_transient(shape.split_lines(copy.deepcopy(notebook)))  # type: ignore[no-untyped-call]
    parts: list[str] = []
    try:
        _indented(whole, "\n", parts.append)
    except TypeError:  # a key that is no text, or something that is no JSON: nbformat knows what to say
        return str(nbformat.writes(notebook, version=4)) + "\n"  # type: ignore[no-untyped-call]
    return "".join(parts) + "\n"


_text, _number = json.encoder.encode_basestring, json.JSONEncoder(ensure_ascii=False).encode


def _indented(value: Any, line: str, write: Callable[[str], object]) -> None:
    """JSON as `json.dumps(indent=1, sort_keys=True, ensure_ascii=False)` writes it; `line` is a line break with
    indent."""
    kind = type(value)
    if kind is str:
        write(_text(value))
    elif isinstance(value, dict):
        inner, mark = line + " ", "{"
        for key in sorted(value):
            write(f"{mark}{inner}{_text(key)}: ")
            _indented(value[key], inner, write)
            mark = ","
        write(line + "}" if value else "{}")
    elif isinstance(value, list | tuple):
        inner, mark = line + " ", "["
        for item in value:
            write(mark + inner)
            _indented(item, inner, write)
            mark = ","
        write(line + "]" if value else "[]")
    else:
        write(_number(value))


def parameters_of(notebook: Any) -> list[str]:
    """The names of the cell tagged `parameters`; none without such a cell. Raises ValueError where it is no Python."""
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

"""The notebooks of the toolkit: where they lie."""

from __future__ import annotations

from pathlib import Path

COUNTY, OVERVIEW = "county_report.ipynb", "province_overview.ipynb"


def notebook_path(name: str) -> Path:
    """Where a notebook of the toolkit lies: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "notebooks", package / "notebooks"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"找不到笔记本 {name}；安装不完整，请重新安装 evaltool")

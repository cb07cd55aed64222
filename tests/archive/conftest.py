"""Small rounds of an invented edition, and counties' workbooks that come into them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evaltool.archive import Round, create_round
from evaltool.intake import fill, official_template
from evaltool.scheme import load

COUNTIES = {"990001": "甲县", "990002": "乙县", "990003": "丙县"}
ON = "2024-12-31"
ANSWERS = {"jc_visits": 5500, "all_visits": 10000, "local_spend": 690, "all_spend": 1000, "plan": "是", "audit": "否"}


def clock() -> str:
    return "2025-01-02T03:04:05+00:00"


@pytest.fixture(scope="session")
def scheme() -> Any:
    return load("shili/jiceng")


def roster() -> pd.DataFrame:
    table = pd.DataFrame({"name": COUNTIES, "city": "某市", "batch": "2024", "type": "", "funds": ""}, dtype=object)
    table.index.name = "code"
    return table


@pytest.fixture
def rnd(tmp_path: Path, scheme: Any) -> Round:
    return create_round(tmp_path / "round", scheme, ON, roster(), clock)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory, scheme: Any) -> Callable[..., Path]:
    """Workbooks once made are kept: making one takes a tenth of a second."""
    known: dict[Any, Path] = {}
    folder = tmp_path_factory.mktemp("books")

    def made(code: str, changes: dict[str, Any]) -> Path:
        key = (code, *changes.items())
        if key not in known:
            known[key] = folder / f"{len(known)}.xlsx"
            if code == "认定表":
                official_template(scheme, roster(), known[key])
                signed = {"who": "王五", "when": changes.get("when", "2025-01-01")}
                said = {field: {"value": value, **signed} for field, value in changes.items() if field != "when"}
                entries = {"990001": said}
                fill(known[key], {"entries": entries})
            else:
                county = {"code": code, "name": COUNTIES.get(code, "外县")}
                fill(scheme, {"fields": ANSWERS | changes}, known[key], county)
        return known[key]

    return made


@pytest.fixture
def book(tmp_path: Path, _made: Callable[..., Path]) -> Callable[..., Path]:
    """book(code, name, field=value …): a workbook (or the 认定表) that came as `name`."""

    def made(code: str, name: str, **changes: Any) -> Path:
        folder = tmp_path / "came" / str(len(list(tmp_path.glob("came/*"))))
        folder.mkdir(parents=True)
        return Path(shutil.copy(_made(code, changes), folder / name))

    return made

"""The good workbook that every kind starts from, and the truth: what was typed, told without the reader's help."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
import zipfile
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from evaltool.intake import fill, layout
from evaltool.scheme import Scheme, load, load_folder

HERE = Path(__file__).resolve().parent
COUNTY = {"code": "429901", "name": "甲县", "city": "示例市"}
OTHERS = {"429902": "乙县", "429903": "丙县"}

# What a clerk types …
FIELDS: dict[str, Any] = {
    "towns": "12",
    "stations": "9",
    "trained": "3456",
    "budget": "2000",
    "paid": "1834.5",
    "sales": "12345.67",
    "petty": "86400",
    "growth": "15.5%",
    "satisfied": "95.5%",
    "area": "640.25",
    "index": "1.08",
    "plan": "是",
    "level": "二级",
    "opened": "2024-03-05",
    "remark": "县乡村三级联动",
}
PAYMENTS = [
    {
        "title": "县级中心改造",
        "amount": "320",
        "day": "2024-03-15",
        "rate": "60%",
        "signed": "是",
        "evidence": "凭证1号",
    },
    {"title": "物流设备", "amount": "455.5", "day": "2024-04-20", "rate": "75%", "signed": "是", "evidence": "凭证2号"},
    {"title": "村级站点", "amount": "610", "day": "2024-05-08", "rate": "82.5%", "signed": "否", "evidence": "凭证3号"},
    {"title": "人才培训", "amount": "449", "day": "2024-06-12", "rate": "90%", "signed": "是", "evidence": "凭证4号"},
]
GOALS = [
    {"title": "新增网商", "target": "50", "actual": "47", "marks": "2", "self:goal": "1.88"},
    {"title": "品牌产品", "target": "8", "actual": "8", "marks": "1", "self:goal": "1"},
    {"title": "快递进村", "target": "120", "actual": "114", "marks": "2", "self:goal": "1.9"},
]
REPORTS = [
    {"sent": f"2024-{month:02}-{day:02}"} for month, day in ((2, 20), (3, 21), (4, 22), (5, 23), (6, 24), (7, 25))
]
SCORES = {
    "A1": "7.5", "A2": "10", "A3": "9.1725", "A4": "5", "A5": "5", "A6": "10", "A7": "4.775", "A8": "5", "A9": "5",
    "B1": "5", "B2": "4", "B3": "5", "C1": "7.5", "C2": "5",
}  # fmt: skip
EVIDENCE = {
    "stations": "检查记录1", "trained": "签到册", "budget": "示财〔2024〕3号", "paid": "凭证册", "sales": "系统截图",
    "petty": "凭证册", "plan": "甲政办〔2024〕5号",
}  # fmt: skip
NOTES = ("title", "remark")  # texts, which are no figures and are compared as texts


def exactly(text: Any) -> Any:
    """What a typed text means: the truth of the corpus, which no code of the product has touched."""
    if not isinstance(text, str):
        return text
    if text in ("是", "否"):
        return text == "是"
    try:
        if len(text) == 10 and text[4] == "-":
            return dt.date.fromisoformat(text)
        return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except ValueError:
        return text


@dataclass
class Truth:
    """What a workbook says: fields, lists of rows (each a column → value), self scores; `rows` list → how many."""

    fields: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """Every figure by its key: `sales`, `payments[2].amount`, `score:A1`."""
        made = dict(self.fields)
        for name, rows in self.lists.items():
            for number, row in enumerate(rows, 1):
                made |= {f"{name}[{number}].{column}": value for column, value in row.items()}
        return made | {f"score:{key}": value for key, value in self.scores.items()}


@cache
def scheme() -> Scheme:
    return load_folder(HERE / "edition")


@cache
def hubei() -> Scheme:
    return load("hubei/ecommerce_rural")


def answers() -> dict[str, Any]:
    return deepcopy(
        {
            "fields": FIELDS,
            "evidence": EVIDENCE,
            "scores": SCORES,
            "lists": {"payments": PAYMENTS, "goals": GOALS, "reports": REPORTS},
        }
    )


def truth_of(given: dict[str, Any]) -> Truth:
    """What `given` answers mean."""
    lists = {
        name: [{k: exactly(v) for k, v in row.items() if k != "evidence" and ":" not in k} for row in rows]
        for name, rows in given["lists"].items()
    }
    scores = {key: exactly(value) for key, value in given["scores"].items()}
    if "goals" in given["lists"]:
        scores["C3"] = sum(exactly(row["self:goal"]) for row in given["lists"]["goals"])
    return Truth({key: exactly(value) for key, value in given["fields"].items()}, lists, scores)


def truth() -> Truth:
    return truth_of(answers())


@cache
def roster(*more: str) -> pd.DataFrame:
    """甲县 alone, or with the counties whose codes are named."""
    known = {COUNTY["code"]: COUNTY["name"], **OTHERS}
    codes = [COUNTY["code"], *more]
    table = pd.DataFrame({"code": codes, "name": [known[code] for code in codes]}, dtype=object)
    return table.assign(city="示例市", batch="2024", type="示范县", funds="2000")


def book_bytes(given: dict[str, Any] | None = None, county: dict[str, str] | None = None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return fill(scheme(), given or answers(), Path(folder) / "甲县.xlsx", county or COUNTY).read_bytes()


@cache
def base() -> bytes:
    """甲县's workbook as it should come. Most of the lists' spare rows are left out: they only cost time here."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book_bytes())) as package, zipfile.ZipFile(buffer, "w") as made:
        for name in package.namelist():
            data = package.read(name)
            if name.startswith("xl/worksheets/sheet"):
                spare = rb'<row r="(?:4[1-9]|[5-9]\d|\d{3})"[^>]*>(?:<c [^>]*/>)*</row>'
                data = re.sub(spare, b"", data)
            made.writestr(zipfile.ZipInfo(name, (2024, 7, 1, 9, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


@cache
def hubei_answers() -> dict[str, Any]:
    """What the edition's own example county says."""
    given = dict(hubei().cases.base)
    mine = layout.county_fields(hubei())
    lists = {key: [dict(row) | {"evidence": "附件"} for row in rows] for key, rows in given.pop("lists", {}).items()}
    return {
        "fields": {key: value for key, value in given.items() if key in mine},
        "evidence": {key: f"鄂商〔2020〕{i}号" for i, key in enumerate(mine, 1) if mine[key].evidence},
        "lists": lists,
        "scores": dict.fromkeys(hubei().leaves(), "0"),
    }


@cache
def hubei_base() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return fill(hubei(), hubei_answers(), Path(folder) / "甲县.xlsx", COUNTY).read_bytes()


def hubei_truth() -> Truth:
    return truth_of(hubei_answers())

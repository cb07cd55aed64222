"""template → fill → read: what was typed comes back, exactly, for every edition."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from openpyxl import load_workbook

from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import fill, from_values, layout, read, template

EDITIONS = (
    "hubei/ecommerce_rural",
    "hubei/project_self_evaluation",
    "anhui/ecommerce_livelihood",
    "hubei/laohekou",
    "shili/jiceng",
)
COUNTY = {"code": "429901", "name": "甲县", "city": "示例市"}


def test_an_empty_template_reads_as_blank_and_nothing_else(scheme, tmp_path, roster):
    path = template(scheme, tmp_path / "甲县.xlsx", COUNTY)
    facts = read([path], scheme, roster.iloc[:1])
    table = facts.layers[SELF].table
    mine = list(layout.county_fields(scheme))
    assert (table.states[mine] == State.BLANK).all().all()
    assert table.values.isna().all().all()
    assert facts.claimed.isna().all().all()
    assert {p.code for p in facts.problems} <= {"D100", "D115"}
    for key, item in scheme.edition.lists.items():
        assert facts.layers[SELF].lists[key].states.tolist() == [
            State.BLANK if item.rows_from == "subject" else State.FILLED
        ]


def test_what_is_typed_comes_back(scheme, county, answers):
    filled = answers(scheme)
    done = county(scheme, filled)
    direct = from_values(scheme, {"429901": {**filled["fields"], "lists": scheme.cases.base.get("lists", {})}})
    assert [p for p in done.problems if not p.code.startswith("D13")] == []  # D13x are questions
    for layer in (SELF, OFFICIAL):
        mine = list(layout.county_fields(scheme))
        one, other = done.facts.layers[layer], direct.layers[layer]
        assert one.table.values[mine].to_numpy().tolist() == other.table.values[mine].to_numpy().tolist()
        assert one.table.states[mine].to_numpy().tolist() == other.table.states[mine].to_numpy().tolist()
        for key in scheme.edition.lists:
            a, b = one.lists[key], other.lists[key]
            assert list(a.table.values.columns) == list(b.table.values.columns)
            assert a.table.values.to_numpy().tolist() == b.table.values.to_numpy().tolist()
            assert a.table.states.to_numpy().tolist() == b.table.states.to_numpy().tolist()
            assert (a.owner.tolist(), a.states.tolist()) == (b.owner.tolist(), b.states.tolist())
    for frame in (done.facts.layers[SELF].table.values, done.facts.claimed):
        assert not any(isinstance(value, float) for value in frame.to_numpy().ravel())
    assert done.facts.claimed.iloc[0].tolist() == [0] * len(layout.claimed_columns(scheme))


def test_every_value_knows_its_cell(hubei, county, answers):
    done = county(hubei, answers(hubei))
    facts = done.facts
    value, _, origin = facts.cell(SELF, "甲县", "towns")
    assert load_workbook(done.path)[origin.sheet][origin.cell].value == value
    assert (value, origin.workbook, origin.sheet) == (10, "甲县.xlsx", "基础数据")
    rows = facts.layers[SELF].lists["payments"].table
    assert rows.origins["paid"][1].sheet == "项目支出"
    assert facts.evidence.at["429901", "towns"] == ""
    assert facts.evidence.at["429901", "town_stations"].startswith("鄂商")
    assert facts.evidence.at["429901", "payments"].startswith("第 1 行：附件1")


def test_same_inputs_same_bytes(tmp_path, roster):
    """Also in another process with another hash seed, and whatever the clock and its zone say."""
    code = (
        "import sys, pandas as pd\n"
        "from evaltool.scheme import load\n"
        "from evaltool.intake import template, official_template\n"
        "roster = pd.read_csv(sys.argv[1] + '/r.csv', dtype=str)\n"
        "for i, name in enumerate(sys.argv[3:]):\n"
        "    county = {'code': '429901', 'name': '甲县', 'city': '示例市'}\n"
        "    template(load(name), f'{sys.argv[1]}/{sys.argv[2]}{i}a.xlsx', county)\n"
        "    official_template(load(name), roster, f'{sys.argv[1]}/{sys.argv[2]}{i}b.xlsx')\n"
    )
    roster.to_csv(tmp_path / "r.csv", index=False)
    for name, seed, zone in (("x", "1", "Asia/Shanghai"), ("y", "2", "America/New_York")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        subprocess.run([sys.executable, "-c", code, str(tmp_path), name, *EDITIONS], check=True, env=env)
    digests = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in tmp_path.glob("*.xlsx")}
    assert len(digests) == 4 * len(EDITIONS)
    for name, digest in digests.items():
        assert digest == digests["x" + name[1:]]


def test_a_template_says_what_it_must(hubei, tmp_path):
    book = load_workbook(template(hubei, tmp_path / "t.xlsx", COUNTY, prefill={"towns": 12}))
    assert book.sheetnames[:3] == ["填报说明", "基础数据", "自评打分"]
    cover = " ".join(str(c.value) for row in book["填报说明"] for c in row if c.value)
    for word in ("参考权重", "甲县", "429901", "填报人", "审核人", "公章", hubei.digest[:16], "2019-01-01"):
        assert word in cover
    assert book[layout.STAMP_SHEET].sheet_state == "veryHidden"
    for sheet in book.worksheets:
        assert sheet.protection.sheet
        assert not sheet.protection.password
    data = book["基础数据"]
    assert data.page_setup.paperSize == 9 or data.page_setup.paperSize == "9"
    assert data.print_title_rows == "$4:$4"
    unlocked = {c.coordinate for row in data for c in row if not c.protection.locked}
    inputs = 2 * len(layout.county_fields(hubei))
    assert len(unlocked) == inputs
    assert [c.value for row in data for c in row if c.coordinate in unlocked and c.value is not None] == [12]


def test_running_totals_add_up(hubei, tmp_path):
    sheet = load_workbook(template(hubei, tmp_path / "t.xlsx", COUNTY))["自评打分"]
    rows = {row[0].value: row[0].row for row in sheet.iter_rows() if row[0].value}
    total = sheet.cell(rows["indicator:TOTAL"], 8).value
    assert total == f"=SUM(H{rows['indicator:N']},H{rows['indicator:Z']},H{rows['indicator:J']})"


def test_row_self_scores_are_added_for_what_gathers_them(project, county, answers):
    filled = answers(project)
    for row, points in zip(filled["lists"]["goals"], (20, 10, 9.5, 38), strict=True):
        row["self:goal"] = points
    claimed = county(project, filled).facts.claimed
    assert claimed.at["429901", "GOALS"] * 2 == 155
    del filled["lists"]["goals"][1]["self:goal"]
    assert county(project, filled).facts.claimed.at["429901", "GOALS"] is None


def test_more_rows_than_the_template_has(hubei, county, answers):
    """A county that inserted rows or went on below the drawn ones loses nothing."""
    rows = [
        {"paid_for": f"第{i}笔", "paid": i, "by_deed": "是", "by_invoice": "是", "evidence": "票"} for i in range(450)
    ]
    facts = county(hubei, answers(hubei, lists={"payments": rows})).facts
    assert facts.layers[SELF].lists["payments"].table.values["paid"].tolist() == list(range(450))


def test_fill_refuses_what_the_scheme_does_not_have(hubei, tmp_path):
    with pytest.raises(KeyError):
        fill(hubei, {"fields": {"nonsense": 1}}, tmp_path / "x.xlsx", COUNTY)
    with pytest.raises(KeyError):
        fill(hubei, {"field": {}}, tmp_path / "x.xlsx", COUNTY)


def test_the_same_evidence_in_many_rows_is_told_once(hubei, county, answers):
    typed = answers(hubei)
    rows = typed["lists"]["payments"]
    typed["lists"]["payments"] = [
        {**rows[0], "evidence": text} for text in ("附件1", "附件1", "附件1", "附件2", "附件1")
    ]
    facts = county(hubei, typed).facts
    assert facts.evidence.at["429901", "payments"] == "第 1～3 行：附件1；第 4 行：附件2；第 5 行：附件1"

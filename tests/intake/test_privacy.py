"""Private numbers are found however they are written; what only looks like one stays; no name leaves the reading."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from evaltool.archive import create_round
from evaltool.documents.wording import type_text
from evaltool.facts import OFFICIAL, SELF, State
from evaltool.intake import fill, from_values, layout, official_template, read, read_table
from evaltool.intake.privacy import CARD, LANDLINE, MOBILE, RESIDENT, masked
from evaltool.intake.templates.filling import Places
from evaltool.report.county import county_page
from evaltool.scheme import examine, load_folder


@pytest.mark.parametrize(
    "text",
    [
        "13812345678", "138 1234 5678", "138-1234-5678", "138.1234.5678", "138　1234　5678", "（138）1234-5678",
        "+86 138 1234 5678", "+8613812345678", "0086-13812345678", "８６１３８１２３４５６７８", "１３８１２３４５６７８",
        "013812345678", "1 3 8 1 2 3 4 5 6 7 8", "138\n12345678", "138\u200b1234\u200b5678", "一三八一二三四五六七八",
        "幺三八〇〇一三八〇〇〇", "١٣٨١٢٣٤٥٦٧٨", "138——1234——5678",
    ],
)  # fmt: skip
def test_a_mobile_number_however_written(text):
    new, count = masked(f"联系人张三，{text}，下午在")
    assert count == 1
    assert MOBILE in new
    assert not re.search(r"\d{3}", new)
    assert new.startswith("联系人张三，")
    assert new.endswith("，下午在")


@pytest.mark.parametrize(
    ("text", "word", "count"),
    [
        ("0719-1234567", LANDLINE, 1), ("（0719）1234567", LANDLINE, 1), ("010 8888 8888", LANDLINE, 1),
        ("01088888888", LANDLINE, 1), ("电话：8234567", LANDLINE, 1), ("联系电话 8234 5678", LANDLINE, 1),
        ("+86 719 1234567", LANDLINE, 1), ("0719-1234567-801", LANDLINE, 1),
        ("420106199003071234", RESIDENT, 1), ("42010619900307123X", RESIDENT, 1), ("42010619900307123ｘ", RESIDENT, 1),
        ("420106 19900307 1234", RESIDENT, 1), ("420106900307123", RESIDENT, 1),
        ("11010519491231002X", RESIDENT, 1),  # the example of GB 11643
        ("4111111111111111", CARD, 1), ("4111 1111 1111 1111", CARD, 1), ("6222021234567890128", CARD, 1),
        ("1381234567813912345678", MOBILE, 1), ("13812345678420106199003071234", RESIDENT, 1),
        ("1.张三13812345678 2.李四13912345678", MOBILE, 2), ("13812345678、13912345678", MOBILE, 2),
        ("https://x.cn/?phone=13812345678 13912345678", MOBILE, 2), ("13812345678@qq.com", MOBILE, 1),
    ],
)  # fmt: skip
def test_other_private_numbers(text, word, count):
    new, found = masked(text)
    assert found == count
    assert new.count(word) == count
    assert not re.search(r"[\d１-９]{5}", re.sub(r"https?://\S+\?phone=", "", new))


@pytest.mark.parametrize(
    "text",
    [
        "鄂商〔2020〕12号", "财办建[2019]68号、宜商文〔2020〕15 号", "690.5万元", "1,234,567,890.00", "13800000000元",
        "13800000000.50元",
        "13 800 000 000", "代码 420100", "2020-03-07", "20200307", "2019.12.31—2020.01.05", "项目代码 20200312001",
        "2020-420106-51-03-012345", "84.99499999999999", "0.13812345678", "2017 2018 2019 2020", "91420100MA4K12345X",
        "https://www.x.gov.cn/art/2020/3/5/art_1234_13812345678.html", "第 1 页—第 13 页，共 156 页", "12345", "",
        "990101_松影县_自评表（虚构）.xlsx", "14:05:33", "150 人、200 人、300 人", "420100202003150013", "合同 HT-2020-0156",
        "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c", "一百三十八万元",
    ],
)  # fmt: skip
def test_what_is_nobodys_number_stays(text):
    assert masked(text) == (text, 0)


def test_what_the_rules_cost():
    """Said in the module: numbers that look like somebody's are hidden though they may be nobody's."""
    assert masked("编号 13900000001")[1] == 1  # a project code of 11 digits from 13 to 19
    assert masked("420106199003071230")[1] == 1  # the check digit is wrong: still somebody's, mistyped


DIGITS = st.text("0123456789", min_size=9, max_size=9)
MOBILES = st.builds(lambda second, rest: f"1{second}{rest}", st.sampled_from("3456789"), DIGITS)
WORDS = st.text("培训名单张三李四村站点的、，。；：（）《》 \nAbcX-/", max_size=12)


@st.composite
def written(draw):
    """A mobile number as people write it."""
    number, shape = draw(MOBILES), draw(st.sampled_from(["solid", "spaces", "dashes", "country", "wide"]))
    gap = {"spaces": " ", "dashes": "-"}.get(shape, "")
    text = gap.join((number[:3], number[3:7], number[7:]))
    if shape == "country":
        text = draw(st.sampled_from(["+86", "+86 ", "0086", "86-"])) + text
    if shape == "wide":
        text = "".join(chr(ord(digit) + 0xFEE0) for digit in text)
    return number, text


@given(st.lists(st.tuples(WORDS, written()), min_size=1, max_size=4), WORDS)
@example([("", ("13812345678", "138 1234 5678"))], "")
@settings(max_examples=400, deadline=None)
def test_no_number_embedded_in_a_text_survives(parts, end):
    text = "".join(f"{before}；{shape}；" for before, (_, shape) in parts) + end
    new, count = masked(text)
    assert count == len(parts)
    for _, (number, shape) in parts:
        assert shape not in new
        assert number not in re.sub(r"\D", "", new)
    assert masked(new) == (new, 0)  # nothing left, and nothing masked twice


@st.composite
def resident(draw):
    day = draw(st.dates(dt.date(1930, 1, 1), dt.date(2012, 12, 31)))
    region = draw(st.sampled_from(["420106", "110105", "650102", "513221"]))
    number = f"{region}{day:%Y%m%d}{draw(st.integers(0, 999)):03d}{draw(st.sampled_from('0123456789Xx'))}"
    cut = draw(st.sampled_from([(), (6, 14), (4, 8, 12, 16)]))
    ends = [0, *cut, 18]
    return " ".join(number[a:b] for a, b in pairwise(ends))


@st.composite
def card(draw):
    digits = draw(st.sampled_from(["62", "4", "51"])) + draw(DIGITS) + draw(DIGITS)
    digits = digits[: draw(st.integers(15, 18))]
    total = sum(sum(divmod(int(digit) * (1 + i % 2), 10)) for i, digit in enumerate(reversed(digits), 1))
    number = digits + str(-total % 10)
    return " ".join(re.findall(".{1,4}", number)) if draw(st.booleans()) else number


@given(st.lists(st.tuples(WORDS, st.one_of(resident(), card())), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_no_other_number_survives_either(parts):
    text = "".join(f"{before}；{number}；" for before, number in parts)
    new, count = masked(text)
    assert count == len(parts)
    assert not re.search(r"\d", new)


@pytest.mark.parametrize("text", ["1 ", "13812345678", "0.13812345678", "(1)", "420106199003071234", "https://a.cn/1 "])
def test_a_long_text_is_no_trap(text):
    """Every way through the text is linear, and nothing recurses."""
    long = text * (30_000 // len(text))
    new, _ = masked(long)
    assert masked(new) == (new, 0)


@given(st.text("0123456789〔〕号年月日. -,元万个%第页鄂商", max_size=40))
@settings(max_examples=300, deadline=None)
def test_masking_changes_only_what_it_counts(text):
    new, count = masked(text)
    assert new.count("已隐去〕") == count
    assert (new == text) == (count == 0)
    for word in (MOBILE, LANDLINE, RESIDENT, CARD):
        new = new.replace(word, "")
    assert len(new) <= len(text)


# --- a training roll ---

BODY = """\
format: 1
id: shili/roll
name: 试验
valid_from: 2024-01-01
valid_to: null
status: official
subject: 县
results: {}
blank: {means: pending, question: Q1}
open_questions:
  Q1: {clause: T/1, question: 空白, reading: 待补}
fields:
  trained: {name: 培训人次, type: count, unit: 人次, evidence: [培训台账], cite: [T/1]}
  head: {name: 负责人, type: text, private: true, cite: [T/1]}
  remark: {name: 说明, type: text, cite: [T/1]}
lists:
  roll:
    name: 培训人员名单
    rows_from: subject
    cite: [T/1]
    columns:
      who: {name: 姓名, type: text, private: true, evidence: [培训台账], cite: [T/1]}
      phone: {name: 联系电话, type: text, private: true, cite: [T/1]}
      topic: {name: 课程, type: text, cite: [T/1]}
      hours: {name: 学时, type: number, unit: 无, cite: [T/1]}
  people:
    name: 培训人员
    rows_from: groups
    of: roll
    by: [who]
    cite: [T/1]
    columns:
      who: {name: 姓名, type: text, cite: [T/1]}
      heard: {name: 学时, type: number, unit: 无, value: sum(roll.hours), cite: [T/1]}
indicators:
  X: {name: 人次, value: trained, cite: [T/1]}
  HOURS: {name: 学时合计, value: sum(roll.hours), cite: [T/1]}
  PEOPLE: {name: 学员数, value: count(people.heard >= 0), cite: [T/1]}
"""
NAMES = ["欧阳锦绣", "尉迟云舒", "欧阳 锦绣", "独孤晚晴"]
PHONES = ["13812345678", "139-8765-4321", "13812345678", "07191234567"]
SECRET = [
    "欧阳锦绣",
    "尉迟云舒",
    "独孤晚晴",
    "澹台明镜",
    "13812345678",
    "1234567",
    "87654321",
    "8765-4321",
    "15900001111",
]


def edition(folder: Path, body: str = BODY):
    folder.mkdir()
    (folder / "scheme.yaml").write_text(body, "utf-8")
    (folder / "sources.yaml").write_text('format: 1\nT:\n  title: 试验\n  clauses:\n    "1": {gist: 一}\n', "utf-8")
    (folder / "cases.yaml").write_text("format: 1\nbase: {}\ncases: []\n", "utf-8")
    return folder


def rolled(**changes):
    rows = [
        {"who": who, "phone": phone, "topic": "网店经营", "hours": 8, "evidence": f"签到表（{who}）"}
        for who, phone in zip(NAMES, PHONES, strict=True)
    ]
    rows[1]["topic"] = "直播，讲师 159 0000 1111"
    answers = {
        "fields": {"trained": "约 15900001111", "head": "澹台明镜", "remark": "负责人手机15900001111"},
        "evidence": {"trained": "花名册.xlsx，欧阳锦绣 13812345678"},
        "lists": {"roll": rows},
    }
    return {**answers, **changes}


@pytest.fixture
def scheme(tmp_path):
    return load_folder(edition(tmp_path / "edition"))


def everything(folder: Path) -> bytes:
    """Every byte below a folder, with zips unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found += [str(path).encode(), path.read_bytes()]
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as package:
                    found += [package.read(name) for name in package.namelist()]
    return b"\n".join(found)


def leaks(data: bytes) -> list[str]:
    shapes = {text: [text.encode(code) for code in ("utf-8", "utf-16-le")] for text in SECRET}
    shapes |= {text: [*made, json.dumps(text)[1:-1].encode()] for text, made in shapes.items()}
    return [text for text, made in shapes.items() if any(one in data for one in made)]


def test_no_name_and_no_number_gets_past_the_reading(scheme, tmp_path):
    """Every byte of the results, of the intake's report and of the log is searched."""
    path = fill(scheme, rolled(), tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县", "city": ""})
    assert set(SECRET) - {"1234567", "87654321", "8765-4321", "15900001111"} <= set(leaks(everything(tmp_path)))
    roster = pd.DataFrame({"code": ["429901"], "name": ["甲县"]}, dtype=object)
    round_ = create_round(tmp_path / "round", scheme, "2024-06-30", roster)
    facts = round_.take_in([path])
    round_.score()
    for allowed in ("received", "marked"):
        for file in sorted((round_.folder / "intake" / allowed).rglob("*.xlsx")):
            file.unlink()
    data = everything(round_.folder)
    assert len(data) > 50_000
    assert leaks(data) == []
    assert "第 1 人".encode() in data
    page = county_page(str(round_.folder), "429901")
    pieces = [page.glance(), page.problems(), page.indicators(), page.next_steps(), page.evaluator_sheet()]
    shown = "".join(piece._repr_html_() for piece in pieces)
    assert "第 1 人" in shown
    assert leaks(shown.encode()) == []
    texts = [str(part) for p in facts.problems for part in (p.what, p.why, p.do, p.place)]
    assert leaks("\n".join([*texts, facts.evidence.to_csv(), repr(facts)]).encode()) == []


def test_the_same_person_has_the_same_alias(scheme, tmp_path):
    path = fill(scheme, rolled(), tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县", "city": ""})
    facts = read([path], scheme, pd.DataFrame({"code": ["429901"], "name": ["甲县"]}, dtype=object))
    for layer in (SELF, OFFICIAL):
        table = facts.layers[layer].lists["roll"].table.values
        assert table["who"].tolist() == ["第 1 人", "第 2 人", "第 1 人", "第 3 人"]
        assert table["phone"].tolist() == ["第 1 人", "第 2 人", "第 1 人", "第 3 人"]
        assert table["topic"].tolist()[1] == f"直播，讲师 {MOBILE}"
        assert table["hours"].tolist() == [8, 8, 8, 8]
        assert facts.cell(layer, "甲县", "head")[:2] == ("〔已隐去〕", State.FILLED)
        assert facts.cell(layer, "甲县", "remark")[0] == f"负责人手机{MOBILE}"
    assert facts.evidence.loc["429901", "trained"] == f"花名册.xlsx，第 1 人 {MOBILE}"
    assert "签到表（第 2 人）" in facts.evidence.loc["429901", "roll"]
    notes = [p for p in facts.problems if p.code == "D129"]
    assert [p.place.field for p in notes] == ["head", "roll", ""]
    assert "“姓名”4 格、“联系电话”4 格" in notes[1].what
    assert "3 处" in notes[2].what
    (refused,) = [p for p in facts.problems if p.place.field == "trained" and p.level == "count"]
    assert MOBILE in refused.what


def test_the_dictionary_says_what_is_private(scheme):
    who, topic = (scheme.edition.lists["roll"].columns[key] for key in ("who", "topic"))
    assert type_text(who) == "文字（个人信息，读入后换成代号）"
    assert type_text(topic) == "文字"


def test_persons_are_counted_through_groups(scheme, tmp_path):
    from evaltool.scoring import score

    path = fill(scheme, rolled(), tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县", "city": ""})
    facts = read([path], scheme, pd.DataFrame({"code": ["429901"], "name": ["甲县"]}, dtype=object))
    scores = score(facts)
    assert (scores.column(SELF, "PEOPLE").lo[0], scores.column(SELF, "PEOPLE").hi[0]) == (3, 3)
    assert scores.column(SELF, "HOURS").lo[0] == 32


def test_a_problem_in_a_private_cell_quotes_nothing(scheme, tmp_path):
    path = fill(scheme, rolled(), tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县", "city": ""})
    book = load_workbook(path)
    places = Places(book)
    sheet, columns = places.sheets["list:roll"], places.columns["list:roll"]
    row = next(r for r in range(1, 60) if sheet.cell(r, columns["column:who"]).value == "尉迟云舒")
    sheet.cell(row, columns["column:who"]).value = '="尉迟"&"云舒"'
    sheet.cell(row, columns["column:phone"]).value = "#REF!"
    sheet.cell(row, columns["column:phone"]).data_type = "e"
    book.save(path)
    facts = read([path], scheme, pd.DataFrame({"code": ["429901"], "name": ["甲县"]}, dtype=object))
    mine = [p for p in facts.problems if p.place.field in ("roll.who", "roll.phone")]
    assert {p.place.field for p in mine} == {"roll.who", "roll.phone"}
    assert all(p.place.cell for p in mine)
    assert not any("尉迟" in part or "云舒" in part for p in facts.problems for part in (p.what, p.why, p.do))
    notes = [origin.note for origin in facts.layers[SELF].lists["roll"].table.origins["who"]]
    assert not any("云舒" in note for note in notes)


def test_tables_and_frames_hide_the_same(scheme):
    subjects = pd.DataFrame({"code": ["429901"], "trained": ["4"], "head": ["澹台明镜"], "remark": ["电话15900001111"]})
    hours = ["8", "8", "x13812345678", "8"]
    roll = pd.DataFrame({"code": ["429901"] * 4, "who": NAMES, "phone": PHONES, "topic": "开店", "hours": hours})
    facts = read_table(scheme, subjects, {"roll": roll})
    for layer in (SELF, OFFICIAL):
        table = facts.layers[layer].lists["roll"].table.values
        assert table["who"].tolist() == ["第 1 人", "第 2 人", "第 1 人", "第 3 人"]
        assert facts.layers[layer].table.values["head"].tolist() == ["〔已隐去〕"]
        assert facts.layers[layer].table.values["remark"].tolist() == [f"电话{MOBILE}"]
    assert leaks("\n".join(p.what for p in facts.problems).encode()) == []
    assert [p.place.field for p in facts.problems if p.code == "D129"] == ["head", "roll", "roll"]
    again = from_values(scheme, {"429901": {"trained": 4, "head": "第 1 人", "remark": "无"}})
    assert again.layers[SELF].table.values["head"].tolist() == ["第 1 人"]  # hidden already


def test_the_province_cannot_bring_a_name_back(scheme, tmp_path):
    """Private cells are not offered for correction; a number in a reason is masked."""
    assert {*layout.correction_labels(scheme).values()} == {"trained", "remark", "roll.topic", "roll.hours"}
    county = fill(scheme, rolled(), tmp_path / "甲县.xlsx", {"code": "429901", "name": "甲县", "city": ""})
    roster = pd.DataFrame({"code": ["429901"], "name": ["甲县"]}, dtype=object)
    path = official_template(scheme, roster.set_index("code"), tmp_path / "省级认定表.xlsx")
    book = load_workbook(path)
    places = Places(book)
    sheet, columns = places.sheets[layout.CORRECTIONS], places.columns[layout.CORRECTIONS]
    row = places.rows[layout.CORRECTIONS]["labels"] + 1
    filled = {
        "county": "429901", "item": "说明", "old": "负责人手机15900001111", "new": "改为 13812345678",
        "why": "电话核实 13812345678", "who": "省厅", "when": "2024-05-01",
    }  # fmt: skip
    for key, text in filled.items():
        sheet.cell(row, columns[key]).value = text
    book.save(path)
    facts = read([county, path], scheme, roster)
    assert [p.what for p in facts.problems if p.code == "D114"] == []
    assert facts.cell(OFFICIAL, "甲县", "remark")[0] == f"改为 {MOBILE}"
    assert leaks(repr(dict(facts.reasons)).encode()) == []
    assert leaks(repr(facts.cell(OFFICIAL, "甲县", "remark")[2]).encode()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{name: 培训人次, type: count,", "{name: 培训人次, type: count, private: true,", "private 只用于县里填的文字"),
        ("value: trained, cite", "value: trained, overrides: [{when: head == '张三', gives: 0}], cite", "不能写进公式"),
        ("type: text, private: true, cite", "type: text, private: true, filled_by: reviewer, cite", "private 只用于县里填"),
    ],
)  # fmt: skip
def test_what_may_be_private(tmp_path, old, new, said):
    assert old in BODY
    _, problems = examine(edition(tmp_path / "edition", BODY.replace(old, new, 1)))
    assert any(said in p.what for p in problems if p.level == "stop"), problems

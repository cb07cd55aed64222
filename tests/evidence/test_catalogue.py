"""The catalogue of evidence: every file and every item in exactly one place, and nothing strange opened or followed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from evaltool.evidence import catalogue, items_of, request_text, take_evidence
from evaltool.evidence.catalogue import (
    MATCHED,
    NO_FILE,
    NOT_ASKED,
    NOTHING,
    REFUSED,
    THERE,
    UNMATCHED,
    Catalogue,
    CatalogueError,
    File,
)  # fmt: skip
from evaltool.evidence.matching import county_of, documents, named, unfound
from evaltool.facts import SELF
from evaltool.intake import read
from evaltool.intake.privacy import MOBILE
from evaltool.scheme import load

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def hubei():
    return load("hubei/ecommerce_rural")


@pytest.fixture(scope="module")
def facts(hubei):
    """The sample, in which two counties say more about their evidence."""
    made = read(SAMPLE, hubei)
    made.evidence.loc["990101", "leading_group"] = "松政办〔2020〕12号成立领导小组的通知"
    made.evidence.loc["990101", "fund_rules"] = "示范专款制度.pdf；《项目管理办法》"
    made.evidence.loc["990101", "ledger"] = "工作台账（电话〔手机号已隐去〕）"
    made.evidence.loc["990102", "centre_built"] = ""
    return made


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else (content or name).encode())
    return folder


def one(made: Catalogue, path: str) -> File:
    (found,) = [file for file in made.files if file.path == path]
    return found


def state(made: Catalogue, code: str, key: str) -> str:
    (found,) = [entry for entry in made.of(code) if entry.item.key == key]
    return found.state


LAYOUT = {
    "990101_松影县/leading_group/通知.pdf": "",  # a folder named by the field
    "990101_松影县/松政办[2020]12号.pdf": "",  # the number of a document
    "990101_松影县/示范专款制度.pdf": "",  # the name that was written
    "990101_松影县/县级公共服务中心已建成运营.jpg": "",  # the item's name
    "990101_松影县/三级配送/delivered_台账.xlsx": "",
    "990101_松影县/杂物/说明.txt": "",  # nowhere
    "禾川县佐证材料/1.jpg": "same",
    "990103/fund_total.pdf": "same",
    "澄灣縣/fund_spent.pdf": "",  # traditional: 990103 too
    "990111_岭背县/通知.pdf": "",  # returned no workbook
    "别处县/a.pdf": "",
    "散放.pdf": "",
    "990104_柳渡县.pdf": "",
}


def test_every_file_finds_its_place(hubei, facts, tmp_path):
    made = catalogue(hubei, facts, put(tmp_path / "佐证", LAYOUT))
    assert len(made.files) == len(LAYOUT)
    assert made.counts() == {**made.counts(), "files": 13, "matched": 7, "unmatched": 6, "refused": 0}
    hows = {file.path.rpartition("/")[2]: {(key, how) for key, how in file.items} for file in made.files if file.items}
    assert hows == {
        "通知.pdf": {("leading_group", "文件夹")},
        "松政办[2020]12号.pdf": {("leading_group", "文号")},
        "示范专款制度.pdf": {("fund_rules", "填报的佐证")},
        "县级公共服务中心已建成运营.jpg": {("centre_built", "文件名")},
        "delivered_台账.xlsx": {("delivered", "文件名")},
        "fund_total.pdf": {("fund_total", "文件名")},
        "fund_spent.pdf": {("fund_spent", "文件名")},
    }
    assert one(made, "澄灣縣/fund_spent.pdf").code == "990103"
    assert one(made, "990111_岭背县/通知.pdf").why == "没有采到自评表，还不能对"
    assert one(made, "别处县/a.pdf").code == ""
    assert one(made, "散放.pdf").code == ""
    assert one(made, "990104_柳渡县.pdf").code == "990104"
    path = tmp_path / "佐证" / "990101_松影县" / "示范专款制度.pdf"
    assert one(made, "990101_松影县/示范专款制度.pdf").sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert one(made, "990101_松影县/示范专款制度.pdf").size == path.stat().st_size
    assert state(made, "990101", "leading_group") == THERE
    assert state(made, "990101", "train_record") == NO_FILE
    assert state(made, "990102", "centre_built") == NOTHING


def test_counts_close_and_a_lie_does_not(hubei, facts, tmp_path):
    made = catalogue(hubei, facts, put(tmp_path / "佐证", LAYOUT))
    total = made.counts()
    assert total["asked"] == total["there"] + total["no_file"] + total["nothing"] > 300
    assert total["files"] == total["matched"] + total["unmatched"] + total["refused"]
    parts = [made.counts(code) for code in facts.codes]
    nobody = [file for file in made.files if not file.code]
    assert {key: sum(part[key] for part in parts) for key in ("asked", "there", "no_file", "nothing", "matched")} == {
        key: total[key] for key in ("asked", "there", "no_file", "nothing", "matched")
    }
    assert sum(part["files"] for part in parts) + len(nobody) == total["files"]
    moved = [File("990105", *(getattr(file, name) for name in File.__slots__[1:])) for file in made.files]
    with pytest.raises(CatalogueError, match="对上的文件"):
        Catalogue(hubei, made.counties, made.absent, made.entries, tuple(moved), ()).counts()


def test_evidence_is_asked_only_of_what_is_claimed(hubei, facts):
    made = catalogue(hubei, facts, None)
    table = facts.layers[SELF].table
    for code in made.counties:
        asked = {entry.item.key for entry in made.of(code) if entry.asked}
        for item in items_of(hubei):
            if item.key not in hubei.edition.fields:
                continue
            value = table.values.at[code, item.key]
            assert (item.key in asked) == (bool(item.kinds) and value is not None and value not in (False, 0))
    assert made.counts()["there"] == 0
    assert made.files == ()
    assert {entry.state for entry in made.entries} == {NO_FILE, NOTHING, NOT_ASKED}


def test_what_is_asked_stands_with_its_indicators(hubei):
    items = {item.key: item for item in items_of(hubei)}
    assert items["leading_group"].kinds == ("印发文件",)
    assert items["leading_group"].titles
    assert items["projects"].kinds[:2] == ("招标文件", "评审记录")
    assert items["towns"].kinds == ()


def test_strange_things_are_said_and_not_opened(hubei, facts, tmp_path):
    folder = put(tmp_path / "佐证", {
        "990101/空.pdf": b"", "990101/快捷方式.lnk": "x", "990101/~$锁.docx": "x", "990101/.DS_Store": "x",
        "990101/fund_rules.pdf": "x", "990101/包.zip": "zip",
    })  # fmt: skip
    (folder / "990101" / "空.pdf").write_bytes(b"")
    outside = put(tmp_path / "外面", {"秘密.pdf": "secret"})
    (folder / "990101" / "fund_total.pdf").symlink_to(outside / "秘密.pdf")
    (folder / "990102").symlink_to(outside)
    (folder / "990101" / "loop").symlink_to(folder)
    os.mkfifo(folder / "990101" / "leading_group.pdf")
    made = catalogue(hubei, facts, folder)
    why = {file.path: file.why for file in made.files if file.state == REFUSED}
    assert why == {
        "990101/空.pdf": "是空文件", "990101/快捷方式.lnk": "是快捷方式，不是材料本身",
        "990101/~$锁.docx": "系统或临时文件，不是材料", "990101/.DS_Store": "系统或临时文件，不是材料",
        "990101/fund_total.pdf": "是链接，指向别处的文件", "990102": "是链接，指向别处的文件",
        "990101/loop": "是链接，指向别处的文件", "990101/leading_group.pdf": "是管道，读它会一直等下去",
    }  # fmt: skip
    assert not [file for file in made.files if "秘密" in file.path]
    assert hashlib.sha256(b"secret").hexdigest() not in [file.sha256 for file in made.files]
    assert any("压缩包没有打开" in question.what for question in made.questions)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read(hubei, facts, tmp_path):
    folder = put(tmp_path / "佐证", {"990101/fund_rules.pdf": "x"})
    (folder / "990101" / "fund_rules.pdf").chmod(0)
    made = catalogue(hubei, facts, folder)
    assert [file.why for file in made.files] == ["读不出（PermissionError）"]


def test_the_same_bytes_of_two_counties_are_a_question(hubei, facts, tmp_path):
    made = catalogue(hubei, facts, put(tmp_path / "佐证", LAYOUT))
    (shared,) = [question for question in made.questions if len(question.codes) > 1]
    assert set(shared.codes) == {"990102", "990103"}
    assert set(shared.paths) == {"禾川县佐证材料/1.jpg", "990103/fund_total.pdf"}
    again = catalogue(
        hubei, facts, put(tmp_path / "二", {"990101/fund_rules.pdf": "s", "990101/project_rules.pdf": "s"})
    )
    (double,) = again.questions
    assert double.what == "同一个文件放了 2 处"


def test_what_is_written_and_not_there_is_asked_for(hubei, facts, tmp_path):
    made = catalogue(hubei, facts, put(tmp_path / "佐证", LAYOUT))
    text = request_text(made, "990101")
    assert text.startswith("松影县：佐证材料应有")
    assert "培训记录如实完整，应有培训台账；填报写的是“虚构数据，仅供演示，材料略”" in text
    assert "制定专项资金管理办法或实施细则：项目管理办法" in text  # the title that no file bears
    assert "990101_松影县/杂物/说明.txt" in text
    assert "已成立领导小组，应有" not in text
    assert "“990101_松影县”" in text
    assert request_text(made, "990111").count("收到了，看不出是哪一项的") == 1
    with pytest.raises(KeyError):
        request_text(made, "000000")
    unwritten = request_text(catalogue(hubei, facts, None), "990102")
    assert "县级公共服务中心已建成运营，应有现场照片" in unwritten
    assert "写了，没有收到文件" not in unwritten
    assert request_text(catalogue(hubei, facts, None), "990101") == ""


def test_an_indicator_s_folder_serves_its_items(hubei, facts, tmp_path):
    """A folder named by an indicator's number or name holds for the items of it that ask for evidence."""
    items = [item for item in items_of(hubei) if item.kinds and item.indicators]
    key = items[0].indicators[0]
    word = hubei.indicators[key].code or key
    made = catalogue(hubei, facts, put(tmp_path / "佐证", {f"990101/{word} 材料/扫描.pdf": ""}))
    (file,) = made.files
    assert {item for item, _ in file.items} == {item.key for item in items if key in item.indicators}
    assert file.state == MATCHED


def test_no_telephone_number_in_the_catalogue(hubei, facts, tmp_path):
    folder = put(
        tmp_path / "佐证", {"990101/张三13812345678/ledger 工作台账 13912345678.pdf": "", "13712345678.pdf": ""}
    )
    made = take_evidence(hubei, facts, folder, tmp_path / "out")
    assert {file.path for file in made.files} == {f"990101/张三{MOBILE}/ledger 工作台账 {MOBILE}.pdf", f"{MOBILE}.pdf"}
    shutil.unpack_archive(tmp_path / "out" / "evidence.xlsx", tmp_path / "x", "zip")
    data = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*.json"))
    data += b"".join(path.read_bytes() for path in (tmp_path / "x").rglob("*") if path.is_file())
    assert b"hsbr" not in data
    assert not any(number in data for number in (b"13812345678", b"13912345678", b"13712345678"))


def test_the_workbook_and_the_index_say_the_same(hubei, facts, tmp_path):
    folder = put(tmp_path / "佐证", LAYOUT)
    made = take_evidence(hubei, facts, folder, tmp_path / "out")
    index = json.loads((tmp_path / "out" / "evidence.json").read_text("utf-8"))
    assert index["counts"] == made.counts()
    assert len(index["files"]) == 13
    assert {file["pages"] for file in index["files"]} == {None}
    assert str(tmp_path) not in json.dumps(index, ensure_ascii=False)
    book = load_workbook(tmp_path / "out" / "evidence.xlsx")
    assert book.sheetnames == ["佐证情况", "各项佐证", "文件", "要核对的"]
    first = [[cell.value for cell in row] for row in book["佐证情况"].iter_rows(min_row=4)]
    head, total = first[0], first[1]
    counts = dict(zip(head[3:], total[3:], strict=True))
    assert counts["应有"] == counts[THERE] + counts[NO_FILE] + counts[NOTHING] == made.counts()["asked"]
    assert counts["文件"] == counts[MATCHED] + counts[UNMATCHED] + counts[REFUSED] == 13
    below = first[2:]
    assert [sum(row[i] for row in below) for i in range(3, len(head))] == total[3:]
    assert book["各项佐证"].max_row - 4 == len(made.entries)
    assert book["文件"].max_row - 4 == 13
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    take_evidence(hubei, facts, folder, tmp_path / "again")
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}


def test_no_folder_is_an_error_of_the_caller(hubei, facts, tmp_path):
    with pytest.raises(NotADirectoryError):
        catalogue(hubei, facts, tmp_path / "没有")


# --- names ---

ROSTER = pd.DataFrame(
    {"name": ["松影县", "禾川县", "朝阳区", "朝阳区", "乐都区"]},
    index=["990101", "990102", "110105", "220104", "630202"], dtype=object,
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code", "perhaps"),
    [
        ("990101", "990101", ()), ("990101_松影县", "990101", ()), ("松影县佐证材料", "990101", ()),
        ("松影縣", "990101", ()), ("湖北省松影县材料", "990101", ()), ("松影县-照片", "990101", ()),
        ("990101_2020年佐证材料", "990101", ()), ("９９０１０１", "990101", ()), ("乐都县", "630202", ()),
        ("632123_乐都县", "630202", ()),
        ("990101 禾川县", "", ("990101",)), ("朝阳区", "", ("110105", "220104")), ("2020年材料", "", ()),
        ("99010", "", ()), ("9901011", "", ()), ("其他", "", ()), ("", "", ()),
    ],
)  # fmt: skip
def test_whose_a_folder_is(name, code, perhaps):
    assert county_of(ROSTER, name) == (code, perhaps)


def test_document_numbers_and_titles():
    assert list(documents("见鄂商〔2020〕12号、宜财办[2019]068 号").values()) == [
        "鄂商〔2020〕12号",
        "宜财办〔2019〕68号",
    ]
    assert documents("鄂商(2020)12号 关于印发.pdf").keys() == documents("依据鄂商〔2020〕12 号").keys()
    assert documents("鄂商〔2020〕12号").keys() != documents("鄂商〔2020〕13号").keys()
    assert named("花名册.xlsx第3页；《领导小组通知》、照片") == ["花名册.xlsx", "领导小组通知"]
    text = "花名册.xlsx第3页；《领导小组通知》；鄂商〔2020〕12号"
    assert unfound(text, ["关于领导小组通知的通知.pdf", "其他.doc"]) == ["花名册.xlsx", "鄂商〔2020〕12号"]
    assert unfound(text, ["花名册.xls", "领导小组通知.pdf", "鄂商(2020)12号.pdf"]) == []

"""The catalogue as a workbook, counts first, and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evaltool.evidence.catalogue import MATCHED, NO_FILE, NOTHING, REFUSED, THERE, UNMATCHED, Catalogue
from evaltool.files import write_text
from evaltool.sheets.look import write_book
from evaltool.sheets.tables import Column, Sheet, Undecided

TITLE = "佐证材料目录"
FORMAT = 1
_COUNTS = {
    "asked": "应有", "there": THERE, "no_file": NO_FILE, "nothing": NOTHING,
    "files": "文件", "matched": MATCHED, "unmatched": UNMATCHED, "refused": REFUSED,
}  # fmt: skip


def write_catalogue(catalogue: Catalogue, path: Path) -> Path:
    """evidence.xlsx: counts that close, items, files, questions. The same catalogue gives the same bytes."""
    scheme = catalogue.scheme
    sheets = [_first(catalogue), _items(catalogue), _files(catalogue)]
    sheets += [_questions(catalogue)] if catalogue.questions else []
    return write_book(path, sheets, scheme.name, f"{TITLE}　{scheme.key}", TITLE)


def write_index(catalogue: Catalogue, path: Path) -> Path:
    """evidence.json: the same as data. `pages` is null: nobody has counted them."""
    return write_text(path, json.dumps(_index(catalogue), ensure_ascii=False, indent=1) + "\n")


def _index(catalogue: Catalogue) -> dict[str, Any]:
    names = catalogue.counties | catalogue.absent
    counties = [
        {
            "code": code, "name": name, "returned": code in catalogue.counties, "counts": catalogue.counts(code),
            "items": [
                {
                    "item": one.item.key, "name": one.item.name, "indicators": one.item.indicators,
                    "kinds": one.item.kinds, "asked": one.asked, "written": one.written, "files": one.files,
                    "not_found": one.lost, "state": one.state,
                }
                for one in catalogue.of(code)
            ],
        }
        for code, name in names.items()
    ]  # fmt: skip
    files = [
        {
            "county": one.code, "path": one.path, "size": one.size, "sha256": one.sha256, "pages": None,
            "state": one.state, "items": [{"item": key, "by": how} for key, how in one.items], "why": one.why,
        }
        for one in catalogue.files
    ]  # fmt: skip
    questions = [
        {"what": one.what, "do": one.do, "counties": one.codes, "files": one.paths} for one in catalogue.questions
    ]
    return {
        "format": FORMAT, "scheme": catalogue.scheme.key, "digest": catalogue.scheme.digest,
        "folder": catalogue.folder, "counts": catalogue.counts(), "counties": counties, "files": files,
        "questions": questions,
    }  # fmt: skip


def _first(catalogue: Catalogue) -> Sheet:
    """Counts of all and of each county; every row closes."""
    columns = [Column("代码", 10), Column("名称", 14), Column("自评表", 9, True)]
    columns += [Column(word, 9, True) for word in _COUNTS.values()]
    rows: list[tuple[Any, ...]] = [("合计", "", "", *catalogue.counts().values())]
    for code, name in (catalogue.counties | catalogue.absent).items():
        back = "已接收" if code in catalogue.counties else Undecided("未采到")
        rows.append((code, name, back, *catalogue.counts(code).values()))
    nobody = [file.state for file in catalogue.files if not file.code]
    if nobody:
        kinds = (nobody.count(MATCHED), nobody.count(UNMATCHED), nobody.count(REFUSED))
        rows.append(("", "认不出是谁的", "", 0, 0, 0, 0, len(nobody), *kinds))
    note = (
        f"应有 = {THERE} + {NO_FILE} + {NOTHING}；文件 = {MATCHED} + {UNMATCHED} + {REFUSED}，由程序核对过。"
        "应有的是版本要求佐证、县里也填了“是”或数的各项；一个文件可以用于几项。"
    )
    return Sheet("佐证情况", note, columns, rows, fixed=2)


def _items(catalogue: Catalogue) -> Sheet:
    columns = [
        Column("代码", 9), Column("名称", 12), Column("指标", 26), Column("项目", 26), Column("应有", 14),
        Column("填报的佐证", 30), Column("文件", 34), Column("状态", 16, True), Column("提到、没有找到的", 22),
    ]  # fmt: skip
    rows = (
        (
            one.code, catalogue.counties[one.code], "\n".join(one.item.titles), one.item.name,
            "、".join(one.item.kinds), one.written, "\n".join(_below(path) for path in one.files),
            Undecided(one.state) if one.state in (NO_FILE, NOTHING) else one.state, "、".join(one.lost),
        )
        for one in catalogue.entries
    )  # fmt: skip
    return Sheet("各项佐证", "一行是一个县的一项；文件写的是县文件夹里的路径。", columns, rows, fixed=2)


def _below(path: str) -> str:
    return path.partition("/")[2] or path


def _files(catalogue: Catalogue) -> Sheet:
    columns = [
        Column("代码", 9), Column("文件", 46), Column("字节", 12, True), Column("页数", 7, True), Column("状态", 8, True),
        Column("用于", 26), Column("怎么对上的", 12), Column("说明", 26), Column("SHA-256", 34),
    ]  # fmt: skip
    names = {one.item.key: one.item.name for one in catalogue.entries}
    rows = (
        (
            one.code, one.path, one.size, "未数", one.state if one.state == MATCHED else Undecided(one.state),
            "\n".join(names[key] for key, _ in one.items), "、".join(dict.fromkeys(how for _, how in one.items)),
            one.why, one.sha256,
        )
        for one in catalogue.files
    )  # fmt: skip
    note = "文件没有复制进来，按 SHA-256 认；文件名里的电话和证件号码已隐去。"
    return Sheet("文件", note, columns, rows, fixed=2)


def _questions(catalogue: Catalogue) -> Sheet:
    columns = [
        Column("序号", 6, True),
        Column("县", 20),
        Column("是什么", 40),
        Column("怎么办", 36),
        Column("文件", 60),
    ]
    names = catalogue.counties | catalogue.absent
    rows = (
        (i, "、".join(names[code] for code in one.codes), one.what, one.do, _some(one.paths))
        for i, one in enumerate(catalogue.questions, 1)
    )
    return Sheet("要核对的", "由人看的疑点，不影响得分。", columns, rows, fixed=1)


def _some(paths: tuple[str, ...], most: int = 20) -> str:
    return "\n".join(paths[:most]) + (f"\n……共 {len(paths)} 个" if len(paths) > most else "")

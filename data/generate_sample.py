"""Makes data/sample: fourteen invented counties, thirteen workbooks and the province's table. Nothing in it is real.

    python data/generate_sample.py [FOLDER]

The counties are written down, not drawn by chance, so every run gives the same files; a test compares them with the
committed ones. Codes begin with 99, which no province has. What each county is there for stands in COUNTIES.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd

from evaltool.facts import SELF
from evaltool.files import write_text
from evaltool.intake import fill, official_template, read
from evaltool.quantities import decimal_text
from evaltool.scheme import Scheme, load
from evaltool.scoring import Num, score

SCHEME, ON = "hubei/ecommerce_rural", "2020-06-30"
INVENTED = "虚构数据，仅供演示"
Answers = dict[str, Any]

# code, name, city, batch, type, funds (万元), what the county is there for
COUNTIES = [
    ("990101", "松影县", "虚拟东市", "2019", "已摘帽", "1500", "样样做到，成绩突出"),
    ("990102", "禾川县", "虚拟东市", "2019", "已摘帽", "2000", "正好 85 分"),
    ("990103", "澄湾县", "虚拟东市", "2019", "未摘帽", "2000", "84.995 分，不到 85"),
    ("990104", "柳渡县", "虚拟东市", "2019", "未摘帽", "2000", "正好 70 分"),
    ("990105", "石盘县", "虚拟东市", "2019", "未摘帽", "2000", "正好 60 分"),
    ("990106", "云垛县", "虚拟西市", "2019", "未摘帽", "2000", "较差，未按要求整改"),
    ("990107", "荻港县", "虚拟西市", "2019", "已摘帽", "2000", "填得乱：有的能读懂，有的读不出"),
    ("990108", "桑坪县", "虚拟西市", "2019", "已摘帽", "2000", "得分高，但查实弄虚作假"),
    ("990109", "枫驿县", "虚拟西市", "2019", "未摘帽", "2000", "严重滞后，经核查系不可抗力"),
    ("990110", "苇泽县", "虚拟西市", "2019", "未摘帽", "2000", "一个格读不出，等次跨 85 分"),
    ("990111", "岭背县", "虚拟西市", "2019", "未摘帽", "2000", "未报送"),
    ("990112", "清漾县", "虚拟南市", "2019", "已摘帽", "2000", "省级更正一个数，等次随之改变"),
    ("990113", "乌桕县", "虚拟南市", "2019", "未摘帽", "2000", "较差，已按要求整改"),
    ("990114", "梅墩县", "虚拟南市", "2019", "未摘帽", "2000", "评审分未定，等次跨 60 分"),
]
NOT_RETURNED = "990111"

MONTHS = [f"2019-{m:02d}" for m in range(7, 13)] + [f"2020-{m:02d}" for m in range(1, 7)]
ARCHIVES = ["apply", "plan", "contract", "summary", "finance", "progress", "targets", "media", "training", "poverty"]


def full_answers(funds: int) -> Answers:
    """A county that does everything: 100 points with full marks from the reviewers."""
    yes = [
        "centre_built", "centre_idle", "train_record", "train_jobs", "train_incub", "std_grade", "std_trace", "brand",
        "depot",
        "leading_group", "local_policy", "fund_rules", "project_rules", "web_column", "mofcom_system", "progress_form",
        "special_acct", "ledger", *(f"ar_{name}" for name in ARCHIVES),
    ]  # fmt: skip
    answers: Answers = dict.fromkeys(yes, "是")
    answers |= {"towns": 10, "town_stations": 10, "villages": 180, "delivered": 180}
    answers |= {"retail_growth": "21.5%", "farm_growth": "28%", "told_cases": 3}
    shares = {
        "fund_total": 100, "fund_spent": 90, "use_flow": 60, "use_system": 15, "use_process": 15, "use_depot": 30,
        "use_public": 22, "use_centre": 13, "use_station": 9, "use_train": 8,
    }  # fmt: skip
    answers |= {key: funds * share // 100 for key, share in shares.items()}
    answers |= {"use_banned": 0, "use_unrelated": 0}
    answers["lists"] = {
        "reports": [{"to_city": f"{following(m)}-05", "to_prov": f"{following(m)}-08"} for m in MONTHS],
        "sites": [site("县级公共服务中心"), site("物流配送中心"), site("东镇服务站"), site("西镇服务站")],
        "projects": [
            project("公共服务中心改造", 400, 400, "验收合格"),
            project("三级物流配送", 600, 540, None),
            project("产品分级包装设施", 300, 300, "验收合格"),
        ],
        "payments": [payment("分拣设备", 38.6), payment("站点货架", 6.2), payment("培训教材印刷", 1.8)],
    }
    return answers


def following(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


def site(name: str, hotline: str = "是") -> Answers:
    return {"site_name": name, "sign": "是", "hotline": hotline, "fee_taken": "否"}


def project(name: str, contract: float, paid: float, verdict: str | None) -> Answers:
    row = {
        "project": name, "picked": "是", "shown": "是", "contract_sum": contract, "started": "是",
        "first_paid": contract * 4 / 10, "all_paid": paid, "at_term": "是" if verdict else "否",
    }  # fmt: skip
    return row | ({"onsite": "是", "verdict": verdict} if verdict else {})


def payment(name: str, amount: float, papers: str = "是") -> Answers:
    return {"paid_for": name, "paid": amount, "by_deed": papers, "by_invoice": papers}


def no(*fields: str) -> Answers:
    return dict.fromkeys(fields, "否")


# what costs a county its points: field → entry, in steps that build on each other
TO_85: Answers = {
    "retail_growth": "15%", "fund_spent": 1600, "told_cases": 1,
    **no("train_incub", "ar_media", "ar_targets", "local_policy", "ledger"),
}  # fmt: skip
TO_70: Answers = TO_85 | {"farm_growth": "20%", **no("std_trace", "centre_idle")}
TO_60: Answers = TO_70 | {
    "told_cases": 0,
    "town_stations": 5,
    **no("depot", "web_column", "ar_training", "ar_progress"),
}
TO_40: Answers = TO_60 | {
    "fund_spent": 600, "delivered": 90, **no("train_jobs", "std_grade", "mofcom_system", "progress_form", "fund_rules"),
}  # fmt: skip
ENTRIES: dict[str, Answers] = {
    "990101": {"delivered": 171, "fund_spent": 1290},
    "990102": TO_85,
    "990103": TO_85 | {"fund_spent": 1599},
    "990104": TO_70,
    "990105": TO_60,
    "990106": TO_40,
    "990107": {
        "towns": "１２",
        "town_stations": "１１ ",
        "fund_total": "2,000",
        "fund_spent": "690万",
        "delivered": "约300",
        "villages": " 320",
        "retail_growth": "２１．５％",
        "progress_form": None,
        "use_flow": "1 200",
        "ledger": "有",
    },
    "990108": TO_85 | {"retail_growth": "24%", "use_station": 230},
    "990109": TO_85 | {"local_policy": "是"},
    "990110": TO_85 | {"fund_spent": "见附件"},
    "990112": TO_70 | {"std_trace": "是", "farm_growth": "20%", "ar_summary": "否"},
    "990113": TO_40,
    "990114": TO_60,
}
# counties with one large payment that has no papers (a point less)
UNPAPERED = {code for code in ENTRIES if code not in ("990101", "990107")}

# what the province says: J3 level and share of the points, filing, vetoes
POOR = ("成效不明显", "50%")
LEVELS = {"990101": ("成效明显", "95%"), "990104": POOR, "990105": POOR, "990106": POOR, "990112": POOR, "990113": POOR}
UNFILED = {"990104", "990105", "990106", "990112", "990113", "990114"}
VETOES = ["changed_plan", "accident", "great_loss", "audit_major", "fraud_money", "far_behind", "fake"]
FOUND = {("990108", "fake"), ("990109", "far_behind"), ("990109", "force_majeure")}
WHO, WHEN = "虚拟评审员", "2020-07-20"

# over-claims: what a county writes in the self score column against its own data
CLAIMS: dict[str, Answers] = {
    "990103": {"J4": 8},
    "990105": {"N2": 6, "J5": 3},
    "990108": {"J5": 3, "Z8": 3},
}


def answers_of(code: str, funds: int) -> Answers:
    """Everything one county enters, in the form that `fill` takes."""
    answers = full_answers(funds) | ENTRIES[code]
    lists = answers.pop("lists")
    if code in UNPAPERED:
        lists["payments"] = [*lists["payments"], payment("冷藏车租用", 12.5, "否")]
    for rows in (lists["sites"], lists["projects"], lists["payments"], lists["reports"]):
        for row in rows:
            row["evidence"] = f"{INVENTED}，材料略"
    fields = {key: value for key, value in answers.items() if value is not None}
    missing = {"centre_built", "train_record"} if code == "990107" else set()
    return {
        "fields": fields,
        "lists": lists,
        "evidence": {key: f"{INVENTED}，材料略" for key in fields if key not in missing},
    }


def claims_of(scheme: Scheme, roster: pd.DataFrame, books: list[Path]) -> dict[str, Answers]:
    """What each county writes as its self score: the most that its own data allow, and its over-claims."""
    scores = score(read(books, scheme, roster))
    claims: dict[str, Answers] = {}
    for row, code in enumerate(roster.index):
        claims[code] = {}
        for key in scheme.leaves():
            column = scores.column(SELF, key)
            assert isinstance(column, Num)
            claims[code][key] = decimal_text(column.hi[row])
        claims[code] |= CLAIMS.get(code, {})
    return claims


def official_answers() -> Answers:
    """The province's table: vetoes, filings, judged scores, outcomes, national figures, one correction."""
    signed = {"who": WHO, "when": WHEN}
    entries: dict[str, Answers] = {}
    for code in ENTRIES:
        entry: Answers = {veto: {"value": "有" if (code, veto) in FOUND else "经核查无", **signed} for veto in VETOES}
        if (code, "force_majeure") in FOUND:
            entry["force_majeure"] = {"value": "有", **signed}
        filed = "否" if code in UNFILED else "是"
        entry |= {key: {"value": filed, **signed} for key in ("rules_city", "rules_filed")}
        entry |= {"shares_filed": {"value": "否", **signed}, "slow_or_left": {"value": "否", **signed}}
        level, share = LEVELS.get(code, ("成效明显", "100%"))
        if code != "990114":
            reason = f"{INVENTED}：按走访记录评定"
            entry["poverty_level"] = {"value": level, "reason": reason, **signed}
            entry["poverty_share"] = {"value": share, "reason": reason, **signed}
        entries[code] = entry
    entries["990101"]["outstanding"] = {"value": "是", **signed}
    for code in ("990102", "990109"):
        entries[code]["outstanding"] = {"value": "否", **signed}
    entries["990106"]["rectified"] = {"value": "否", **signed}
    entries["990113"]["rectified"] = {"value": "是", **signed}
    source = f"{INVENTED}，不是国家公布的数"
    figures = {
        key: {"value": value, "source": source, **signed}
        for key, value in {"nat_retail": "18%", "nat_farm": "25%"}.items()
    }
    correction = {
        "county": "990112", "item": "town_stations", "old": 10, "new": 6, "why": f"{INVENTED}：现场核查四个站点没有业务", **signed,
    }  # fmt: skip
    return {"entries": entries, "round": figures, "corrections": [correction]}


README = """# 样例数据（虚构）

十四个县、十三份自评表和一份省级认定表，全部虚构，不对应任何真实的县、单位或个人；代码以 99 开头，全国没有这样的代码。
由 `python data/generate_sample.py` 生成，每次结果相同。

| 代码 | 名称 | 用来看什么 |
|---|---|---|
"""


def main(folder: Path) -> None:
    """Write the whole sample into `folder`."""
    scheme = load(SCHEME, ON)
    columns = ["code", "name", "city", "batch", "type", "funds"]
    roster = pd.DataFrame([county[:6] for county in COUNTIES], columns=columns, dtype=object).set_index("code")
    lines = [",".join(columns), *(",".join(county[:6]) for county in COUNTIES)]
    write_text(folder / "roster.csv", "\n".join(lines) + "\n")
    write_text(folder / "README.md", README + "".join(f"| {c[0]} | {c[1]} | {c[6]} |\n" for c in COUNTIES))
    returned = [county for county in COUNTIES if county[0] != NOT_RETURNED]
    books = {}
    for code, name, city, _, _, funds, _ in returned:
        path = folder / f"{code}_{name}_自评表（虚构）.xlsx"
        fill(scheme, answers_of(code, int(funds)), path, {"code": code, "name": name, "city": city})
        books[code] = path
    claims = claims_of(scheme, roster, list(books.values()))
    for code, path in books.items():
        fill(path, {"scores": claims[code]})
    table = folder / "省级认定表（虚构）.xlsx"
    official_template(scheme, roster, table)
    fill(table, official_answers())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample")

"""The parts of an edition in plain Chinese: what a field is, who fills it in, what its blank means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from evaltool.decisions import VERBS
from evaltool.intake.purposes import purposes
from evaltool.quantities import quantity_text
from evaltool.scheme import Scheme
from evaltool.scheme.fields import Blank, FieldDef, ListDef
from evaltool.scheme.formula import Column, Formula, Name, walk
from evaltool.scheme.looks import parents_of
from evaltool.scheme.models import Consequence, Pot, Stage, Tolerance, Use
from evaltool.scheme.values import Quantity, Unknown
from evaltool.scheme.vocabulary import words_of
from evaltool.scheme.words import formula_text, name_of, term_text
from evaltool.scoring.inputs import blank_means, veto_fields

TYPES = {
    "count": "个数", "money": "金额", "number": "数", "share": "占比", "yesno": "是否", "choice": "选项", "date": "日期",
    "text": "文字", "points": "分值",
}  # fmt: skip
ROWS_FROM = {
    "subject": "填报单位自己加行",
    "edition": "行由本版本定好",
    "calendar": "按日历定行",
    "groups": "由别的清单分组得出",
}
_PERIODS = {"month": "每月", "quarter": "每季度", "half_year": "每半年", "year": "每年"}
MEANINGS = {"pending": "待定", "zero": "零", "no": "否", "never": "从未", "out": "不计"}


def joined(parts: Iterable[str], mark: str = "；") -> str:
    """The parts that say something."""
    return mark.join(part for part in parts if part)


def cite_text(cite: str) -> str:
    """A clause by the short name of its paper: `HB/七（四）` → “HB 七（四）”."""
    return cite.replace("/", " ", 1)


def cites_text(cites: Iterable[str], mark: str = "\n") -> str:
    return mark.join(map(cite_text, cites))


def gists(scheme: Scheme, cites: Iterable[str]) -> str:
    """What the clauses say, in our own words; each once."""
    return "\n".join(dict.fromkeys(scheme.citation(cite).gist for cite in cites))


def type_text(item: FieldDef) -> str:
    return f"{TYPES[item.type]}（个人信息，读入后换成代号）" if item.private else TYPES[item.type]


def unit_text(item: FieldDef) -> str:
    return "各行自定" if item.unit == "row" else "%" if item.type == "share" else item.unit


def between_text(item: FieldDef) -> str:
    if item.between is None:
        return ""
    unit = "占比" if item.type == "share" else "" if item.unit == "row" else item.unit
    low, high = (quantity_text(end.value, unit) for end in item.between)
    return f"{low} 至 {high}，超出的不采信"


def filled_text(scheme: Scheme, item: FieldDef) -> str:
    """Who fills it in, and who must confirm it."""
    roles = words_of(scheme.edition).roles
    confirmed = "、".join(roles.get(role, role) for role in item.confirmed_by)
    return f"{roles[item.filled_by]}填" + (f"，{confirmed}确认后才算" if confirmed else "")


def asked_text(scheme: Scheme, item: FieldDef, row_of: str | None = None) -> str:
    """When it is asked at all."""
    stage = scheme.edition.stages[item.stage].name if item.stage in scheme.edition.stages else item.stage
    return joined(
        (
            f"{formula_text(scheme, item.asked_when, row_of).strip()}时" if item.asked_when is not None else "",
            f"到“{stage}”阶段" if stage else "",
            "全部对象共用一个值" if item.scope == "round" else "",
        )
    )


def blank_said(blank: Blank) -> str:
    """What stands behind a meaning: a clause, an open question."""
    return joined((*map(cite_text, blank.cite), f"待定问题 {blank.question}" if blank.question else ""), "、")


def blank_text(scheme: Scheme, key: str, item: FieldDef) -> str:
    """What an empty cell of a field or column counts as, and where that is written."""
    if item.type == "text":
        return "不参加计算"
    veto = key in veto_fields(scheme)
    means = blank_means(scheme, item, veto)
    if item.type == "yesno":
        word = {"zero": "否", "no": "否", "out": "不计"}.get(means, "待定")
    elif item.type == "date":
        word = {"never": "从未", "out": "不计"}.get(means, "待定")
    elif item.type == "choice":
        word = "不计" if means == "out" else "待定"
    else:
        word = {"zero": "零", "no": "零", "out": "不计"}.get(means, "待定")
    if veto and means == "pending":
        return f"{word}（否决核查用，不当作没有）"
    blank = item.blank or (scheme.edition.blank if item.filled_by == "county" else None)
    said = blank_said(blank) if blank is not None else ""
    return f"{word}（{said}）" if said else word


def hint_text(item: FieldDef) -> str:
    """What else is to be known before filling it in."""
    return joined(
        (item.note, f"来源：{item.source}" if item.source else "", "要写理由" if item.reason else ""),
    )


def points_text(scheme: Scheme, key: str) -> str:
    """The full marks of an indicator; empty without."""
    item = scheme.indicators[key]
    if item.points is None:
        return ""
    if isinstance(item.points, str):
        return name_of(scheme, item.points, item.per)
    return term_text(scheme, item.points, item.per, "") if isinstance(item.points, int | Fraction | Formula) else ""


def indicator_tree(scheme: Scheme) -> Iterator[tuple[int, str]]:
    """(depth, id) of every indicator below the one it is a part of, in the order of the file; each once."""
    seen: set[str] = set()

    def below(key: str, depth: int) -> Iterator[tuple[int, str]]:
        if key not in seen:
            seen.add(key)
            yield depth, key
            for child in scheme.children.get(key, ()):
                yield from below(child, depth + 1)

    for key, item in scheme.indicators.items():
        if not parents_of(item):
            yield from below(key, 0)


def part_text(scheme: Scheme, key: str) -> str:
    """How an indicator belongs to others, where the tree does not show it: by row, by column, across subjects."""
    item = scheme.indicators[key]
    said = []
    if item.per:
        said.append(f"“{scheme.edition.lists[item.per].name}”每行算一次")
    if isinstance(item.parent, dict):
        split = "，".join(
            f"{label}归“{scheme.indicators[node].name}”" for label, node in item.parent.items() if label != "by"
        )
        said.append(f"按{name_of(scheme, item.parent['by'], item.per)}归类：{split}")
    return "；".join(said)


def rows_text(scheme: Scheme, item: ListDef) -> str:
    """Where the rows of a list come from."""
    if item.rows_from == "calendar":
        day = f"期末次月 {item.due_day} 日前"
        moved = "，".join(f"{a} 顺延到 {b}" for a, b in item.shifted.items())
        return joined((f"{item.start} 至 {item.end}，{_PERIODS[item.every or 'month']}一行，{day}报", moved))
    if item.rows_from == "groups":
        source = scheme.edition.lists[item.of or ""]
        by = "、".join(source.columns[key].name for key in item.by)
        return f"“{source.name}”按{by}分组得出，不另填"
    return ROWS_FROM[item.rows_from] + (f"（{len(item.rows)} 行）" if item.rows else "")


def stage_days(stage: Stage) -> str:
    if stage.start is None and stage.end is None:
        return "文件没有写"
    return f"{stage.start or '　'} 至 {stage.end or '　'}"


def do_text(scheme: Scheme, consequence: Consequence) -> str:
    """“应：限期整改、通报（期限：文件未规定）”, or that the paper says nothing."""
    names = words_of(scheme.edition).actions
    if not consequence.do:
        return "文件没有规定处理"
    within = {"unset": "文件未规定", "masked": "文件未公布"}.get(consequence.within or "", consequence.within)
    limit = f"（期限：{within}）" if within else ""
    verb = VERBS.get(consequence.verb or "", "")
    return f"{verb}" + "、".join(names.get(action, action) for action in consequence.do) + limit


def limit_text(limit: Quantity | Unknown | None) -> str:
    return "" if limit is None else str(limit)


def use_text(pot: Pot, use: Use) -> str:
    """The limits of one use in words: “不低于总额的 60%”; masked ones say so."""
    said = []
    for word, limit in (("不低于", use.at_least), ("不超过", use.at_most)):
        if isinstance(limit, Quantity):
            said.append(f"{word}总额的 {limit}")
        elif limit is not None:
            said.append(f"{'下限' if word == '不低于' else '上限'}{limit}")
    if not said:
        return "没有规定比例"
    loose = pot.in_principle if use.in_principle is None else use.in_principle
    return ("原则上" if loose else "") + "，".join(said)


def tolerance_text(scheme: Scheme, tolerance: Tolerance) -> str:
    of = {
        "points": f"{quantity_text(tolerance.by.value, '百分点')}（按总额）",
        "item": f"该项比例的 {tolerance.by}",
        "unset": f"{tolerance.by}（按总额还是按该项比例，文件没有说清）",
    }[tolerance.of]
    when = f"，条件是{scheme.edition.fields[tolerance.when].name}" if tolerance.when else ""
    return f"允许偏离界限 {of}{when}"


def used_by(scheme: Scheme) -> dict[str, list[str]]:
    """Field or `list.column` → where it is used, in words."""
    found: dict[str, list[str]] = {}
    for name, said in (*_uses_in_rules(scheme), *_uses_beside(scheme), *_uses_in_lists(scheme)):
        found.setdefault(name, []).append(said)
    return {name: list(dict.fromkeys(said)) for name, said in found.items()}


def _uses_in_rules(scheme: Scheme) -> Iterator[tuple[str, str]]:
    known, edition = purposes(scheme), scheme.edition
    for name, keys in known.indicators.items():
        yield from ((name, f"{scheme.indicators[key].code or key} {scheme.indicators[key].name}") for key in keys)
    for name, keys in known.events.items():
        yield from ((name, f"否决“{edition.events[key].name}”") for key in keys)
    for name, keys in known.pots.items():
        yield from ((name, f"资金“{edition.funds[key].name}”") for key in keys)


def _uses_beside(scheme: Scheme) -> Iterator[tuple[str, str]]:
    """Beside the score: duties, consequences, what is tolerated, and what decides whether something is asked."""
    edition = scheme.edition
    for duty in edition.duties.values():
        yield from ((name, f"职责“{duty.name}”") for name in _named(duty.met))
    for consequence in edition.consequences:
        yield from ((name, f"后果“{do_text(scheme, consequence)}”") for name in _named(consequence.when))
    for pot in edition.funds.values():
        if pot.tolerance is not None and pot.tolerance.when:
            yield pot.tolerance.when, f"资金“{pot.name}”的允许偏离"
    for item in edition.fields.values():
        yield from ((name, f"“{item.name}”该不该填") for name in _named(item.asked_when))


def _uses_in_lists(scheme: Scheme) -> Iterator[tuple[str, str]]:
    for list_id, rows in scheme.edition.lists.items():
        for key, column in rows.columns.items():
            if rows.of is not None and key in rows.by:
                yield f"{rows.of}.{key}", f"清单“{rows.name}”的分组"
            yield from ((name, f"清单“{rows.name}”的“{column.name}”") for name in _named(column.value))
            for name in _named(column.asked_when):
                yield (f"{list_id}.{name}" if name in rows.columns else name), f"“{column.name}”该不该填"


def _named(formula: Formula | None) -> Iterator[str]:
    if formula is None:
        return
    for node in walk(formula.tree):
        if isinstance(node, Column):
            yield f"{node.list}.{node.id}"
        elif isinstance(node, Name):
            yield node.id

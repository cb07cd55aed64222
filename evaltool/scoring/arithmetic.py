"""One result with the numbers of its subject put in: the formula, then the rule, then what comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaltool.quantities import DATE_UNIT, SHARE_UNIT, decimal_text, quantity_text
from evaltool.scheme import rules as r
from evaltool.scheme.formula import ARITHMETIC, Call, Choice, Formula, Name, Node, Operation
from evaltool.scheme.inference import field_kind
from evaltool.scheme.looks import looks_at
from evaltool.scheme.sentences import picked_text
from evaltool.scheme.values import Quantity
from evaltool.scheme.words import formula_text, name_of, parameter_text
from evaltool.scoring.asked import Asked, exception_of
from evaltool.scoring.columns import INF, Col, Num
from evaltool.scoring.comparing import standing_text
from evaltool.scoring.formulas import evaluate
from evaltool.scoring.scores import OUT, text_of

_MISSING = {"skip": "跳过", "zero": "按 0 计", "spread": "分值或权重由其余各项分担", "out": "本级也不计"}
Part = tuple[str, str, str, str]  # id, name, result, full marks


def shown(column: Col, row: int, unit: str) -> str:
    """A value of this subject with its unit, or its range."""
    if not isinstance(column, Num) or unit == DATE_UNIT:
        return text_of(column, row)
    low, high = column.lo[row], column.hi[row]
    plain = "" if unit.startswith("row:") else unit
    if low == high:
        return quantity_text(low, plain)
    if high == INF:
        return "未知" if low <= 0 else f"≥ {quantity_text(low, plain)}"
    ends = quantity_text(low, plain), quantity_text(high, plain)
    return ends[0] if ends[0] == ends[1] else f"（{ends[0]} ～ {ends[1]}）"  # a root, known to fifty digits


def arithmetic(asked: Asked, parts: Sequence[Part]) -> str:
    """The value with numbers put in, then the rule with numbers put in, then the result."""
    item, said = asked.item, []
    formula, value = asked.formula, asked.scores.outcomes[asked.layer].values.get(asked.key)
    result = asked.scores.text(asked.layer, asked.key, asked.row)
    if exception := exception_of(asked):
        scored = item.points is not None and not asked.is_out()
        return f"{exception}；{f'得 {result} 分' if scored else result}"
    if asked.is_out():
        return "；".join([*_why_out(asked, parts), OUT])
    if formula is not None and value is not None and isinstance(value, Num):
        put_in = shown(value, asked.row, asked.unit) if item.across is not None else _put_in(asked, formula.tree, 0)
        now = shown(value, asked.row, asked.unit)
        said.append(_bare(now) if put_in == now else f"{put_in} = {_bare(now)}")
    elif item.combine is not None:
        said.append(_combined(asked, parts, value))
    if isinstance(asked.rule, r.Rank | r.Relative):
        said.append(_among(asked, result))
    elif item.points is not None and not isinstance(item.points, str):
        said.append(_rule_line(asked, value, result))
    return "；".join(part for part in said if part)


def _bare(text: str) -> str:
    """A range that stands alone needs no brackets."""
    return text.removeprefix("（").removesuffix("）")


def _why_out(asked: Asked, parts: Sequence[Part]) -> Iterator[str]:
    """What is out that makes this one so."""
    gone = [name for _, name, result, _ in parts if result == OUT]
    if gone:
        need = asked.item.need
        yield f"“{'”和“'.join(gone)}”{OUT}" + ("" if need is None else f"，计入的不足 {decimal_text(need)} 项")
        return
    space = asked.space
    for name in looks_at(asked.scheme, asked.key):
        out = space.out(name, None) if name in space.subjects else None
        if out is not None and out.lo[0]:
            yield f"“{name_of(asked.scheme, name)}”{OUT}"


def _combined(asked: Asked, parts: Sequence[Part], value: Col | None) -> str:
    """The parts put together; what is out, and what became of it."""
    item, inside = asked.item, [part for part in parts if part[2] != OUT]
    result = "" if value is None else text_of(value, asked.row)
    each = [f"（{part[2]}）" if "～" in part[2] else part[2] for part in inside]
    rows = bool(parts) and all(asked.scheme.indicators[child].per for child in asked.scheme.children[asked.key])
    named = "；".join(f"{name} 得 {text}" for _, name, text, _ in inside)
    if item.picks is not None:
        rest = f"{'合计' if item.combine == 'sum' else '平均'} {result}"
        whole = [f"{text} / {full}" if full else text for (_, _, _, full), text in zip(inside, each, strict=True)]
        text = f"{'、'.join(whole)} 中{picked_text(item)}{rest}" if whole else result
    elif item.combine == "sum":
        text = f"{named}；合计 {result}" if rows else f"{' + '.join(each) or '0'} = {result}"
        if item.missing == "spread" and len(inside) < len(parts):
            text = f"{named if rows else ' + '.join(each)}，由计入的各项分担全部分值 = {result}"
    elif item.combine in ("max", "min"):
        text = f"{'、'.join(each)} 中{'最高' if item.combine == 'max' else '最低'}的是 {result}" if each else result
    elif item.combine == "mean":
        whole = [f"{text} / {full}" if full else text for (_, _, _, full), text in zip(inside, each, strict=True)]
        text = f"{'、'.join(whole)} 的平均{'（按权重）' if _weighed(asked) else ''} = {result}"
    else:
        return ""
    gone = [name for _, name, got, _ in parts if got == OUT]
    return text + (f"；“{'”和“'.join(gone)}”{OUT}，{_MISSING[item.missing or 'out']}" if gone else "")


def _weighed(asked: Asked) -> bool:
    return any(asked.scheme.indicators[child].weight is not None for child in asked.scheme.children[asked.key])


def _among(asked: Asked, result: str) -> str:
    """A place or a share among the others."""
    beside, rule = standing_text(asked), asked.rule
    if isinstance(rule, r.Rank):
        what = f"排第 {result}" if rule.gives == "place" else f"名次占比 {_percent(asked)}"
        return f"{beside}{what}"
    return f"{beside}，得 {_percent(asked)}" if beside else f"得 {_percent(asked)}"


def _percent(asked: Asked) -> str:
    unit = asked.scheme.kinds[asked.key].unit or ""
    return _bare(shown(asked.scores.column(asked.layer, asked.key), asked.row, unit))


def _rule_line(asked: Asked, value: Col | None, result: str) -> str:
    rule, points = asked.rule, decimal_text(asked.item.points)
    now = shown(value, asked.row, asked.unit) if value is not None else ""
    match rule:
        case r.Checklist():
            return _checklist(asked, rule, result)
        case r.Levels(chosen=str(chosen)):
            share = asked.space.subjects[chosen]
            if asked.scheme.edition.fields[chosen].type == "share" and share.known[0]:
                return f"{points} × {shown(share, 0, SHARE_UNIT)}，得 {result} 分"
        case r.Proportional():
            target = _parameter(asked, rule.target)
            ratio = f"{points} × {target} ÷ {now}" if rule.inverse else f"{points} × {now} ÷ {target}"
            return f"{ratio}，封顶 {points}，得 {result} 分"
        case r.Linear(line=None, outside=None):
            low, high = _parameter(asked, rule.zero_at), _parameter(asked, rule.full_at)
            return f"{points} ×（{now} － {low}）÷（{high} － {low}），在 0 与 {points} 之间，得 {result} 分"
        case r.Linear():
            low, high = _parameter(asked, rule.zero_at), _parameter(asked, rule.full_at)
            return f"在 {low} 与 {high} 之间按直线，两端之外按规定，得 {result} 分"
        case r.Curve():
            return f"在折线的相邻两点之间按直线，得 {result} 分"
        case r.Range():
            low, high = _parameter(asked, rule.low), _parameter(asked, rule.high)
            return f"区间 {low} 至 {high}，得 {result} 分"
        case None:
            return "" if asked.item.combine else f"得 {result} 分"
    return f"得 {result} 分"


def _parameter(asked: Asked, part: Quantity | Formula) -> str:
    """A parameter with its unit, or the formula of it with numbers put in."""
    return (
        _put_in(asked, part.tree, 1)
        if isinstance(part, Formula)
        else parameter_text(asked.scheme, part, asked.unit, None)
    )


def _checklist(asked: Asked, rule: r.Checklist, result: str) -> str:
    parts, lacking = [], []
    for name, points in rule.items.items():
        got = text_of(asked.space.subjects[name], 0, asked.space.out(name, None))
        worth = asked.term(points)
        earned = {"是": "?" if worth is None else decimal_text(worth), "否": "0", OUT: "0"}.get(got, "?")
        parts.append(f"{name_of(asked.scheme, name)} {got} {earned}")
        if name in rule.mandatory and got == "否":
            lacking.append(name_of(asked.scheme, name))
    why = f"，缺“{'”和“'.join(lacking)}”，整项不得分" if lacking else ""
    return f"{'，'.join(parts)}{why}，得 {result} 分"


def _put_in(asked: Asked, node: Node, depth: int) -> str:
    """A formula with this subject's numbers instead of names."""
    if isinstance(node, Operation) and node.op in ARITHMETIC and node.op != "neg":
        sign = {"+": "＋", "-": "－", "*": "×", "/": "÷"}[node.op]
        text = f" {sign} ".join(_put_in(asked, part, depth + 1) for part in node.parts)
        return f"（{text}）" if depth else text
    if isinstance(node, Choice):
        chosen = asked.branch(node)
        return formula_text(asked.scheme, node) if chosen is node else _put_in(asked, chosen, depth)
    if isinstance(node, Name):
        edition = asked.scheme.edition
        unit = (
            asked.scheme.kinds[node.id].unit
            if node.id in asked.scheme.kinds
            else field_kind(edition.fields[node.id]).unit
        )
        return shown(asked.space.subjects[node.id], 0, unit or "")
    if isinstance(node, Call):
        inside = "、".join(formula_text(asked.scheme, part) for part in node.parts)
        return f"{text_of(evaluate(node, asked.space), 0)}（{inside}）"
    return formula_text(asked.scheme, node)

"""What steps and exceptions give: points, numbers or labels, and never numbers beside labels; `full` and `out`."""

from __future__ import annotations

from fractions import Fraction

from evaltool.quantities import decimal_text, parse_number
from evaltool.scheme.formula import Formula
from evaltool.scheme.inference import YES_NO
from evaltool.scheme.looks import Path_
from evaltool.scheme.models import Indicator, Override
from evaltool.scheme.resolve import Work
from evaltool.scheme.rules import Steps
from evaltool.scheme.scheme import Kind
from evaltool.scheme.values import is_number


def check_steps_give(work: Work, item: Indicator, at: Path_, rule: Steps, kind: Kind) -> None:
    """`kind` is what the indicator comes to, as its steps have made it."""
    if all(step.gives == "out" for step in rule.steps):
        work.complain("S209", (*at, "steps"), "每一档都是不计，等于没有这个指标", do="至少一档给分数或名称", key=True)
    for i, step in enumerate(rule.steps):
        path, gives = (*at, "steps", i, "gives"), step.gives
        if gives == "out":
            continue
        if gives == "full":
            _full(work, path, item)
        elif kind.sort == "label":
            _label(work, path, gives)
        elif item.points is not None and isinstance(gives, str):
            _points(work, path, item, gives)


def check_override(work: Work, at: Path_, item: Indicator, kind: Kind, override: Override) -> None:
    gives, path = override.gives, (*at, "gives")
    if gives is None:
        if kind.sort != "number":
            work.complain("S214", (*at, "at_most"), "at_most 只能限制分数", do="改用 gives")
    elif gives == "out":
        return
    elif kind.sort == "label":  # any label: one that no step gives is reached by this condition alone
        if gives == "full":
            _full(work, path, item)
        else:
            _label(work, path, gives)
    elif kind.sort == "truth":
        if gives not in YES_NO:
            work.complain("S105", path, f"这里要给 是、否 或 out，不是“{gives}”", do="改正 gives")
    elif kind.sort != "number":
        work.complain("S214", path, "overrides 只用于分数、是否和等次", do="把条件写进 value")
    elif gives == "full":
        _full(work, path, item)
    elif isinstance(gives, str):
        if not is_number(gives):
            work.complain("S105", path, f"要给分数或 full，不是“{gives}”", do="改成数字或 full")
        elif isinstance(item.points, int | Fraction) and item.cap is None and parse_number(gives) > item.points:
            work.complain("S204", path, f"{gives} 分超过满分 {decimal_text(item.points)}", do="改正分数")


def _full(work: Work, path: Path_, item: Indicator) -> None:
    if item.points is None:
        work.complain("S209", path, "没有满分的指标不能给 full", do="写出分数，或补上 points")


def _label(work: Work, path: Path_, gives: str | Formula) -> None:
    """Where labels are given, nothing else is."""
    if isinstance(gives, Formula) or is_number(gives):
        what = f"这个指标给的是等次的名称，不能又给数：“{gives}”"
        work.complain("S105", path, what, do="全写成名称，或全写成数；不计写 out")


def _points(work: Work, path: Path_, item: Indicator, gives: str) -> None:
    if not is_number(gives) or gives.endswith("%"):
        work.complain("S105", path, f"有满分的指标要给分数、full 或 out，不是“{gives}”", do="改成数字")
    elif isinstance(item.points, int | Fraction) and not 0 <= parse_number(gives) <= item.points:
        work.complain("S204", path, f"{gives} 分不在 0 与满分 {decimal_text(item.points)} 之间", do="改正分数")

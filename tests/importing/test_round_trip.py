"""Random trees of indicators, written as tables in many shapes: the imported tree has the same names and points."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaltool.quantities import decimal_text, exact

from .making import LEFT, UP

SENTENCES = ["有得满分，没有不得分", "由各省自行制定", "酌情扣分", "每少1个扣0.5分，扣完为止", "看情况", ""]


@st.composite
def trees(draw):
    """Two or three levels: (name, points, parts); points of the leaves in halves, those above their sums."""
    number = iter(range(1000))

    def node(depth):
        name = f"指标{next(number)}甲"
        if depth == 0:
            return name, Fraction(draw(st.integers(1, 40)), 2), []
        parts = [node(depth - 1) for _ in range(draw(st.integers(1, 3)))]
        return name, sum(part[1] for part in parts), parts

    depth = draw(st.integers(1, 2))
    return depth, [node(depth) for _ in range(draw(st.integers(1, 3)))]


def said(points):
    return decimal_text(exact(points))


def table(depth, tops, draw):
    """The tree as rows, with merged or repeated or empty names, points in a column, in brackets, or both."""
    shape = draw(st.sampled_from(["merged", "repeated", "empty"]))
    brackets = draw(st.booleans())
    levels = ["一级指标", "二级指标", "三级指标"][: depth + 1]
    rows = [["某体系", *[LEFT] * (depth + 2)]] if draw(st.booleans()) else []
    rows.append([*levels, "分值", "评分标准"])

    def leaf_paths(node, path):
        here = [*path, node]
        if not node[2]:
            yield here
        for part in node[2]:
            yield from leaf_paths(part, here)

    before = []
    for top in tops:
        for path in leaf_paths(top, []):
            row = []
            for i, node in enumerate(path):
                same = i < len(before) and before[i] is node and node[2]
                name = f"{node[0]}（{said(node[1])}分）" if brackets and node[2] else node[0]
                row.append({"merged": UP, "repeated": name, "empty": ""}[shape] if same else name)
            sentence = draw(st.sampled_from(SENTENCES))
            rows.append([*row, float(path[-1][1]), sentence])
            before = path
        if draw(st.booleans()):
            rows.append(["小计", *[LEFT] * depth, float(top[1]), ""])
    if draw(st.booleans()):
        rows.append(["合计", *[LEFT] * depth, float(sum(top[1] for top in tops)), ""])
    return rows


def flattened(tops):
    return [pair for top in tops for pair in [(top[0], said(top[1])), *flattened(top[2])]]


@pytest.mark.parametrize("kind", ["xlsx", "docx"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.data())
def test_a_tree_written_as_a_table_comes_back(imported, kind, data):
    depth, tops = data.draw(trees())
    done = imported(table(depth, tops, data.draw), kind=kind)
    items = [(item.name, decimal_text(item.points)) for key, item in done.items.items() if key != "TOTAL"]
    assert items == flattened(tops)
    assert decimal_text(done.items["TOTAL"].points) == said(sum(top[1] for top in tops))
    assert done.codes["I214"] == done.codes["I212"] == 0


CONDITIONS = ["健全", "基本健全", "90%以上", "80%-90%", "80%以下", "达到5家", "3-4家", "每少1个", "每多1家", "每减少1个百分点",
              "每增加100万元", "每发现1处", "没有", "否则", "", "不超过10次", "获得表彰", "低于60%"]  # fmt: skip
EFFECTS = ["得10分", "得6分", "不得分", "扣2分", "扣10分", "加3分", "酌情扣分", "按比例得分", "扣完为止", "得满分", "最高5分", "由省里制定",
           "100%-80%", "80%-0%", "得5分，最多扣3分", "每项2分", "加0.5分"]  # fmt: skip
pieces = st.tuples(st.sampled_from(CONDITIONS), st.sampled_from(EFFECTS), st.sampled_from("；，。\n②")).map("".join)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.lists(pieces, min_size=1, max_size=4).map("".join), min_size=12, max_size=12), st.data())
def test_whatever_the_sentences_say_the_draft_loads(imported, sentences, data):
    """`imported` itself fails where the checks of a definition refuse anything."""
    points = st.sampled_from([10, 10, 5, "", "x"])
    tops = ["甲", "甲", "乙", "乙", "加分项", "扣分项（8分）"] * 2
    rows = [["一级指标", "二级指标", "分值", "评分标准"]]
    rows += [
        [top, f"项{i}", data.draw(points), text]
        for i, (top, text) in enumerate(zip(sorted(tops), sentences, strict=True))
    ]
    imported(rows)


def test_a_proposal_that_the_checks_refuse_becomes_a_slot(imported, monkeypatch):
    import evaltool.importing as importing

    complained = iter([{"a1_ok"}, set()])
    monkeypatch.setattr(importing, "_complained", lambda texts, target: next(complained))
    done = imported([["一级指标", "二级指标", "分值", "评分标准"], ["甲", "乙", 100, "有得100分"]])
    assert done.items["A1"].rule.kind == "delegated"
    assert done.codes["I215"] == 1

"""The charts on every edge: pending, no total, nothing returned, no grade, one county, no money, hostile names."""

from __future__ import annotations

import json
from fractions import Fraction

import plotly.graph_objects as go
import pytest

from evaltool import charts
from evaltool.charts import Band, Part, Sketch, Span, Use, points
from evaltool.charts.look import FONT, columns_of, plain, short, wrapped
from evaltool.charts.standing import place_text
from evaltool.scheme import load
from tests.report.conftest import money_only

INF = float("inf")
BANDS = [Band("优秀", 85), Band("良好", 70), Band("一般", 60), Band("较差", None)]
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}$x^2$[点我](javascript:alert(3))%{customdata}&amp;"
)


def span(low, high=None) -> Span:
    return Span(low, low if high is None else high)


def part(name="指标", full=10, low=4, high=None, key="A") -> Part:
    return Part(key, name, full, span(low, high))


def texts(figure: go.Figure) -> list[str]:
    """Everything a figure shows as text."""
    found = [figure.layout.title.text or "", (figure.layout.title.subtitle.text or "")]
    found += [note.text for note in figure.layout.annotations]
    for axis in (*figure.select_xaxes(), *figure.select_yaxes()):
        found += [str(text) for text in axis.ticktext or ()] + ([axis.title.text] if axis.title.text else [])
    for trace in figure.data:
        found += [str(text) for text in (getattr(trace, "text", None) or ())]
        found += [str(x) for x in (trace.x if trace.x is not None else ()) if isinstance(x, str)]
    return found


def every_chart(name: str) -> list[go.Figure]:
    parts = [part(name, 10, 4, 7), part(name, 5, 5)]
    totals = [("1", span(80)), ("2", span(50, 90)), ("3", span(84.0))]
    return [
        charts.dimensions(parts, part("总分", 100, 80, 86), BANDS),
        charts.dimensions(parts, None, []),
        charts.points_lost(parts),
        charts.next_band(parts, span(80, 86), BANDS),
        charts.three_totals(98, span(80), span(80, 86), 100, BANDS),
        charts.among_all(totals, "2", BANDS, 100, name),
        charts.among_all([(str(i), span(i % 100)) for i in range(300)], "7", BANDS, 100, name),
        charts.among_all([(str(i), span(i % 100)) for i in range(301)], "7", BANDS, 100, name),
        charts.ranking([(name, span(80)), (name, span(70, 90))], BANDS, 100),
        charts.band_counts([(name, 3), ("待定", 1)]),
        charts.dimension_means([(name, 10, span(4, 5))]),
        charts.fund_shares(
            [
                Use(name, span(Fraction(1, 2)), Fraction(3, 5), None, "低于下限"),
                Use(name, span(0, 1), None, "文件未公布", "待定", True),
            ]
        ),
    ]


def test_every_chart_is_a_plain_figure_of_the_house():
    for figure in every_chart("示例县"):
        assert type(figure) is go.Figure
        assert figure.layout.template.layout.font.family == FONT
        assert figure.layout.width == charts.WIDTH
        assert figure.layout.height
        assert figure.layout.title.text
        assert len(figure.to_json()) < 16_000


def test_what_is_drawn_is_what_plotly_makes_of_it(monkeypatch):
    """plotly refuses a property that it does not know, and leaves nothing out of what the charts say."""
    seen = []
    made = Sketch.figure
    monkeypatch.setattr(Sketch, "figure", lambda sketch: seen.append(sketch.plain()) or made(sketch))
    figures = every_chart("示例县")
    assert len(seen) == len(figures)
    for plain_data, figure in zip(seen, figures, strict=True):
        assert json.loads(figure.to_json()) == json.loads(json.dumps(plain_data)) == plain_data


def test_a_sketch_hands_out_its_own_copy_each_time():
    first = points.points_lost([part()])
    kept = first.plain()
    kept["layout"]["template"]["layout"]["font"]["size"] = 99
    kept["data"][0]["x"].append(1)
    assert first.plain() == points.points_lost([part()]).plain() != kept


def test_text_of_counties_cannot_become_markup():
    for figure in every_chart(HOSTILE):
        for text in texts(figure):
            rest = text.replace("<br>", "")
            assert "<" not in rest, text
            assert "$" not in rest, text
            assert "%{" not in rest, text


def test_plain_keeps_what_it_escapes_readable():
    assert plain("a<b & c") == "a&lt;b &amp; c"
    assert plain("行\u202e政\x07") == "行政"


@pytest.mark.parametrize("text", ["农村电子商务内生发展能力培养", "a" * 80, "县", "", "标准 认证 品牌"])
def test_axis_labels_take_two_lines_at_most_and_keep_their_width(text):
    lines = wrapped(text, 20).split("<br>")
    assert len(lines) <= 2
    assert all(columns_of(line) <= 20 for line in lines)
    assert columns_of(short(text, 10)) <= 10


def test_equal_names_stay_two_rows():
    figure = charts.points_lost([part("同名", 10, 1, key="A"), part("同名", 10, 2, key="B")])
    assert list(figure.data[0].y) == [0, 1]
    assert list(figure.data[0].x) == [9, 8]


def test_points_lost_are_sorted_and_keep_pending_apart():
    figure = charts.points_lost([part("甲", 5, 4), part("乙", 6, 0, 6), part("丙", 9, 2), part("满", 3, 3)])
    solid, hatched = figure.data
    assert list(figure.layout.yaxis.ticktext) == ["丙", "乙", "甲"]
    assert list(solid.x) == [7, 0, 1]
    assert list(hatched.x) == [0, 6, 0]
    assert hatched.marker.pattern.shape == "/"


def test_points_above_full_marks_are_not_lost_twice():
    assert part("加分", 5, 7).lost == Span(0, 0)
    assert part("扣分", 5, -2).lost == Span(7, 7)


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (lambda: charts.dimensions([], None, BANDS), "没有可画的得分"),
        (lambda: charts.points_lost([]), "没有可画的得分"),
        (lambda: charts.points_lost([part("满", 5, 5)]), "没有失分"),
        (lambda: charts.next_band([part()], None, BANDS), "没有总分"),
        (lambda: charts.next_band([part()], span(80), []), "没有按总分定等次"),
        (lambda: charts.next_band([part()], span(85), BANDS), "已在最高等次“优秀”"),
        (lambda: charts.three_totals(None, None, None, 100, BANDS), "没有得分可以比较"),
        (lambda: charts.among_all([], "1", BANDS, 100), "还没有一个县有总分"),
        (lambda: charts.ranking([], BANDS, 100), "还没有一个县有总分"),
        (lambda: charts.band_counts([]), "本方案不定等次"),
        (lambda: charts.dimension_means([]), "没有可画的得分"),
        (lambda: charts.fund_shares([]), "没有资金比例可以画"),
    ],
)
def test_where_nothing_can_be_drawn_the_figure_says_why(figure, said):
    drawn = figure()
    assert any(said in text for text in texts(drawn))
    assert not drawn.data
    assert drawn.layout.height < 100


def test_next_band_says_what_is_missing_exactly():
    figure = charts.next_band([part("甲", 10, 4), part("乙", 5, 4)], span(Fraction(84995, 1000)), BANDS)
    assert "离“优秀”（85 分）还差 0.005 分" in figure.layout.title.text
    pending = charts.next_band([part("甲", 10, 4, 6)], span(Fraction(139, 2), 88), BANDS)
    assert "离“良好”（70 分）还差 0.5 分（按现有最低分 69.5 分算）" in pending.layout.title.text


def test_one_county_and_ranges_without_an_upper_bound():
    alone = charts.among_all([("1", span(90))], "1", BANDS, 100, "独县")
    assert any("独县 90 分，第 1 位" in text for text in texts(alone))
    endless = charts.among_all([("1", span(90, INF)), ("2", span(80))], "1", BANDS, None, "甲县")
    assert json.loads(endless.to_json())
    assert charts.three_totals(None, span(3, INF), None, None, []).data


@pytest.mark.parametrize(
    ("totals", "place"),
    [
        ([("1", span(90)), ("2", span(80))], "第 1 位"),
        ([("1", span(80)), ("2", span(80))], "并列第 1 位"),
        ([("1", span(70)), ("2", span(60, 80))], "第 1 ～ 2 位"),
        ([("1", span(60, 80)), ("2", span(70))], "第 1 ～ 2 位"),
        ([("2", span(70))], ""),
    ],
)
def test_a_place_allows_for_what_is_pending(totals, place):
    assert place_text(totals, "1") == place


def test_masked_limits_are_said_and_not_drawn():
    figure = charts.fund_shares(
        [
            Use("培训", span(Fraction(1, 20)), None, "文件未公布", "界限未公布"),
            Use("流通", span(Fraction(3, 5)), Fraction(3, 5), None, "符合"),
        ]
    )
    shown = "".join(texts(figure))
    assert "5%（界限未公布）" in shown
    assert "60%（≥60%）符合" in shown
    drawn = [list(trace.x) for trace in figure.data if isinstance(trace, go.Scatter)]
    assert drawn == [[60.0], [60.0], [], []]


def test_editions_without_a_grade_or_with_rows_have_no_bands_but_have_dimensions(tmp_path):
    rows = load("hubei/project_self_evaluation")
    assert charts.dimensions_of(rows)
    for key in charts.scored_of(rows):
        assert not rows.indicators[key].per
    money = money_only(tmp_path)
    assert charts.bands_of(money) == []
    assert charts.full_marks(money) is None
    assert charts.dimensions_of(money) == []
    hubei = load("hubei/ecommerce_rural")
    assert [str(band) for band in charts.bands_of(hubei)] == ["优秀 ≥85", "良好 ≥70", "一般 ≥60", "较差"]
    assert charts.dimensions_of(hubei) == ["N", "Z", "J"]

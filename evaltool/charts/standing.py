"""Figures that compare totals: the county's own three totals, and the county among all."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from evaltool.charts.look import (
    BLUE,
    EMPTY,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    RED,
    SKY,
    blank,
    hatched,
    label,
    name_rows,
    plain,
    room_for,
    sentence,
    short,
    wrapped,
)  # fmt: skip
from evaltool.charts.numbers import INF, Band, Span
from evaltool.charts.points import band_lines
from evaltool.charts.sketch import Sketch
from evaltool.quantities import Exact, decimal_text
from evaltool.results.ranking import standings

STRIP = 80  # up to so many counties each is drawn as a dot of its own
EACH = 300  # up to so many their totals are handed to plotly, which counts them; more are counted here
BIN, MOST_BINS = 2.5, 200  # points that a column of the histogram is wide, and how many columns there may be


def three_totals(
    claimed: Exact | None, computed: Span | None, official: Span | None, full: Exact | None, bands: Sequence[Band],
    title: str = "自评、按数据计算与认定", claims: bool = True,
) -> Sketch:  # fmt: skip
    """What the county claims, what its own data give, and what stands after the province's entries.

    claims  whether self scores can be compared with the total
    """
    rows: list[tuple[str, Span | None, str]] = [
        ("自报分", None if claimed is None else Span(claimed, claimed), ORANGE),
        ("按自评数据计算", computed, BLUE),
        ("认定", official, GREEN),
    ][0 if claims else 1 :]
    if not any(span for _, span, _ in rows):
        return sentence(title, "没有得分可以比较。")
    known = [value for _, span, _ in rows if span for value in (span.lo, span.hi) if abs(value) != INF]
    top = max(float(full or 0), *(float(value) for value in known))
    texts = [f"{span} 分" if span else "没有填全" if name == "自报分" else "没有得分" for name, span, _ in rows]
    drawn = blank(title, 260, "斜线：待定", barmode="overlay", margin={"t": 96, "r": room_for(texts)})
    for i, ((_, span, colour), text) in enumerate(zip(rows, texts, strict=True)):
        low = float(span.lo) if span and span.lo != -INF else 0.0
        high = float(span.hi) if span and span.hi != INF else top if span else 0.0
        drawn.add("bar", y=[i], x=[low], orientation="h", marker={"color": colour}, hoverinfo="skip")
        drawn.add(
            "bar", y=[i], x=[max(high - low, 0)], base=[low], orientation="h", marker=hatched(colour), hoverinfo="skip"
        )
        label(drawn, high, i, text)
    band_lines(drawn, bands)
    drawn.xaxis(range=[0, top], title={"text": "分"})
    name_rows(drawn, [name for name, _, _ in rows])
    return drawn


class Totals:
    """The totals of a round in order, worked out once for the charts of all its counties.

    Given as (code, total); the first of them is the highest. Nothing here changes afterwards.
    """

    def __init__(self, totals: Sequence[tuple[str, Span]]) -> None:
        self.order = sorted(totals, key=lambda item: (-item[1].lo, -item[1].hi))
        self.row = {code: i for i, (code, _) in enumerate(self.order)}
        self.places = {
            code: str(place) for code, place in standings({code: (span.lo, span.hi) for code, span in totals}).items()
        }
        self.lows = [float(span.lo) for _, span in self.order]
        self.top = max((float(span.hi) for _, span in self.order if span.hi != INF), default=0.0)

    @cached_property
    def bins(self) -> tuple[float, list[float], list[int]]:
        """Width, middles and counts of the columns that stand for the totals where there are very many."""
        found = [low for low in self.lows if low != -INF]
        if not found:
            return BIN, [], []
        least, most = min(found), max(found)
        width = BIN
        while (most - least) / width > MOST_BINS:
            width *= 2
        counts = Counter(math.floor(low / width) for low in found)
        first, last = min(counts), max(counts)
        return width, [(i + 0.5) * width for i in range(first, last + 1)], [counts[i] for i in range(first, last + 1)]


def among_all(
    totals: Totals | Sequence[tuple[str, Span]], county: str | None, bands: Sequence[Band], full: Exact | None,
    name: str = "", subject: str = "县",
) -> Sketch:  # fmt: skip
    """Every county's total in order, this one marked; a histogram where there are many, counted here where there are so
    many that a page should not hold them all. The county's own place is exact whatever is drawn."""
    title = f"在全部{subject}中的位置"
    all_ = totals if isinstance(totals, Totals) else Totals(totals)
    if not all_.order:
        return sentence(title, f"还没有一个{subject}有总分。")
    top = max(float(full or 0), all_.top)
    mine = None if county is None else all_.row.get(county)
    left = max(0.0, min([all_.lows[-1], *(float(b.limit) for b in bands if b.limit is not None)]) - 0.06 * top)
    if len(all_.order) <= STRIP:
        drawn = _strip(all_, mine, name, title, top, subject)
    else:
        drawn = _histogram(all_, mine, name, title, subject)
    _stripes(drawn, bands, left, top)
    drawn.xaxis(range=[left, top], title={"text": "总分（分）"})
    return drawn


def place_text(totals: Totals | Sequence[tuple[str, Span]], county: str) -> str:
    """“第 3 位”, “并列第 3 位”, or “第 3 ～ 5 位” while totals are pending; empty without a total."""
    return (totals if isinstance(totals, Totals) else Totals(totals)).places.get(county, "")


def _strip(totals: Totals, mine: int | None, name: str, title: str, top: float, subject: str) -> Sketch:
    order = totals.order
    under = f"每点一个{subject}，共 {len(order)} 个有总分；横线：待定的范围；红色：本{subject}"
    drawn = blank(title, max(230, 140 + 11 * len(order)), under, margin={"t": 92, "l": 24, "r": 24})
    for i, (_, span) in enumerate(order):
        high = float(span.hi) if span.hi != INF else top
        if not span.known:
            drawn.add(
                "scatter", x=[float(span.lo), high], y=[i, i], mode="lines", line={"color": FAINT, "width": 3},
                hoverinfo="skip",
            )  # fmt: skip
    others = [i for i in range(len(order)) if i != mine]
    drawn.add(
        "scatter", x=[totals.lows[i] for i in others], y=others, mode="markers", hoverinfo="skip", cliponaxis=False,
        marker={"color": "#ffffff", "size": 9, "line": {"color": INK, "width": 1.2}},
    )  # fmt: skip
    if mine is not None:
        code, span = order[mine]
        drawn.add(
            "scatter", x=[float(span.lo)], y=[mine], mode="markers", hoverinfo="skip", cliponaxis=False,
            marker={"color": RED, "size": 13, "symbol": "diamond"},
        )  # fmt: skip
        right = float(span.lo) > 0.6 * top
        drawn.note(
            x=float(span.lo) if right else (float(span.hi) if span.hi != INF else top), y=mine,
            text=f"{short(name, 30)} {span} 分，{totals.places[code]}", xanchor="right" if right else "left",
            xshift=-12 if right else 12, font={"color": RED, "size": 12.5}, bgcolor="rgba(255,255,255,.85)",
        )  # fmt: skip
    drawn.yaxis(range=[len(order) - 0.3, -0.9], showticklabels=False)
    return drawn


def _histogram(totals: Totals, mine: int | None, name: str, title: str, subject: str) -> Sketch:
    count = len(totals.order)
    drawn = blank(title, 320, f"共 {count} 个{subject}有总分；红线：本{subject}", margin={"t": 92}, bargap=0.02)
    look: dict[str, Any] = {"marker": {"color": SKY, "line": {"color": BLUE, "width": 1}}, "hoverinfo": "skip"}
    if count <= EACH:
        drawn.add("histogram", x=totals.lows, xbins={"size": BIN}, **look)
    else:
        width, middles, counts = totals.bins
        drawn.add("bar", x=middles, y=counts, width=width * 0.98, **look)
    if mine is not None:
        code, span = totals.order[mine]
        drawn.line(float(span.lo), line={"color": RED, "width": 2.5})
        drawn.note(
            x=float(span.lo), y=0.95, yref="y domain", xanchor="right", xshift=-6, font={"color": RED},
            text=f"{short(name, 30)} {span} 分，{totals.places[code]}", bgcolor="rgba(255,255,255,.85)",
        )  # fmt: skip
    drawn.yaxis(title={"text": f"{subject}数"}, showgrid=True, gridcolor="#e6e6e6")
    return drawn


def _stripes(drawn: Sketch, bands: Sequence[Band], left: float, right: float) -> None:
    """Each band as a stripe behind the dots, with its label on top."""
    upper = right
    for i, band in enumerate(bands):
        lower = left if band.limit is None else max(float(band.limit), left)
        if upper > lower:
            drawn.stripe(lower, upper, EMPTY if i % 2 else "#f6f7f9")
            drawn.note(
                x=(lower + upper) / 2,
                y=1,
                yref="y domain",
                yanchor="bottom",
                text=plain(str(band)),
                font={"size": 11.5},
            )
        upper = min(upper, lower)


def ranking(
    totals: Sequence[tuple[str, Span]], bands: Sequence[Band], full: Exact | None, title: str = "总分排序",
    subject: str = "县",
) -> Sketch:  # fmt: skip
    """Names with their totals, the highest first; hatched where a part is not yet known."""
    if not totals:
        return sentence(title, f"还没有一个{subject}有总分。")
    order = sorted(totals, key=lambda item: (-item[1].lo, -item[1].hi))[:STRIP]
    rows = list(range(len(order)))
    top = max([float(full or 0), *(float(span.hi) for _, span in order if span.hi != INF)])
    low = [float(span.lo) for _, span in order]
    high = [float(span.hi) if span.hi != INF else top for _, span in order]
    texts = [str(span) for _, span in order]
    drawn = blank(title, 136 + 26 * len(order), "斜线：待定", barmode="overlay", margin={"t": 98, "r": room_for(texts)})
    drawn.add("bar", y=rows, x=low, orientation="h", marker={"color": BLUE}, hoverinfo="skip")
    drawn.add(
        "bar",
        y=rows,
        x=[b - a for a, b in zip(low, high, strict=True)],
        base=low,
        orientation="h",
        marker=hatched(BLUE),
        hoverinfo="skip",
    )
    for i, text, end in zip(rows, texts, high, strict=True):
        label(drawn, end, i, text)
    band_lines(drawn, bands)
    drawn.xaxis(range=[0, top], title={"text": "分"})
    name_rows(drawn, [short(name, 26) for name, _ in order])
    return drawn


def band_counts(counts: Sequence[tuple[str, int]], subject: str = "县") -> Sketch:
    """How many subjects in each band, pending and not returned apart."""
    title = f"各等次的{subject}数"
    if not counts:
        return sentence(title, "本方案不定等次。")
    names = [plain(name) for name, _ in counts]
    decided = {"待定", "未报送"}
    colours: list[Any] = [SKY if name in decided else BLUE for name, _ in counts]
    drawn = blank(title, 270, margin={"b": 30})
    drawn.add("bar",
        x=names, y=[count for _, count in counts], text=[str(count) for _, count in counts], textposition="outside",
        marker={"color": colours}, width=0.55, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    drawn.yaxis(
        range=[0, max(1, *(count for _, count in counts)) * 1.2],
        title={"text": f"{subject}数"},
        showgrid=True,
        gridcolor="#e6e6e6",
        dtick=max(1, -(-max(count for _, count in counts) // 5)),
        tickformat="d",
    )
    drawn.xaxis(showgrid=False)
    return drawn


def dimension_means(parts: Sequence[tuple[str, Exact, Span]], title: str = "各方面平均得分率") -> Sketch:
    """Mean points of each dimension as a share of its full marks."""
    shown = [(name, full, mean) for name, full, mean in parts if full]
    if not shown:
        return sentence(title, "没有可画的得分。")
    rows = list(range(len(shown)))
    low = [float(mean.lo) / float(full) * 100 for _, full, mean in shown]
    high = [float(full if mean.hi == INF else mean.hi) / float(full) * 100 for _, full, mean in shown]
    texts = [
        (f"{a:.1f}%" if round(a, 1) == round(b, 1) else f"{a:.1f}% ～ {b:.1f}%") + f"（{float(mean.lo):.2f}"
        + ("" if mean.known else f" ～ {float(mean.hi):.2f}") + f" / {decimal_text(full)}）"
        for (_, full, mean), a, b in zip(shown, low, high, strict=True)
    ]  # fmt: skip
    drawn = blank(
        title, 120 + 44 * len(shown), "只算已有得分的；斜线：待定", barmode="overlay", margin={"r": room_for(texts)}
    )
    drawn.add(
        "bar", y=rows, x=[100] * len(shown), orientation="h", marker={"color": EMPTY}, width=0.62, hoverinfo="skip"
    )
    drawn.add("bar", y=rows, x=low, orientation="h", marker={"color": BLUE}, width=0.42, hoverinfo="skip")
    drawn.add(
        "bar",
        y=rows,
        x=[b - a for a, b in zip(low, high, strict=True)],
        base=low,
        orientation="h",
        marker=hatched(BLUE),
        width=0.42,
        hoverinfo="skip",
    )
    for i, text in zip(rows, texts, strict=True):
        label(drawn, max(100, *high), i, text)
    drawn.xaxis(range=[0, max(100, *high)], tickvals=[0, 25, 50, 75, 100], ticktext=["0%", "25%", "50%", "75%", "100%"])
    name_rows(drawn, [wrapped(name, 26) for name, _, _ in shown])
    return drawn

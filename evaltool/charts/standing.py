"""Figures that compare totals: the county's own three totals, and the county among all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from evaltool.charts.look import (
    BLUE,
    EMPTY,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    RED,
    SKY,
    figure,
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
from evaltool.quantities import Exact, decimal_text
from evaltool.results.ranking import standings

STRIP = 80  # up to so many counties each is drawn as a dot of its own


def three_totals(
    claimed: Exact | None, computed: Span | None, official: Span | None, full: Exact | None, bands: Sequence[Band],
    title: str = "自评、按数据计算与认定", claims: bool = True,
) -> go.Figure:  # fmt: skip
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
    drawn = figure(title, 260, "斜线：待定", barmode="overlay", margin={"t": 96, "r": room_for(texts)})
    for i, ((_, span, colour), text) in enumerate(zip(rows, texts, strict=True)):
        low = float(span.lo) if span and span.lo != -INF else 0.0
        high = float(span.hi) if span and span.hi != INF else top if span else 0.0
        drawn.add_bar(y=[i], x=[low], orientation="h", marker={"color": colour}, hoverinfo="skip")
        drawn.add_bar(
            y=[i], x=[max(high - low, 0)], base=[low], orientation="h", marker=hatched(colour), hoverinfo="skip"
        )
        label(drawn, high, i, text)
    band_lines(drawn, bands)
    drawn.update_xaxes(range=[0, top], title={"text": "分"})
    name_rows(drawn, [name for name, _, _ in rows])
    return drawn


def among_all(
    totals: Sequence[tuple[str, Span]], county: str | None, bands: Sequence[Band], full: Exact | None,
    name: str = "", subject: str = "县",
) -> go.Figure:  # fmt: skip
    """Every county's total in order, this one marked; a histogram where there are very many."""
    title = f"在全部{subject}中的位置"
    if not totals:
        return sentence(title, f"还没有一个{subject}有总分。")
    order = sorted(totals, key=lambda item: (-item[1].lo, -item[1].hi))
    top = max([float(full or 0), *(float(span.hi) for _, span in order if span.hi != INF)])
    mine = next((i for i, (code, _) in enumerate(order) if code == county), None)
    low = min(float(span.lo) for _, span in order)
    left = max(0.0, min([low, *(float(b.limit) for b in bands if b.limit is not None)]) - 0.06 * top)
    if len(order) <= STRIP:
        drawn = _strip(order, mine, name, title, top, subject)
    else:
        drawn = _histogram(order, mine, name, title, subject)
    _stripes(drawn, bands, left, top)
    drawn.update_xaxes(range=[left, top], title={"text": "总分（分）"})
    return drawn


def place_text(totals: Sequence[tuple[str, Span]], county: str) -> str:
    """“第 3 位”, “并列第 3 位”, or “第 3 ～ 5 位” while totals are pending; empty without a total."""
    found = standings({code: (span.lo, span.hi) for code, span in totals}).get(county)
    return "" if found is None else str(found)


def _strip(
    order: Sequence[tuple[str, Span]], mine: int | None, name: str, title: str, top: float, subject: str
) -> go.Figure:
    under = f"每点一个{subject}，共 {len(order)} 个有总分；横线：待定的范围；红色：本{subject}"
    drawn = figure(title, max(230, 140 + 11 * len(order)), under, margin={"t": 92, "l": 24, "r": 24})
    for i, (_, span) in enumerate(order):
        high = float(span.hi) if span.hi != INF else top
        if not span.known:
            drawn.add_scatter(
                x=[float(span.lo), high], y=[i, i], mode="lines", line={"color": FAINT, "width": 3}, hoverinfo="skip"
            )
    others = [i for i in range(len(order)) if i != mine]
    drawn.add_scatter(
        x=[float(order[i][1].lo) for i in others], y=others, mode="markers", hoverinfo="skip", cliponaxis=False,
        marker={"color": "#ffffff", "size": 9, "line": {"color": INK, "width": 1.2}},
    )  # fmt: skip
    if mine is not None:
        code, span = order[mine]
        drawn.add_scatter(
            x=[float(span.lo)],
            y=[mine],
            mode="markers",
            marker={"color": RED, "size": 13, "symbol": "diamond"},
            hoverinfo="skip",
            cliponaxis=False,
        )
        right = float(span.lo) > 0.6 * top
        drawn.add_annotation(
            x=float(span.lo) if right else (float(span.hi) if span.hi != INF else top), y=mine, showarrow=False,
            text=f"{short(name, 30)} {span} 分，{place_text(order, code)}", xanchor="right" if right else "left",
            xshift=-12 if right else 12, font={"color": RED, "size": 12.5}, bgcolor="rgba(255,255,255,.85)",
        )  # fmt: skip
    drawn.update_yaxes(range=[len(order) - 0.3, -0.9], showticklabels=False)
    return drawn


def _histogram(order: Sequence[tuple[str, Span]], mine: int | None, name: str, title: str, subject: str) -> go.Figure:
    drawn = figure(title, 320, f"共 {len(order)} 个{subject}有总分；红线：本{subject}", margin={"t": 92}, bargap=0.02)
    drawn.add_histogram(
        x=[float(span.lo) for _, span in order],
        xbins={"size": 2.5},
        marker={"color": SKY, "line": {"color": BLUE, "width": 1}},
        hoverinfo="skip",
    )
    if mine is not None:
        value = float(order[mine][1].lo)
        drawn.add_vline(x=value, line={"color": RED, "width": 2.5})
        drawn.add_annotation(
            x=value, y=0.95, yref="y domain", xanchor="right", xshift=-6, showarrow=False, font={"color": RED},
            text=f"{short(name, 30)} {order[mine][1]} 分，{place_text(order, order[mine][0])}",
            bgcolor="rgba(255,255,255,.85)",
        )  # fmt: skip
    drawn.update_yaxes(title={"text": f"{subject}数"}, showgrid=True, gridcolor="#e6e6e6")
    return drawn


def _stripes(drawn: go.Figure, bands: Sequence[Band], left: float, right: float) -> None:
    """Each band as a stripe behind the dots, with its label on top."""
    upper = right
    for i, band in enumerate(bands):
        lower = left if band.limit is None else max(float(band.limit), left)
        if upper > lower:
            drawn.add_vrect(x0=lower, x1=upper, fillcolor=EMPTY if i % 2 else "#f6f7f9", line_width=0, layer="below")
            drawn.add_annotation(
                x=(lower + upper) / 2,
                y=1,
                yref="y domain",
                yanchor="bottom",
                text=plain(str(band)),
                showarrow=False,
                font={"size": 11.5},
            )
        upper = min(upper, lower)


def ranking(
    totals: Sequence[tuple[str, Span]], bands: Sequence[Band], full: Exact | None, title: str = "总分排序",
    subject: str = "县",
) -> go.Figure:  # fmt: skip
    """Names with their totals, the highest first; hatched where a part is not yet known."""
    if not totals:
        return sentence(title, f"还没有一个{subject}有总分。")
    order = sorted(totals, key=lambda item: (-item[1].lo, -item[1].hi))[:STRIP]
    rows = list(range(len(order)))
    top = max([float(full or 0), *(float(span.hi) for _, span in order if span.hi != INF)])
    low = [float(span.lo) for _, span in order]
    high = [float(span.hi) if span.hi != INF else top for _, span in order]
    texts = [str(span) for _, span in order]
    drawn = figure(
        title, 136 + 26 * len(order), "斜线：待定", barmode="overlay", margin={"t": 98, "r": room_for(texts)}
    )
    drawn.add_bar(y=rows, x=low, orientation="h", marker={"color": BLUE}, hoverinfo="skip")
    drawn.add_bar(
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
    drawn.update_xaxes(range=[0, top], title={"text": "分"})
    name_rows(drawn, [short(name, 26) for name, _ in order])
    return drawn


def band_counts(counts: Sequence[tuple[str, int]], subject: str = "县") -> go.Figure:
    """How many subjects in each band, pending and not returned apart."""
    title = f"各等次的{subject}数"
    if not counts:
        return sentence(title, "本方案不定等次。")
    names = [plain(name) for name, _ in counts]
    decided = {"待定", "未报送"}
    colours: list[Any] = [SKY if name in decided else BLUE for name, _ in counts]
    drawn = figure(title, 270, margin={"b": 30})
    drawn.add_bar(
        x=names, y=[count for _, count in counts], text=[str(count) for _, count in counts], textposition="outside",
        marker={"color": colours}, width=0.55, hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    drawn.update_yaxes(
        range=[0, max(1, *(count for _, count in counts)) * 1.2],
        title={"text": f"{subject}数"},
        showgrid=True,
        gridcolor="#e6e6e6",
        dtick=max(1, -(-max(count for _, count in counts) // 5)),
        tickformat="d",
    )
    drawn.update_xaxes(showgrid=False)
    return drawn


def dimension_means(parts: Sequence[tuple[str, Exact, Span]], title: str = "各方面平均得分率") -> go.Figure:
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
    drawn = figure(
        title, 120 + 44 * len(shown), "只算已有得分的；斜线：待定", barmode="overlay", margin={"r": room_for(texts)}
    )
    drawn.add_bar(y=rows, x=[100] * len(shown), orientation="h", marker={"color": EMPTY}, width=0.62, hoverinfo="skip")
    drawn.add_bar(y=rows, x=low, orientation="h", marker={"color": BLUE}, width=0.42, hoverinfo="skip")
    drawn.add_bar(
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
    drawn.update_xaxes(
        range=[0, max(100, *high)], tickvals=[0, 25, 50, 75, 100], ticktext=["0%", "25%", "50%", "75%", "100%"]
    )
    name_rows(drawn, [wrapped(name, 26) for name, _, _ in shown])
    return drawn

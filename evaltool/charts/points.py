"""Figures of one county's points: by dimension, by points lost, and what leads to the next band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaltool.charts.look import (
    BLUE,
    EMPTY,
    INK,
    ORANGE,
    RED,
    blank,
    hatched,
    label,
    name_rows,
    plain,
    room_for,
    sentence,
    wrapped,
)
from evaltool.charts.numbers import INF, Band, Part, Span
from evaltool.charts.sketch import MAIN, SECOND, Sketch
from evaltool.quantities import Exact, decimal_text

MOST = 20  # bars in one figure; the table below it has them all


def _finite(value: Any, otherwise: Any) -> float:
    return float(otherwise if value in (INF, -INF) else value)


def _of_full(part: Part) -> str:
    return f"{part.points} / {decimal_text(part.full)}"


def band_lines(drawn: Sketch, bands: Sequence[Band]) -> None:
    """A dashed line at each lower limit, with its label above; in the first part of a figure of two."""
    for band in bands:
        if band.limit is not None:
            drawn.line(float(band.limit), line={"color": INK, "width": 1.2, "dash": "dash"}, layer="above")
            drawn.note(
                x=float(band.limit), y=1, xref="x", yref="y domain",
                text=f"{plain(band.label)}<br>{decimal_text(band.limit)}",
                yanchor="bottom", font={"size": 11.5},
            )  # fmt: skip


def dimensions(parts: Sequence[Part], total: Part | None, bands: Sequence[Band], title: str = "各方面得分") -> Sketch:
    """The total against the bands, and each dimension against its full marks. Hatched: not yet known."""
    if not parts:
        return sentence(title, "没有可画的得分。")
    under = "灰：满分；蓝：已得；斜线：待定"
    right = room_for(_of_full(part) for part in [*parts, *([total] if total else [])])
    if total is None:
        drawn = blank(title, 120 + 44 * len(parts), under, barmode="overlay", margin={"r": right})
        _rows(drawn, parts)
        return drawn
    height = 230 + 44 * len(parts)
    drawn = blank(title, height, under, barmode="overlay", margin={"r": right, "t": 98})
    gap, rows = 56 / (height - 140), (48, 44 * len(parts))
    upper, lower = ((1.0 - gap) * (row / sum(rows)) for row in rows)
    for axis, bottom, top in ((MAIN, lower + gap, lower + gap + upper), (SECOND, 0.0, lower)):
        drawn.xaxis(axis, anchor=f"y{axis}", domain=[0.0, 1.0])
        drawn.yaxis(axis, anchor=f"x{axis}", domain=[bottom, top])
    _rows(drawn, [total], MAIN)
    _rows(drawn, parts, SECOND)
    band_lines(drawn, bands)
    return drawn


def _rows(drawn: Sketch, parts: Sequence[Part], axis: str | None = None) -> None:
    """Bars in a row each: full marks pale behind, points solid, what is still possible hatched.

    axis  the part of a figure of two; None in a figure of one
    """
    on: dict[str, Any] = {} if axis is None else {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
    at: dict[str, Any] = {} if axis is None else {"xref": f"x{axis}", "yref": f"y{axis}"}
    rows = list(range(len(parts)))
    full = [float(part.full) for part in parts]
    low = [_finite(part.points.lo, 0) for part in parts]
    more = [max(_finite(part.points.hi, part.full) - lo, 0) for part, lo in zip(parts, low, strict=True)]
    across: dict[str, Any] = {"orientation": "h", "hoverinfo": "skip", "y": rows, **on}
    drawn.add("bar", x=full, marker={"color": EMPTY}, width=0.62, **across)
    drawn.add("bar", x=low, marker={"color": BLUE}, width=0.42, **across)
    drawn.add("bar", x=more, base=low, marker=hatched(BLUE), width=0.42, **across)
    for i, part in enumerate(parts):
        label(drawn, full[i], i, _of_full(part), **at)
    drawn.xaxis(axis or MAIN, range=[0, max(full)])
    name_rows(drawn, [wrapped(part.name, 26) for part in parts], axis or MAIN)


def points_lost(parts: Sequence[Part], title: str = "失分最多的指标") -> Sketch:
    """Indicators by points lost, the largest first: solid is surely lost, hatched may be lost."""
    lost = sorted((part for part in parts if part.lost.hi > 0), key=lambda part: (-part.lost.hi, -part.lost.lo))
    if not lost:
        return sentence(title, "没有失分。" if parts else "没有可画的得分。")
    shown = lost[:MOST]
    rows = list(range(len(shown)))
    sure = [_finite(part.lost.lo, 0) for part in shown]
    maybe = [max(_finite(part.lost.hi, part.full) - lo, 0) for part, lo in zip(shown, sure, strict=True)]
    texts = [f"{part.lost}（满分 {decimal_text(part.full)}）" for part in shown]
    rest = f"；另有 {len(lost) - MOST} 项见下表" if len(lost) > MOST else ""
    drawn = blank(
        title,
        112 + 34 * len(shown),
        f"实：已失；斜线：待定，可能失{rest}",
        barmode="stack",
        margin={"r": room_for(texts)},
    )
    drawn.add("bar", y=rows, x=sure, orientation="h", marker={"color": RED}, hoverinfo="skip")
    drawn.add("bar", y=rows, x=maybe, orientation="h", marker=hatched(RED), hoverinfo="skip")
    for i, text, low, more in zip(rows, texts, sure, maybe, strict=True):
        label(drawn, low + more, i, text)
    drawn.xaxis(range=[0, max(low + more for low, more in zip(sure, maybe, strict=True))], title={"text": "失分（分）"})
    name_rows(drawn, [wrapped(part.name, 28) for part in shown])
    return drawn


def next_band(
    parts: Sequence[Part], total: Span | None, bands: Sequence[Band], title: str = "离上一等次还差多少"
) -> Sketch:
    """Points missing to the next band, and what each indicator could add; a bar past the line would be enough."""
    above = [band for band in bands if band.limit is not None and total is not None and band.limit > total.lo]
    if total is None:
        return sentence(title, "没有总分，无法比较。")
    if not bands:
        return sentence(title, "本方案没有按总分定等次。")
    if not above:
        return sentence(title, f"已在最高等次“{bands[0].label}”。")
    goal = above[-1]
    assert goal.limit is not None
    missing: Exact = goal.limit - total.lo  # type: ignore[assignment]
    gains = sorted((part for part in parts if part.lost.hi > 0), key=lambda part: -part.lost.hi)[:8]
    heading = f"离“{goal.label}”（{decimal_text(goal.limit)} 分）还差 {decimal_text(missing)} 分"
    if not total.known:
        heading += f"（按现有最低分 {decimal_text(total.lo)} 分算）"  # type: ignore[arg-type]
    if not gains:
        return sentence(title, heading)
    rows = list(range(len(gains)))
    values = [_finite(part.lost.hi, part.full) for part in gains]
    texts = [f"最多加 {decimal_text(part.lost.hi)} 分" for part in gains]  # type: ignore[arg-type]
    enough = [part.lost.hi >= missing for part in gains]
    drawn = blank(
        heading,
        126 + 34 * len(gains),
        "各指标最多还能加的分；蓝色、过虚线：单独这一项就够",
        margin={"t": 84, "r": room_for(texts)},
    )
    drawn.add(
        "bar",
        y=rows,
        x=values,
        orientation="h",
        marker={"color": [BLUE if yes else ORANGE for yes in enough]},
        hoverinfo="skip",
    )
    for i, text, value in zip(rows, texts, values, strict=True):
        label(drawn, value, i, text)
    drawn.line(float(missing), line={"color": INK, "width": 1.4, "dash": "dash"})
    drawn.note(
        x=float(missing),
        y=1,
        yref="y domain",
        yanchor="bottom",
        text=f"差 {decimal_text(missing)} 分",
        font={"size": 11.5},
    )
    drawn.xaxis(range=[0, max([*values, float(missing)]) * 1.02], title={"text": "分"})
    name_rows(drawn, [wrapped(part.name, 28) for part in gains])
    return drawn

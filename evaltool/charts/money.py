"""The figure of a county's money: the share of each use against its floor and ceiling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaltool.charts.look import BLUE, GREEN, RED, blank, hatched, label, name_rows, plain, room_for, sentence, wrapped
from evaltool.charts.numbers import INF, Span
from evaltool.charts.sketch import Sketch
from evaltool.quantities import SHARE_UNIT, Exact, quantity_text

Limit = Exact | str | None  # a known share, why it is not known (文件未公布, 文件未规定), or none set


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a pot: share of the whole, limits, verdict; `inside` says that it is part of another use."""

    name: str
    share: Span
    at_least: Limit
    at_most: Limit
    verdict: str
    inside: bool = False


def _percent(value: Exact | float) -> float:
    return float(value) * 100


def _limits(use: Use) -> str:
    said = []
    for limit, sign in ((use.at_least, "≥"), (use.at_most, "≤")):
        if isinstance(limit, str):
            said.append("界限未公布" if limit == "文件未公布" else limit)
        elif limit is not None:
            said.append(f"{sign}{quantity_text(limit, SHARE_UNIT)}")
    return "、".join(dict.fromkeys(said)) or "未规定比例"


def _share_text(span: Span) -> str:
    if span.known:
        return quantity_text(span.lo, SHARE_UNIT)  # type: ignore[arg-type]
    if span.hi == INF or (span.lo <= 0 and span.hi >= 1):
        return "待定"
    return f"{quantity_text(span.lo, SHARE_UNIT)} ～ {quantity_text(span.hi, SHARE_UNIT)}"  # type: ignore[arg-type]


def fund_shares(uses: Sequence[Use], title: str = "资金用途占比与规定界限") -> Sketch:
    """Shares as bars; a green tick is a floor, a red one a ceiling; limits that the paper masks are said in words."""
    if not uses:
        return sentence(title, "没有资金比例可以画。")
    rows = list(range(len(uses)))
    low = [min(max(_percent(use.share.lo), 0), 100) if use.share.lo != -INF else 0.0 for use in uses]
    high = [min(_percent(use.share.hi), 100) if use.share.hi != INF else 100.0 for use in uses]
    texts = [f"{_share_text(use.share)}（{_limits(use)}）{plain(use.verdict)}" for use in uses]
    texts = [text.replace("（界限未公布）界限未公布", "（界限未公布）") for text in texts]
    under = "占资金总额的比例；▶ 下限，◀ 上限；斜线：待定"
    drawn = blank(title, 120 + 40 * len(uses), under, barmode="overlay", margin={"r": min(room_for(texts), 330)})
    drawn.add("bar", y=rows, x=low, orientation="h", marker={"color": BLUE}, width=0.5, hoverinfo="skip")
    drawn.add(
        "bar",
        y=rows,
        x=[max(b - a, 0) for a, b in zip(low, high, strict=True)],
        base=low,
        orientation="h",
        marker=hatched(BLUE),
        width=0.5,
        hoverinfo="skip",
    )
    for kind, colour, symbol in (("at_least", GREEN, "triangle-right"), ("at_most", RED, "triangle-left")):
        known = [
            (i, getattr(use, kind)) for i, use in enumerate(uses) if not isinstance(getattr(use, kind), str | None)
        ]
        drawn.add(
            "scatter",
            y=[i for i, _ in known],
            x=[_percent(limit) for _, limit in known],
            mode="markers",
            hoverinfo="skip",
            cliponaxis=False,
            marker={"symbol": "line-ns", "size": 26, "line": {"color": colour, "width": 3.5}},
        )
        drawn.add(
            "scatter",
            y=[i for i, _ in known],
            x=[_percent(limit) for _, limit in known],
            mode="markers",
            hoverinfo="skip",
            cliponaxis=False,
            marker={"symbol": symbol, "size": 10, "color": colour, "line": {"color": "#ffffff", "width": 0.5}},
        )
    widest = max(
        [
            60.0,
            *high,
            *(
                _percent(limit)
                for use in uses
                for limit in (use.at_least, use.at_most)
                if not isinstance(limit, str | None)
            ),
        ]
    )
    for i, text in zip(rows, texts, strict=True):
        label(drawn, widest * 1.03, i, text)
    ticks = [value for value in range(0, 101, 20) if value <= widest]
    drawn.xaxis(range=[0, widest * 1.03], tickvals=ticks, ticktext=[f"{value}%" for value in ticks])
    name_rows(drawn, [("其中　" if use.inside else "") + wrapped(use.name, 22) for use in uses])
    return drawn

"""How every figure looks: type, colours, sizes; and text of counties made harmless for plotly."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from evaltool.charts.sketch import MAIN, Sketch

FONT = "Noto Sans CJK SC, Microsoft YaHei, SimHei, sans-serif"
WIDTH = 680  # the text width of a printed A4 page, in CSS pixels
INK, FAINT, EMPTY = "#1a1a1a", "#666666", "#e3e7ec"
# Okabe and Ito's palette, which stays apart for the colour-blind; the shades also differ in grey print.
BLUE, SKY, ORANGE, RED, GREEN = "#0072b2", "#8fc7ea", "#e69f00", "#c04a00", "#00795a"
LAYOUT: dict[str, Any] = {
    "layout": {
        "font": {"family": FONT, "size": 13, "color": INK},
        "title": {
            "x": 0.008,
            "xref": "container",
            "xanchor": "left",
            "font": {"size": 15},
            "subtitle": {"font": {"size": 12, "color": FAINT}},
        },
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "xaxis": {
            "showgrid": True,
            "gridcolor": "#e6e6e6",
            "zeroline": False,
            "ticks": "outside",
            "tickcolor": FAINT,
            "title": {"font": {"size": 12, "color": FAINT}, "standoff": 8},
        },
        "yaxis": {
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
            "ticklabelstandoff": 6,
            "title": {"font": {"size": 12, "color": FAINT}},
        },
        "hoverlabel": {"font": {"family": FONT}},
        "colorway": [BLUE, ORANGE, GREEN, RED, SKY],
    }
}


def plain(text: object) -> str:
    """Text that plotly shows as it stands: no tags, no links, no TeX, no template braces."""
    shown = (
        str(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("$", "&#36;")
        .replace("%{", "%&#123;")
    )
    return "".join(sign for sign in shown if sign.isprintable())


def columns_of(text: str) -> int:
    """How wide text is set, in half-width columns."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def short(text: object, columns: int = 30) -> str:
    """`plain` text cut to a width, with an ellipsis where it was cut."""
    whole = " ".join(str(text).split())
    kept = ""
    for sign in whole:
        if columns_of(kept + sign) > columns - 1 and len(kept) < len(whole) - 1:
            return plain(kept) + "…"
        kept += sign
    return plain(kept)


def wrapped(text: object, columns: int = 24) -> str:
    """`plain` text on one line of an axis, or on two of about equal length; what is too long is cut."""
    whole = " ".join(str(text).split())
    if columns_of(whole) <= columns:
        return plain(whole)
    goal = min(columns, (columns_of(whole) + 1) // 2 + 1)
    cut = next(i for i in range(1, len(whole) + 1) if columns_of(whole[: i + 1]) > goal)
    return f"{plain(whole[:cut])}<br>{short(whole[cut:], columns)}"


def blank(title: str, height: int, under: str = "", **layout: Any) -> Sketch:
    """An empty figure of the house; `under` stands in small type below the title. Both may hold text of a county."""
    margin = {"l": 10, "r": 20, "t": 62 if under else 46, "b": 48, **layout.pop("margin", {})}
    shown: dict[str, Any] = {"text": plain(title), "y": 1 - 18 / height, "yanchor": "middle"}
    if under:
        shown["subtitle"] = {"text": plain(under)}
    return Sketch(
        {
            "template": LAYOUT,
            "title": shown,
            "width": WIDTH,
            "height": height,
            "margin": margin,
            "showlegend": False,
            "dragmode": False,
            "bargap": 0.35,
            **layout,
        }
    )


def label(drawn: Sketch, x: float, y: Any, text: str, right: bool = True, **where: Any) -> None:
    """`text` (plain already) beside the end of a bar, on white so that no line strikes it through."""
    drawn.note(
        x=x,
        y=y,
        text=text,
        xanchor="left" if right else "right",
        xshift=4 if right else -4,
        font={"size": 12},
        bgcolor="rgba(255,255,255,.85)",
        borderpad=0,
        **where,
    )


def name_rows(drawn: Sketch, labels: Sequence[str], part: str = MAIN) -> None:
    """Names on the y axis, from the top. Rows are numbers, because plotly draws equal names on one line."""
    drawn.yaxis(part, range=[len(labels) - 0.5, -0.5], tickvals=list(range(len(labels))), ticktext=list(labels))


def room_for(texts: Iterable[str]) -> int:
    """The right margin, in pixels, that such labels need."""
    return 24 + int(6.6 * max((columns_of(text) for text in texts), default=0))


def sentence(title: str, text: str) -> Sketch:
    """Instead of a chart that has nothing to draw: a low figure that says why."""
    return blank(title, 72, text, xaxis={"visible": False}, yaxis={"visible": False}, margin={"b": 8})


def hatched(colour: str) -> dict[str, Any]:
    """The marker of what is not yet known: hatched in its colour, so that it differs in grey print too."""
    return {
        "color": "#ffffff",
        "line": {"color": colour, "width": 1},
        "pattern": {"shape": "/", "fgcolor": colour, "bgcolor": "#ffffff", "size": 6, "solidity": 0.35, "fgopacity": 1},
    }

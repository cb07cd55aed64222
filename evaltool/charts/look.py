"""How every figure looks: type, colours, sizes; and text of counties made harmless for plotly."""

from __future__ import annotations

import unicodedata
from typing import Any

import plotly.graph_objects as go

FONT = "Noto Sans CJK SC, Microsoft YaHei, SimHei, sans-serif"
WIDTH = 680  # the text width of a printed A4 page, in CSS pixels
INK, FAINT, EMPTY = "#1a1a1a", "#666666", "#e3e7ec"
# Okabe and Ito's palette, which stays apart for the colour-blind; the shades also differ in grey print.
BLUE, SKY, ORANGE, RED, GREEN = "#0072b2", "#8fc7ea", "#e69f00", "#c04a00", "#00795a"
LAYOUT = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": 13, "color": INK},
        "title": {"x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 15}, "yanchor": "top", "y": 0.985},
        "paper_bgcolor": "#ffffff", "plot_bgcolor": "#ffffff",
        "xaxis": {"showgrid": True, "gridcolor": "#e6e6e6", "zeroline": False, "linecolor": FAINT, "ticks": "outside", "tickcolor": FAINT},
        "yaxis": {"showgrid": False, "zeroline": False, "automargin": True, "ticklabelstandoff": 6},
        "hoverlabel": {"font": {"family": FONT}},
        "colorway": [BLUE, ORANGE, GREEN, RED, SKY],
    }
)  # fmt: skip


def plain(text: object) -> str:
    """Text that plotly shows as it stands: no tags, no links, no TeX, no template braces."""
    shown = str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("$", "&#36;").replace("%{", "%&#123;")
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


def wrapped(text: object, columns: int = 24, lines: int = 2) -> str:
    """`plain` text broken into at most `lines` lines for an axis."""
    rest, parts = " ".join(str(text).split()), []
    while rest and len(parts) < lines:
        if len(parts) == lines - 1:
            parts.append(short(rest, columns))
            break
        kept = ""
        while rest and columns_of(kept + rest[0]) <= columns:
            kept, rest = kept + rest[0], rest[1:]
        parts.append(plain(kept))
    return "<br>".join(parts)


def figure(title: str, height: int, **layout: Any) -> go.Figure:
    """An empty figure of the house. `title` may hold text of a county: it is made plain here."""
    margin = {"l": 10, "r": 20, "t": 46, "b": 40, **layout.pop("margin", {})}
    return go.Figure(layout={
        "template": LAYOUT, "title": {"text": plain(title)}, "width": WIDTH, "height": height, "margin": margin,
        "showlegend": False, "dragmode": False, "bargap": 0.35, **layout,
    })  # fmt: skip


def sentence(title: str, text: str) -> go.Figure:
    """Instead of a chart that has nothing to draw: a low figure that says why."""
    drawn = figure(title, 96, xaxis={"visible": False}, yaxis={"visible": False}, margin={"b": 8})
    drawn.add_annotation(text=plain(text), x=0, y=0.5, xref="paper", yref="paper", xanchor="left", showarrow=False, font={"color": FAINT})
    return drawn


def hatched(colour: str) -> dict[str, Any]:
    """The marker of what is not yet known: hatched in its colour, so that it differs in grey print too."""
    return {
        "color": "#ffffff", "line": {"color": colour, "width": 1},
        "pattern": {"shape": "/", "fgcolor": colour, "bgcolor": "#ffffff", "size": 6, "solidity": 0.35},
    }  # fmt: skip

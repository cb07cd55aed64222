"""A figure as the plain data that plotly draws. plotly itself checks every property, which costs a hundred times as
much: the charts of a report are written straight, and become a `go.Figure` where somebody wants to work on."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    import plotly.graph_objects as go

P = ParamSpec("P")
MAIN, SECOND = "", "2"  # the axes of a figure, or of its upper part; those of the lower part


class Sketch:
    """Traces and layout as plotly's JSON has them: texts, numbers, truth values, lists and dictionaries, nothing else.
    Sketches may share parts in memory, so `plain` hands out a copy."""

    def __init__(self, layout: dict[str, Any]) -> None:
        self.data: list[dict[str, Any]] = []
        self.layout = layout

    def add(self, kind: str, **trace: Any) -> None:
        """A trace: `bar`, `scatter`, `histogram`."""
        self.data.append({"type": kind, **trace})

    def note(self, **annotation: Any) -> None:
        """Text at a place of the figure, without an arrow."""
        self.layout.setdefault("annotations", []).append({"showarrow": False, **annotation})

    def line(self, x: float, **shape: Any) -> None:
        """An upright line from bottom to top, of the upper part where there are two."""
        self._shape("line", x, x, shape)

    def stripe(self, left: float, right: float, colour: str) -> None:
        """An upright stripe behind everything."""
        self._shape("rect", left, right, {"fillcolor": colour, "line": {"width": 0}, "layer": "below"})

    def _shape(self, kind: str, left: float, right: float, look: dict[str, Any]) -> None:
        place = {"type": kind, "x0": left, "x1": right, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
        self.layout.setdefault("shapes", []).append({**place, **look})

    def xaxis(self, part: str = MAIN, **properties: Any) -> None:
        self.layout.setdefault(f"xaxis{part}", {}).update(properties)

    def yaxis(self, part: str = MAIN, **properties: Any) -> None:
        self.layout.setdefault(f"yaxis{part}", {}).update(properties)

    @property
    def title(self) -> str:
        return str(self.layout["title"]["text"])

    def plain(self) -> dict[str, Any]:
        """The figure as plotly's JSON; the caller's own."""
        return {"data": _own(self.data), "layout": _own(self.layout)}

    def figure(self) -> go.Figure:
        """The same as a figure to work on; plotly raises ValueError for a property that it does not know."""
        import plotly.graph_objects as go

        return go.Figure(self.plain())


def _own(value: Any) -> Any:
    """A copy of JSON data down to the last list."""
    if isinstance(value, dict):
        return {key: _own(item) for key, item in value.items()}
    return [_own(item) for item in value] if isinstance(value, list) else value


def as_figure(draw: Callable[P, Sketch]) -> Callable[P, go.Figure]:
    """The same chart as a `go.Figure`."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> go.Figure:
        return draw(*args, **kwargs).figure()

    drawn.__annotations__ = {**draw.__annotations__, "return": "go.Figure"}
    return drawn

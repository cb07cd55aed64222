"""A figure as a report shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evaltool.charts import Sketch

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class Drawn:
    """A chart that hands its data to the notebook itself.

    plotly's own display depends on which renderer was chosen when plotly was imported, and imports nbformat with its
    schema parsers, which costs a kernel more than a second; so does plotly itself, which is not needed for showing.
    """

    sketch: Sketch

    @property
    def figure(self) -> go.Figure:
        """The chart as a plotly figure to work on, made anew each time."""
        return self.sketch.figure()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {PLOTLY: self.sketch.plain(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"图：{self.sketch.title}"

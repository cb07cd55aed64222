"""A figure as a report shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

PLOTLY = "application/vnd.plotly.v1+json"


@dataclass(frozen=True)
class Drawn:
    """A plotly figure that hands its data to the notebook itself.

    plotly's own display depends on which renderer was chosen when plotly was imported, and imports nbformat with its
    schema parsers, which costs a kernel more than a second.
    """

    figure: go.Figure

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {PLOTLY: json.loads(self.figure.to_json()), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"图：{self.figure.layout.title.text}"

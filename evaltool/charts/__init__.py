"""Plotly figures for evaluators, one function a chart, in Chinese. Plain `go.Figure`, small in a notebook.

The modules draw the same as `Sketch`es, which is what reports use.
"""

from evaltool.charts import money, points, standing
from evaltool.charts.look import WIDTH
from evaltool.charts.money import Use
from evaltool.charts.numbers import INF, Band, Part, Span, bands_of, dimensions_of, full_marks, scored_of
from evaltool.charts.sketch import Sketch, as_figure
from evaltool.charts.standing import Totals, place_text

dimensions = as_figure(points.dimensions)
points_lost = as_figure(points.points_lost)
next_band = as_figure(points.next_band)
three_totals = as_figure(standing.three_totals)
among_all = as_figure(standing.among_all)
ranking = as_figure(standing.ranking)
band_counts = as_figure(standing.band_counts)
dimension_means = as_figure(standing.dimension_means)
fund_shares = as_figure(money.fund_shares)

__all__ = [
    "INF", "WIDTH", "Band", "Part", "Sketch", "Span", "Totals", "Use", "among_all", "band_counts", "bands_of",
    "dimension_means", "dimensions", "dimensions_of", "full_marks", "fund_shares", "next_band", "place_text",
    "points_lost", "ranking", "scored_of", "three_totals",
]  # fmt: skip

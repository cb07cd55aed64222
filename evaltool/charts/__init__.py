"""Plotly figures for evaluators, one function a chart, in Chinese. Plain `go.Figure`, small in a notebook."""

from evaltool.charts.look import WIDTH
from evaltool.charts.money import Use, fund_shares
from evaltool.charts.numbers import INF, Band, Part, Span, bands_of, dimensions_of, full_marks, scored_of
from evaltool.charts.points import dimensions, next_band, points_lost
from evaltool.charts.standing import among_all, band_counts, dimension_means, place_text, ranking, three_totals

__all__ = [
    "INF", "WIDTH", "Band", "Part", "Span", "Use", "among_all", "band_counts", "bands_of", "dimension_means",
    "dimensions",
    "dimensions_of", "full_marks", "fund_shares", "next_band", "place_text", "points_lost", "ranking", "scored_of",
    "three_totals",
]  # fmt: skip

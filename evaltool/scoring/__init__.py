"""Scoring: a scheme and a table of facts become points, totals and bands, exactly, for one county or a nation."""

from evaltool.scoring.columns import Label, Num, Truth
from evaltool.scoring.scores import OUT, PENDING, Scores, number_text, score

__all__ = ["OUT", "PENDING", "Label", "Num", "Scores", "Truth", "number_text", "score"]

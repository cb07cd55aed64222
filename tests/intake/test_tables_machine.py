"""Tables as agencies publish them: words for nothing, numbers with an exponent."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from evaltool.facts import SELF
from evaltool.intake import read_table
from tests.scoring.editions import edition

BODY = """
fields:
  a: {name: 比值, type: number, unit: 无, cite: [T/1]}
indicators:
  X: {name: 项, value: a, unit: 无}
"""


def test_words_for_nothing_are_blank_only_where_they_are_named(tmp_path):
    scheme = edition(tmp_path, BODY)
    frame = pd.DataFrame({"code": ["1", "2", "3"], "a": ["Not Available", "1.2E-05", "-3e2"]})
    facts = read_table(scheme, frame, blanks=["Not Available"])
    assert facts.layers[SELF].table.values["a"].tolist() == [None, Fraction(3, 250000), -300]
    assert not facts.problems
    assert [problem.place.field for problem in read_table(scheme, frame).problems] == ["a"]

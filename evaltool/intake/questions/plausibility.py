"""Questions about figures that were read right and may still be wrong: a unit that slipped, a size that nobody has, the
same thing told in two ways. A question changes nothing; what it is asked for stands in `evaltool.question_lines`.

Asked in the parent process when every county is known. A cell is asked about its unit once: against the last round
(D130), else against the other counties (D131), else by itself (D139).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from evaltool.facts import Facts
from evaltool.intake.county_book import CountyRead
from evaltool.intake.questions.agreement import disagreements
from evaltool.intake.questions.evidence_years import wrong_years
from evaltool.intake.questions.sizes import Sizes
from evaltool.intake.questions.total_questions import Totals
from evaltool.problems import Problem
from evaltool.scheme import Scheme


def questions(
    scheme: Scheme,
    counties: Mapping[str, CountyRead],
    roster: pd.DataFrame,
    previous: Facts | None = None,
    on: dt.date | None = None,
) -> dict[str, list[Problem]]:
    """Roster code → the questions about one county, in the order of the edition; every county has an entry.

    counties  what was read of each county that returned a workbook (or a row of the province's table)
    previous  the round before, of the same or of another edition
    on        the day on which the round stands; evidence of a later year is asked about
    """
    sizes, totals = Sizes(scheme, counties, previous), Totals(scheme)
    funds = roster["funds"] if "funds" in roster.columns else pd.Series(dtype=object)
    given = {str(code): amount for code, amount in funds.items() if amount is not None}
    return {
        code: [
            *sizes.of(code),
            *disagreements(scheme, code, read, given.get(code)),
            *totals.questions(code, read),
            *wrong_years(scheme, code, read, on),
        ]
        for code, read in counties.items()
    }

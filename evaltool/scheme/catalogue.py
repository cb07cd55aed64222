"""Editions by id and date: the built-in ones and an office's own."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import indicators
from evaltool.problems import Problem, SchemeError
from evaltool.scheme.layering import day_before
from evaltool.scheme.loading import load_folder
from evaltool.scheme.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one edition lies. `valid_from` comes from its folder name, which the file must repeat."""

    id: str
    valid_from: dt.date
    folder: Path


def entries(editions: Sequence[Path] = ()) -> list[Entry]:
    """Every edition of the package and of the folders in `editions`, by id and date."""
    found = []
    for root in (Path(str(indicators.root())), *editions):
        for file in sorted(root.glob("*/*/*/scheme.yaml")):
            try:
                day = dt.date.fromisoformat(file.parent.name)
            except ValueError:
                what = f"文件夹名“{file.parent.name}”不是生效日期"
                raise SchemeError([Problem("S213", what, do="把文件夹改名为 2019-01-01 的样子")]) from None
            found.append(Entry("/".join(file.parts[-4:-2]), day, file.parent))
    return sorted(found, key=lambda entry: (entry.id, entry.valid_from))


def load(scheme_id: str, on: str | dt.date | None = None, editions: Sequence[Path] = ()) -> Scheme:
    """The edition of `scheme_id` in force on `on` (ISO date; needed unless there is only one edition).

    Raises SchemeError if there is none, if several are in force, or if the one found is wrong.
    """
    known = entries(editions)
    mine = [entry for entry in known if entry.id == scheme_id]
    if not mine:
        near = difflib.get_close_matches(scheme_id, sorted({entry.id for entry in known}), 1, 0.4)
        advice = f"是不是 {near[0]}？" if near else "用 evaltool show 查看已有的编号"
        raise SchemeError([Problem("S212", f"没有指标体系 {scheme_id}", do=advice)])
    if on is None and len(mine) > 1:
        dates = "、".join(entry.valid_from.isoformat() for entry in mine)
        raise SchemeError(
            [Problem("S212", f"{scheme_id} 有几个版本（{dates}）", do="写明按哪一天的版本：on=…（命令行写 --on）")]
        )
    try:
        day = dt.date.fromisoformat(on) if isinstance(on, str) else on or mine[0].valid_from
    except ValueError:
        raise SchemeError([Problem("S212", f"“{on}”不是日期", do="写成 2020-06-30 的样子")]) from None
    schemes = [_loaded(entry.folder, tuple(editions)) for entry in mine if entry.valid_from <= day]
    for entry, scheme in zip([e for e in mine if e.valid_from <= day], schemes, strict=True):
        if (scheme.id, scheme.edition.valid_from) != (entry.id, entry.valid_from):
            what = f"文件夹 {entry.id}/{entry.valid_from} 里写的是 {scheme.key}"
            raise SchemeError([Problem("S213", what, do="文件夹名要与 id、valid_from 一致", rule=scheme.place("id"))])
    amended = {s.edition.amends: day_before(s.edition.valid_from) for s in schemes if s.edition.amends}
    valid = [s for s in schemes if day <= min(s.edition.valid_to or day, amended.get(s.key, day))]
    if len(valid) != 1:
        what = f"{day} 没有有效的 {scheme_id}" if not valid else f"{day} 有 {len(valid)} 个 {scheme_id} 同时有效"
        dates = "、".join(f"{entry.valid_from} 起" for entry in mine)
        raise SchemeError([Problem("S213" if valid else "S212", what, do=f"已有版本：{dates}")])
    return valid[0]


_known: dict[tuple[Path, tuple[Path, ...]], tuple[tuple[int, ...], Scheme]] = {}


def _loaded(folder: Path, roots: tuple[Path, ...]) -> Scheme:
    """The edition in `folder`, read again only when one of its files has changed."""
    stamps, scheme = _known.get((folder, roots), ((), None))
    if scheme is None or _stamps(scheme) != stamps:
        scheme = load_folder(folder, roots)
        _known[folder, roots] = _stamps(scheme), scheme
    return scheme


def _stamps(scheme: Scheme) -> tuple[int, ...]:
    return tuple(file.stat().st_mtime_ns for folder in scheme.folders for file in sorted(folder.glob("*.yaml")))

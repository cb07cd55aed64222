"""The catalogue of evidence of a round: asked, written, there, missing – and numbers that close."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from evaltool.evidence.asking import Item, claims, items_of
from evaltool.evidence.matching import Matcher, county_of, unfound
from evaltool.evidence.walking import Found, files_below
from evaltool.facts import Facts
from evaltool.intake.privacy import masked
from evaltool.scheme import Scheme

THERE, NO_FILE, NOTHING, NOT_ASKED = "有文件", "写了，没有文件", "没有写，也没有文件", "不要求"
MATCHED, UNMATCHED, REFUSED = "对上", "对不上", "不收"
_PACKED = (".zip", ".rar", ".7z", ".tar", ".gz")


class CatalogueError(Exception):
    """The numbers of a catalogue do not close: a fault of the program, never of the material."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of one county.

    asked    the edition asks for evidence of it and the county claims it
    written  what the county entered (private numbers masked)
    files    the paths of its files
    lost     what `written` names so plainly that it can be looked for, and is not there
    state    THERE, NO_FILE, NOTHING or NOT_ASKED
    """

    code: str
    item: Item
    asked: bool
    written: str
    files: tuple[str, ...]
    lost: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class File:
    """One file of the folder: whose it is (empty where nobody knows), where it lies, what it is.

    items  (item, how it was found) for each item it belongs to;  why  of a file that does not match or is refused
    """

    code: str
    path: str
    size: int
    sha256: str
    state: str
    items: tuple[tuple[str, str], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something to be looked at by a person; `codes` and `paths` say where."""

    what: str
    do: str
    codes: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Everything about the evidence of a round. `counts` raises where the numbers do not close.

    counties  code → name, of those that returned a workbook;  absent  code → name, of the others
    folder    name of the folder that was looked through, empty where none was
    """

    scheme: Scheme
    counties: dict[str, str]
    absent: dict[str, str]
    entries: tuple[Entry, ...]
    files: tuple[File, ...]
    questions: tuple[Question, ...]
    folder: str = ""

    def of(self, code: str) -> list[Entry]:
        return self._own[0].get(code, [])

    def files_of(self, code: str) -> list[File]:
        return self._own[1].get(code, [])

    @cached_property
    def _own(self) -> tuple[dict[str, list[Entry]], dict[str, list[File]]]:
        entries: dict[str, list[Entry]] = defaultdict(list)
        files: dict[str, list[File]] = defaultdict(list)
        for entry in self.entries:
            entries[entry.code].append(entry)
        for file in self.files:
            files[file.code].append(file)
        return dict(entries), dict(files)

    def counts(self, code: str = "") -> dict[str, int]:
        """asked = there + no_file + nothing, files = matched + unmatched + refused; of one county or of all.

        Raises CatalogueError where this does not hold, or where a file counts as there and is not.
        """
        entries = self.of(code) if code else self.entries
        files = self.files_of(code) if code else self.files
        asked = [entry for entry in entries if entry.asked]
        states = [entry.state for entry in asked]
        kinds = [file.state for file in files]
        made = {
            "asked": len(asked), "there": states.count(THERE), "no_file": states.count(NO_FILE),
            "nothing": states.count(NOTHING), "files": len(files), "matched": kinds.count(MATCHED),
            "unmatched": kinds.count(UNMATCHED), "refused": kinds.count(REFUSED),
        }  # fmt: skip
        if made["asked"] != made["there"] + made["no_file"] + made["nothing"]:
            raise CatalogueError(f"佐证的件数对不上：{made}")
        if made["files"] != made["matched"] + made["unmatched"] + made["refused"]:
            raise CatalogueError(f"文件的件数对不上：{made}")
        used = {(entry.code, path) for entry in entries for path in entry.files}
        matched = {(file.code, file.path) for file in files if file.state == MATCHED}
        if used != matched:
            raise CatalogueError(f"对上的文件与各项下的文件不同：{sorted(used ^ matched)[:3]}")
        return made


def catalogue(scheme: Scheme, facts: Facts, folder: Path | None) -> Catalogue:
    """What is asked, written and there for every county and item.

    folder  one folder a county (named by its code or name), files or folders in it named by items or indicators; None
            where no files were collected. Raises NotADirectoryError for what is no folder; nothing on bad files
    """
    names = {str(code): str(name) for code, name in facts.roster["name"].items()}
    came = {code: name for (code, name), back in zip(names.items(), facts.returned, strict=True) if back}
    items = items_of(scheme)
    written = {code: {item.key: _text(facts, code, item.key) for item in items} for code in came}
    matcher = Matcher(scheme, items)
    files = [_file(found, facts, matcher, written) for found in (files_below(folder) if folder else ())]
    mine: dict[str, list[File]] = defaultdict(list)
    for file in files:
        mine[file.code].append(file)
    entries = [entry for code in came for entry in _entries(facts, code, items, written[code], mine[code])]
    absent = {code: name for code, name in names.items() if code not in came}
    made = Catalogue(
        scheme, came, absent, tuple(entries), tuple(files), tuple(_questions(files, names, absent)),
        masked(folder.name)[0] if folder else "",
    )  # fmt: skip
    for code in ("", *names):
        made.counts(code)
    return made


def take_evidence(scheme: Scheme, facts: Facts, folder: Path, target: Path) -> Catalogue:
    """The catalogue of `folder`, written into `target` as evidence.xlsx and evidence.json; its files stay in place."""
    from evaltool.evidence.workbook import write_catalogue, write_index

    made = catalogue(scheme, facts, folder)
    write_index(made, target / "evidence.json")
    write_catalogue(made, target / "evidence.xlsx")
    return made


def _text(facts: Facts, code: str, key: str) -> str:
    return str(facts.evidence.at[code, key] or "") if key in facts.evidence.columns else ""


def _file(found: Found, facts: Facts, matcher: Matcher, written: dict[str, dict[str, str]]) -> File:
    path = masked("/".join(found.parts))[0]
    code, perhaps = county_of(
        facts.roster, found.parts[0] if len(found.parts) > 1 else found.parts[0].rpartition(".")[0]
    )
    if found.refused:
        return File(code, path, found.size, "", REFUSED, why=found.refused)
    if not code:
        names = "、".join(f"{facts.roster['name'][one]}（{one}）" for one in perhaps)
        why = f"认不出是哪个{facts.scheme.edition.subject}的{f'，可能是{names}' if names else ''}"
        return File("", path, found.size, found.sha256, UNMATCHED, why=why)
    if code not in written:
        why = "没有采到自评表，还不能对"
        return File(code, path, found.size, found.sha256, UNMATCHED, why=why)
    items = tuple(matcher.match(found.parts[1:] or found.parts, written[code]))
    why = "" if items else "看不出是哪一项的，填报的佐证里也没有提到"
    return File(code, path, found.size, found.sha256, MATCHED if items else UNMATCHED, items, why)


def _entries(
    facts: Facts, code: str, items: Sequence[Item], written: dict[str, str], files: Sequence[File]
) -> Iterator[Entry]:
    mine: dict[str, list[str]] = defaultdict(list)
    names = []
    for file in files:
        if file.sha256:
            names.append(file.path.rpartition("/")[2])
            for key, _ in file.items:
                mine[key].append(file.path)
    position = facts.position(code)
    for item in items:
        asked = bool(item.kinds) and claims(facts, item, position)
        text, there = written[item.key], mine[item.key]
        if not asked and not text and not there:
            continue
        state = THERE if there else NO_FILE if text else NOTHING
        yield Entry(
            code, item, asked, text, tuple(there), tuple(unfound(text, names)), state if asked else NOT_ASKED,
        )  # fmt: skip


def _questions(files: Sequence[File], names: dict[str, str], absent: dict[str, str]) -> Iterator[Question]:
    """Files that stand in two places, packages that nobody looked into, and counties without a workbook."""
    same: dict[str, list[File]] = defaultdict(list)
    for file in files:
        if file.sha256:
            same[file.sha256].append(file)
    for group in same.values():
        codes = tuple(dict.fromkeys(file.code for file in group if file.code))
        paths = tuple(file.path for file in group)
        if len(codes) > 1:
            owners = "、".join(names[code] for code in codes)
            yield Question(f"{owners}的材料里有内容完全相同的文件", "核对是不是把别处的材料当成了自己的", codes, paths)
        elif len(group) > 1:
            yield Question(f"同一个文件放了 {len(group)} 处", "核对是不是各项都用它；算一份材料", codes, paths)
    packed = [file for file in files if file.state != REFUSED and file.path.lower().endswith(_PACKED)]
    for code, lying in _by_code(packed):
        whose = (code,) if code else ()
        yield Question("压缩包没有打开，里面的材料没有数", "解压后按项放好，再收一次", whose, tuple(lying))
    for code, lying in _by_code(file for file in files if file.code in absent):
        what = f"{names[code]}没有采到自评表，材料先记下"
        yield Question(what, "收到自评表以后再收一次材料", (code,), tuple(lying))
    lost = [file.path for file in files if not file.code and file.state != REFUSED]
    if lost:
        yield Question("有材料认不出是谁的", "按县建文件夹，用名册里的代码或名称命名", (), tuple(lost))


def _by_code(files: Iterable[File]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = defaultdict(list)
    for file in files:
        found[file.code].append(file.path)
    return list(found.items())

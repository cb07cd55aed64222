"""What one county is asked for, as plain text for an e-mail."""

from __future__ import annotations

from collections.abc import Iterator

from evaltool.evidence.catalogue import NO_FILE, NOTHING, REFUSED, UNMATCHED, Catalogue, Entry

_MOST = 40  # lines of one kind; the rest is counted


def request_text(catalogue: Catalogue, code: str) -> str:
    """What is missing of a county's evidence and what to do; empty where nothing is. Raises KeyError.

    Where no files were collected at all, only what is not even written is asked for.
    """
    name = catalogue.counties.get(code) or catalogue.absent[code]
    entries, files = catalogue.of(code), catalogue.files_of(code)
    parts = [
        ("写了，没有收到文件", [_line(e) for e in entries if e.state == NO_FILE] if catalogue.folder else []),
        ("没有写，也没有收到文件", [_line(entry) for entry in entries if entry.state == NOTHING]),
        ("佐证里提到、收到的文件里没有的", list(_lost(entries)) if catalogue.folder else []),
        ("收到了，看不出是哪一项的", [file.path for file in files if file.state == UNMATCHED]),
        ("收到了，不能用", [f"{file.path}（{file.why}）" for file in files if file.state == REFUSED]),
    ]
    parts = [(title, lines) for title, lines in parts if lines]
    if not parts:
        return ""
    counts = catalogue.counts(code)
    text = [f"{name}：佐证材料应有 {counts['asked']} 项，收到 {counts['there']} 项。请补下面这些："]
    for number, (title, lines) in enumerate(parts):
        text += ["", f"{'一二三四五'[number]}、{title}（{len(lines)}）"]
        text += [f"  {i}. {line}" for i, line in enumerate(lines[:_MOST], 1)]
        text += [f"  ……另有 {len(lines) - _MOST} 项，见佐证目录"] if len(lines) > _MOST else []
    text += [
        "", f"放法：建一个文件夹，名称写“{code}_{name}”；里面一项一个文件夹，名称写项目名称或指标编号，文件放在里面。",
        "文件名里不要写个人姓名、电话和证件号码。",
    ]  # fmt: skip
    return "\n".join(text) + "\n"


def _line(entry: Entry) -> str:
    served = f"{entry.item.titles[0]}：" if entry.item.titles else ""
    written = f"；填报写的是“{entry.written[:60]}{'…' if len(entry.written) > 60 else ''}”" if entry.written else ""
    return f"{served}{entry.item.name}，应有{'、'.join(entry.item.kinds)}{written}"


def _lost(entries: list[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.lost and entry.state not in (NO_FILE, NOTHING):
            yield f"{entry.item.name}：{'、'.join(entry.lost)}"

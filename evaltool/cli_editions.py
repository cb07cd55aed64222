"""The verbs about definitions: check, test, show, doc, diff, draft, import. Heavy imports wait for their verb."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaltool.usage import (
    DAY,
    DEFINITION,
    DONE,
    EDITION,
    FOLDER,
    REFUSED,
    SCHEME,
    THERE,
    open_round_in,
    say_json,
    say_problems,
    watched,
)  # fmt: skip

if TYPE_CHECKING:
    from evaltool.documents.differences import Difference
    from evaltool.documents.movement import Movement
    from evaltool.problems import Problem
    from evaltool.scheme import Scheme

editions_option = click.option("--editions", type=THERE, multiple=True, help="本单位自己的指标体系文件夹，可写多次")
json_option = click.option("--json", "as_json", is_flag=True, help="给程序读")


@click.command(help="检查指标体系：默认全部自带的，有 --editions 时是那里的；也可给编号、编号@日期或文件夹。")
@click.argument("editions_", metavar="[EDITION]…", nargs=-1)
@editions_option
@json_option
def check(editions_: tuple[str, ...], editions: tuple[Path, ...], as_json: bool) -> None:
    from evaltool.scheme import examine

    found: dict[Path, Scheme] = {}
    slips: dict[Path, list[Problem]] = {}
    for folder in _folders(editions_, editions):
        scheme, slips[folder] = examine(folder, editions)
        if scheme is not None:
            found[folder] = scheme
    together = _together(found, editions)
    wrong = False
    for folder, own in slips.items():
        shown = f"{'/'.join(folder.resolve().parts[-3:])}/"
        stops = [one for one in own if one.level == "stop"]
        stops += [one for one in together if one.rule.file.startswith(shown)]
        wrong = wrong or bool(stops)
        if not as_json:
            click.echo(f"{'有误' if stops else '通过'}　{folder}")
    say_problems([*(one for own in slips.values() for one in own), *together], as_json)
    sys.exit(DEFINITION if wrong or together else DONE)


def _together(found: dict[Path, Scheme], editions: Sequence[Path]) -> list[Problem]:
    """What is wrong between the editions that were checked and the others of the same id."""
    from evaltool.scheme import entries, examine
    from evaltool.scheme.periods import check_folders, compare_periods

    known = {entry.folder.resolve(): entry for entry in entries(editions)}
    mine = [(known[folder.resolve()], scheme) for folder, scheme in found.items() if folder.resolve() in known]
    problems = check_folders((entry.id, entry.valid_from, scheme) for entry, scheme in mine)
    others = [
        examine(entry.folder, editions)[0]
        for entry in known.values()
        if entry.id in {scheme.id for _, scheme in mine} and entry not in [one for one, _ in mine]
    ]
    return problems + compare_periods([scheme for _, scheme in mine] + [one for one in others if one is not None])


@click.command(help="跑指标体系旁边的算例；--strict 还看每条分数线有没有算例、每个数字改了有没有算例失败。")
@click.argument("editions_", metavar="[EDITION]…", nargs=-1)
@editions_option
@click.option("--strict", is_flag=True, help="另查没有算例的分数线、改了也没有算例失败的数字（要几分钟）")
@json_option
def test(editions_: tuple[str, ...], editions: tuple[Path, ...], strict: bool, as_json: bool) -> None:
    from evaltool.cases import run_cases
    from evaltool.scheme import load_folder

    wrong: list[Problem] = []
    for folder in _folders(editions_, editions):
        scheme = load_folder(folder, editions)
        results = run_cases(scheme)
        slips = [problem for result in results for problem in result.problems]
        said = f"算例 {len(results)}，不成立 {sum(bool(r.problems) for r in results)}"
        if strict and not slips:
            told, more = _strictly(scheme)
            said, slips = said + told, more
        if not as_json:
            click.echo(f"{said}　{folder}")
        wrong += slips
    say_problems(wrong, as_json)
    sys.exit(DEFINITION if wrong else DONE)


def _strictly(scheme: Scheme) -> tuple[str, list[Problem]]:
    """What the cases leave unseen, in a word and one by one."""
    from evaltool.coverage import uncovered
    from evaltool.mutations import survivors

    lines = uncovered(scheme)
    slips = list(survivors(scheme, lambda items: watched(items, "处")))
    return f"，没有算例的分数线 {len(lines)}，改了也没有算例失败的数字 {len(slips)}", [*lines, *slips]


@click.command(help="列出指标体系；给编号、编号@日期或文件夹，则显示该版本的全部内容。")
@click.argument("edition", required=False)
@click.option("--on", type=DAY, help="按哪一天有效的版本")
@editions_option
def show(edition: str | None, on: str | None, editions: tuple[Path, ...]) -> None:
    from evaltool.scheme import entries, load

    if edition is not None:
        from evaltool.documents.shown import shown

        click.echo(shown(_edition(edition, on, editions), editions))
        return
    for entry in entries(editions):
        scheme = load(entry.id, entry.valid_from, editions)
        click.echo(f"{entry.id}　{entry.valid_from} 起　{scheme.name}　{scheme.status_text}")


@click.command(help="写出一个版本的数据字典、核对表（md 和可打印的 xlsx）和编辑器用的 JSON Schema。")
@click.argument("edition")
@click.option("--on", type=DAY, help="按哪一天有效的版本")
@editions_option
@click.option("--out", type=FOLDER, help="写到哪里，默认 out/documents 下面以编号和日期为名的文件夹")
def doc(edition: str, on: str | None, editions: tuple[Path, ...], out: Path | None) -> None:
    from evaltool.documents.publishing import Documents, folder_name

    scheme = _edition(edition, on, editions)
    for path in Documents(scheme).write(out or Path("out/documents") / folder_name(scheme)):
        click.echo(str(path))


@click.command(help="两个版本差在哪里，用文字说；给 --round，另说这一轮里谁的得分和等次会变。")
@click.argument("a", type=EDITION)
@click.argument("b", type=EDITION)
@click.option("--on", type=DAY, help="没有写日期的编号，按哪一天有效的版本")
@editions_option
@click.option("--round", "round_", type=FOLDER, help="用这一轮的填报，两版各算一遍")
@json_option
def diff(a: str, b: str, on: str | None, editions: tuple[Path, ...], round_: Path | None, as_json: bool) -> None:
    from evaltool.documents.differences import compare

    before, after = (_edition(name, on, editions) for name in (a, b))
    found, moved = compare(before, after), None
    if round_ is not None:
        from evaltool.documents.movement import movement

        moved = movement(open_round_in(round_).facts(), before, after)
    if as_json:
        parts: dict[str, Any] = {"a": before.key, "b": after.key, "differences": [asdict(one) for one in found]}
        if moved is not None:
            moves = [asdict(one) for one in moved.moves]
            parts["round"] = {"counted": moved.counted, "lacking": moved.lacking, "moves": moves}
        say_json(**parts)
        return
    click.echo("\n".join([*_told(before, after, found), *(_moved(moved) if moved is not None else ())]))


def _told(before: Scheme, after: Scheme, found: list[Difference]) -> Iterator[str]:
    yield f"前：{before.key}　{before.name}"
    yield f"后：{after.key}　{after.name}"
    if not found:
        yield "两版的意思相同"
    section = ""
    for one in found:
        if one.section != section:
            section = one.section
            yield f"\n【{section}】"
        yield f"　{one.said}"


def _moved(moved: Movement) -> Iterator[str]:
    yield "\n【这一轮按两版各算一遍】"
    for word, lacking in zip(("前", "后"), moved.lacking, strict=True):
        if lacking:
            yield f"　{word}一版要而这一轮没有的，按待定算：{'、'.join(lacking)}"
    graded, total = moved.after.grade, moved.after.total
    told = [f"等次变的 {len(moved.subjects(graded))} 个"] if graded else []
    told += [f"总分变的 {len(moved.subjects(total))} 个"] if total else []
    yield f"　算了 {moved.counted} 个，{'，'.join([*told, f'有得分变的 {len(moved.subjects())} 个'])}"
    for subject in moved.subjects():
        mine = [move for move in moved.moves if move.subject == subject]
        yield f"　{subject} {mine[0].name}：{'；'.join(map(str, mine))}"


@click.command(help="新起一个版本的草稿：三个文件，逐段有说明，能装载，算例能通过。")
@click.argument("scheme_id", metavar="ISSUER/SCHEME", type=SCHEME)
@click.argument("day", metavar="DATE", type=DAY)
@click.option(
    "--editions", type=FOLDER, help="写到哪个文件夹下面；不写，在源码目录里写进 indicators，别处写进 editions"
)
@click.option("--extends", metavar="ID@DATE", default="", help="下级细则：在哪个版本之上")
@click.option("--amends", metavar="ID@DATE", default="", help="修改通知：改哪个版本")
def draft(scheme_id: str, day: str, editions: Path | None, extends: str, amends: str) -> None:
    from evaltool.documents.skeleton import default_root, write_draft

    root = editions or default_root()
    try:
        folder = write_draft(root, scheme_id, dt.date.fromisoformat(day), extends=extends, amends=amends)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"草稿在 {folder}：scheme.yaml 规则，sources.yaml 文件和条款，cases.yaml 算例")
    where = f" --editions {editions}" if editions else ""
    click.echo(f"边改边运行 evaltool check {folder}{where} 和 evaltool test {folder}{where}")


@click.command("import", help="把单位发来的指标表（.xlsx、.docx）读成草稿，写到 --editions 下面。")
@click.argument("table", metavar="TABLE", type=THERE)
@click.option(
    "--as",
    "target",
    nargs=2,
    type=(SCHEME, DAY),
    required=True,
    metavar="ISSUER/SCHEME DATE",
    help="草稿的编号和施行日期，如 hubei/ecommerce_rural 2019-01-01",
)
@click.option("--editions", type=FOLDER, default=Path("editions"), show_default=True, help="写到哪个文件夹下面，不覆盖")
@click.option("--sheet", "sheets", multiple=True, help="只读这张工作表（Word 文件里是 表1、表2……），可写多次")
@click.option("--subject", default="县", show_default=True, help="评的是什么：县、乡镇、企业、项目……")
@json_option
def import_(
    table: Path, target: tuple[str, str], editions: Path, sheets: tuple[str, ...], subject: str, as_json: bool
) -> None:
    from evaltool.importing import import_table

    try:
        made = import_table(
            table, target[0], dt.date.fromisoformat(target[1]), editions, sheets=sheets, subject=subject
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    say_problems(made.problems, as_json)
    if made.folder is None:
        sys.exit(REFUSED)
    if not as_json:
        click.echo(
            f"草稿在 {made.folder}：指标 {made.indicators} 个，规则有建议的 {made.proposed} 个，待填的 {made.open} 个"
        )
        click.echo(f"核对以后运行 evaltool check {made.folder}")


def _edition(name: str, on: str | None, editions: Sequence[Path]) -> Scheme:
    """One edition named by folder, by `id@date` (the day it came into force), or by id and a day."""
    from evaltool.scheme import entries, load, load_folder

    if (Path(name) / "scheme.yaml").is_file():
        return load_folder(Path(name), editions)
    scheme_id, _, day = name.partition("@")
    if not day:
        return load(scheme_id, on, editions)
    known = [entry for entry in entries(editions) if entry.id == scheme_id]
    mine = [entry for entry in known if entry.valid_from.isoformat() == day]
    if known and not mine:
        dates = "、".join(f"{scheme_id}@{entry.valid_from}" for entry in known)
        raise click.UsageError(f"没有 {name}；已有：{dates}")
    return load_folder(mine[-1].folder, editions) if mine else load(scheme_id, day, editions)


def _folders(names: Sequence[str], editions: Sequence[Path]) -> list[Path]:
    """Folders of editions named by path, id or `id@date`; where none is named, all of `editions`, else all built-in."""
    from evaltool.scheme import entries

    known = entries(editions)
    if not names:
        roots = [root.resolve() for root in editions]
        return [e.folder for e in known if not roots or any(e.folder.resolve().is_relative_to(root) for root in roots)]
    folders = []
    for name in names:
        scheme_id, _, day = name.partition("@")
        mine = [e.folder for e in known if e.id == scheme_id and day in ("", e.valid_from.isoformat())]
        if (Path(name) / "scheme.yaml").is_file():
            mine = [Path(name)]
        if not mine:
            raise click.UsageError(f"没有指标体系“{name}”；用 evaltool show 查看")
        folders += mine
    return folders

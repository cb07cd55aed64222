"""The command line: verbs to functions, what a person sees, exit codes. Heavy imports wait until a verb needs them.

Exit codes: 0 done (problems in the data are output, not failure), 1 a file was refused or a county failed (or a round
differs from its receipt), 2 wrong usage, 3 a definition is wrong.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaltool.usage import DAY, DEFINITION, DONE, FOLDER, JOBS, LAYER, REFUSED, SCHEME, THERE, Verbs, told

if TYPE_CHECKING:
    from evaltool.archive import Round
    from evaltool.problems import Problem
    from evaltool.scheme import Scheme


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="县级项目绩效评价：指标体系是数据，评分精确，每个结果都说得出条款。",
)
@click.version_option(package_name="evaltool", message="evaltool %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@cli.command(help="在 data/sample 的虚构数据上走完全程，结果写到 --out。")
@click.option("--out", type=FOLDER, default=Path("out/demo"), show_default=True, help="写到哪里（已有的演示会被替换）")
@click.option("--jobs", type=JOBS, default=2, show_default=True, help="同时出几份报告")
def demo(out: Path, jobs: int) -> None:
    from evaltool.demo import run

    sys.exit(DONE if run(out, jobs, click.echo) else REFUSED)


@cli.command(help="新建一轮评价：把指标体系抄进 ROUND，之后只按这份抄本评分。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--scheme", "scheme_id", required=True, help="指标体系编号，如 hubei/ecommerce_rural")
@click.option("--on", type=DAY, required=True, help="按哪一天有效的版本，如 2020-06-30")
@click.option("--roster", type=THERE, required=True, help="名册 CSV：code,name,city,batch,type,funds")
@click.option("--editions", type=THERE, multiple=True, help="本单位自己的指标体系文件夹")
def new(round_: Path, scheme_id: str, on: str, roster: Path, editions: tuple[Path, ...]) -> None:
    from evaltool.archive import create_round
    from evaltool.scheme import load

    if roster.is_dir() or roster.read_bytes()[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise click.UsageError(f"名册“{roster}”不是 CSV；在表格软件里另存为 CSV UTF-8")
    rnd = create_round(round_, load(scheme_id, on, editions), on, roster)
    click.echo(repr(rnd))
    click.echo(f"下一步：evaltool template {round_}")


@cli.command(help="给名册上每个县出一份自评表，另出一份省级认定表，放在 ROUND/templates。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
def template(round_: Path) -> None:
    written = _open(round_).write_templates(_watched)
    click.echo(f"写了 {len(written)} 份，在 {round_ / 'templates'}")


def _watched(items: list[Any]) -> Iterable[Any]:
    """A bar for a person at a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    return tqdm(items, unit="份", delay=2, leave=False)


@cli.command(help="收回报送的工作簿（文件或文件夹），逐格核对，出标注件。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.argument("files", metavar="FILE…", nargs=-1, type=THERE, required=True)
@click.option("--json", "as_json", is_flag=True, help="给程序读")
def read(round_: Path, files: tuple[Path, ...], as_json: bool) -> None:
    rnd = _open(round_)
    before = len(rnd.came)
    facts = rnd.take_in(files)
    _say_problems(facts.problems, as_json)
    if not as_json:
        click.echo(repr(facts))
        click.echo(f"新收 {len(rnd.came) - before} 个文件，共 {len(rnd.came)} 个")
        click.echo(f"标注件在 {round_ / 'intake' / 'marked'}；下一步：evaltool score {round_}")
    sys.exit(REFUSED if any(item.level == "stop" for item in facts.problems) else DONE)


@cli.command(help="评分：得分、总分、等次、建议，写到 ROUND/results。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="给程序读")
@click.option("--parquet", is_flag=True, help="另写 results/parquet（要装 pyarrow）")
def score(round_: Path, as_json: bool, parquet: bool) -> None:
    rnd = _open(round_)
    decisions = rnd.score(parquet=parquet)
    if as_json:
        click.echo((round_ / "results" / "results.json").read_text("utf-8"))
        return
    click.echo(repr(decisions.scores))
    click.echo(f"建议 {len(decisions.recommendations)} 条，见 {round_ / 'results' / 'results.xlsx'}")
    if (round_ / "reports" / "index.html").is_file():
        click.echo(f"reports/ 里的报告是这次评分以前出的；要更新，运行 evaltool report {round_}")


@cli.command(help="每县一份报告（papermill 笔记本和离线网页），另出全省概览。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--county", "counties", multiple=True, help="只出这个县（代码或名称），可写多次")
@click.option("--jobs", type=JOBS, default=2, show_default=True, help="同时出几份")
def report(round_: Path, counties: tuple[str, ...], jobs: int) -> None:
    from evaltool.report import report as run

    rnd = _open(round_)
    known = rnd.counties()
    unknown = [county for county in counties if county not in {*known["code"], *known["name"]}]
    if unknown:
        raise click.UsageError(f"名册里没有“{'、'.join(unknown)}”")
    outcomes = run(rnd, counties=list(counties) or None, jobs=jobs)
    failed = outcomes[outcomes["state"] != "ok"]
    click.echo(f"报告 {len(outcomes)} 份，失败 {len(failed)} 份；从 {round_ / 'reports' / 'index.html'} 看起")
    for _, row in failed.iterrows():
        click.echo(f"失败 {row['code']}：{row['reason']}", err=True)
    sys.exit(REFUSED if len(failed) else DONE)


@cli.command(help="一个结果从哪来：条款、单元格、算式，怎样能多得分。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.argument("county")
@click.argument("indicator", required=False)
@click.option("--layer", type=LAYER, default="认定", show_default=True, help="自评 或 认定")
def explain(round_: Path, county: str, indicator: str | None, layer: str) -> None:
    rnd = _open(round_)
    try:
        texts = rnd.explain(county, indicator, layer)
    except KeyError as error:
        raise click.UsageError(str(error.args[0])) from None
    click.echo("\n\n".join(texts))


@cli.command(help="核对回执：这一轮的文件是不是还和出结果时一样。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="给程序读")
def verify(round_: Path, as_json: bool) -> None:
    from evaltool.archive import verify as differences

    if not (round_ / "round.yaml").is_file():
        raise click.UsageError(_NO_ROUND.format(round_))
    found = differences(round_)
    if as_json:
        click.echo(json.dumps({"format": 1, "differences": found}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join([*found, f"不同 {len(found)} 处"] if found else ["与回执一致"]))
    sys.exit(REFUSED if found else DONE)


@cli.command(help="检查指标体系（默认全部自带的；也可给编号或文件夹）。")
@click.argument("editions", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="给程序读")
def check(editions: tuple[str, ...], as_json: bool) -> None:
    from evaltool.scheme import examine

    problems: list[Problem] = []
    for folder in _folders(editions):
        _, found = examine(folder)
        problems += found
        if not as_json:
            click.echo(f"{'有误' if found else '通过'}　{folder}")
    _say_problems(problems, as_json)
    sys.exit(DEFINITION if problems else DONE)


@cli.command(help="跑指标体系旁边的算例。")
@click.argument("editions", nargs=-1)
def test(editions: tuple[str, ...]) -> None:
    from evaltool.cases import run_cases
    from evaltool.scheme import load_folder

    wrong: list[Problem] = []
    for folder in _folders(editions):
        results = run_cases(load_folder(folder))
        slips = [problem for result in results for problem in result.problems]
        click.echo(f"算例 {len(results)}，不成立 {sum(bool(r.problems) for r in results)}　{folder}")
        wrong += slips
    _say_problems(wrong, False)
    sys.exit(DEFINITION if wrong else DONE)


@cli.command("import", help="把单位发来的指标表（.xlsx、.docx）读成草稿，写到 --editions 下面。")
@click.argument("table", metavar="TABLE", type=THERE)
@click.option("--as", "target", nargs=2, type=(SCHEME, DAY), required=True, metavar="ISSUER/SCHEME DATE",
              help="草稿的编号和施行日期，如 hubei/ecommerce_rural 2019-01-01")
@click.option("--editions", type=FOLDER, default=Path("editions"), show_default=True, help="写到哪个文件夹下面，不覆盖")
@click.option("--sheet", "sheets", multiple=True, help="只读这张工作表（Word 文件里是 表1、表2……），可写多次")
@click.option("--subject", default="县", show_default=True, help="评的是什么：县、乡镇、企业、项目……")
@click.option("--json", "as_json", is_flag=True, help="给程序读")
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
    _say_problems(made.problems, as_json)
    if made.folder is None:
        sys.exit(REFUSED)
    if not as_json:
        click.echo(f"草稿在 {made.folder}：指标 {made.indicators} 个，规则有建议的 {made.proposed} 个，待填的 {made.open} 个")
        click.echo(f"核对以后运行 evaltool check {made.folder}")


@cli.command(help="列出指标体系；给编号则显示该版本：指标、规则、条款、待定问题。")
@click.argument("scheme_id", required=False)
@click.option("--on", type=DAY, help="按哪一天有效的版本")
@click.option("--editions", type=THERE, multiple=True, help="本单位自己的指标体系文件夹")
def show(scheme_id: str | None, on: str | None, editions: tuple[Path, ...]) -> None:
    from evaltool.scheme import entries, load

    if scheme_id is None:
        for entry in entries(editions):
            scheme = load(entry.id, entry.valid_from, editions)
            click.echo(f"{entry.id}　{entry.valid_from} 起　{scheme.name}　{scheme.status_text}")
        return
    _show(load(scheme_id, on, editions))


def _show(scheme: Scheme) -> None:
    from evaltool.quantities import decimal_text
    from evaltool.scheme.sentences import rule_sentence

    click.echo(repr(scheme) + "\n")
    shown = [*scheme.tree(), *((1, key) for key, item in scheme.indicators.items() if item.per or item.points is None)]
    for depth, key in shown:
        item = scheme.indicators[key]
        points = (
            f"　{decimal_text(item.points)} 分"
            if isinstance(item.points, int) or hasattr(item.points, "numerator")
            else ""
        )
        cites = "、".join(str(scheme.citation(cite)) for cite in item.cite)
        click.echo(f"{'　' * depth}{key} {item.name}{points}　{rule_sentence(scheme, key)}　{cites}")


def _folders(editions: Iterable[str]) -> list[Path]:
    """Folders of editions named by path or by id; all built-in ones where none is named."""
    from evaltool.scheme import entries

    known = entries()
    if not editions:
        return [entry.folder for entry in known]
    folders = []
    for name in editions:
        mine = [Path(name)] if (Path(name) / "scheme.yaml").is_file() else [e.folder for e in known if e.id == name]
        if not mine:
            raise click.UsageError(f"没有指标体系“{name}”；用 evaltool show 查看")
        folders += mine
    return folders


_NO_ROUND = "“{}”里没有 round.yaml，不是一轮评价；先用 evaltool new 新建"


def _open(folder: Path) -> Round:
    from evaltool.archive import open_round

    if not (folder / "round.yaml").is_file():
        raise click.UsageError(_NO_ROUND.format(folder))
    return open_round(folder)


def _say_problems(problems: Iterable[Problem], as_json: bool) -> None:
    if as_json:
        records = [_record(problem) for problem in problems]
        click.echo(json.dumps({"format": 1, "problems": records}, ensure_ascii=False, indent=1))
        return
    for problem in problems:
        click.echo(str(problem))


def _record(problem: Problem) -> dict[str, Any]:
    place, rule = problem.place, problem.rule
    return {
        "code": problem.code, "level": problem.level, "what": problem.what, "why": problem.why, "do": problem.do,
        "workbook": place.workbook, "sheet": place.sheet, "cell": place.cell, "field": place.field,
        "subject": place.subject, "rule": str(rule), "clause": problem.clause,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Says every refusal in Chinese and leaves with the exit code of the module's first lines."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows ? and goes on
    try:
        code = cli.main(arguments, standalone_mode=False)
    except click.exceptions.Abort:
        code, said = 130, "已中断"
    except BrokenPipeError:  # `evaltool show | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except Exception as error:
        answer = told(error)
        if answer is None:
            raise
        code, said = answer
    else:
        sys.exit(code if isinstance(code, int) else DONE)
    click.echo(said, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()

"""The command line: verbs to functions, what a person sees, exit codes. Heavy imports wait until a verb needs them.

Exit codes: 0 done (problems in the data are output, not failure), 1 a file was refused or a county failed (or a round
differs from its receipt), 2 wrong usage, 3 a definition is wrong.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from evaltool.cli_editions import check, diff, doc, draft, import_, show, test
from evaltool.cli_report import report
from evaltool.usage import (
    DAY,
    DONE,
    FOLDER,
    JOBS,
    LAYER,
    NO_ROUND,
    REFUSED,
    THERE,
    Verbs,
    counted,
    open_round_in,
    say_json,
    say_problems,
    told,
    watched,
)  # fmt: skip

if TYPE_CHECKING:
    from evaltool.archive import Round


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
@click.option("--previous", type=FOLDER, help="上一轮的文件夹（规则要与上一轮比的）")
def new(round_: Path, scheme_id: str, on: str, roster: Path, editions: tuple[Path, ...], previous: Path | None) -> None:
    from evaltool.archive import create_round
    from evaltool.scheme import load

    if roster.is_dir() or roster.read_bytes()[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise click.UsageError(f"名册“{roster}”不是 CSV；在表格软件里另存为 CSV UTF-8")
    rnd = create_round(round_, load(scheme_id, on, editions), on, roster, previous=previous)
    click.echo(repr(rnd))
    click.echo(f"下一步：evaltool template {round_}")


@cli.command(help="给名册上每个县出一份自评表，另出一份省级认定表，放在 ROUND/templates。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--table", is_flag=True, help="另出一份全省汇总表，一县一行，可以代替各县的自评表")
def template(round_: Path, table: bool) -> None:
    written = open_round_in(round_).write_templates(watched, table=table)
    click.echo(f"写了 {len(written)} 份，在 {round_ / 'templates'}")


@cli.command(help="收回报送的工作簿（文件或文件夹），逐格核对，出标注件、回信和收表报告。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.argument("files", metavar="FILE…", nargs=-1, type=THERE)
@click.option("--watch", "folder", type=THERE, help="守着这个文件夹，来一份收一份，按 Ctrl-C 停")
@click.option("--json", "as_json", is_flag=True, help="给程序读")
def read(round_: Path, files: tuple[Path, ...], folder: Path | None, as_json: bool) -> None:
    if bool(files) == (folder is not None):
        raise click.UsageError("写要收的文件或文件夹，或者写 --watch 和一个文件夹，二者取一")
    rnd = open_round_in(round_)
    if folder is None:
        sys.exit(_take(rnd, files, as_json, all_problems=True))
    if not folder.is_dir():
        raise click.UsageError(f"“{folder}”是文件，--watch 要文件夹")
    from evaltool.archive.watching import arrivals

    click.echo(f"守着 {folder}，来一份收一份；按 Ctrl-C 停")
    try:
        for batch in arrivals(folder):
            _take(rnd, batch, as_json, all_problems=False)
    except KeyboardInterrupt:
        click.echo(f"停了；共收到 {len(rnd.came)} 个文件，接着收就再运行一次")


@cli.command(help="给佐证材料编目：每个指标要什么、县里写了什么、来了哪些文件、缺什么；缺的写成信。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.argument("folder", type=THERE)
@click.option("--json", "as_json", is_flag=True, help="给程序读")
def evidence(round_: Path, folder: Path, as_json: bool) -> None:
    if not folder.is_dir():
        raise click.UsageError(f"“{folder}”是文件，这里要文件夹：每县一个子文件夹，写代码或名称")
    counts = open_round_in(round_).take_evidence(folder).counts()
    if as_json:
        say_json(counts=counts)
        return
    click.echo("应有佐证 {asked} 项 = 收到 {there} + 写了没有收到 {no_file} + 没有写也没有收到 {nothing}".format(**counts))
    click.echo("文件 {files} 个 = 对上 {matched} + 没有对上 {unmatched} + 不能用 {refused}".format(**counts))
    click.echo(f"目录在 {round_ / 'intake' / 'evidence' / 'evidence.xlsx'}；要补的写成了信，在 letters，以“_佐证.txt”结尾")


def _take(rnd: Round, files: Sequence[Path], as_json: bool, *, all_problems: bool) -> int:
    """Takes one delivery in and says what became of it, or of all that have come so far; the exit code."""
    from evaltool.returns import count
    from evaltool.scoring import score

    before = {item.name for item in rnd.came}
    facts = rnd.take_in(files, counted)
    new = {item.name for item in rnd.came} - before
    equations = count(score(facts)).equations(rnd.scheme.edition.subject)
    told = [p for p in facts.problems if all_problems or p.place.workbook in new]
    say_problems(told, as_json, counts=equations)
    if not as_json:
        click.echo(repr(facts))
        click.echo("\n".join(equations))
        click.echo(f"新收 {len(new)} 个文件，共 {len(rnd.came)} 个")
        click.echo(f"收表报告 {rnd.folder / 'intake' / 'report.html'}；标注件在 marked，回信在 letters")
        click.echo(f"下一步：evaltool score {rnd.folder}")
    return REFUSED if any(item.level == "stop" for item in facts.problems) else DONE


@cli.command(help="评分：得分、总分、等次、建议，写到 ROUND/results。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="给程序读")
@click.option("--parquet", is_flag=True, help="另写 results/parquet（要装 pyarrow）")
@click.option("--final", is_flag=True, help="定稿：还有待定的得分、空位或没有确认的问题，就列出来，不写结果")
def score(round_: Path, as_json: bool, parquet: bool, final: bool) -> None:
    rnd = open_round_in(round_)
    decisions = rnd.score(parquet=parquet, final=final)
    if as_json:
        click.echo((round_ / "results" / "results.json").read_text("utf-8"))
        return
    click.echo(repr(decisions.scores))
    click.echo(f"建议 {len(decisions.recommendations)} 条，见 {round_ / 'results' / 'results.xlsx'}")
    if (round_ / "reports" / "index.html").is_file():
        click.echo(f"reports/ 里的报告是这次评分以前出的；要更新，运行 evaltool report {round_}")


@cli.command(help="一个结果从哪来：条款、单元格、算式，怎样能多得分。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.argument("county")
@click.argument("indicator", required=False)
@click.option("--layer", type=LAYER, default="认定", show_default=True, help="自评 或 认定")
def explain(round_: Path, county: str, indicator: str | None, layer: str) -> None:
    rnd = open_round_in(round_)
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
        raise click.UsageError(NO_ROUND.format(round_))
    found = differences(round_)
    if as_json:
        click.echo(json.dumps({"format": 1, "differences": found}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join([*found, f"不同 {len(found)} 处"] if found else ["与回执一致"]))
    sys.exit(REFUSED if found else DONE)


for _verb in (report, check, test, show, doc, diff, draft, import_):
    cli.add_command(_verb)


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

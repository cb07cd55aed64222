"""The verb that makes the reports of a round."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaltool.batch.ledger import PENDING, WORDS, LedgerError
from evaltool.batch.progress import plain
from evaltool.batch.task import ENGINES, OK
from evaltool.usage import COUNT, DONE, FOLDER, JOBS, LOOK, REFUSED, SECONDS, SIZE, THERE, open_round_in, say_json

if TYPE_CHECKING:
    import pandas as pd

_FEW = 20  # failures that are listed; the rest is in index.html


@click.command(help="每县一份报告（papermill 笔记本和离线网页），另出全省概览。做完的不重做，中断了再运行一次就接着做。")
@click.argument("round_", metavar="ROUND", type=FOLDER)
@click.option("--county", "counties", multiple=True, help="只出这个县（代码或名称），可写多次")
@click.option("--jobs", type=JOBS, default=2, show_default=True, help="同时出几份")
@click.option("--notebook", type=THERE, help="改用自己的笔记本；要有参数 county_code")
@click.option("--again", is_flag=True, help="全部重做，包括没有变化的和放到一边的")
@click.option("--failed-only", is_flag=True, help="只做上次失败的")
@click.option("--retries", type=COUNT, default=0, show_default=True, help="失败的马上再试几次")
@click.option("--look", type=LOOK, default="light", show_default=True, help="网页的样子：light 报告，lab 笔记本")
@click.option("--self-contained", is_flag=True, help="每份网页自成一个文件，可以单独寄送")
@click.option("--pdf", is_flag=True, help="另出 PDF（用本机的 Chromium、Chrome 或 Edge）")
@click.option("--cell-seconds", type=SECONDS, default=600.0, show_default=True, help="一个单元最多运行几秒")
@click.option("--seconds", type=SECONDS, default=1800.0, show_default=True, help="一份报告最多几秒")
@click.option("--memory-mb", type=SIZE, default=2048, show_default=True, help="一份报告最多用多少内存（MB，仅 Linux）")
@click.option("--scheduler", help="Dask 调度器的地址 tcp://…，由它的各台机器来做（要装 evaltool[dask]）")
@click.option("--verify", type=COUNT, default=0, help="做完后随机抽几份，用 papermill 原样再做一遍并逐项比较")
@click.option("--status", is_flag=True, help="只看台账：每份报告做得怎样，不做")
@click.option("--json", "as_json", is_flag=True, help="给程序读")
def report(
    round_: Path, counties: tuple[str, ...], status: bool, as_json: bool, cell_seconds: float, seconds: float,
    memory_mb: int, **options: Any,
) -> None:  # fmt: skip
    from evaltool.batch.cluster import ClusterError
    from evaltool.batch.task import Limits
    from evaltool.report.batch import ledger_of
    from evaltool.report.batch import report as run
    from evaltool.report.printing import NoBrowser

    rnd = open_round_in(round_)
    if status:
        try:
            _status(ledger_of(rnd), as_json)
        except LedgerError as error:
            click.echo(str(error), err=True)
            sys.exit(REFUSED)
        return
    known = rnd.counties()
    unknown = [county for county in counties if county not in {*known["code"], *known["name"]}]
    if unknown:
        raise click.UsageError(f"名册里没有“{'、'.join(unknown)}”")
    try:
        made = run(rnd, list(counties) or None, limits=Limits(seconds, cell_seconds, memory_mb), **options)
    except (ClusterError, LedgerError, NoBrowser) as error:
        click.echo(str(error), err=True)
        sys.exit(REFUSED)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except KeyboardInterrupt:
        click.echo(f"做完的都留着；接着做，再运行一次：{_same_again()}", err=True)
        raise
    if as_json:
        say_json(reports=made.to_dict("records"))
    else:
        _say(round_, made)
    bad = ~made["state"].isin([OK, PENDING]) | made["pdf"].ne("") | ~made["verified"].isin(["", "相同"])
    sys.exit(REFUSED if bad.any() else DONE)


def _say(round_: Path, made: pd.DataFrame) -> None:
    failed = made[~made["state"].isin([OK, PENDING])]
    kept = int((made["attempts"].eq(0) & made["state"].eq(OK)).sum())
    same = f"（其中 {kept} 份没有变化，没有重做；要全部重做加 --again）" if kept else ""
    click.echo(f"报告 {len(made)} 份{same}，失败 {len(failed)} 份；从 {round_ / 'reports' / 'index.html'} 看起")
    for _, row in failed.head(_FEW).iterrows():
        click.echo(f"失败 {row['code']} {plain(row['name'])}：{plain(row['reason'])}", err=True)
    if len(failed) > _FEW:
        more = f"evaltool report {shlex.quote(str(round_))} --status"
        click.echo(f"……另有 {len(failed) - _FEW} 份，见 index.html，或运行 {more}", err=True)
    left = made[made["state"] == PENDING]
    if len(left):
        first = left.iloc[0]
        why = f"，例如 {plain(first['name'])}：{plain(first['reason'])}" if first["reason"] else ""
        click.echo(f"还没做 {len(left)} 份，这次不在要做的之列{why}；要做，不加 --failed-only 再运行")
    slower = made[made["engine"].isin(["forked", "plain"])]
    if len(slower):
        counts = slower["engine"].value_counts().to_dict()
        named = "、".join(f"{ENGINES[str(name)]} {number} 份" for name, number in counts.items())
        click.echo(f"没有用最快的办法：{named}（原因见 reports/.run/logs）")


def _status(ledger: pd.DataFrame, as_json: bool) -> None:
    """The ledger as a table; nothing is run."""
    for note in ledger.attrs.get("notes", ()):
        click.echo(note, err=True)
    if as_json:
        say_json(reports=json.loads(ledger.to_json(orient="records", date_format="iso")))
        return
    if ledger.empty:
        click.echo("还没有出过报告")
        return
    for row in ledger.to_dict("records"):
        cell = f"第 {row['cell']} 个单元，" if row["cell"] else ""
        why = f"：{cell}{plain(row['reason'])}" if row["reason"] else ""
        took = f"试过 {row['attempts']} 次　{row['seconds']:.1f} 秒"
        click.echo(f"{row['key'] or '—'} {plain(row['name'])}　{WORDS[row['state']]}　{took}{why}")
    counts = ledger["state"].value_counts().to_dict()
    click.echo("　".join(f"{WORDS[str(state)]} {number}" for state, number in counts.items()))


def _same_again() -> str:
    return shlex.join(["evaltool", *sys.argv[1:]])

"""What the command line takes, and how it says no: in Chinese, with an exit code, never with a traceback."""

from __future__ import annotations

import difflib
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from evaltool.archive import Round
    from evaltool.problems import Problem

DONE, REFUSED, USAGE, DEFINITION = 0, 1, 2, 3


class Typed(click.ParamType[Any]):
    """A parameter whose complaint is in Chinese: `convert` raises ValueError with it."""

    def __init__(self, name: str, made: Callable[[str], Any]) -> None:
        self.name, self.made = name, made

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.made(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _folder(text: str) -> Path:
    if Path(text).exists() and not Path(text).is_dir():
        raise ValueError(f"“{text}”是文件，这里要文件夹")
    return Path(text)


def _there(text: str) -> Path:
    if not Path(text).exists():
        raise ValueError(f"“{text}”不存在")
    return Path(text)


def _day(text: str) -> str:
    from evaltool.archive.record import is_day

    if not is_day(text):
        raise ValueError(f"日期要写成 2020-06-30 的样子，现在是“{text}”")
    return text


def _scheme(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]+/[a-z0-9_]+", text):
        raise ValueError(f"编号要写成 hubei/ecommerce_rural 的样子（小写英文、数字、下划线），现在是“{text}”")
    return text


def _edition(text: str) -> str:
    if not (Path(text) / "scheme.yaml").is_file() and not re.fullmatch(
        r"[a-z0-9_]+/[a-z0-9_]+(@\d{4}-\d{2}-\d{2})?", text
    ):
        raise ValueError(f"写成 编号@施行日期（如 hubei/ecommerce_rural@2019-01-01）、编号或文件夹，现在是“{text}”")
    return text


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 64:
        raise ValueError(f"要写 1 到 64 的整数，现在是“{text}”")
    return int(text)


def _layer(text: str) -> str:
    if text not in ("自评", "认定"):
        raise ValueError(f"只能是 自评 或 认定，现在是“{text}”")
    return text


def _look(text: str) -> str:
    if text not in ("light", "lab"):
        raise ValueError(f"只能是 light 或 lab，现在是“{text}”")
    return text


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 100_000:
        raise ValueError(f"要写 0 或更大的整数，现在是“{text}”")
    return int(text)


def _size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 64 <= int(text) <= 1_048_576:
        raise ValueError(f"要写 64 到 1048576 的整数（MB），现在是“{text}”")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text) or float(text) == 0:
        raise ValueError(f"要写大于 0 的秒数，现在是“{text}”")
    return float(text)


FOLDER, THERE, DAY = Typed("文件夹", _folder), Typed("路径", _there), Typed("日期", _day)
JOBS, LAYER, SCHEME = Typed("整数", _jobs), Typed("层", _layer), Typed("编号", _scheme)
EDITION = Typed("版本", _edition)
LOOK = Typed("样子", _look)
COUNT, SIZE, SECONDS = Typed("整数", _count), Typed("MB", _size), Typed("秒", _seconds)


NO_ROUND = "“{}”里没有 round.yaml，不是一轮评价；先用 evaltool new 新建"


def open_round_in(folder: Path) -> Round:
    from evaltool.archive import open_round

    if not (folder / "round.yaml").is_file():
        raise click.UsageError(NO_ROUND.format(folder))
    return open_round(folder)


def watched(items: Iterable[Any], unit: str = "份") -> Iterable[Any]:
    """A bar for a person at a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return items
    from tqdm import tqdm

    return tqdm(items, unit=unit, delay=2, leave=False)


def counted(names: Sequence[str]) -> Callable[[int], None]:
    """A bar that names each file as it is done, for a person at a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda _: None
    from tqdm import tqdm

    bar = tqdm(total=len(names), unit="份", delay=2, leave=False)

    def done(number: int) -> None:
        bar.set_postfix_str(names[number], refresh=False)
        bar.update()
        if bar.n == len(names):
            bar.close()

    return done


def say_problems(problems: Iterable[Problem], as_json: bool, **more: Any) -> None:
    if as_json:
        say_json(**more, problems=[_record(problem) for problem in problems])
        return
    for problem in problems:
        click.echo(str(problem))


def say_json(**parts: Any) -> None:
    click.echo(json.dumps({"format": 1, **parts}, ensure_ascii=False, indent=1))


def _record(problem: Problem) -> dict[str, Any]:
    place, rule = problem.place, problem.rule
    return {
        "code": problem.code, "level": problem.level, "what": problem.what, "why": problem.why, "do": problem.do,
        "workbook": place.workbook, "sheet": place.sheet, "cell": place.cell, "field": place.field,
        "subject": place.subject, "rule": str(rule), "clause": problem.clause,
    }  # fmt: skip


class Verbs(click.Group):
    """A group that says in Chinese what it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            known = self.list_commands(ctx)
            near = difflib.get_close_matches(args[0], known, 1)
            advice = f"是不是 {near[0]}？" if near else f"可用：{'、'.join(known)}"
            raise click.UsageError(f"没有命令“{args[0]}”；{advice}")
        return super().resolve_command(ctx, args)


def told(error: Exception) -> tuple[int, str] | None:
    """Exit code and what to say of a refusal; None for a fault of the program, which stays a Python error."""
    import sqlite3

    from evaltool.archive import NotFinal, RoundError
    from evaltool.problems import SchemeError
    from evaltool.results import NoParquet

    match error:
        case click.ClickException():
            return USAGE, f"用法有误：{_usage(error)}\n用 evaltool --help 看用法"
        case SchemeError(problems=problems) if all(problem.code == "S212" for problem in problems):
            return USAGE, "用法有误：" + "\n".join(f"{problem.what}；{problem.do}" for problem in problems)
        case SchemeError(problems=problems):
            return DEFINITION, "指标体系有误：\n" + "\n".join(map(str, problems))
        case NotFinal():
            return REFUSED, str(error)
        case RoundError() | NoParquet():
            return USAGE, str(error)
        case OSError(errno=None):  # raised by this program, with its own words
            return USAGE, f"用法有误：{error}"
        case OSError():
            return REFUSED, f"读写不了 {error.filename or ''}：{error.strerror}"
        case sqlite3.DatabaseError():
            return REFUSED, f"结果数据库读不出（{error}）；重新运行 evaltool score"
    return None


def _usage(error: click.ClickException) -> str:
    """What is wrong with the command line, in Chinese."""
    param = getattr(error, "param", None)
    name = param.opts[0] if isinstance(param, click.Option) else getattr(param, "human_readable_name", "")
    match error:
        case click.MissingParameter():
            return f"缺少 {name}"
        case click.BadParameter():
            return f"{name}：{error.message}"
        case click.NoSuchOption():
            near = f"；是不是 {'、'.join(error.possibilities)}？" if error.possibilities else ""
            return f"没有选项 {error.option_name}{near}"
        case click.BadOptionUsage():
            return f"选项 {error.option_name} 后面要写一个值" if "requires" in error.message else error.message
    extra = re.fullmatch(r"Got unexpected extra arguments? \((.*)\)", error.message)
    return f"多了参数 {extra[1]}" if extra else error.message

"""The whole way once on the invented sample: round, intake, scores, recommendations, reports."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

SCHEME, ON = "hubei/ecommerce_rural", "2020-06-30"
MARK = "evaltool-demo"


def sample_folder() -> Path:
    """data/sample of the checkout, or its copy inside an installed wheel."""
    here = Path(__file__).resolve().parent
    for folder in (here.parent / "data" / "sample", here / "sample"):
        if (folder / "roster.csv").is_file():
            return folder
    raise FileNotFoundError("data/sample")


def run(out: Path, jobs: int, say: Callable[[str], None]) -> bool:
    """Fill `out` with a finished round on the sample; True if every report was made.

    An earlier demo in `out` is replaced. Raises FileExistsError where anything else lies there.
    """
    from evaltool.archive import create_round
    from evaltool.report import report
    from evaltool.scheme import load

    if out.exists() and any(out.iterdir()):
        if not (out / MARK).is_file():
            raise FileExistsError(f"“{out}”里有别的文件，不会覆盖；换一个 --out")
        shutil.rmtree(out)
    sample = sample_folder()
    rnd = create_round(out, load(SCHEME, ON), ON, sample / "roster.csv")
    (out / MARK).write_text("虚构数据的演示，可以整个删掉。\n", "utf-8")
    say("样例各县均为虚构，不对应任何真实县。\n一、名册 → " + str(out / "roster.csv"))
    facts = rnd.take_in([sample])
    say(f"二、收表核对：{repr(facts).splitlines()[0]}，{repr(facts).splitlines()[-1]} → {out / 'intake' / 'marked'}")
    decisions = rnd.score()
    say(repr(decisions.scores))
    say(
        f"三、评分与建议：建议 {len(decisions.recommendations)} 条（须由负责人签字）→ {out / 'results' / 'results.xlsx'}"
    )
    outcomes = report(rnd, jobs=jobs)
    failed = outcomes[outcomes["state"] != "ok"]
    say(f"四、报告 {len(outcomes)} 份，失败 {len(failed)} 份 → 用浏览器打开 {out / 'reports' / 'index.html'}")
    return failed.empty

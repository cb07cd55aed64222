"""A round of evaluation: a folder with its date, roster, edition, workbooks, results and reports."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from evaltool.archive import log
from evaltool.archive.receipt import LOG, write_receipt
from evaltool.archive.received import Received, received, take
from evaltool.decisions import Decisions, decide
from evaltool.facts import LAYERS, OFFICIAL, Facts
from evaltool.files import write_bytes, write_text
from evaltool.results import query, write_database, write_document, write_workbook
from evaltool.scheme import Scheme, load_folder
from evaltool.scheme.dialect import read as read_yaml
from evaltool.scoring import Scores, score

COLUMNS = ["name", "city", "batch", "type", "funds"]
FILES = ("scheme.yaml", "sources.yaml", "cases.yaml")


def now() -> str:
    """This moment as ISO text, for the log and the receipt; the environment's SOURCE_DATE_EPOCH stands in for it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.isoformat(timespec="seconds")


def create_round(
    folder: str | Path, scheme: Scheme, on: str, roster: str | Path | pd.DataFrame, clock: Callable[[], str] = now
) -> Round:
    """A new round in `folder`, which must be new or empty: the edition and the roster are copied into it.

    on      the day on which the round stands, ISO
    roster  a CSV file or a frame with code, name, city, batch, type, funds
    raises  FileExistsError where something else lies in the folder, ValueError for a roster without code and name
    """
    from evaltool.intake.roster import read_roster, roster_of

    root = Path(folder)
    if root.exists() and any(root.iterdir()):
        raise FileExistsError(f"“{root}”里已经有文件；换一个文件夹，或先清空它")
    table, slips = roster_of(roster) if isinstance(roster, pd.DataFrame) else read_roster(Path(roster))
    if not len(table):
        raise ValueError("名册是空的：" + "；".join(str(slip) for slip in slips))
    for name in FILES:
        write_bytes(root / "scheme" / name, (scheme.folder / name).read_bytes())
    write_text(root / "roster.csv", table.to_csv(index_label="code", lineterminator="\n"))
    record = {
        "format": "1",
        "scheme": scheme.id,
        "valid_from": scheme.edition.valid_from.isoformat(),
        "on": on,
        "accepted": {},
    }
    write_text(root / "round.yaml", yaml.safe_dump(record, allow_unicode=True, sort_keys=False))
    log.append(root / LOG, clock(), "new", scheme=scheme.key, digest=scheme.digest, counties=len(table))
    return Round(root, on, {}, clock)


def open_round(folder: str | Path, clock: Callable[[], str] = now) -> Round:
    """The round in `folder`. Raises FileNotFoundError where there is none."""
    root = Path(folder)
    if not (root / "round.yaml").is_file():
        raise FileNotFoundError(f"“{root}”里没有 round.yaml，不是一轮评价")
    document, problems = read_yaml(root / "round.yaml")
    if problems:
        raise ValueError("round.yaml 读不出：" + "；".join(str(problem) for problem in problems))
    accepted = {key: str(said) for key, said in (document.tree.get("accepted") or {}).items()}
    return Round(root, str(document.tree["on"]), accepted, clock)


@dataclass(frozen=True)
class Round:
    """A running or finished round. Frozen; prints as a card.

    on        the day on which it stands
    accepted  open question → who accepted our reading, and when (written by hand into round.yaml)

    Frames of a finished round come from results/round.sqlite, one county at a time; exact numbers in them are texts that
    `evaltool.results.parse_exact` reads.
    """

    folder: Path
    on: str
    accepted: Mapping[str, str]
    clock: Callable[[], str] = field(default=now, repr=False, compare=False)

    @cached_property
    def scheme(self) -> Scheme:
        """The edition as copied into the round; nothing else is scored by."""
        return load_folder(self.folder / "scheme")

    @cached_property
    def roster(self) -> pd.DataFrame:
        from evaltool.intake.roster import read_roster

        return read_roster(self.folder / "roster.csv")[0]

    # --- work ---

    def write_templates(self) -> list[Path]:
        """One workbook a county and the 省级认定表, in templates/."""
        from evaltool.intake import official_template, template

        folder = self.folder / "templates"
        written = []
        for code, row in self.roster.iterrows():
            county = {"code": str(code), "name": str(row["name"]), "city": str(row.get("city", "") or "")}
            written.append(template(self.scheme, folder / f"{code}_{_plain(county['name'])}_自评表.xlsx", county))
        written.append(official_template(self.scheme, self.roster, folder / "省级认定表.xlsx"))
        self._log("template", files=len(written))
        return written

    def take_in(self, files: Iterable[str | Path]) -> Facts:
        """Keep the files, read everything that has come so far, and write the marked copies to send back.

        Of two workbooks of one county the one that came in a later delivery counts; two in one delivery are both set aside.
        """
        take(self._received, [Path(file) for file in files])
        facts = self.facts()
        from evaltool.intake import mark

        marked = self.folder / "intake" / "marked"
        shutil.rmtree(marked, ignore_errors=True)
        counted = {(item.file, item.sha256) for item in facts.submissions}
        for item in received(self._received):
            if (item.name, item.sha256) in counted:
                mark(item.path, facts, marked / item.name)
        self._log("read", files={i.file: i.sha256 for i in facts.submissions}, problems=len(facts.problems))
        return facts

    def facts(self) -> Facts:
        """What the workbooks say, read anew."""
        from evaltool.intake import read

        came = received(self._received)
        facts = read([item.path for item in came], self.scheme, self.roster)
        older = _superseded(came, facts)
        if older:
            facts = read([item.path for item in came if item not in older], self.scheme, self.roster)
        return replace(facts, accepted=dict(self.accepted))

    def scores(self) -> Scores:
        """Everything scored anew from the workbooks."""
        return score(self.facts())

    def score(self) -> Decisions:
        """Score, write results/ and the receipt, and return the recommendations."""
        decisions = decide(self.scores())
        results = self.folder / "results"
        write_database(results / "round.sqlite", decisions)
        write_document(results / "results.json", decisions)
        write_workbook(results / "results.xlsx", decisions)
        self._log("score", digest=self.scheme.digest, recommendations=len(decisions.recommendations))
        self.sign_off()
        return decisions

    def sign_off(self) -> None:
        """Write the receipt anew; done after scoring and after reporting."""
        write_receipt(self.folder, self.clock())

    def _log(self, event: str, **details: Any) -> None:
        log.append(self.folder / LOG, self.clock(), event, **details)

    @property
    def _received(self) -> Path:
        return self.folder / "intake" / "received"

    # --- frames of a finished round ---

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> pd.DataFrame:
        """Any SELECT on the round's database (docs/results.md). Raises FileNotFoundError before the first scoring."""
        path = self.folder / "results" / "round.sqlite"
        if not path.is_file():
            raise FileNotFoundError(f"还没有评分；先运行 evaltool score {self.folder}")
        return query(path, sql, tuple(parameters))

    def counties(self) -> pd.DataFrame:
        """One row a county of the roster."""
        return self.query("SELECT * FROM counties ORDER BY position")

    def indicators(self) -> pd.DataFrame:
        """One row an indicator: rule in words, clauses, evidence, on-site check."""
        return self.query("SELECT * FROM indicators ORDER BY position")

    def points(self, code: str) -> pd.DataFrame:
        """Results of one county: layer, indicator, lo, hi, claimed, reason."""
        return self._of("points", code)

    def traces(self, code: str) -> pd.DataFrame:
        """Explanations of one county: layer, indicator, arithmetic, next_step, text."""
        return self._of("traces", code)

    def explain(self, county: str, indicator: str | None = None, layer: str = OFFICIAL) -> list[str]:
        """The traces of one county (code or name) as text, of one indicator or of all. Raises KeyError, in Chinese."""
        known = self.counties()
        codes = known["code"][(known["code"] == county) | (known["name"] == county)]
        if len(codes) != 1:
            raise KeyError(f"名册里没有“{county}”" if not len(codes) else f"有 {len(codes)} 个“{county}”，请用代码")
        traces = self.traces(str(codes.iloc[0]))
        mine = traces[traces["layer"] == layer]
        if not len(mine):
            raise KeyError(f"“{county}”没有{layer}层的结果（未报送，或没有这一层；可用：{'、'.join(LAYERS)}）")
        if indicator is not None:
            mine = mine[mine["indicator"] == indicator]
            if not len(mine):
                raise KeyError(f"没有指标“{indicator}”；可用：{'、'.join(dict.fromkeys(traces['indicator']))}")
        return [str(text) for text in mine["text"]]

    def facts_of(self, code: str) -> pd.DataFrame:
        """What one county's cells say, with state and origin."""
        return self._of("facts", code)

    def evidence(self, code: str) -> pd.DataFrame:
        return self._of("evidence", code)

    def funds(self, code: str) -> pd.DataFrame:
        return self._of("funds", code)

    def recommendations(self, code: str | None = None) -> pd.DataFrame:
        """Recommendations of one county, or of all."""
        sql = "SELECT * FROM recommendations WHERE ?1 IS NULL OR code = ?1 ORDER BY position"
        return self.query(sql, (code,))

    def problems(self, code: str | None = None) -> pd.DataFrame:
        """Problems of one county, or of all."""
        sql = "SELECT * FROM problems WHERE ?1 IS NULL OR subject = ?1 ORDER BY position"
        return self.query(sql, (code,))

    def _of(self, table: str, code: str) -> pd.DataFrame:
        return self.query(f"SELECT * FROM {table} WHERE code = ?", (code,))  # noqa: S608 – names from this class only

    @property
    def stamp(self) -> str:
        """What every page of this round must say."""
        return str(self.query("SELECT value FROM meta WHERE key = 'stamp'")["value"].iloc[0])

    def __repr__(self) -> str:
        came = len(received(self._received))
        scored = (self.folder / "results" / "round.sqlite").is_file()
        state = "已评分" if scored else "尚未评分"
        return f"{self.scheme.name}　基准日 {self.on}\n{self.folder}：名册 {len(self.roster)}，收到文件 {came}，{state}"

    def _repr_html_(self) -> str:
        head, line = repr(self).splitlines()
        return f"<div class='evaltool-card'><b>{escape(head)}</b><p>{escape(line)}</p></div>"


def _superseded(came: list[Received], facts: Facts) -> list[Received]:
    """Files of a county (or 认定表) of which a later delivery brought another."""
    owner = {
        item.file: (item.subject, item.state == "认定表")
        for item in facts.submissions
        if item.subject or item.state == "认定表"
    }
    latest: dict[tuple[str, bool], int] = {}
    for item in came:
        if item.name in owner:
            latest[owner[item.name]] = max(latest.get(owner[item.name], 0), item.delivery)
    return [item for item in came if item.name in owner and item.delivery < latest[owner[item.name]]]


def _plain(name: str) -> str:
    return "".join(char for char in name if char.isalnum() or char in "-_")

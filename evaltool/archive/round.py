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

from evaltool.archive import log
from evaltool.archive.receipt import LOG, verify, write_receipt
from evaltool.archive.received import Received, received, take
from evaltool.archive.record import NAME, NotFinal, RoundError, check_record, is_day, nearest, read_record, write_record
from evaltool.archive.superseded import latest
from evaltool.decisions import Decisions, decide, obstacles
from evaltool.evidence import Catalogue, take_evidence
from evaltool.facts import LAYERS, OFFICIAL, Facts
from evaltool.files import write_bytes, write_text
from evaltool.intake import official_template, settle, template
from evaltool.intake.province.template import province_template
from evaltool.intake.roster import read_roster, roster_of
from evaltool.intake.taking import Came, never_kept, take_all
from evaltool.intake.taking import Round as Intake
from evaltool.quantities import decimal_text
from evaltool.results import (
    query,
    require_parquet,
    write_database,
    write_document,
    write_parquet,
    write_workbook,
)
from evaltool.returns import Going, give_back, write_requests
from evaltool.scheme import Scheme, copy_edition, load_folder
from evaltool.scoring import Scores, score
from evaltool.scoring.engine import asks_last_round

Watch = Callable[[list[str]], Callable[[int], None]]


def now() -> str:
    """This moment as ISO text, for the log and the receipt; the environment's SOURCE_DATE_EPOCH stands in for it."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.isoformat(timespec="seconds")


def create_round(
    folder: str | Path,
    scheme: Scheme,
    on: str,
    roster: str | Path | pd.DataFrame,
    clock: Callable[[], str] = now,
    previous: str | Path | None = None,
) -> Round:
    """A new round in `folder`, which must be new or empty: the edition and the roster are copied into it.

    on      the day on which the round stands, ISO
    roster  a CSV file or a frame with code, name, city, batch, type, funds
    previous  the folder of the round before, at which formulas look back
    raises  FileExistsError where something else lies in the folder, RoundError for a roster with anything wrong in it
            or for a round before that is none
    """
    root = Path(folder)
    if root.exists() and any(root.iterdir()):
        raise FileExistsError(f"“{root}”里已经有文件；换一个文件夹，或先清空它")
    if not is_day(on):
        raise RoundError(f"基准日要写成 2020-06-30 的样子，现在是“{on}”")
    table, slips = roster_of(roster) if isinstance(roster, pd.DataFrame) else read_roster(Path(roster))
    complaints = [*map(str, slips), *_nameless(table)]
    if complaints or not len(table):
        raise RoundError("名册有误，没有建：\n" + "\n".join(complaints or ["名册里一个县也没有"]))
    if previous is not None and not (Path(previous) / NAME).is_file():
        raise RoundError(f"上一轮“{previous}”里没有 {NAME}，不是一轮评价；--previous 写上一轮的文件夹")
    copy_edition(scheme, root / "scheme", write_bytes)
    funds = ["" if amount is None else decimal_text(amount, 20) for amount in table["funds"]]
    write_text(root / "roster.csv", table.assign(funds=funds).to_csv(index_label="code", lineterminator="\n"))
    write_record(root, scheme, on, None if previous is None else Path(previous))
    log.append(root / LOG, clock(), "new", scheme=scheme.key, digest=scheme.digest, counties=len(table))
    return open_round(root, clock)


def _nameless(table: pd.DataFrame) -> list[str]:
    """Counties whose name is missing or was not read: a file in another encoding leaves � behind."""
    return [
        f"代码 {code} 的名称读不出（“{name}”）；把名册另存为 CSV UTF-8" if name else f"代码 {code} 没有名称"
        for code, name in table["name"].items()
        if not name or "\ufffd" in f"{code}{name}"
    ]


def open_round(folder: str | Path, clock: Callable[[], str] = now) -> Round:
    """The round in `folder`. Raises FileNotFoundError where there is none, RoundError where round.yaml is wrong."""
    root = Path(folder)
    if not (root / NAME).is_file():
        raise FileNotFoundError(f"“{root}”里没有 {NAME}，不是一轮评价")
    record = read_record(root)
    return Round(root, record.on, record.accepted, clock, record.previous)


@dataclass(frozen=True)
class Round:
    """A running or finished round. Frozen; prints as a card.

    on        the day on which it stands
    accepted  open question → who accepted our reading, and when (written by hand into round.yaml)
    previous  where the round before lies, from this one's folder

    Frames of a finished round come from results/round.sqlite, one county at a time; exact numbers in them are texts
    that `evaltool.results.parse_exact` reads.
    """

    folder: Path
    on: str
    accepted: Mapping[str, str]
    clock: Callable[[], str] = field(default=now, repr=False, compare=False)
    previous: str | None = None

    @cached_property
    def scheme(self) -> Scheme:
        """The edition as copied into the round; nothing else is scored by."""
        scheme = load_folder(self.folder / "scheme")
        check_record(read_record(self.folder), scheme)
        return scheme

    @cached_property
    def roster(self) -> pd.DataFrame:
        return read_roster(self.folder / "roster.csv")[0]

    # --- work ---

    def write_templates(self, watch: Callable[[list[Any]], Iterable[Any]] = iter, table: bool = False) -> list[Path]:
        """One workbook a county and the 省级认定表, in templates/. `watch` may show how far it is (tqdm).

        table  one workbook with a row a county too, which may stand for those of the counties
        """
        folder = self.folder / "templates"
        written = []
        for code, row in watch(list(self.roster.iterrows())):
            county = {"code": str(code), "name": str(row["name"]), "city": str(row.get("city", "") or "")}
            name = f"{_plain(county['code'])}_{_plain(county['name'])}_自评表.xlsx"
            written.append(template(self.scheme, folder / name, county))
        written.append(official_template(self.scheme, self.roster, folder / "省级认定表.xlsx"))
        if table:
            written.append(province_template(self.scheme, self.roster, folder / "全省汇总表.xlsx"))
        self._log("template", files=len(written))
        return written

    def take_in(self, files: Iterable[str | Path], watch: Watch | None = None) -> Facts:
        """Keep the files, read everything that has come so far, and write what goes back: intake/ (`evaltool.returns`).

        Of the workbooks of one county the one that came last counts; two that came together are both set aside.

        watch   may show how far it is: it is given the files to be read and hands them on one by one as they are done
        raises  RoundError after a final scoring: what has been signed is not changed any more
        """
        if signed := log.last(self.folder / LOG, "score", final=True):
            do = f"要改已定稿的结果，另建一轮：evaltool new … --previous {self.folder}"
            raise RoundError(f"本轮已于 {signed['when']} 定稿，不再收表；{do}")
        paths, here = [Path(file) for file in files], self.folder.resolve()
        own = {here / part for part in ("intake", "results", "reports", "scheme")}
        for path in paths:
            if path.resolve() == here or own.intersection((path.resolve(), *path.resolve().parents)):
                raise RoundError(f"“{path}”是这一轮自己的文件夹或里面的文件，不是报来的表；标注件另存出来再收")
        delivery = take(self._received, paths)
        facts = self.facts(watch)
        going = Going({item.name: item.path for item in self.came}, delivery.passed_over, self.on)
        give_back(self.folder / "intake", score(facts), going)
        files_ = {item.file: item.sha256 for item in facts.submissions}
        self._log("read", files=files_, new=delivery.new, problems=len(facts.problems))
        return facts

    def take_evidence(self, folder: str | Path) -> Catalogue:
        """The catalogue of the evidence files in `folder` (a folder a county), written to intake/evidence/, and a
        letter to each county of which something is missing. The files stay where they are; their hashes are kept."""
        found = take_evidence(self.scheme, self.facts(), Path(folder), self.folder / "intake" / "evidence")
        write_requests(self.folder / "intake" / "letters", found)
        self._log("evidence", **found.counts())
        return found

    def facts(self, watch: Watch | None = None) -> Facts:
        """What the workbooks say. Each file is read once as long as this object lives."""
        self._read(watch)
        known = self._readings
        came = latest([(item, known[item.name, item.sha256]) for item in self.came])
        slips = read_roster(self.folder / "roster.csv")[1]
        facts = settle(came, self._intake, slips, self.facts_before((self.folder,)))
        return replace(facts, accepted=dict(self.accepted))

    def _read(self, watch: Watch | None) -> None:
        """Reads what has not been read yet."""
        for item in self.came:
            if item.refused:
                self._readings[item.name, item.sha256] = never_kept(item.name, item.refused)
        todo = [item for item in self.came if (item.name, item.sha256) not in self._readings]
        shown = watch([item.came_as for item in todo]) if watch and todo else None
        made = take_all(self._intake, [item.path for item in todo], done=shown)
        self._readings.update({(item.name, item.sha256): one for item, one in zip(todo, made, strict=True)})

    @cached_property
    def _readings(self) -> dict[tuple[str, str], Came]:
        return {}

    @cached_property
    def _intake(self) -> Intake:
        return Intake(self.scheme, self.roster, dt.date.fromisoformat(self.on))

    def before(self) -> Round | None:
        """The round before, as it lies. Raises RoundError where it is not where round.yaml says."""
        if self.previous is None:
            return None
        folder = self.folder / self.previous
        if not (folder / NAME).is_file():
            raise RoundError(
                f"上一轮不在“{self.previous}”（从本轮的文件夹算起）；放回原处，或改 {self.folder / NAME} 里的 previous"
            )
        return open_round(folder, self.clock)

    def facts_before(self, above: tuple[Path, ...]) -> Facts | None:
        """What the round before knew, with which figures are compared, and the rounds before that, as far back as
        formulas look.

        above  the folders of the rounds that ask, this one the last: none of them may come again
        """
        before = self.before()
        if before is None or (len(above) > 1 and not asks_last_round(self.scheme)):
            return None
        if before.folder.resolve() in {one.resolve() for one in above}:
            raise RoundError(f"{self.folder / NAME} 里的 previous 绕回了本轮；写上一轮的文件夹")
        facts = replace(before, previous=None).facts()
        return replace(facts, previous=before.facts_before((*above, before.folder)))

    def scores(self) -> Scores:
        """Everything scored anew from the workbooks."""
        return score(self.facts())

    def score(self, parquet: bool = False, final: bool = False) -> Decisions:
        """Score, write results/ and the receipt, and return the recommendations.

        parquet  also write results/parquet/
        final    only if nothing is open any more
        raises   evaltool.results.NoParquet where pyarrow is missing, NotFinal where something is open; both before
                 anything is written
        """
        if parquet:
            require_parquet()
        decisions = decide(self.scores())
        if final and (open_ := obstacles(decisions.scores)):
            raise NotFinal(f"还不能定稿，有 {len(open_)} 处待定：\n" + "\n".join(open_))
        results = self.folder / "results"
        write_database(results / "round.sqlite", decisions)
        write_document(results / "results.json", decisions)
        write_workbook(results / "results.xlsx", decisions)
        shutil.rmtree(results / "parquet", ignore_errors=True)  # of an earlier scoring
        if parquet:
            write_parquet(results / "parquet", decisions)
        details: dict[str, Any] = {"digest": self.scheme.digest, "recommendations": len(decisions.recommendations)}
        details |= {"final": True} if final else {}
        if decisions.scores.facts.previous is not None:
            details |= {"previous": self.previous, "previous_digest": decisions.scores.facts.previous.scheme.digest}
        self._log("score", **details)
        self.sign_off()
        return decisions

    def sign_off(self) -> None:
        """Write the receipt anew; done after scoring and after reporting."""
        write_receipt(self.folder, self.clock())

    def verify(self) -> list[str]:
        """What differs from the receipt, in Chinese; nothing if every byte is as it was."""
        return verify(self.folder)

    def _log(self, event: str, **details: Any) -> None:
        log.append(self.folder / LOG, self.clock(), event, **details)

    @property
    def _received(self) -> Path:
        return self.folder / "intake" / "received"

    @property
    def came(self) -> list[Received]:
        """The files that have come so far."""
        return received(self._received)

    # --- frames of a finished round ---

    def query(self, sql: str, parameters: Iterable[Any] = ()) -> pd.DataFrame:
        """Any SELECT on the round's database (docs/results.md). Raises FileNotFoundError before the first scoring."""
        return query(self.database, sql, tuple(parameters))

    @property
    def database(self) -> Path:
        """The round's database. Raises FileNotFoundError before the first scoring."""
        path = self.folder / "results" / "round.sqlite"
        if not path.is_file():
            raise FileNotFoundError(f"还没有评分；先运行 evaltool score {self.folder}")
        return path

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
        if len(codes) > 1:
            raise KeyError(f"有 {len(codes)} 个“{county}”，请用代码")
        if not len(codes):
            raise KeyError(f"名册里没有“{county}”{nearest(county, [*known['name'], *known['code']])}")
        code = str(codes.iloc[0])
        if layer not in LAYERS:
            raise KeyError(f"没有“{layer}”这一层；可用：{'、'.join(LAYERS)}")
        items = list(dict.fromkeys([*self.scheme.indicators, *self.scheme.edition.events]))
        if indicator is not None and indicator not in items:
            raise KeyError(f"没有指标“{indicator}”{nearest(indicator, items)}")
        if not known["returned"][codes.index[0]]:
            raise KeyError(f"“{county}”未报送，没有结果")
        traces = self.traces(code)
        wanted = items if indicator is None else [indicator]
        mine = traces[(traces["layer"] == layer) & traces["indicator"].isin(wanted)]
        return [str(text) for text in mine["text"]]

    def facts_of(self, code: str) -> pd.DataFrame:
        """What one county's cells say, with state and origin."""
        return self._of("facts", code)

    def evidence(self, code: str) -> pd.DataFrame:
        return self._of("evidence", code)

    def funds(self, code: str) -> pd.DataFrame:
        return self._of("funds", code)

    def row_points(self, code: str) -> pd.DataFrame:
        """Results of one county, row by row, where the rows of a list are scored: layer, list, row, title, lo, hi."""
        return self._of("row_points", code)

    def duties(self, code: str) -> pd.DataFrame:
        """The judged duties of one county."""
        return self._of("duties", code)

    def recommendations(self, code: str | None = None) -> pd.DataFrame:
        """Recommendations of one county, or of all."""
        return self._in_order("recommendations", "code", code)

    def problems(self, code: str | None = None) -> pd.DataFrame:
        """Problems of one county, or of all."""
        return self._in_order("problems", "subject", code)

    def _in_order(self, table: str, column: str, code: str | None) -> pd.DataFrame:
        only = "" if code is None else f"WHERE {column} = ?"
        asked = f"SELECT * FROM {table} {only} ORDER BY position"  # noqa: S608 – names from this class only
        return self.query(asked, () if code is None else (code,))

    def _of(self, table: str, code: str) -> pd.DataFrame:
        asked = f"SELECT * FROM {table} WHERE code = ? ORDER BY rowid"  # noqa: S608 – names from this class only
        return self.query(asked, (code,))

    @property
    def stamp(self) -> str:
        """What every page of this round must say."""
        return str(self.query("SELECT value FROM meta WHERE key = 'stamp'")["value"].iloc[0])

    def __repr__(self) -> str:
        came = len(self.came)
        scored = (self.folder / "results" / "round.sqlite").is_file()
        state = "已评分" if scored else "尚未评分"
        return f"{self.scheme.name}　基准日 {self.on}\n{self.folder}：名册 {len(self.roster)}，收到文件 {came}，{state}"

    def _repr_html_(self) -> str:
        head, line = repr(self).splitlines()
        return f"<div class='evaltool-card'><b>{escape(head)}</b><p>{escape(line)}</p></div>"


def _plain(name: str) -> str:
    return "".join(char for char in name if char.isalnum() or char in "-_")

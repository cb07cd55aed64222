"""The report of one county, piece by piece, in the order in which an official reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaltool import charts
from evaltool.charts import Span
from evaltool.decisions import DUTY_STATES, STATES, UNSIGNED
from evaltool.facts import OFFICIAL, SELF
from evaltool.problems import CODES, LEVELS
from evaltool.quantities import decimal_text
from evaltool.report.beside import amount_text, duties_of, findings_of, limit_text, rows_of, share_text
from evaltool.report.drawn import Drawn
from evaltool.report.figures import Finished, write_figures
from evaltool.report.lines import Finding, Line, RowResult
from evaltool.report.names import folder_name
from evaltool.report.parameters import code_of, refuse_unknown
from evaltool.report.reading import Reading
from evaltool.report.shared import SharedPage, ends, own_folder
from evaltool.report.shared_round import reading_of
from evaltool.report.sheet import evaluator_sheet
from evaltool.report.tables import Piece, boxes, heading, sentence, signature, table
from evaltool.scoring import OUT, PENDING

PARAMETERS = ("round_folder", "county_code")
# every piece of the report but the last, which writes the numbers, in the order of the notebook
PIECES = (
    "title", "glance", "chart_dimensions", "chart_points_lost", "chart_three_totals", "chart_among_all",
    "chart_next_band", "next_steps", "recommendations", "duties", "indicators", "chart_fund_shares", "funds",
    "problems", "evaluator_sheet", "sources", "open_questions",
)  # fmt: skip
NO_POINTS = "本指标体系没有分值，只有结论；结论和怎样得出见“其他结果”。"
NOTHING_SCORED = "本指标体系没有分值，也没有别的结论。"
AT_A_GLANCE = 6  # other results shown beside the total
NO_RESULT = "没有可用的自评工作簿（未报送或被退回，见“数据问题”），没有得分，也不定等次；这不等于零分。"


def county_page(round_folder: str, county_code: str | int) -> CountyPage:
    """The report of one county of a round. Refuses unknown parameters, and codes that are not in the roster."""
    refuse_unknown(PARAMETERS)
    if not isinstance(round_folder, str):
        raise TypeError("round_folder 要是文字")
    reading = reading_of(round_folder)
    return CountyPage(reading, code_of(reading.codes, county_code))


class CountyPage(SharedPage):
    """Each method is one piece of the report: a figure, or HTML in which all text of the county is escaped."""

    def __init__(self, reading: Reading, code: str) -> None:
        super().__init__(reading)
        self.code = code
        self.standing = reading.standing(code)
        self.county = reading.county(code)
        self.county.read()

    @property
    def lines(self) -> list[Line]:
        return self.county.lines

    @property
    def name(self) -> str:
        return self.standing.name

    def title(self) -> Piece:
        """Name, edition and the stamp that every page must carry."""
        who = self.standing
        place = "　".join(part for part in (f"代码 {self.code}", who.city, who.batch, who.kind) if part)
        return self._title(f"{who.name}　绩效评价报告", place)

    def glance(self) -> Piece:
        """The result in one look: total, grade, three totals, and what is pending."""
        who = self.standing
        if not who.returned:
            return boxes([("等次", who.grade)]) + sentence(NO_RESULT)
        items: list[tuple[str, object]] = []
        if self.scheme.total:
            full = "" if self.full is None else f"（满分 {decimal_text(self.full)}）"
            items.append((f"认定总分{full}", OUT if who.official is None else who.official))
        if self.scheme.grade:
            items.append(("等次", who.grade))
        items += [(item.name, item.result) for item in self.findings if item.depth == 0][:AT_A_GLANCE]
        if self.claims:
            items.append(("自报分", "没有填全" if who.claimed is None else decimal_text(who.claimed)))
        if who.computed is not None:
            items.append(("按自评数据计算", who.computed))
        place = "" if self.words.ranks else charts.place_text(self.reading.totals, self.code)
        if place:
            items.append((f"在有总分的{self.subject}中", place))
        items.append(("待补正的问题", sum(problem.level != "note" for problem in self.county.problems)))
        return boxes(items) + self._events() + self._gap() + self._waiting()

    def _events(self) -> Piece:
        """Vetoes and the like that the province has found, or has not yet decided on."""
        said = Piece("")
        for result, words in (("是", "认定成立"), ("待定", "尚待认定")):
            found = [self.scheme.edition.events[key] for key, state in self.county.events if state == result]
            if found:
                named = "、".join(
                    f"{event.name}（{self.brief(str(self.scheme.citation(c)) for c in event.cite)}）" for event in found
                )
                said += sentence(f"{words}的情形：{named}。处理见“处理建议”。", "must" if result == "是" else "")
        return said

    def _gap(self) -> Piece:
        """How far the self score lies from what the county's own data can give."""
        claimed, computed = self.standing.claimed, self.standing.computed
        if claimed is None or computed is None or not self.claims:
            return Piece("")
        said = "按自评数据计算的得分" if computed.known else "按自评数据可能得到的最高分"
        if claimed > computed.hi:
            return sentence(f"自报分比{said}高 {decimal_text(claimed - computed.hi)} 分。")  # type: ignore[arg-type]
        if claimed < computed.lo:
            said = said.replace("最高", "最低")
            return sentence(f"自报分比{said}低 {decimal_text(computed.lo - claimed)} 分。")  # type: ignore[arg-type]
        return sentence(
            "自报分与按自评数据计算的得分一致。" if computed.known else "自报分在按自评数据可能得到的分数范围内。"
        )

    def _waiting(self) -> Piece:
        waiting = [line for line in self.scored if line.open]
        open_ = [item for item in self.findings if item.result.startswith(PENDING)]
        told = Piece("")
        if open_:
            told = sentence(f"待定的其他结果 {len(open_)} 项：{'、'.join(item.title for item in open_)}。")
        if not waiting:
            total = self.standing.official
            if total is not None and not total.known:
                return told + sentence(f"总分待定：{self.waits_for_others}。")
            return told if open_ or not self.standing.returned else sentence("没有待定的指标。")
        named = "、".join(f"{line.title}（{line.result} 分）" for line in waiting)
        return told + sentence(f"待定的指标 {len(waiting)} 项：{named}。待定的分按区间计，补齐后才能确定。")

    @property
    def scored(self) -> list[Line]:
        """The lowest indicators outside lists."""
        keys = set(self.words.scored)
        return [line for line in self.lines if line.key in keys]

    @property
    def findings(self) -> list[Finding]:
        """Results besides points and the grade."""
        return self.county.findings

    def _parts(self, keys: Sequence[str]) -> list[charts.Part]:
        return [line.part for line in self.lines if line.key in keys and line.part is not None]

    def _lowest(self) -> list[charts.Part]:
        """What points can be lost on one by one: the lowest indicators, and rows that go straight into the total."""
        rows = [item.part for item in self.rows if item.part is not None]
        return self._parts(self.words.scored) + rows

    @property
    def rows(self) -> list[RowResult]:
        """The points of each row that is scored by itself."""
        return self.county.rows

    # --- charts: one that the edition has nothing for says so, or is left out ---

    def chart_dimensions(self) -> Drawn | Piece:
        if not self.has_points:
            return sentence(NO_POINTS if self.findings or not self.standing.returned else NOTHING_SCORED)
        total = next((line.part for line in self.lines if line.key == self.scheme.total), None)
        return Drawn(charts.points.dimensions(self._parts(self.words.dimensions), total, self.bands))

    def chart_points_lost(self) -> Drawn | Piece:
        if not self.has_points:
            return Piece("")
        return Drawn(charts.points.points_lost(self._lowest()))

    def chart_three_totals(self) -> Drawn | Piece:
        if not self.scheme.total:
            return Piece("")
        who = self.standing
        return Drawn(
            charts.standing.three_totals(
                who.claimed if who.returned else None,
                who.computed,
                who.official,
                self.full,
                self.bands,
                claims=self.claims,
            )
        )

    def chart_among_all(self) -> Drawn | Piece:
        if not self.scheme.total:
            return Piece("")
        totals = self.reading.totals
        return Drawn(charts.standing.among_all(totals, self.code, self.bands, self.full, self.name, self.subject))

    def chart_next_band(self) -> Drawn | Piece:
        if not self.bands:
            return sentence("本方案没有按总分定等次。", "note") if self.has_points else Piece("")
        official = self.standing.official if self.standing.returned else None
        return Drawn(charts.points.next_band(self._lowest(), official, self.bands))

    def chart_fund_shares(self) -> Drawn | Piece:
        if not self.scheme.edition.funds:
            return Piece("")
        return Drawn(charts.money.fund_shares(self.county.uses))

    # --- tables ---

    def next_steps(self) -> Piece:
        """The indicators with the most to gain, and what would earn it."""
        if not self.standing.returned:
            return sentence(NO_RESULT)
        if not self.has_points:
            unmet = [item for item in self.findings if item.lowest and item.result in ("否", PENDING)]
            return table(
                ["结果", "现在", "规则和数据"], [(item.name, item.result, item.how) for item in unmet],
                "没有达到和待定的", ["", "short"], widths=[30, 10, 60], empty="没有",
            )  # fmt: skip
        gains = [(line.title, line.lost, line.next_step) for line in self.scored]
        gains += [
            (f"第 {item.row} 行　{item.part.name}", item.part.lost, self.words.rule(item.key))
            for item in self.rows
            if item.part
        ]
        gains = sorted((gain for gain in gains if gain[1].hi > 0), key=lambda gain: -gain[1].hi)[:8]
        rows = [(name, Span(lost.hi, lost.hi), how) for name, lost, how in gains]
        return table(
            ["指标", "最多可加（分）", "怎样得到"],
            rows,
            "提高空间最大的指标",
            ["", "number"],
            widths=[24, 14, 62],
            empty="没有可提高的指标",
        )

    def recommendations(self) -> Piece:
        """What the paper says follows, with 应 or 可, and a place to sign: nothing takes effect unsigned."""
        if not self.standing.returned and not self.county.recommendations:
            return sentence(f"该{self.subject}没有得分，不提处理建议。") + signature("负责人", "日期")
        rows = [
            (
                item.verb or "—", item.action_name or item.note, item.within, STATES[item.state],
                item.because + (f"；待定，等：{'、'.join(item.waits_for)}" if item.waits_for else "")
                + (f"。{item.note}" if item.note and item.action_name else ""),
                "；".join(item.clauses),
            )
            for item in self.county.recommendations
        ]  # fmt: skip
        shown = table(
            ["应/可", "处理", "期限", "状态", "原因", "依据"], rows,
            kinds=["short", "", "", "short"], widths=[7, 15, 12, 8, 30, 28],
            empty="按现有结果，文件没有规定需要处理的事项",
        )  # fmt: skip
        return (
            sentence(UNSIGNED, "must")
            + shown
            + sentence("由负责人核对签字：", "note")
            + signature("核对意见", "负责人签字", "日期")
        )

    def duties(self) -> Piece:
        """The duties that the data can judge, what was not done first; nothing for an edition without such."""
        if not self.words.judges_duties:
            return Piece("")
        return heading("职责核对") + duties_of(self.county.duties, self.brief, NO_RESULT)

    def indicators(self) -> Piece:
        """Every indicator: points, full marks, points lost, clause, why, and what would have earned more."""
        if not self.standing.returned:
            return sentence(NO_RESULT)
        rows, parts = [], []
        for i, line in enumerate(self.lines):
            if line.is_sum:
                parts.append(i)
            further = "" if line.is_sum or line.next_step == "已得满分" else line.next_step
            rows.append((
                line.number, line.name, "" if line.full is None else decimal_text(line.full), line.result,
                str(line.lost) if line.part else "",
                "；".join(text for text in (line.arithmetic, further) if text),
                "" if line.is_sum else self.brief(line.clauses),
            ))  # fmt: skip
        shown = Piece("")
        if rows:
            shown = table(
                ["编号", "指标", "满分", "得分", "失分", "怎样算出；怎样提高", "依据"], rows, f"{OFFICIAL}得分",
                ["short", "", "number", "number", "number"], parts, widths=[8, 19, 7, 10, 10, 33, 13],
            )  # fmt: skip
        shown += rows_of(self.rows) + findings_of(self.findings, self.brief)
        return shown + self.legend() + self._differences()

    def _differences(self) -> Piece:
        """Where the county's own score, its own data and the official result differ."""
        rows = [
            (
                line.number,
                line.name,
                "未填" if line.claimed is None else decimal_text(line.claimed),
                line.own,
                line.result,
                line.reason,
            )
            for line in self.scored
            if line.own != line.result
            or (line.claimed is not None and line.computed != Span(line.claimed, line.claimed))
        ]
        if not self.scored:
            return Piece("")
        return table(
            ["编号", "指标", "自报", f"按{SELF}数据", OFFICIAL, "认定理由"], rows, "自报、计算与认定不一致的指标",
            ["short", "", "number", "number", "number"], widths=[7, 25, 11, 13, 13, 31],
        )  # fmt: skip

    def funds(self) -> Piece:
        """Each use of money against its limits, bans, and rules of payment."""
        checks = self.county.funds
        if not self.scheme.edition.funds:
            return sentence("本方案没有资金比例规定。", "note")
        rows = [
            (
                ("其中：" if item.inside else "") + item.name, amount_text(item), share_text(item),
                limit_text(item), item.verdict, item.note, self.brief(item.clauses),
            )
            for item in checks
        ]  # fmt: skip
        return table(
            ["用途或要求", "金额", "占比", "规定", "结论", "说明", "依据"], rows, "资金检查", ["", "number", "number"],
            widths=[20, 13, 10, 15, 14, 16, 12], empty=NO_RESULT,
        ) + self.legend()  # fmt: skip

    def problems(self) -> Piece:
        """Every problem of the county's data, with its cell and what to do."""
        found = self.county.problems
        rows = [
            (
                LEVELS[item.level],
                " · ".join(part for part in (item.place.sheet, item.place.cell) if part),
                item.what,
                item.why,
                item.do or CODES[item.code][2],
            )
            for item in found
        ]
        books = "、".join(dict.fromkeys(item.place.workbook for item in found if item.place.workbook))
        return table(
            ["级别", "位置", "问题", "为什么要紧", "怎么办"], rows, f"工作簿：{books}" if books else "", ["short"],
            widths=[9, 17, 28, 22, 24], empty="没有发现问题",
        )  # fmt: skip

    def evaluator_sheet(self) -> Piece:
        """A form to print for checks on site: rule, clause, evidence, 现场检查, and blanks for score and reason."""
        return evaluator_sheet(self.words, self.county.evidence, self.name)

    def finish(self) -> Finished:
        """Writes report.json, which proves that the notebook came to its end."""
        return write_figures(own_folder(self.reading.folder, folder_name(self.code, self.name)), self.figures())

    def figures(self) -> dict[str, Any]:
        """What report.json says: every number of the report."""
        who = self.standing
        return {
            "report": "county",
            "scheme": self.scheme.key,
            "digest": self.scheme.digest,
            "stamp": self.reading.stamp,
            "code": self.code,
            "name": who.name,
            "returned": who.returned,
            "grade": who.grade,
            "claimed": who.claimed,
            "computed": ends(who.computed),
            "official": ends(who.official),
            "full": self.full,
            "indicators": {
                line.key: {"points": ends(line.official), "full": line.full, "result": line.result}
                for line in self.lines
            },
            "findings": {item.key: item.result for item in self.findings},
            "duties": {state: sum(item.state == state for item in self.county.duties) for state in DUTY_STATES},
            "recommendations": [
                {"action": item.action, "verb": item.verb, "state": item.state, "clauses": list(item.clauses)}
                for item in self.county.recommendations
            ],
            "funds": [{"use": item.use, "verdict": item.verdict} for item in self.county.funds],
            "problems": {level: sum(item.level == level for item in self.county.problems) for level in LEVELS},
        }

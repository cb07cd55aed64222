"""The overview of a round for the province: who stands where, where points are lost, what waits and for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from evaltool import charts
from evaltool.charts import INF, Span
from evaltool.decisions import STATES, UNDONE, UNSIGNED
from evaltool.facts import NOT_RETURNED
from evaltool.problems import LEVELS
from evaltool.quantities import Exact, decimal_text, divide, round_exact
from evaltool.report.drawn import Drawn
from evaltool.report.figures import Finished, write_figures
from evaltool.report.lines import Line, Standing
from evaltool.report.names import OVERVIEW_FOLDER
from evaltool.report.parameters import refuse_unknown
from evaltool.report.shared import SharedPage, ends, own_folder
from evaltool.report.shared_round import reading_of
from evaltool.report.tables import Piece, boxes, heading, sentence, table
from evaltool.scheme.words import number_of
from evaltool.scoring import OUT, PENDING

PARAMETERS = ("round_folder",)


def overview_page(round_folder: str) -> OverviewPage:
    """The overview of a round. Refuses unknown parameters."""
    refuse_unknown(PARAMETERS)
    if not isinstance(round_folder, str):
        raise TypeError("round_folder 要是文字")
    return OverviewPage(reading_of(round_folder))


class OverviewPage(SharedPage):
    """Each method is one piece of the overview."""

    @cached_property
    def standings(self) -> list[Standing]:
        return self.reading.standings()

    @cached_property
    def scored(self) -> list[Standing]:
        """Counties with a total, the highest first."""
        found = [who for who in self.standings if who.official is not None]
        return sorted(found, key=lambda who: (-who.official.lo, -who.official.hi))  # type: ignore[union-attr]

    @cached_property
    def lines(self) -> dict[str, list[Line]]:
        """Code → results of the indicators, for every county that returned its workbook."""
        return {who.code: self.reading.county(who.code).lines for who in self.standings if who.returned}

    def title(self) -> Piece:
        return self._title("总体情况", f"名册 {len(self.standings)} 个{self.subject}")

    def glance(self) -> Piece:
        returned = sum(who.returned for who in self.standings)
        items: list[tuple[str, object]] = [
            ("名册", len(self.standings)),
            ("已报送", returned),
            (NOT_RETURNED, len(self.standings) - returned),
        ]
        if self.scheme.grade:
            items += [(label, count) for label, count in self.grade_counts() if label != NOT_RETURNED]
        return boxes(items)

    def grade_counts(self) -> list[tuple[str, int]]:
        """How many counties in each grade; pending and not returned apart."""
        if not self.scheme.grade:
            return []
        counts = Counter(self._grade(who) for who in self.standings)
        return [
            (label, counts[label])
            for label in (*self.scheme.grades(), PENDING, NOT_RETURNED)
            if counts[label] or label != PENDING
        ]

    def _grade(self, who: Standing) -> str:
        return NOT_RETURNED if not who.returned else PENDING if who.grade.startswith(PENDING) else who.grade

    # --- charts ---

    def chart_bands(self) -> Drawn | Piece:
        if not self.scheme.grade:
            return sentence("本方案不定等次。", "note")
        counts = [(label, count) for label, count in self.grade_counts() if label != NOT_RETURNED or count]
        return Drawn(charts.standing.band_counts(counts, self.subject))

    def chart_ranking(self) -> Drawn | Piece:
        if not self.scheme.total:
            return sentence("本方案没有总分，不排名次。", "note")
        totals = [(who.name, who.official) for who in self.scored if who.official is not None]
        return Drawn(charts.standing.ranking(totals, self.bands, self.full, subject=self.subject))

    def chart_dimensions(self) -> Drawn | Piece:
        if not self.has_points:
            return Piece("")
        return Drawn(
            charts.standing.dimension_means(
                [(line.name, line.full or 0, mean) for line, mean in self._means(self.words.dimensions)]
            )
        )

    def chart_points_lost(self) -> Drawn | Piece:
        if not self.has_points:
            return Piece("")
        parts = [
            charts.Part(line.key, line.name, line.full or 0, mean) for line, mean in self._means(self.words.scored)
        ]
        return Drawn(charts.points.points_lost(parts, "平均失分最多的指标（保留两位小数）"))

    def _means(self, keys: Sequence[str]) -> list[tuple[Line, Span]]:
        """The mean of each indicator over the counties for which it counts, to two places."""
        found = []
        for key in keys:
            mine = [line for lines in self.lines.values() for line in lines if line.key == key and line.part]
            spans = [(line.part.points, line.part.full) for line in mine if line.part]
            if mine:
                low = sum(span.lo for span, _ in spans)
                high = sum(max(span.lo, full) if span.hi == INF else span.hi for span, full in spans)
                found.append((mine[0], Span(_mean(low, len(mine)), _mean(high, len(mine)))))
        return found

    # --- tables ---

    def ranking(self) -> Piece:
        """Who returned a workbook, with totals and grade, in order; the place allows for totals still pending."""
        found = self.reading.totals.places
        has_total = self.scheme.total is not None
        columns = [
            (has_total, "位次", "short", 14), (True, "代码", "short", 11), (True, "名称", "", 16), (True, "市州", "", 12),
            (self.claims, "自报", "number", 11), (has_total, "按自评数据", "number", 13),
            (has_total, "认定", "number", 14), (self.scheme.grade is not None, "等次", "", 14),
        ]  # fmt: skip
        shown = self.scored if has_total else []
        rows = [
            (
                found.get(who.code, ""),
                who.code,
                who.name,
                who.city,
                "没有填全" if who.claimed is None else decimal_text(who.claimed),
                who.computed or OUT,
                who.official or OUT,
                who.grade,
            )
            for who in [*shown, *(who for who in self.standings if who.returned and who not in shown)]
        ]
        kept = [i for i, (there, *_) in enumerate(columns) if there]
        listed = table(
            [columns[i][1] for i in kept],
            [[row[i] for i in kept] for row in rows],
            f"已报送的{self.subject}",
            [columns[i][2] for i in kept],
            widths=[columns[i][3] * 100 // sum(columns[j][3] for j in kept) for i in kept],
            empty=f"没有{self.subject}报送",
        )
        return listed + (sentence("总分待定的，位次按可能的最好和最差给出。", "note") if has_total else Piece(""))

    def most_lost(self) -> Piece:
        """Mean points lost by indicator, and in how many counties."""
        if not self.has_points:
            return Piece("")
        means = sorted(self._means(self.words.scored), key=lambda pair: pair[1].lo - (pair[0].full or 0))
        rows = []
        for line, mean in means:
            part = charts.Part(line.key, line.name, line.full or 0, mean)
            mine = [other for lines in self.lines.values() for other in lines if other.key == line.key]
            losing = sum(other.lost.lo > 0 for other in mine)
            waiting = sum(other.open for other in mine)
            if losing or waiting:
                rows.append(
                    (
                        line.number,
                        line.name,
                        decimal_text(part.full),
                        str(part.lost),
                        losing,
                        waiting,
                        self.brief(line.clauses),
                    )
                )
        return (
            table(
                ["编号", "指标", "满分", "平均失分", f"失分{self.subject}数", f"待定{self.subject}数", "依据"],
                rows,
                "各指标平均失分（保留两位小数）",
                ["short", "", "number", "number", "number", "number"],
                widths=[8, 28, 8, 16, 11, 11, 18],
                empty="没有失分",
            )
            + self.legend()
        )

    def findings(self) -> Piece:
        """The results besides points: who has which."""
        said: dict[str, dict[str, list[str]]] = {}
        for who in self.standings:
            for item in self.reading.county(who.code).findings:
                said.setdefault(item.key, {}).setdefault(item.result, []).append(who.name)
        rows = [
            (
                number_of(key, self.scheme.indicators[key]),
                "　" * depth + self.scheme.indicators[key].name,
                "\n".join(f"{result}：{'、'.join(names)}" for result, names in sorted(said[key].items())),
            )
            for depth, key in self.scheme.findings()
            if key in said
        ]
        if not rows:
            return Piece("")
        return heading("其他结果") + table(
            ["编号", "结果", "结论"], rows, "认定的其他结果", ["short"], widths=[10, 38, 52]
        )  # fmt: skip

    def duties(self) -> Piece:
        """The duties that somebody has not done, or that are open, and where; nothing for an edition without such."""
        if not self.words.judges_duties:
            return Piece("")
        found = [(who.name, item) for who in self.standings for item in self.reading.county(who.code).duties]
        rows = []
        for key in self.scheme.edition.duties:
            mine = [(name, item) for name, item in found if item.duty == key]
            named = ["、".join(name for name, item in mine if item.state == state) for state in (UNDONE, PENDING)]
            if any(named):
                item = mine[0][1]
                rows.append((item.name, item.who, named[0] or "无", named[1] or "无", self.brief(item.clauses)))
        return heading("职责核对") + table(
            ["职责", "谁", UNDONE, PENDING, "依据"], rows, "没有做到和待定的职责（不影响得分）", ["", "short"],
            widths=[32, 10, 21, 21, 16], empty="没有",
        )  # fmt: skip

    def recommendations(self) -> Piece:
        """Recommendations by action: for whom it surely holds, and for whom it waits."""
        groups: dict[tuple[str, str, str], dict[str, list[str]]] = {}
        for who in self.standings:
            for item in self.reading.county(who.code).recommendations if who.returned else []:
                key = (item.verb or "—", item.action_name or item.note, self.brief(item.clauses))
                groups.setdefault(key, {state: [] for state in STATES})[item.state].append(who.name)
        rows = [
            (
                verb,
                action,
                "、".join(dict.fromkeys(names["applies"])) or "无",
                "、".join(dict.fromkeys(names["waits"])) or "无",
                clauses,
            )
            for (verb, action, clauses), names in groups.items()
        ]
        columns = ["应/可", "处理", STATES["applies"], STATES["waits"], "依据"]
        return (
            sentence(UNSIGNED, "must")
            + table(columns, rows, "按处理分列", ["short"], widths=[7, 23, 28, 26, 16], empty="没有建议")
            + self.legend()
        )

    def pending(self) -> Piece:
        """Whose result is not yet decided, and what each waits for."""
        rows = []
        for who in self.standings:
            waiting = [
                f"{line.title}（{line.result}）"
                for line in self.lines.get(who.code, [])
                if not line.is_sum and line.open
            ]
            waiting += [
                item.title for item in self.reading.county(who.code).findings if item.result.startswith(PENDING)
            ]
            if not waiting and who.official is not None and not who.official.known:
                waiting = [f"总分，{self.waits_for_others}"]
            if waiting:
                rows.append((who.name, str(who.official or ""), who.grade, "、".join(waiting)))
        return table(
            ["名称", "认定", "等次", "待定的指标（分）"],
            rows,
            "结果待定的",
            ["short", "number"],
            widths=[15, 16, 19, 50],
            empty="没有待定的结果",
        )

    def not_returned(self) -> Piece:
        """Who returned nothing or was sent back, and how many problems each county has to mend."""
        missing = [(who.code, who.name, who.city) for who in self.standings if not who.returned]
        rows = []
        for who in self.standings:
            levels = Counter(problem.level for problem in self.reading.county(who.code).problems)
            if levels:
                rows.append((who.name, *(levels[level] for level in LEVELS)))
        first = table(["代码", "名称", "市州"], missing, NOT_RETURNED, empty="没有")
        return first + table(
            ["名称", *LEVELS.values()], rows, "数据问题", ["", "number", "number", "number"], empty="没有"
        )

    def finish(self) -> Finished:
        """Writes report.json, which proves that the notebook came to its end."""
        return write_figures(
            own_folder(self.reading.folder, OVERVIEW_FOLDER),
            {
                "report": "overview",
                "scheme": self.scheme.key,
                "digest": self.scheme.digest,
                "stamp": self.reading.stamp,
                "counties": {
                    who.code: {
                        "name": who.name,
                        "returned": who.returned,
                        "official": ends(who.official),
                        "grade": who.grade,
                    }
                    for who in self.standings
                },
                "grades": dict(self.grade_counts()),
            },
        )


def _mean(total: Exact | float, count: int) -> Exact | float:
    return total if isinstance(total, float) else round_exact(divide(total, count), 2, "half_up")

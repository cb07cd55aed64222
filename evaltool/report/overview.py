"""The overview of a round for the province: who stands where, where points are lost, what waits and for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from evaltool import charts
from evaltool.charts import Span
from evaltool.decisions import STATES, UNSIGNED
from evaltool.facts import NOT_RETURNED
from evaltool.problems import LEVELS
from evaltool.quantities import Exact, decimal_text, divide, round_exact
from evaltool.report.drawn import Drawn
from evaltool.report.figures import Finished, write_figures
from evaltool.report.names import OVERVIEW_FOLDER
from evaltool.report.parameters import refuse_unknown
from evaltool.report.reading import Line, Reading, Standing
from evaltool.report.shared import SharedPage, ends, own_folder
from evaltool.report.tables import Piece, boxes, sentence, table
from evaltool.results.ranking import standings
from evaltool.scoring import PENDING

PARAMETERS = ("round_folder",)


def overview_page(round_folder: str) -> OverviewPage:
    """The overview of a round. Refuses unknown parameters."""
    from evaltool.archive import open_round

    refuse_unknown(PARAMETERS)
    if not isinstance(round_folder, str):
        raise TypeError("round_folder 要是文字")
    return OverviewPage(Reading(open_round(round_folder)))


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
        return {who.code: self.reading.lines(who.code) for who in self.standings if who.returned}

    def title(self) -> Piece:
        return self._title("全省情况", f"名册 {len(self.standings)} 个县")

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

    def chart_bands(self) -> Drawn:
        return Drawn(
            charts.band_counts(
                [(label, count) for label, count in self.grade_counts() if label != NOT_RETURNED or count]
            )
        )

    def chart_ranking(self) -> Drawn:
        return Drawn(
            charts.ranking(
                [(who.name, who.official) for who in self.scored if who.official is not None], self.bands, self.full
            )
        )

    def chart_dimensions(self) -> Drawn:
        return Drawn(
            charts.dimension_means(
                [(line.name, line.full, mean) for line, mean in self._means(charts.dimensions_of(self.scheme))]
            )
        )

    def chart_points_lost(self) -> Drawn:
        parts = [
            charts.Part(line.key, line.name, line.full, mean)
            for line, mean in self._means(charts.scored_of(self.scheme))
        ]
        return Drawn(charts.points_lost(parts, "平均失分最多的指标（保留两位小数）"))

    def _means(self, keys: Sequence[str]) -> list[tuple[Line, Span]]:
        """The mean of each indicator over the counties that returned their workbook, to two places."""
        found = []
        for key in keys:
            mine = [line for lines in self.lines.values() for line in lines if line.key == key]
            if mine:
                low, high = (
                    sum(line.official.lo for line in mine),
                    sum(min(line.official.hi, line.full) for line in mine),
                )
                found.append((mine[0], Span(_mean(low, len(mine)), _mean(high, len(mine)))))
        return found

    # --- tables ---

    def ranking(self) -> Piece:
        """Every county with its totals and grade, in order; the place allows for totals that are still pending."""
        found = standings({code: (span.lo, span.hi) for code, span in self.reading.totals()})
        rows = [
            (
                found.get(who.code, ""),
                who.code,
                who.name,
                who.city,
                "没有填全" if who.claimed is None else decimal_text(who.claimed),
                who.computed or "",
                who.official or "",
                who.grade,
            )
            for who in self.scored
        ]
        columns = ["位次", "代码", "县", "市州", "县自报", "按自评数据", "认定", "等次"]
        shown = table(
            columns,
            rows,
            "已报送的县",
            ["short", "short", "", "", "number", "number", "number"],
            widths=[14, 10, 15, 11, 10, 12, 14, 14],
            empty="没有县有总分",
        )
        return shown + sentence("总分待定的，位次按可能的最好和最差给出。", "note")

    def most_lost(self) -> Piece:
        """Mean points lost by indicator, and in how many counties."""
        means = sorted(self._means(charts.scored_of(self.scheme)), key=lambda pair: pair[1].lo - pair[0].full)
        rows = []
        for line, mean in means:
            part = charts.Part(line.key, line.name, line.full, mean)
            mine = [other for lines in self.lines.values() for other in lines if other.key == line.key]
            losing = sum(other.part.lost.lo > 0 for other in mine)
            waiting = sum(not other.official.known for other in mine)
            if losing or waiting:
                rows.append(
                    (
                        line.key,
                        line.name,
                        decimal_text(line.full),
                        str(part.lost),
                        losing,
                        waiting,
                        self.brief(line.clauses),
                    )
                )
        return (
            table(
                ["编号", "指标", "满分", "平均失分", "失分县数", "待定县数", "依据"],
                rows,
                "各指标平均失分（保留两位小数）",
                ["short", "", "number", "number", "number", "number"],
                widths=[8, 28, 8, 16, 11, 11, 18],
                empty="没有失分",
            )
            + self.legend()
        )

    def recommendations(self) -> Piece:
        """Recommendations by action: for whom it surely holds, and for whom it waits."""
        groups: dict[tuple[str, str, str], dict[str, list[str]]] = {}
        for who in self.standings:
            for item in self.reading.recommendations(who.code) if who.returned else []:
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
        """Counties whose result is not yet decided, and what each waits for."""
        rows = []
        for who in self.standings:
            waiting = [line for line in self.lines.get(who.code, []) if not line.is_sum and not line.official.known]
            if waiting:
                named = "、".join(f"{line.key} {line.name}（{line.official}）" for line in waiting)
                rows.append((who.name, str(who.official or ""), who.grade, named))
        return table(
            ["县", "认定", "等次", "待定的指标（分）"],
            rows,
            "得分待定的县",
            ["short", "number"],
            widths=[15, 16, 19, 50],
            empty="没有待定的得分",
        )

    def not_returned(self) -> Piece:
        """Who returned nothing or was sent back, and how many problems each county has to mend."""
        missing = [(who.code, who.name, who.city) for who in self.standings if not who.returned]
        rows = []
        for who in self.standings:
            levels = Counter(problem.level for problem in self.reading.problems(who.code))
            if levels:
                rows.append((who.name, *(levels[level] for level in LEVELS)))
        first = table(["代码", "县", "市州"], missing, NOT_RETURNED, empty="没有")
        return first + table(
            ["县", *LEVELS.values()], rows, "数据问题", ["", "number", "number", "number"], empty="没有"
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

"""What the county's report and the overview have in common: title with stamp, sources, open questions."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evaltool import charts
from evaltool.quantities import Exact
from evaltool.report.reading import Reading
from evaltool.report.tables import Piece, html_text, sentence, table
from evaltool.report.wording import Wording
from evaltool.scheme import Scheme


class SharedPage:
    """A report on a round."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    @property
    def scheme(self) -> Scheme:
        return self.reading.scheme

    @property
    def words(self) -> Wording:
        return self.reading.words

    @property
    def bands(self) -> list[charts.Band]:
        return self.words.bands

    @property
    def subject(self) -> str:
        """What is evaluated: 县, 镇街, 项目."""
        return self.scheme.edition.subject

    @property
    def has_points(self) -> bool:
        return bool(self.words.tree)

    @property
    def claims(self) -> bool:
        """Whether self scores add up to something that the total can be compared with."""
        return self.words.adds_up

    @property
    def waits_for_others(self) -> str:
        return f"要等其他{self.subject}的数据（有的没有报送或待定）"

    @property
    def full(self) -> Exact | None:
        return self.words.full

    def _title(self, heading: str, under: str) -> Piece:
        scheme, stamp = self.scheme, self.reading.stamp
        stamped = sentence(stamp, "stamp") if stamp else Piece("")
        return (
            Piece(f"<h1>{html_text(heading)}</h1>", heading)
            + stamped
            + sentence(f"{scheme.name}（{scheme.key}）", "under")
            + sentence("　".join(part for part in (under, self.reading.on) if part), "under")
        )

    def brief(self, clauses: Iterable[str]) -> str:
        """Clauses with the short name of their document, which `legend` explains: “HB 七（四）”."""
        return self.words.brief(clauses)

    def legend(self) -> Piece:
        """What the short names in “依据” mean."""
        return self.words.legend

    def sources(self) -> Piece:
        """The documents that the edition cites."""
        return self.words.sources

    def open_questions(self) -> Piece:
        """What the papers leave unclear, our reading, and who has accepted it."""
        return self.reading.once("open_questions", self._open_questions)

    def _open_questions(self) -> Piece:
        accepted = self.reading.accepted
        rows = [
            (key, question.clause, question.question, question.reading or "未定", accepted.get(key, "尚无人确认"))
            for key, question in self.scheme.edition.open_questions.items()
        ]
        return table(
            ["编号", "条款", "待定问题", "本工具的读法", "确认"],
            rows,
            "待定问题",
            ["short"],
            widths=[8, 15, 36, 27, 14],
            empty="没有待定问题",
        )


def ends(span: charts.Span | None) -> list[object] | None:
    """Lowest and highest, for report.json."""
    return None if span is None else [span.lo, span.hi]


def own_folder(round_folder: Path, name: str) -> Path:
    """Where report.json goes: the folder a batch runs the notebook in, else the report's own folder in the round."""
    reports, here = (round_folder / "reports").resolve(), Path.cwd().resolve()
    return here if here.parent == reports else reports / name

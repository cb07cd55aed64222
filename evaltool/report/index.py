"""index.html of a round's reports: every county of the roster with its total, its grade and its link."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from evaltool.files import write_text
from evaltool.report.names import OVERVIEW_FOLDER, folder_name
from evaltool.report.page import page_head
from evaltool.report.reading import Reading
from evaltool.report.tables import html_text

if TYPE_CHECKING:
    from evaltool.archive import Round


def write_index(rnd: Round, reports: Path, failures: dict[str, str]) -> None:
    """Lists what lies in `reports` now, whichever run made it. `failures`: code → why this run's report failed."""
    reading = Reading(rnd)
    rows = []
    for who in reading.standings():
        folder = folder_name(who.code, who.name)
        made = (reports / folder / "report.html").is_file()
        total = "" if who.official is None else str(who.official)
        shown = (
            f'<a href="{escape(folder, quote=True)}/report.html">{html_text(who.name)}</a>'
            if made
            else html_text(who.name)
        )
        state = "有" if made else f"失败：{failures[who.code]}" if who.code in failures else "没有"
        cells = [("short", who.code), ("", ""), ("", who.city), ("number", total), ("", who.grade), ("", state)]
        shown_cells = [f'<td class="{kind}">{html_text(text)}</td>' for kind, text in cells]
        shown_cells[1] = f"<td>{shown}</td>"
        rows.append(f"<tr>{''.join(shown_cells)}</tr>")
    overview = (
        f'<p><a href="{OVERVIEW_FOLDER}/report.html">总体情况</a></p>'
        if (reports / OVERVIEW_FOLDER / "report.html").is_file()
        else f'<p class="note">总体情况没有完成{html_text("：" + failures[""]) if failures.get("") else ""}。</p>'
    )
    stamp = f'<p class="stamp">{html_text(reading.stamp)}</p>' if reading.stamp else ""
    heads = (("代码", 11), ("名称", 29), ("市州", 14), ("认定总分", 15), ("等次", 18), ("报告", 13))
    columns = "".join(f'<col style="width:{width}%">' for _, width in heads)
    head = "".join(f'<th scope="col">{text}</th>' for text, _ in heads)
    page = (
        f"{page_head(f'{reading.scheme.name}　报告目录')}\n<main>\n<h1>报告目录</h1>\n{stamp}\n"
        f'<p class="under">{html_text(reading.scheme.name)}（{html_text(reading.scheme.key)}）</p>\n{overview}\n'
        f"<table><colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>\n"
        "</main>\n</body>\n</html>\n"
    )
    write_text(reports / "index.html", page)

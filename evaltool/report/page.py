"""An executed notebook as one light HTML page: no input cells, no network, charts drawn by the shared plotly.min.js."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html import escape, unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor

from evaltool.files import write_bytes
from evaltool.report.drawn import PLOTLY

TEMPLATES = Path(__file__).resolve().parent / "templates"
# Nothing is fetched but the two scripts beside the report; plotly writes style attributes and saves pictures as blobs.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
_HEADING = re.compile(r"<h2[^>]*>(.*?)</h2>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


class ChartNumbers(Preprocessor):
    """Gives every plotly output its number in the page, so that ids in the page depend on nothing else."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        number = 0
        for cell in nb.cells:
            for out in cell.get("outputs", ()):
                if PLOTLY in out.get("data", {}):
                    number += 1
                    out["data"][PLOTLY]["number"] = number
        resources["charts"] = number
        return nb, resources


class ReportExporter(TemplateExporter):
    """nbconvert's exporter with this package's own template, filters and preprocessor."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def __init__(self, **options: Any) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            template_name="evaltool", template_file="report.html.j2", extra_template_basedirs=[str(TEMPLATES)],
            filters={"chart": _chart, "markdown": _markdown, "joined": _joined, "base64": _base64},
            preprocessors=[ChartNumbers], **options,
        )  # fmt: skip


def _joined(text: str | list[str]) -> str:
    return "".join(text) if isinstance(text, list) else text


def _base64(text: str | list[str]) -> str:
    return base64.b64encode(_joined(text).encode()).decode()


def json_for_html(value: Any) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _chart(bundle: dict[str, Any]) -> str:
    layout = bundle.get("layout", {})
    spec = {"data": bundle.get("data", []), "layout": layout}
    title = layout.get("title") or {}
    label = escape(unescape(_TAG.sub("", title if isinstance(title, str) else title.get("text") or "图")), quote=True)
    missing = "图没有画出来：要用到报告文件夹旁 assets 里的 plotly.min.js，请连同 assets 一起复制。"
    return (
        f'<figure class="chart" id="chart-{int(bundle["number"])}" role="img" aria-label="{label}">'
        f'<div class="drawing" style="min-height:{int(layout.get("height") or 450)}px">{missing}</div>'
        f'<script type="application/json">{json_for_html(spec)}</script></figure>'
    )


def _markdown(text: str | list[str]) -> str:
    """Markdown by nbconvert's own parser; raw HTML in it is shown as text."""
    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(_joined(text)))


@cache
def style() -> str:
    """The style sheet of every page."""
    return (TEMPLATES / "evaltool" / "report.css").read_text(encoding="utf-8")


def page_head(title: str) -> str:
    """Everything before the page's own content."""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style()}</style>\n</head>\n<body>"
    )


def notebook_html(notebook: Any, title: str, home: str = "../index.html", assets: str = "../assets") -> str:
    """The page of an executed notebook; `home` is the index, `assets` the folder of scripts, both relative."""
    resources = {"head": page_head(title), "home": home, "assets": assets, "plotly": PLOTLY}
    page, _ = ReportExporter().from_notebook_node(notebook, resources)
    return _with_contents(page)


def _with_contents(page: str) -> str:
    """Numbered anchors on the headings of second rank, and the table of contents that points to them."""
    entries: list[str] = []

    def anchored(match: re.Match[str]) -> str:
        text = _TAG.sub("", match.group(1)).strip()
        anchor = f"s{len(entries) + 1}"
        entries.append(f'<li><a href="#{anchor}">{text}</a></li>')
        return f'<h2 id="{anchor}">{text}</h2>'

    page = _HEADING.sub(anchored, page)
    contents = (
        f'<nav class="contents" aria-label="目录"><b>目录</b><ol>{"".join(entries)}</ol></nav>'
        if len(entries) > 2
        else ""
    )
    return page.replace("<!--contents-->", contents, 1)


def write_assets(folder: Path) -> None:
    """plotly.min.js from plotly's own package and the script that draws, unless they are there already."""
    sources = {
        "plotly.min.js": Path(str(files("plotly"))) / "package_data" / "plotly.min.js",
        "charts.js": TEMPLATES / "evaltool" / "charts.js",
    }
    for name, source in sources.items():
        data = source.read_bytes()
        if not (folder / name).is_file() or (folder / name).read_bytes() != data:
            write_bytes(folder / name, data)

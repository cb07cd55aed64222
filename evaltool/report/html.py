"""An executed notebook as one light HTML page: no input cells, no network, charts drawn by the shared plotly.min.js."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html import escape
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor

from evaltool.files import write_bytes, write_text

PLOTLY = "application/vnd.plotly.v1+json"
ASSETS = ("plotly.min.js", "charts.js")
# Nothing may be fetched but the two files beside the report; plotly writes style attributes and saves pictures as blobs.
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
_HEADING = re.compile(r"<h2[^>]*>.*?</h2>", re.DOTALL)


class ChartNumbers(Preprocessor):  # type: ignore[misc, unused-ignore]
    """Gives every plotly output its number in the page, so that the page's ids depend on nothing else."""

    def preprocess(self, nb: Any, resources: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        number = 0
        for cell in nb.cells:
            for out in cell.get("outputs", ()):
                if PLOTLY in out.get("data", {}):
                    number += 1
                    out["data"][PLOTLY] = {**out["data"][PLOTLY], "number": number}
        resources["charts"] = number
        return nb, resources


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _joined(text: str | list[str]) -> str:
    return "".join(text) if isinstance(text, list) else text


def json_for_html(value: Any) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _chart(bundle: dict[str, Any]) -> Markup:
    spec = {"data": bundle.get("data", []), "layout": bundle.get("layout", {})}
    layout = spec["layout"]
    title = layout.get("title", {})
    label = escape((title.get("text") if isinstance(title, dict) else title) or "图", quote=True)
    number, height = int(bundle["number"]), int(layout.get("height") or 450)
    missing = "图没有画出来：要用到报告文件夹旁 assets 里的 plotly.min.js，请连同 assets 一起复制。"
    return Markup(  # noqa: S704 – every part is escaped above
        f'<figure class="chart" id="chart-{number}" role="img" aria-label="{label}">'
        f'<div class="drawing" style="min-height:{height}px">{missing}</div>'
        f'<script type="application/json">{json_for_html(spec)}</script></figure>'
    )


def _markdown(text: str | list[str]) -> Markup:
    """Markdown by nbconvert's own parser; raw HTML in it is shown as text."""
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return Markup(MarkdownWithMath(renderer=renderer).render(_joined(text)))  # noqa: S704 – the renderer escapes


def _trusted(text: str | list[str]) -> Markup:
    """HTML made by this package's own writers, which escape all text of counties."""
    return Markup(_joined(text))  # noqa: S704 – see above


@cache
def _environment() -> jinja2.Environment:
    folder = Path(str(files("evaltool.report"))) / "template"
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters.update(
        chart=_chart, markdown=_markdown, trusted=_trusted, joined=_joined, plain=_joined,
        base64=lambda text: base64.b64encode(_joined(text).encode()).decode(),
    )  # fmt: skip
    environment.globals.update(PLOTLY=PLOTLY, policy=POLICY)
    return environment


def style() -> str:
    """The style sheet of every page."""
    return (Path(str(files("evaltool.report"))) / "template" / "report.css").read_text(encoding="utf-8")


def render(template: str, **values: Any) -> str:
    """A page from one of the templates of this package."""
    return _environment().get_template(template).render(style=style(), **values)


def notebook_html(notebook: Any, title: str, home: str = "", assets: str = "../assets") -> str:
    """The page of an executed notebook. `home` links to the index, `assets` to the shared scripts, both relative."""
    numbered, resources = ChartNumbers().preprocess(notebook, {})
    body = render(
        "report.html.j2", cells=numbered.cells, title=title, home=home, assets=assets,
        has_charts=bool(resources["charts"]), contents=[],
    )  # fmt: skip
    return _with_contents(body)


def _with_contents(page: str) -> str:
    """Numbered anchors on the headings of second rank, and the table of contents that points to them."""
    entries: list[str] = []

    def anchored(match: re.Match[str]) -> str:
        reader = _Text()
        reader.feed(match.group())
        text = escape("".join(reader.parts).strip())
        anchor = f"s{len(entries) + 1}"
        entries.append(f'<li><a href="#{anchor}">{text}</a></li>')
        return f'<h2 id="{anchor}">{text}</h2>'

    head, main, rest = page.partition("<main>")
    rest = _HEADING.sub(anchored, rest)
    contents = f'<nav class="contents" aria-label="目录"><b>目录</b><ol>{"".join(entries)}</ol></nav>\n' if len(entries) > 2 else ""
    return head + contents + main + rest


def write_assets(folder: Path) -> None:
    """plotly.min.js from plotly's own package and the script that draws, unless they are there already."""
    sources = {
        "plotly.min.js": Path(str(files("plotly"))) / "package_data" / "plotly.min.js",
        "charts.js": Path(str(files("evaltool.report"))) / "template" / "charts.js",
    }
    for name, source in sources.items():
        data = source.read_bytes()
        target = folder / name
        if not target.is_file() or target.read_bytes() != data:
            write_bytes(target, data)


def write_page(path: Path, page: str) -> None:
    write_text(path, page)

"""Each kind of output and of cell as HTML: what is text stays text, what is HTML goes through `cleaning`, and of an
output that brings several forms the one that can be read on paper is taken."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape, unescape
from typing import Any

from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from evaltool.report.cleaning import harmless, visible
from evaltool.report.drawn import PLOTLY

MOST_TEXT = 100_000  # characters of one text shown on a page; all of it stands in the notebook
MANY_COLUMNS = 10  # a table with more is printed across
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_TAGS = re.compile(r"<[^>]*>")
_CALLS = re.compile(  # calls to a terminal that are no colours: titles, links, modes
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b\[[?>=!][^@-~]*[@-~]|\x1b[^\[]"
)
_COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")
_LEFT_OVER = re.compile(r"\x1b\[[^@-~]*[@-ln-~]|\x1b")
_SCRIPTED = "这里的互动内容要在 JupyterLab 里打开 report.ipynb 才能看到。"
_MISSING = "图没有画出来：要用到报告文件夹旁 assets 里的 plotly.min.js 等文件，请连同 assets 一起复制。"


def joined(text: Any) -> str:
    """A text of a notebook, which may be kept as a list of lines."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def json_for_html(value: Any) -> str:
    """JSON that can stand inside a script element: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _shown(text: str) -> str:
    """Text as a terminal would leave it: what a carriage return overwrites is gone, so are calls to the terminal."""
    lines = _CALLS.sub("", text).replace("\r\n", "\n").split("\n")
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)
    if len(text) > MOST_TEXT:
        half = MOST_TEXT // 2
        said = f"\n\n〔共 {len(text):,} 字，中间 {len(text) - 2 * half:,} 字略去，全文见 report.ipynb〕\n\n"
        text = text[:half] + said + text[-half:]
    return text


def coloured(text: str) -> str:
    """Escaped text with the colours that a terminal would show."""
    parts = _COLOURS.split(_shown(text))
    clean = "".join(
        part if i % 2 else visible(_LEFT_OVER.sub("", part)) for i, part in enumerate(parts)
    )  # the odd ones are colours
    return str(ansi2html(clean)) if len(parts) > 1 else escape(clean)  # type: ignore[no-untyped-call]


def plain(text: str, kind: str = "") -> str:
    """A text block, escaped."""
    named = f' class="{kind}"' if kind else ""
    return f"<pre{named}>{coloured(text)}</pre>"


# --- markdown ---


class _Renderer(IPythonRenderer):
    """nbconvert's Markdown with raw HTML left in (it is made harmless afterwards) and drawings in Mermaid as text."""

    def __init__(self, attachments: Mapping[str, Any] | None = None) -> None:
        super().__init__(
            escape=False, exclude_anchor_links=True, attachments=dict(attachments or {})
        )

    def block_code(self, code: str, info: str | None = None) -> str:  # noqa: ARG002 – the language makes no difference
        return f"<pre>{escape(code)}</pre>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.removeprefix("attachment:")
        kept = self.attachments.get(name, {}) if name != url else {}
        source = next((f"data:{kind};base64,{joined(data)}" for kind, data in kept.items()), url)
        told = f' title="{escape(title)}"' if title else ""
        return f'<img src="{escape(source)}" alt="{escape(unescape(_TAGS.sub("", text)) or "图")}"{told}>'

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"


@cache
def _parser() -> Any:
    return MarkdownWithMath(renderer=_Renderer())


def markdown(text: Any, box: str, attachments: Mapping[str, Any] | None = None) -> str:
    """A Markdown text as harmless HTML; formulas stay as they were written."""
    source = joined(text)
    parser = MarkdownWithMath(renderer=_Renderer(attachments)) if attachments else _parser()
    html = str(parser.render(source))
    html = re.sub(r'<input class="task-list-item-checkbox"[^>]*?( checked)?/?>', lambda m: "☑ " if m[1] else "☐ ", html)
    return harmless(html, box) or ""


# --- outputs ---


@dataclass
class Writer:
    """Makes the HTML of one page's outputs; counts what needs a number."""

    charts: int = 0
    boxes: int = 0
    templates: dict[str, str] = field(default_factory=dict)

    def box(self) -> str:
        self.boxes += 1
        return f"o{self.boxes}"

    def markdown_cell(self, cell: Mapping[str, Any]) -> str:
        return markdown(cell["source"], self.box(), cell.get("attachments"))

    def raw_cell(self, cell: Mapping[str, Any]) -> str:
        """A cell that is copied as it is into one format: shown if that is none, HTML or Markdown."""
        metadata = cell.get("metadata", {})
        kind = str(metadata.get("raw_mimetype") or metadata.get("format") or "").lower()
        if kind in ("text/html", "text/markdown"):
            return "".join(self._forms({kind: cell["source"]}, {}))
        return plain(joined(cell["source"]), "raw") if kind in ("", "text/plain") and cell["source"] else ""

    def output(self, out: Mapping[str, Any]) -> str:
        """One output of a code cell."""
        kind = out["output_type"]
        if kind == "stream":
            text = joined(out["text"])
            return plain(text.rstrip("\n"), "stream") if text.strip() else ""
        if kind == "error":
            said = plain(f"{out['ename']}: {out['evalue']}" if out["evalue"] else out["ename"], "error")
            where = "\n".join(map(str, out.get("traceback", ())))
            return f"{said}<details><summary>出错的经过</summary>{plain(where)}</details>" if where else said
        data, metadata = out.get("data", {}), out.get("metadata", {})
        for shown in self._forms(data, metadata):
            if shown:
                return shown
        return ""

    def _forms(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[str]:
        """The forms of an output, the best first; an empty text where there is nothing to see."""
        if PLOTLY in data and isinstance(data[PLOTLY], dict):
            yield self._chart(data[PLOTLY])
        if "text/html" in data:
            yield self._html(joined(data["text/html"]))
        if "image/svg+xml" in data:
            source = base64.b64encode(joined(data["image/svg+xml"]).encode()).decode()
            yield f'<img alt="图" src="data:image/svg+xml;base64,{source}"{_sizes(metadata, "image/svg+xml")}>'
        for kind in _PICTURES:
            source = "".join(joined(data.get(kind, "")).split())
            if source and _BASE64.fullmatch(source):
                yield f'<img alt="图" src="data:{kind};base64,{source}"{_sizes(metadata, kind)}>'
        if "text/markdown" in data:
            yield markdown(data["text/markdown"], self.box())
        for kind in ("text/latex", "text/vnd.mermaid"):
            if kind in data:
                yield plain(joined(data[kind]), "source")
        text = joined(data.get("text/plain", ""))
        if "application/json" in data and (not text or text.startswith("<IPython.core.display.JSON")):
            yield plain(json.dumps(data["application/json"], ensure_ascii=False, indent=1))
        if text and not text.startswith("<IPython.core.display."):
            yield plain(text)
        if data:
            yield f'<p class="note">{_SCRIPTED}</p>'

    def _html(self, source: str) -> str:
        shown = harmless(source, self.box())
        if shown is None:
            return ""
        if shown.startswith(('<div class="evaltool-piece', '<p class="note">')):  # fits the page by itself
            return shown
        if "<table" not in shown:
            return f'<div class="out">{shown}</div>'
        columns = max(len(re.findall(r"<t[hd]\b", row)) for row in shown.split("<tr")[1:4] or [""])
        wide = " wide" if columns > MANY_COLUMNS else ""
        return f'<div class="out table{wide}" tabindex="0" role="region" aria-label="表格">{shown}</div>'

    def _chart(self, bundle: Mapping[str, Any]) -> str:
        """A place for the chart and its data, from which charts.js draws it."""
        self.charts += 1
        layout = dict(bundle.get("layout") or {})
        spec = {"data": bundle.get("data", []), "layout": layout}
        if bundle.get("frames"):
            spec["frames"] = bundle["frames"]
        if layout.get("template"):
            spec["template"] = self._template(layout.pop("template"))
        label = escape(_title(layout) or "图", quote=True)
        height = layout.get("height")
        tall = int(height) if isinstance(height, int | float) and 50 <= height <= 5000 else 450
        return (
            f'<figure class="chart" id="chart-{self.charts}" role="img" aria-label="{label}">'
            f'<div class="drawing" style="min-height:{tall}px">{_MISSING}</div>'
            f'<script type="application/json">{json_for_html(spec)}</script></figure>'
        )

    def _template(self, template: Any) -> Any:
        """The look of a chart: whole where it stands first, then the number of the chart where it stands."""
        text = json_for_html(template)
        if text in self.templates:
            return int(self.templates[text])
        self.templates[text] = str(self.charts)
        return template


def _title(layout: Mapping[str, Any]) -> str:
    """Title and subtitle of a chart, for those who cannot see it."""
    title = layout.get("title") or {}
    if isinstance(title, str):
        title = {"text": title}
    subtitle = title.get("subtitle") or {}
    texts = [title.get("text"), subtitle.get("text") if isinstance(subtitle, dict) else ""]
    return "。".join(visible(unescape(_TAGS.sub("", str(text)))) for text in texts if text)


def _sizes(metadata: Mapping[str, Any], kind: str) -> str:
    """Width and height as the notebook asks for, where they are numbers."""
    asked = metadata.get(kind, {})
    if not isinstance(asked, Mapping):
        return ""
    return "".join(
        f' {name}="{int(asked[name])}"'
        for name in ("width", "height")
        if isinstance(asked.get(name), int | float) and 0 < asked[name] < 10_000
    )

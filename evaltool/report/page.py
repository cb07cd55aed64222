"""An executed notebook as one light HTML page: no input cells, no network, charts drawn by the shared plotly.min.js.

The page is put together by jinja2 itself and not by nbconvert's exporter, which copies the notebook several times and
looks for its template anew for every page: that cost more than the page. Of nbconvert the parts that know notebooks
stay in use: its Markdown, its terminal colours, its sanitiser, and for `look="lab"` its template.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaltool.files import write_bytes
from evaltool.report.outputs import Writer, json_for_html

__all__ = [
    "BESIDE", "Link", "css_text", "json_for_html", "notebook_html", "policy", "style", "template", "warm",
    "write_assets",
]  # fmt: skip

TEMPLATES = Path(__file__).resolve().parent / "templates"
OWN_ASSETS = ("report.css", "charts.js", "index.js")
FEWEST_ENTRIES = 3  # headings that make a table of contents worth its place
Link = tuple[str, str]  # address and title of another report
Entry = tuple[str, str, str]  # of the table of contents: anchor, text, rank
_HEADING = re.compile(r"<h([12])([^>]*)>(.*?)</h\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_OWN_ID = re.compile(r' id="([^"]*)"')


def policy(scripts: str = "", styles: str = "'self' file:") -> str:
    """The Content-Security-Policy of a page: `scripts` are the sources of scripts, none by default.

    Nothing is fetched but what lies beside the page; plotly writes style attributes and saves pictures as blobs.
    """
    run = f"script-src {scripts}; " if scripts else ""
    return (
        f"default-src 'none'; {run}style-src {styles} 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    ).replace("  ", " ")


BESIDE = "'self' file:"  # scripts in files beside the page, also where it is opened without a server
POLICY = policy(BESIDE)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES / "evaltool"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters["zip"] = zip
    return made


@cache
def template(name: str) -> Any:
    """A compiled template of the package; it escapes whatever the template itself does not mark as safe."""
    return _environment().get_template(name)


@cache
def style() -> str:
    """The style sheet of every page."""
    return (TEMPLATES / "evaltool" / "report.css").read_text(encoding="utf-8")


def warm(look: str = "light") -> None:
    """Loads and compiles whatever pages need, so that processes forked afterwards need not. Starts nothing."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    shown = new_output("display_data", data={"text/html": "<p>一<p>二"})  # type: ignore[no-untyped-call]
    cells = [new_markdown_cell("# 一"), new_code_cell("1", outputs=[shown])]  # type: ignore[no-untyped-call]
    notebook: Any = new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    notebook_html(notebook, "一", look="lab" if look == "lab" else "light")


def notebook_html(
    notebook: Any,
    title: str,
    *,
    home: str = "../index.html",
    assets: str = "../assets",
    before: Link | None = None,
    after: Link | None = None,
    look: Literal["light", "lab"] = "light",
    self_contained: bool = False,
) -> str:
    """The page of an executed notebook, which is left as it is.

    home            the list of all reports; `before` and `after` the neighbouring reports: (address, title)
    assets          the folder that `write_assets` fills; all addresses are relative to the page
    look            `light`: what the notebook shows, as a report; `lab`: as JupyterLab shows it, with its input cells
    self_contained  one file to be sent alone: scripts and style stand in it, and no links to other pages
    raises          ValueError for another look
    """
    if look not in ("light", "lab"):
        raise ValueError(f"look 只能是 light 或 lab，现在是“{look}”")
    writer = Writer()
    if look == "lab":
        from evaltool.report.lab import lab_body, lab_style

        lead, body = "", lab_body(notebook, writer)
        css, sheets = lab_style(), ["lab.css", "report.css"]
        contents: list[Entry] = []
    else:
        parts = [part for cell in notebook.cells for part in _parts(cell, writer) if part]
        at, contents = _anchored(parts)
        lead, body = "\n".join(parts[:at]), "\n".join(parts[at:])
        css, sheets = "", ["report.css"]
    inline = [_script(name) for name in ("plotly.min.js", "charts.js")] if self_contained and writer.charts else []
    if self_contained:
        allowed = policy(" ".join(_hash(text) for text in inline), styles="")
    else:
        allowed = policy(BESIDE if writer.charts else "")
    return str(
        template("report.html.j2").render(
            title=title, footer=css_text(title), policy=allowed, look=look,
            lead=lead, body=body, contents=contents,
            heading=look == "light" and "<h1" not in lead + body, sheets=[] if self_contained else sheets,
            css=css + style() if self_contained else "", inline=inline,
            scripts=["plotly.min.js", "charts.js"] if writer.charts and not self_contained else [],
            assets=assets, home="" if self_contained else home, before=None if self_contained else before,
            after=None if self_contained else after,
        )
    )  # fmt: skip


def _parts(cell: Any, writer: Writer) -> list[str]:
    if cell.cell_type == "markdown":
        return [writer.markdown_cell(cell)]
    if cell.cell_type == "raw":
        return [writer.raw_cell(cell)]
    return [writer.output(out) for out in cell.get("outputs", ())]


def _anchored(parts: list[str]) -> tuple[int, list[Entry]]:
    """Gives every heading of first and second rank in `parts`, but the page's own, an anchor to be found by. Returns
    before which part the table of contents goes, and its entries; without a part and entries where it is not worth it.
    """
    entries: list[Entry] = []
    titled = False

    def anchored(match: re.Match[str]) -> str:
        nonlocal titled
        rank, attributes, inner = match.groups()
        text = " ".join(_TAG.sub("", inner).split())
        if not text:
            return match.group()
        if rank == "1" and not titled:
            titled = True
            return match.group()
        own = _OWN_ID.search(attributes)
        anchor = own.group(1) if own else f"s{len(entries) + 1}"
        entries.append((anchor, text, rank))
        return f'<h{rank} id="{anchor}">{text}</h{rank}>'

    first = len(parts)
    for i, part in enumerate(parts):
        parts[i] = _HEADING.sub(anchored, part)
        if entries and first == len(parts):
            first = i
    return (first, entries) if len(entries) >= FEWEST_ENTRIES else (0, [])


def css_text(text: str) -> str:
    """A text as a string of a style sheet, in which nothing can end the string or the element."""
    return "".join(sign if sign.isalnum() or sign in "　 、。·-" else f"\\{ord(sign):x} " for sign in text)


@cache
def _script(name: str) -> str:
    return _source(name).read_text(encoding="utf-8")


@cache
def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _source(name: str) -> Path:
    if name == "plotly.min.js":
        return Path(str(files("plotly"))) / "package_data" / name
    return TEMPLATES / "evaltool" / name


def write_assets(folder: Path, look: str = "light") -> None:
    """The files that pages share: plotly.min.js from plotly's own package, our scripts and style, and JupyterLab's
    style for `look="lab"`. What is there already is left alone."""
    wanted = {name: _source(name).read_bytes() for name in ("plotly.min.js", *OWN_ASSETS)}
    if look == "lab":
        from evaltool.report.lab import lab_style

        wanted["lab.css"] = lab_style().encode()
    for name, data in wanted.items():
        place = folder / name
        if not place.is_file() or place.read_bytes() != data:
            write_bytes(place, data)


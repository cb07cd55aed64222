"""Text that attacks, in every slot of a notebook and every kind of output: nothing of it runs, in any look of a page.

Two belts are tried, each by itself: pages without their policy (what is written is harmless), and pages whose outputs
are not made harmless (the policy lets nothing run).
"""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from evaltool.report import outputs
from evaltool.report.cleaning import harmless
from evaltool.report.drawn import PLOTLY
from evaltool.report.page import notebook_html, write_assets
from tests.report.browsers import watched

HIT = "window.hit=(window.hit||0)+1"
AWAY = "http://127.0.0.1:9/away"
ATTACKS = [
    f"<script>{HIT}</script>",
    f"</script><script>{HIT}</script><!--",
    f"</style></title></textarea></noscript></pre><script>{HIT}</script>",
    f"\"'><script>{HIT}</script>",
    f"<img src=x onerror={HIT}>",
    f'<img src="data:image/svg+xml;base64,PHN2Zy8+" onload="{HIT}">',
    f"<svg onload={HIT}><script>{HIT}</script><foreignObject><body onload={HIT}></foreignObject></svg>",
    f"<svg><animate onbegin={HIT} attributeName=x dur=1s></svg>",
    f'<iframe srcdoc="<script>parent.{HIT}</script>"></iframe>',
    f'<iframe src="javascript:parent.{HIT}"></iframe><object data="javascript:{HIT}"></object>',
    f'<a href="javascript:{HIT}">点我</a><a href=" java\nscript:{HIT}">点我</a><a href="java&#9;script:{HIT}">点我</a>',
    f'<a href="data:text/html,<script>{HIT}</script>">点我</a><a href="vbscript:x">点我</a>',
    f'[点我](javascript:{HIT}) [点我](JaVaScRiPt:{HIT} "x") ![x](javascript:{HIT}) <javascript:{HIT}>',
    f'![x" onerror="{HIT}](x" onerror="{HIT}) [x]: javascript:{HIT}',
    f"<details open ontoggle={HIT}><summary onclick={HIT}>x</summary></details>",
    f"<input autofocus onfocus={HIT}><button autofocus onfocus={HIT}>x</button><select autofocus onfocus={HIT}>",
    f"<video src=x onerror={HIT}></video><audio src=x onerror={HIT}></audio><marquee onstart={HIT}>x</marquee>",
    f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={HIT}&gt;">',
    f'<noscript><p title="</noscript><img src=x onerror={HIT}>">',
    f"<template shadowrootmode=open><script>{HIT}</script></template><x-y onclick={HIT} tabindex=1 autofocus>x</x-y>",
    f"<b style=\"background:url('{AWAY}')\" onmouseover={HIT}>x</b>",
    f"<style>@import '{AWAY}';*{{background:url({AWAY})}}</style>",
    f"<style>*{{x:expression({HIT})}} </style ><img src={AWAY}><link rel=stylesheet href={AWAY}>",
    f"<meta http-equiv=refresh content='0;url={AWAY}'><base href={AWAY}><form action={AWAY}><button>x</button></form>",
    f"\x1b]8;;javascript:{HIT}\x07点我\x1b]8;;\x07\x1b[31m<script>{HIT}</script>\x1b[0m\x1b[<script>{HIT}</script>m",
    f"$$<script>{HIT}</script>$$ \\begin{{x}}<img src=x onerror={HIT}>\\end{{x}} \\href{{javascript:{HIT}}}{{x}}",
    f'```mermaid\ngraph LR\nA[<img src=x onerror={HIT}>]-->B\nclick A href "javascript:{HIT}"\n```',
    f"~~~html\n<script>{HIT}</script>\n~~~\n\n    <script>{HIT}</script>\n\n> <img src=x onerror={HIT}>",
    f"{{{{ 7*7 }}}}{{% raw %}}<script>{HIT}</script>{{{{ cycler.__init__ }}}}",
    f"<div class=evaltool-piece><img src=x onerror={HIT}></div><p class=note onclick={HIT}>x</p>",
    f"<figure class=chart><div class=drawing></div><script>{HIT}</script></figure>",
    f"<a id=Plotly></a><a id=MathJax href=javascript:{HIT}>x</a><img name=currentScript src=x onerror={HIT}>",
    f"<xmp><script>{HIT}</script></xmp><plaintext><script>{HIT}</script>",
]  # fmt: skip
ENDS = "--></style></script></xmp></iframe></object></svg></math></table></select></noscript></textarea></template>"
STAYING = [attack for attack in ATTACKS if "http-equiv=refresh" not in attack]  # that one leads away without any script
GROUPS = [ENDS.join(STAYING[i : i + 8]) for i in range(0, len(STAYING), 8)]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "lab": {"look": "lab"},
    "light, one file": {"self_contained": True},
    "lab, one file": {"look": "lab", "self_contained": True},
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


def styled(text: str) -> str:
    """A table as df.style writes it, with the text in cells, heads, index, caption, classes and styles."""
    frame = pd.DataFrame({text: [text, 1], "b": [2, text]}, index=[text, "y"])
    style = frame.style.set_caption(text).set_table_attributes(f'class="x" title="{text}"')
    style.set_table_styles([{"selector": "td", "props": [("color", "red"), ("background", text)]}])
    style.set_tooltips(pd.DataFrame({text: [text, text]}, index=[text, "y"]))
    return str(style.map(lambda value: f"color: {value}").to_html())


def cell(kind: str, source: str, metadata: dict[str, Any] | None = None, **more: Any) -> Any:
    """A cell as a file may bring it, not looked over by nbformat."""
    return nbformat.from_dict({"cell_type": kind, "source": source, "metadata": metadata or {}, "id": "a", **more})


def markdown(source: str, **more: Any) -> Any:
    return cell("markdown", source, **more)


def raw(source: str, **metadata: str) -> Any:
    return cell("raw", source, metadata)


def code(*outputs: dict[str, Any], source: str = "1", metadata: dict[str, Any] | None = None) -> Any:
    return cell("code", source, metadata, execution_count=1, outputs=list(outputs))


def shown(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> Any:
    return code({"output_type": "display_data", "data": data, "metadata": metadata or {}})


def cells_of(text: str) -> dict[str, Any]:
    """A cell for each slot and kind of output, with the text in it."""
    coded = base64.b64encode(text.encode()).decode()
    svg = SVG.format(text)
    slots: dict[str, Any] = {
        "markdown": markdown(text),
        "markdown, heading": markdown(f"## {text}"),
        "markdown, list": markdown(f"- [ ] {text}\n- {text}\n\n1. {text}"),
        "markdown, table": markdown(f"| {text} | b |\n|---|---|\n| {text} | {text} |"),
        "markdown, link": markdown(f"[{text}]({text}) [a]({text} \"{text}\") <{text}>\n\n[r]\n\n[r]: {text} '{text}'"),
        "markdown, picture": markdown(f'![{text}]({text} "{text}")\n\n![{text}](data:image/png;base64,{coded})'),
        "markdown, code": markdown(f"`{text}`\n\n```{text}\n{text}\n```"),
        "markdown, fence": markdown(f"```mermaid\n{text}\n```"),
        "markdown, formula": markdown(f"${text}$\n\n$$\n{text}\n$$\n\n\\\\({text}\\\\)"),
        "markdown, raw HTML": markdown(f"<div align=center>\n\n{text}\n\n</div>\n<p title='{text}'>x</p>"),
        "input": code(source=text),
        "input, magic": code(source=f"%%html\n{text}"),
        "raw": raw(text),
        "raw HTML": raw(text, raw_mimetype="text/html"),
        "raw Markdown": raw(text, format="text/markdown"),
        "raw of another kind": raw(text, raw_mimetype=text),
        "HTML": shown({"text/html": text}),
        "HTML in lines": shown({"text/html": text.splitlines(keepends=True)}),
        "HTML, attribute": shown({"text/html": f'<p title="{text}" class="{text}" id="{text}" style="{text}">x</p>'}),
        "HTML, cell": shown({"text/html": f"<table><tr><td>{text}</td></tr></table>"}),
        "HTML, forged piece": shown({"text/html": f'<div class="evaltool-piece">{text}</div>'}),
        "HTML, style sheet": shown({"text/html": f"<style>{text} p {{color:{text}}}</style><p>x</p>"}),
        "HTML, drawing": shown({"text/html": f"<div>{svg}</div>"}),
        "HTML, table of pandas": shown({"text/html": pd.DataFrame({text: [text]}).to_html(escape=False)}),
        "HTML, df.style": shown({"text/html": styled(text)}),
        "Markdown output": shown({"text/markdown": text}),
        "SVG": shown({"image/svg+xml": svg}),
        "SVG in lines": shown({"image/svg+xml": [svg[:20], svg[20:]]}),
        "SVG that is none": shown({"image/svg+xml": text}),
        "PNG that is none": shown({"image/png": text, "text/plain": text}),
        "PNG, metadata": shown({"image/png": coded}, {"image/png": {"width": text, "height": text, "alt": text}}),
        "JPEG": shown({"image/jpeg": coded}, {text: text}),
        "LaTeX": shown({"text/latex": text}),
        "Mermaid": shown({"text/vnd.mermaid": text}),
        "JSON": shown({"application/json": {text: [text]}}),
        "script": shown({"application/javascript": HIT, "text/plain": text}),
        "widget": shown({"application/vnd.jupyter.widget-view+json": {"model_id": text}, "text/plain": text}),
        "Vega": shown({"application/vnd.vegalite.v5+json": {"x": text}, "text/plain": text}),
        "unknown kind": shown({text: text}),
        "plain text": shown({"text/plain": text}),
        "result": code({"output_type": "execute_result", "data": {"text/plain": text}, "execution_count": text}),
        "stdout": code({"output_type": "stream", "name": "stdout", "text": text}),
        "stderr": code({"output_type": "stream", "name": text, "text": text.splitlines(keepends=True)}),
        "error": code({"output_type": "error", "ename": text, "evalue": text, "traceback": [text, text]}),
        "tags": code(metadata={"tags": [text, f'" onclick="{HIT}'], "name": text, "collapsed": text}),
        "attachment": markdown(f"![x](attachment:a.png) ![x](attachment:{text})"),
        "number of the cell": shown({"text/plain": "1"}),
    }  # fmt: skip
    slots["attachment"].attachments = {"a.png": {f'image/png" onerror="{HIT}': text, text: text}, text: {text: text}}
    slots["number of the cell"].update(id=f'x" onclick="{HIT}', execution_count=text)
    return slots


def notebook_of(cells: list[Any], text: str = "") -> Any:
    metadata = {
        "title": text, "authors": [{"name": text}], "kernelspec": {"name": text, "display_name": text},
        "language_info": {"name": text, "pygments_lexer": text, "file_extension": text},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {text: text}}},
    }  # fmt: skip
    return nbformat.from_dict({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def chart(text: str) -> Any:
    """A chart with the text in every place that plotly shows or follows."""
    figure = {
        "data": [
            {"type": "bar", "x": [text, "b"], "y": [1, 2], "name": text, "text": [text, text], "hovertext": text,
             "hovertemplate": f"{text}%{{x}}<extra>{text}</extra>", "customdata": [text], "meta": text},
            {"type": "pie", "labels": [text, "b"], "values": [1, 2], "title": {"text": text}},
            {"type": "table", "header": {"values": [text]}, "cells": {"values": [[text]]}},
        ],
        "layout": {
            "title": {"text": text, "subtitle": {"text": text}}, "height": text, "showlegend": True,
            "xaxis": {"title": {"text": text}, "ticktext": [text], "tickvals": [0]},
            "legend": {"title": {"text": text}},
            "annotations": [{"text": text, "hovertext": text, "x": 0, "y": 1}, {"text": f'<a href="{text}">x</a>'},
                            {"text": f'<a href="javascript:{HIT}" target="{text}" style="{text}">点我</a>'}],
            "images": [{"source": AWAY, "x": 0, "y": 0, "sizex": 1, "sizey": 1}, {"source": f"javascript:{HIT}"},
                       {"source": "data:image/svg+xml," + SVG.format(text)}],
            "updatemenus": [{"buttons": [{"label": text, "method": "relayout", "args": ["title.text", text]}]}],
            "sliders": [{"steps": [{"label": text, "method": "skip"}], "currentvalue": {"prefix": text}}],
            "template": {"layout": {"title": {"text": text}}}, "meta": text,
        },
        "frames": [{"name": text, "data": [{"y": [2, 1]}]}], "config": {"plotlyServerURL": AWAY}, text: text,
    }  # fmt: skip
    return shown({PLOTLY: figure, "text/plain": text})


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def assert_harmless(html: str, sheets: bool = True) -> None:
    """No element and no attribute by which anything could run or be fetched."""
    reader = Elements()
    reader.feed(html)
    for tag, attributes in reader.seen:
        assert tag not in {
            "script", "iframe", "object", "embed", "link", "meta", "base", "form", "input", "button", "svg", "math",
            "template", "video", "audio", "textarea", "noscript", "body", "html", "title", "xmp", "plaintext", "select",
        }, tag  # fmt: skip
        assert sheets or tag != "style"
        assert not [name for name in attributes if name.startswith("on")], attributes
        for name in ("href", "src", "srcset", "srcdoc", "action", "data", "xlink:href"):
            value = (attributes.get(name) or "").lower()
            value = re.sub(r"[\x00-\x20]", "", value)  # as browsers read addresses
            scheme = re.match(r"[a-z][a-z0-9+.-]*:", value)
            allowed = ("data:image/",) if name == "src" else ("http:", "https:", "mailto:")
            assert not scheme or value.startswith(allowed), (tag, name, value)
        assert name_free(attributes), attributes


def name_free(attributes: dict[str, str | None]) -> bool:
    """No id that a script could take for one of its own variables."""
    own = attributes.get("id") or "u-"
    return "name" not in attributes and own.startswith(("u-", "o"))


@pytest.mark.parametrize("attack", range(len(ATTACKS)))
def test_nothing_that_runs_comes_through_the_cleaning(attack):
    text = ATTACKS[attack]
    for slot, one in cells_of(text).items():
        writer = outputs.Writer()
        made = (
            writer.markdown_cell(one) if one.cell_type == "markdown"
            else writer.raw_cell(one) if one.cell_type == "raw"
            else "".join(map(writer.output, one.outputs))
        )  # fmt: skip
        try:
            assert_harmless(made)
        except AssertionError as error:
            raise AssertionError(f"{slot}: {error}\n{made[:600]}") from error


@pytest.mark.parametrize("attack", range(len(ATTACKS)))
def test_what_has_been_cleaned_stays_as_it_is(attack):
    """A second reading finds nothing to change but the prefix of ids: it is read as it was written."""
    once = harmless(ATTACKS[attack], "o1")
    if once and "<style>" not in once:
        twice = harmless(once, "o1") or ""
        assert twice.replace("u-u-", "u-") == once


# --- in a browser ---


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    reports = tmp_path_factory.mktemp("报告 'x' {1}") / "reports"
    write_assets(reports / "assets", "lab")
    (reports / "a").mkdir()
    return reports / "a"


def tried(browser: Any, path: Path, drawn: bool = True) -> Any:
    """What became of a page after every link was clicked and everything was pointed at and focused."""
    with watched(browser, path, drawn=drawn) as seen:
        seen.page.evaluate(
            """() => {
                addEventListener('click', event => {
                    const link = event.target.closest('a');
                    if (link && /^(https?|mailto|file):/.test(link.href)) event.preventDefault();
                });
                for (const part of document.querySelectorAll('main *')) {
                    for (const kind of ['mouseover', 'mouseenter', 'focus', 'pointerdown', 'toggle'])
                        part.dispatchEvent(new Event(kind, {bubbles: true}));
                    if (part.localName === 'a' || part.localName === 'summary') part.dispatchEvent(
                        new MouseEvent('click', {bubbles: true, cancelable: true}));
                }
                for (const chart of document.querySelectorAll('.js-plotly-plot'))
                    try { Plotly.Fx.hover(chart, [{curveNumber: 0, pointNumber: 0}]); } catch (error) { }
            }"""
        )
        seen.page.wait_for_timeout(150)
        seen.hits = seen.page.evaluate("window.hit || 0")
        seen.address = seen.page.url
        seen.charts = seen.page.locator("figure.chart[data-drawn=yes]").count()
        return seen


browser_only = pytest.mark.browser


@browser_only
@pytest.mark.parametrize("policy", ["with its policy", "without its policy"])
@pytest.mark.parametrize("look", list(LOOKS))
def test_nothing_runs_in_a_browser(browser, folder, look, policy):
    """Every attack in every slot, on one page: nothing runs, nothing is asked for, nothing opens."""
    cells = [one for attack in ATTACKS for one in cells_of(attack).values()] + [shown({"text/plain": "末尾"})]
    title = ATTACKS[1]
    around = {"before": ("../b/report.html", title), "after": ("../c", title), "home": "../index.html"}
    page = notebook_html(notebook_of(cells, title), title, **around, **LOOKS[look])
    if policy == "without its policy":
        page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = folder / "all.html"
    path.write_text(page, encoding="utf-8")
    seen = tried(browser, path)
    assert len(cells) > 1000
    assert seen.hits == 0
    assert seen.network == []
    assert seen.opened == []
    assert seen.said == []
    assert seen.address == path.as_uri()
    if policy == "with its policy":
        assert seen.policy == []  # nothing was left for the policy to stop


@browser_only
@pytest.mark.parametrize("policy", ["with its policy", "without its policy"])
@pytest.mark.parametrize("look", list(LOOKS))
def test_nothing_runs_in_charts(browser, folder, look, policy):
    page = notebook_html(notebook_of([chart(attack) for attack in ATTACKS]), "图", **LOOKS[look])
    if policy == "without its policy":
        page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    path = folder / "charts.html"
    path.write_text(page, encoding="utf-8")
    seen = tried(browser, path)
    assert seen.charts == len(ATTACKS)
    assert seen.hits == 0
    assert seen.opened == []
    assert seen.address == path.as_uri()
    if policy == "with its policy":  # without it plotly would fetch the picture that a chart names
        assert seen.network == []


@browser_only
@pytest.mark.parametrize("look", list(LOOKS))
def test_the_policy_alone_lets_nothing_run(browser, folder, look, monkeypatch):
    """HTML put in as it is, as if the cleaning had a hole: the policy holds."""
    monkeypatch.setattr(outputs, "harmless", lambda html, box: html)
    for text in GROUPS:
        page = notebook_html(notebook_of([chart("x"), shown({"text/html": text})]), "题", **LOOKS[look])
        assert text in page
        path = folder / "open.html"
        path.write_text(page, encoding="utf-8")
        seen = tried(browser, path, drawn=False)
        assert seen.hits == 0, text
        assert [url for url in seen.network if url != AWAY] == [], text


@browser_only
def test_the_canary_sings(browser, folder):
    """Without either belt the attacks do run, so that the tests above can fail."""
    path = folder / "bare.html"
    for text in GROUPS:
        path.write_text(f"<!DOCTYPE html><main>{text}</main>", encoding="utf-8")
        assert tried(browser, path, drawn=False).hits >= 3, text


def test_json_of_charts_cannot_end_its_element():
    page = notebook_html(notebook_of([chart(attack) for attack in ATTACKS]), "图")
    kept = re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert len(kept) == len(ATTACKS)
    for text, attack in zip(kept, ATTACKS, strict=True):
        assert not re.search(r"[<>&]", text)
        assert json.loads(text)["layout"]["title"]["text"] == attack

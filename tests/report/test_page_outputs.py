"""An analyst's own notebook as a page: every kind of output stays readable, and a person with a keyboard or a screen
reader finds the way."""

from __future__ import annotations

import base64
import copy
import json
import re
from typing import Any

import nbformat
import pandas as pd
import pytest

from evaltool.report.cleaning import declarations, harmless, style_sheet
from evaltool.report.drawn import PLOTLY
from evaltool.report.outputs import MOST_TEXT, Writer, coloured, markdown
from evaltool.report.page import css_text, notebook_html, warm, write_assets

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def shown(**data: Any) -> str:
    """The output with the mime types given as text_html, image_png …"""
    kinds = {name.replace("_", "/", 1).replace("__", "+"): value for name, value in data.items()}
    return Writer().output(nbformat.from_dict({"output_type": "display_data", "data": kinds, "metadata": {}}))


def page_of(*sources: str, **options: Any) -> str:
    cells = [nbformat.from_dict({"cell_type": "markdown", "source": source, "metadata": {}}) for source in sources]
    return notebook_html(nbformat.from_dict({"cells": cells, "metadata": {}}), "题", **options)


def test_a_table_of_pandas_keeps_its_look_and_gains_scopes():
    frame = pd.DataFrame({"县": ["甲", "乙"], "分": [1, 2]})
    html = shown(text_html=frame._repr_html_(), text_plain="x")
    assert '<table border="1" class="dataframe">' in html
    assert '<th scope="col">县</th>' in html
    assert '<th scope="row">0</th>' in html
    assert "#o1 .dataframe thead th{text-align:right}" in html
    assert html.startswith('<div class="out table" tabindex="0" role="region"')
    wide = pd.DataFrame([range(12)])
    assert 'class="out table wide"' in shown(text_html=wide.to_html())


def test_df_style_keeps_its_colours_inside_its_own_box():
    frame = pd.DataFrame({"a": [1.0, 2.0]})
    html = shown(text_html=frame.style.bar(color="#5fba7d").to_html())
    box = re.search(r'<div class="own" id="(o\d+)">', html)
    assert box
    assert f"#{box.group(1)} #u-T_" in html
    assert "linear-gradient(90deg" in html
    name = re.search(r'<td id="(u-T_\w+row1_col0)"', html)
    assert name
    assert f"#{name.group(1)}" in html


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("color: red; position: fixed; width:10%", "color:red;width:10%"),
        ("background:url(http://x)", ""),
        ("background:u\\72l(http://x)", ""),
        ("margin-left:-9999px;margin:1em", "margin:1em"),
        ("width: calc(100% - 2em)", "width:calc(100% - 2em)"),
        ("width: expression(alert(1))", ""),
        ("-moz-binding: url(x)", ""),
        ('font-family: "Noto Sans", serif', 'font-family:"Noto Sans", serif'),
    ],
)
def test_declarations_that_may_stay(given, kept):
    assert declarations(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("p{color:red}", "#o1 p{color:red}"),
        ("#a, td.b:hover{color:red}", "#o1 #u-a,#o1 td.b:hover{color:red}"),
        ("+ p{color:red} ~ p{color:red} > p{color:red}", ""),
        ("@import 'x';p{color:red}", ""),
        ("@media print{p{color:red} q{color:red}} b{color:red}", "#o1 b{color:red}"),
        ("p{color:red} </style><script>{color:red}", "#o1 p{color:red}"),
        ("/* x } */ p{color:red} /* open", "#o1 p{color:red}"),
    ],
)
def test_a_style_sheet_reaches_only_its_box(given, kept):
    assert style_sheet(given, "o1") == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>一<p>二", "<p>一</p><p>二</p>"),
        ("<table><tr><td>a<td>b</table>", "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>"),
        ("1 < 2 <b>x</b>", "1 &lt; 2 <b>x</b>"),
        ("<B CLASS=x>y</B>", '<b class="x">y</b>'),
        ('<a href="报告.xlsx">表</a><a href="#a">x</a><i id="a">y</i>',
         '<a href="报告.xlsx">表</a><a href="#u-a">x</a><i id="u-a">y</i>'),
        (f'<img src="data:image/png;base64,{PNG}">', f'<img src="data:image/png;base64,{PNG}" alt="图">'),
        (f'<p><img src="data:image/png;base64,{PNG}"><p>x', f'<p><img src="data:image/png;base64,{PNG}" alt="图"></p>'),
        ('<img src="a.png" alt="走势">', "〔图：走势〕"),
        ("a\u202eb\u200bc", "abc"),
        ("<script>1</script><div id=x></div>", None),
    ],
)  # fmt: skip
def test_html_is_mended_and_kept(given, kept):
    made = harmless(given, "o1")
    assert made == kept or (made or "").startswith(kept or "-")


def test_items_cannot_close_the_box_around_them():
    made = harmless("<ul><li><div><li></li></div></li></ul><p>x</p>", "o1") or ""
    assert made.count("<div") == made.count("</div>")
    assert "<div><li>" not in made


def test_terminal_text_looks_as_in_a_terminal():
    assert coloured("10%\r50%\r100%\n好\r\n") == "100%\n好\n"
    assert coloured("\x1b[1;31m红\x1b[0m\x1b[2K<b>") == '<span class="ansi-red-intense-fg ansi-bold">红</span>&lt;b&gt;'
    assert coloured("\x1b]0;名\x07甲\x1b[?25l乙") == "甲乙"
    long = coloured("一" * (2 * MOST_TEXT))
    assert len(long) < MOST_TEXT + 100
    assert "略去" in long


def test_the_form_that_can_be_read_is_taken():
    assert shown(image_png=PNG, text_plain="<Figure>").startswith('<img alt="图" src="data:image/png;base64,')
    assert "data:image/svg+xml;base64," in shown(image_svg__xml="<svg/>", text_plain="x")
    assert shown(image_png="no <base64>", text_plain="甲") == "<pre>甲</pre>"
    assert shown(text_html="<div id=a></div><script>x</script>", text_plain="<bokeh>") == "<pre>&lt;bokeh&gt;</pre>"
    assert "JupyterLab" in shown(text_html="<script>x</script>", text_plain="<IPython.core.display.HTML object>")
    assert "JupyterLab" in shown(application_javascript="x", text_plain="<IPython.core.display.Javascript object>")
    assert shown(text_latex="$\\frac{1}{2}$") == '<pre class="source">$\\frac{1}{2}$</pre>'
    kept = shown(application_json={"a": 1}, text_plain="<IPython.core.display.JSON object>")
    assert "&quot;a&quot;: 1" in kept
    assert shown(text_markdown="**甲**") == "<p><strong>甲</strong></p>\n"


def test_an_error_is_shown_with_where_it_came_from():
    out = {"output_type": "error", "ename": "ValueError", "evalue": "错", "traceback": ["\x1b[31m第 1 行\x1b[0m"]}
    made = Writer().output(nbformat.from_dict(out))
    assert made.startswith('<pre class="error">ValueError: 错</pre><details>')
    assert '<span class="ansi-red-fg">第 1 行</span>' in made


def test_markdown_with_html_attachments_and_tasks():
    made = markdown(
        "甲<br>乙 <font color=red>丙</font>\n\n- [x] 完\n- [ ] 未\n\n![图一](attachment:a.png)", "o1",
        {"a.png": {"image/png": PNG}},
    )  # fmt: skip
    assert "甲<br>乙" in made
    assert '<font color="red">丙</font>' in made
    assert "☑ 完" in made
    assert "☐ 未" in made
    assert f'<img src="data:image/png;base64,{PNG}" alt="图一">' in made


def test_charts_that_look_alike_carry_their_look_once():
    look = {"layout": {"font": {"size": 13}}}
    bundle = {"data": [], "layout": {"template": look, "title": {"text": "甲", "subtitle": {"text": "乙"}}}}
    writer = Writer()
    made = [writer.output({"output_type": "display_data", "data": {PLOTLY: copy.deepcopy(bundle)}}) for _ in "12"]
    specs = [json.loads(re.search(r'json">(.*?)</script>', one).group(1)) for one in made]  # type: ignore[union-attr]
    assert [spec["template"] for spec in specs] == [look, 1]
    assert 'role="img" aria-label="甲。乙"' in made[0]
    assert bundle["layout"]["template"] == look


def test_a_page_leaves_its_notebook_as_it_is():
    cell = {"cell_type": "code", "source": "1", "metadata": {}, "execution_count": 1, "outputs": [
        {"output_type": "display_data", "metadata": {}, "data": {PLOTLY: {"data": [], "layout": {"template": {}}}}}]}
    notebook = nbformat.from_dict({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    before = copy.deepcopy(notebook)
    pages = [notebook_html(notebook, "题", **look) for look in ({}, {"look": "lab"}) * 2]
    assert notebook == before
    assert pages[:2] == pages[2:]


def test_the_way_from_page_to_page():
    page = page_of("## 一", before=("../a/report.html", "甲<县>"), after=("../b/report.html", "乙县"))
    assert page.count('<a rel="prev" href="../a/report.html">上一个：甲&lt;县&gt;</a>') == 2
    assert page.count('rel="next"') == 2
    assert page.index('href="#main"') < page.index("<nav") < page.index('<main id="main"')
    assert '<html lang="zh-CN">' in page
    alone = page_of("## 一", before=("../a", "甲"), self_contained=True)
    assert "上一个" not in alone
    assert "全部报告" not in alone
    assert "<link" not in alone


def test_contents_stand_behind_the_title():
    page = page_of("# 题目", "## 一", "## 二\n\n文", "# 另一部分", "## 三 `x`")
    assert page.index("题目</h1>") < page.index('<nav class="contents"') < page.index('<h2 id="s1">')
    assert '<li class="first"><a href="#s3">另一部分</a></li>' in page
    assert '<a href="#s4">三 x</a>' in page
    assert "<h1>题</h1>" not in page
    assert "<h1>题</h1>" in page_of("## 一")


def test_a_file_to_be_sent_alone_names_its_scripts_by_hash():
    import hashlib

    cell = {"cell_type": "code", "source": "1", "metadata": {}, "execution_count": 1, "outputs": [
        {"output_type": "display_data", "metadata": {}, "data": {PLOTLY: {"data": [], "layout": {}}}}]}
    page = notebook_html(nbformat.from_dict({"cells": [cell], "metadata": {}}), "题", self_contained=True)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == 2
    policy = page[: page.index("<title>")].replace("&#39;", "'")
    for script in scripts:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert "script-src 'sha256-" in policy
    assert "file:" not in policy


def test_a_title_in_a_style_sheet_cannot_end_it():
    assert css_text('县"}</style>\\') == "县\\22 \\7d \\3c \\2f style\\3e \\5c "


def test_another_look_is_refused():
    with pytest.raises(ValueError, match="look 只能是"):
        page_of("x", look="dark")


def test_assets_are_left_alone_when_they_are_right(tmp_path):
    write_assets(tmp_path, "lab")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "charts.js", "index.js", "lab.css", "plotly.min.js", "report.css",
    ]  # fmt: skip
    assert "url(http" not in (tmp_path / "lab.css").read_text(encoding="utf-8")
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    (tmp_path / "index.js").write_text("old", encoding="utf-8")
    write_assets(tmp_path, "lab")
    changed = [path.name for path, time in times.items() if path.stat().st_mtime_ns != time]
    assert changed == ["index.js"]


def test_warming_starts_no_thread():
    import threading

    before = threading.active_count()
    warm()
    warm("lab")
    assert threading.active_count() == before

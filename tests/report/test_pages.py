"""Pieces, parameters, names, pages: text of counties is inert; what papermill does to parameters is undone."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import nbformat
import pytest

import evaltool
from evaltool.batch.notebooks import check_parameters, parameters_of, read_notebook
from evaltool.report import CountyPage, OverviewPage
from evaltool.report.drawn import Drawn
from evaltool.report.figures import exactly, write_figures
from evaltool.report.names import folder_name, safe_name
from evaltool.report.notebooks import notebook_path
from evaltool.report.page import POLICY, json_for_html, notebook_html, policy
from evaltool.report.parameters import code_of
from evaltool.report.reading import Reading
from evaltool.report.tables import Piece, boxes, html_text, sentence, signature, table
from tests.report.conftest import CLEAN, HOSTILE, NAMES, NASTY, PENDING, SILENT, made_round, money_only

NOTEBOOKS = ["county_report.ipynb", "province_overview.ipynb", "01_first_round.ipynb"]
PIECES = [
    "title", "glance", "next_steps", "recommendations", "indicators", "funds", "problems", "evaluator_sheet", "sources",
    "open_questions",
]  # fmt: skip
CHARTS = ["dimensions", "points_lost", "three_totals", "among_all", "next_band", "fund_shares"]


class Tags(HTMLParser):
    """The elements and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Tags()
    reader.feed(html)
    return reader.seen


def assert_inert(html: str) -> None:
    for tag, attributes in tags(html):
        assert tag not in {"script", "img", "iframe", "object", "style", "link", "svg"}, tag
        assert not [name for name in attributes if name.startswith("on")], attributes
        assert "javascript:" not in str(attributes.get("href"))


@pytest.fixture(scope="module")
def reading(hubei_round) -> Reading:
    return Reading(hubei_round)


# --- pieces ---


@pytest.mark.parametrize("piece", PIECES)
def test_no_text_of_a_county_becomes_markup(reading, piece):
    shown = getattr(CountyPage(reading, NASTY), piece)()._repr_html_()
    assert_inert(shown)
    assert "mathjax_ignore" in shown


def test_hostile_text_stands_there_as_text(reading):
    page = CountyPage(reading, NASTY)
    for piece in (page.title(), page.problems(), page.evaluator_sheet()):
        assert html_text(HOSTILE) in piece.html
        assert HOSTILE in repr(piece)


@pytest.mark.parametrize("code", [CLEAN, PENDING, SILENT])
@pytest.mark.parametrize("piece", PIECES)
def test_every_piece_is_made_for_every_kind_of_county(reading, code, piece):
    shown = getattr(CountyPage(reading, code), piece)()
    assert isinstance(shown, Piece)
    assert shown.html
    assert repr(shown)


@pytest.mark.parametrize("code", list(NAMES))
@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_made_for_every_kind_of_county(reading, code, chart):
    bundle = getattr(CountyPage(reading, code), f"chart_{chart}")()._repr_mimebundle_()
    drawn = bundle["application/vnd.plotly.v1+json"]
    assert set(drawn) >= {"data", "layout"}
    assert len(json.dumps(drawn)) < 30_000


def test_a_county_that_returned_nothing_has_no_score_and_no_zero(reading):
    page = CountyPage(reading, SILENT)
    assert "这不等于零分" in repr(page.glance())
    assert "不提处理建议" in repr(page.recommendations())
    assert "0 分" not in repr(page.glance()) + repr(page.indicators())


def test_pending_is_shown_as_a_range_and_named(reading):
    said = repr(CountyPage(reading, PENDING).glance())
    assert "94 ～ 100" in said
    assert "N2 乡镇服务站点覆盖率（0 ～ 6 分）" in said


def test_nothing_takes_effect_unsigned(reading):
    said = repr(CountyPage(reading, CLEAN).recommendations())
    assert "不是决定" in said
    assert "负责人签字" in said
    assert "应/可" in said


def test_the_sheet_has_rule_clause_evidence_site_check_and_blanks(reading):
    shown = CountyPage(reading, CLEAN).evaluator_sheet()
    for head in ("评分规则", "依据", "佐证材料", "现场检查", "得分", "理由", "评审人签字"):
        assert head in shown.text
    assert "到中心看是否开门服务" in shown.text
    assert NAMES[CLEAN] in shown.text
    assert shown.html.startswith('<div class="landscape">')


def test_funds_come_in_the_order_of_the_edition(reading):
    names = [item.use for item in reading.county(CLEAN).funds]
    pot = reading.scheme.edition.funds["central"]
    assert names == [*pot.uses, *pot.bans, *(payment.name for payment in pot.payments)]


def test_the_overview_counts_every_county_once(reading):
    page = OverviewPage(reading)
    assert sum(count for _, count in page.grade_counts()) == len(NAMES)
    assert "未报县" in repr(page.not_returned())
    assert "待定县" in repr(page.pending())
    for name in ("title", "glance", "ranking", "most_lost", "recommendations", "pending", "not_returned", "sources"):
        assert_inert(getattr(page, name)()._repr_html_())
    for name in ("bands", "ranking", "dimensions", "points_lost"):
        assert getattr(page, f"chart_{name}")().figure.data


def test_tables_and_sentences():
    shown = table(["甲", "乙"], [["<b>", 1], [None, "a\nb"]], "题", ["", "number"], parts=[0])
    assert "&lt;b&gt;" in shown.html
    assert "a<br>b" in shown.html
    assert shown.html.count("<tr") == 3
    assert table(["甲"], [], "题").text == "题：无"
    assert sentence("x\u202ey\x00").text == "xy"
    assert "<script" not in boxes([("<script>", "<script>")]).html
    assert signature("负责人").text == "负责人：________"


# --- parameters ---


def test_a_code_that_papermill_made_a_number_is_turned_back():
    assert code_of(["010101", "420901"], 10101) == "010101"
    assert code_of(["010101", "420901"], "420901") == "420901"


@pytest.mark.parametrize(
    ("given", "kind"), [("10101", KeyError), (7, KeyError), (True, TypeError), (1.0, TypeError), (None, TypeError)]
)
def test_other_codes_are_refused(given, kind):
    with pytest.raises(kind):
        code_of(["010101", "420901"], given)


def test_an_ambiguous_number_is_refused():
    with pytest.raises(KeyError):
        code_of(["0101", "00101"], 101)


def test_unknown_parameters_and_other_kinds_are_refused():
    notebook = read_notebook(notebook_path("county_report.ipynb"))
    assert parameters_of(notebook) == ["round_folder", "county_code"]
    check_parameters(notebook, {"round_folder": ".", "county_code": "1"})
    with pytest.raises(ValueError, match="不认识的参数：county"):
        check_parameters(notebook, {"county": "1"})
    with pytest.raises(TypeError, match="county_code"):
        check_parameters(notebook, {"county_code": 1})


# --- names ---


@pytest.mark.parametrize(
    ("code", "name", "folder"),
    [
        ("420901", "示例县", "420901_示例县"),
        ("1", "../../etc/passwd", "1_etc-passwd"),
        ("1", "CON", "1_CON"),
        ("1", "县\u202e<b>", "1_县-b"),
        ("1", "…", "1_未命名"),
        ("a/b", "𠮷县", "a-b_c14cddc0_𠮷县"),
        ("1", "长" * 99, "1_" + "长" * 40),
    ],
)
def test_folder_names_are_safe(code, name, folder):
    assert folder_name(code, name) == folder
    assert not re.search(r"[/\\:*?\"<>|\x00-\x1f.]", folder)


def test_a_cut_name_ends_in_no_hyphen():
    assert not safe_name("长" * 39 + "-县").endswith("-")


# --- pages ---


def page_of(*outputs: dict) -> str:
    cells = [
        nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("display_data", data=data)]) for data in outputs
    ]
    return notebook_html(nbformat.v4.new_notebook(cells=cells), f"题 {HOSTILE}")


def test_json_in_a_page_cannot_end_its_element():
    text = json_for_html({"a": "</script><!--<script>&\u2028"})
    assert not re.search(r"[<>&\u2028]", text)
    assert json.loads(text) == {"a": "</script><!--<script>&\u2028"}


def test_the_page_fetches_its_style_and_two_scripts_beside_it_and_nothing_else():
    chart = {
        "application/vnd.plotly.v1+json": {
            "data": [{"x": [HOSTILE]}],
            "layout": {"title": {"text": HOSTILE}, "height": 300},
        }
    }
    page = page_of(chart, {"text/plain": HOSTILE}, {"text/markdown": HOSTILE})
    seen = tags(page)
    scripts = [attributes for tag, attributes in seen if tag == "script"]
    assert [one.get("src") for one in scripts] == [None, "../assets/plotly.min.js", "../assets/charts.js"]
    assert scripts[0]["type"] == "application/json"
    assert [attributes["href"] for tag, attributes in seen if tag == "link"] == ["../assets/report.css"]
    assert not [tag for tag, _ in seen if tag in {"img", "iframe"}]
    assert [attributes["content"] for tag, attributes in seen if attributes.get("http-equiv")] == [POLICY]
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?(https?:)?//", page)
    links = [attributes.get("href", "") for tag, attributes in seen if tag == "a"]
    assert links[:2] == ["#main", "../index.html"]
    assert not [link for link in links if "javascript:" in (link or "")]


def test_a_page_without_charts_has_and_allows_no_script():
    page = page_of({"text/plain": "1"})
    assert not [tag for tag, _ in tags(page) if tag == "script"]
    assert policy() in page.replace("&#39;", "'")
    assert "script-src" not in page


def test_errors_and_streams_are_escaped():
    cell = nbformat.v4.new_code_cell("1")
    cell.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text=HOSTILE),
        nbformat.v4.new_output("error", ename=HOSTILE, evalue=HOSTILE, traceback=[HOSTILE]),
    ]
    page = notebook_html(nbformat.v4.new_notebook(cells=[cell]), "题")
    assert page.count("&lt;script&gt;") == 4
    assert not [tag for tag, _ in tags(page) if tag in {"script", "img"}]


def test_headings_make_the_contents():
    cells = [nbformat.v4.new_markdown_cell(f"## {n}、题 `x`") for n in "一二三"]
    page = notebook_html(nbformat.v4.new_notebook(cells=cells), "题")
    assert '<li><a href="#s2">二、题 x</a></li>' in page
    assert '<h2 id="s2">二、题 x</h2>' in page


# --- figures ---


def test_numbers_are_written_exactly(tmp_path):
    from fractions import Fraction

    assert exactly({"a": [Fraction(84995, 1000), 85, float("inf"), True, None]}) == {
        "a": ["16999/200", "85", "inf", True, None]
    }
    done = write_figures(tmp_path, {"total": Fraction(1, 3)})
    assert json.loads((tmp_path / "report.json").read_text())["total"] == "1/3"
    assert len(done.sha256) == 64


# --- notebooks ---


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_talk_and_hold_no_logic(name):
    import ast

    notebook = read_notebook(notebook_path(name))
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    for source in code:
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, ast.If | ast.For | ast.While | ast.FunctionDef | ast.Lambda | ast.Try), source
    if name == "01_first_round.ipynb":
        assert len(code) == 10
    else:
        assert parameters_of(notebook)
        assert code[-1] == "page.finish()"


def test_the_package_can_be_called_like_the_function():
    assert callable(evaltool.report)
    import evaltool.report as package

    assert callable(package)


@pytest.mark.parametrize(
    "edition",
    [
        "money only",
        "hubei/laohekou",
        "shanxi/qinxian_etown",
        "hubei/project_self_evaluation",
        "anhui/ecommerce_livelihood",
        "shili/jiceng",
    ],
)
def test_every_edition_has_its_report(edition, tmp_path):
    """Without a total, without a grade, without funds, with rows of its own: each piece and chart is made."""
    from evaltool.intake import from_values
    from evaltool.scheme import load

    scheme = money_only(tmp_path) if edition == "money only" else load(edition)
    facts = from_values(scheme, {"1": dict(scheme.cases.base), "2": None})
    reading = Reading(made_round(tmp_path / "round", facts, "2024-06-30"))
    for code in ("1", "2"):
        page = CountyPage(reading, code)
        assert all(getattr(page, piece)().html for piece in PIECES)
        assert all(isinstance(getattr(page, f"chart_{chart}")(), Drawn | Piece) for chart in CHARTS)
    overview = OverviewPage(reading)
    for name in ("title", "glance", "ranking", "most_lost", "recommendations", "pending", "not_returned"):
        assert getattr(overview, name)().html or (name == "most_lost" and not overview.has_points)
    for name in ("bands", "ranking", "dimensions", "points_lost"):
        assert isinstance(getattr(overview, f"chart_{name}")(), Drawn | Piece)


def test_an_imported_kernel_library_makes_no_notebook():
    import ipykernel  # noqa: F401

    from evaltool.batch.progress import in_notebook

    assert not in_notebook()

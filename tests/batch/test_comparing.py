"""Comparing executed notebooks: every kind of difference is said, and a rule excuses only what it is there for."""

from __future__ import annotations

import copy
import functools
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from evaltool.batch.comparing import NORMALISED, differences


def timed(start: str = "2026-01-02T03:04:05.000001+00:00", seconds: float = 0.01) -> dict[str, Any]:
    return {"start_time": start, "end_time": start, "duration": seconds, "exception": False, "status": "completed"}


@functools.cache
def made() -> Any:
    """A notebook as papermill leaves it, with every kind of output."""
    outputs = [
        v4.new_output("stream", name="stdout", text="印出来的\n"),
        v4.new_output("stream", name="stderr", text="warned\n"),
        v4.new_output(
            "display_data",
            {"text/plain": "<Thing>", "text/html": "<b>1</b>", "application/json": {"a": [1, None, 1.5, True]}},
            metadata={"text/html": {"isolated": True}},
        ),
        v4.new_output("execute_result", {"text/plain": "5", "image/png": "iVBORw0KGgo="}, execution_count=1),
    ]
    error = v4.new_output("error", ename="ValueError", evalue="wrong", traceback=["---", "Cell In[2], line 1", "end"])
    metadata = {"tags": ["t"], "papermill": timed(), "own": {"deep": [1, 2]}}
    clock = {"iopub.status.busy": "2026-01-02T03:04:05.1Z", "shell.execute_reply": "2026-01-02T03:04:05.150000Z"}
    cells = [
        v4.new_markdown_cell("# title", id="one", attachments={"x.png": {"image/png": "iVBO"}}),
        v4.new_code_cell("a = 1", id="drawn", metadata={"tags": ["injected-parameters"], "papermill": timed()}),
        v4.new_code_cell("5", id="two", execution_count=1, outputs=outputs, metadata={**metadata, "execution": clock}),
        v4.new_code_cell("bad", id="three", execution_count=2, outputs=[error], metadata=copy.deepcopy(metadata)),
        v4.new_raw_cell("raw", id="four"),
    ]
    book = {**timed(), "parameters": {"a": 1}, "version": "2.7.0", "input_path": "in.ipynb", "output_path": None}
    return v4.new_notebook(cells=cells, metadata={"papermill": book, "language_info": {"name": "python"}})


def executed() -> Any:
    return copy.deepcopy(made())


def changed(path: str, value: Any) -> list[str]:
    """What is said if our notebook has another value at a dotted path ("~" in a key stands for a dot)."""
    ours = executed()
    *steps, last = [int(step) if step.isdigit() else step.replace("~", ".") for step in path.split(".")]
    place = ours
    for step in steps:
        place = place[step]
    place[last] = value
    return differences(ours, executed())


def outputs_of(*outputs: Any) -> Any:
    notebook = executed()
    notebook.cells[2].outputs = list(outputs)
    return notebook


def stream(text: str, name: str = "stdout") -> Any:
    return v4.new_output("stream", name=name, text=text)


def shown(text: str, mime: str = "text/plain") -> Any:
    return v4.new_output("display_data", {mime: text})


def alike(ours: Any, reference: Any) -> bool:
    """Whether two outputs (or lists of outputs) of a cell are taken for equal."""
    sides = [side if isinstance(side, list) else [side] for side in (ours, reference)]
    return not differences(outputs_of(*sides[0]), outputs_of(*sides[1]))


# --- what is said ---


def test_equal_notebooks_have_no_differences():
    assert differences(executed(), executed()) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("cells.0.source", "# other", "第 1 个单元的源文：本次是 “# other”，对照是 “# title”"),
        ("cells.2.execution_count", 3, "第 3 个单元的执行序号：本次是 3，对照是 1"),
        ("cells.2.execution_count", None, "第 3 个单元的执行序号：本次是 null，对照是 1"),
        ("cells.2.id", "other", "第 3 个单元的单元编号：本次是 “other”，对照是 “two”"),
        ("cells.2.metadata.tags", [], "第 3 个单元的元数据 · tags · 1：本次是 （没有），对照是 “t”"),
        ("cells.2.metadata.new", 1, "第 3 个单元的元数据 · new：本次是 1，对照是 （没有）"),
        ("cells.2.metadata.own.deep.1", 3, "第 3 个单元的元数据 · own · deep · 2：本次是 3，对照是 2"),
        ("cells.2.metadata.papermill.status", "failed",
         "第 3 个单元的元数据 · papermill · status：本次是 “failed”，对照是 “completed”"),
        ("cells.0.attachments.x~png.image/png", "x", "第 1 个单元的附件 · x.png · image/png：本次是 “x”，对照是 “iVBO”"),
        ("cells.2.outputs.0.text", "印出\n", "第 3 个单元第 1 个输出的文字：本次是 “印出\\n”，对照是 “印出来的\\n”"),
        ("cells.2.outputs.0.name", "stderr", "第 3 个单元第 1 个输出的流的名称：本次是 “stderr”，对照是 “stdout”"),
        ("cells.2.outputs.2.data.text/html", "<b>2</b>",
         "第 3 个单元第 3 个输出的内容 · text/html：本次是 “<b>2</b>”，对照是 “<b>1</b>”"),
        ("cells.2.outputs.2.data.application/json.a.3", 1,
         "第 3 个单元第 3 个输出的内容 · application/json · a · 4：本次是 1，对照是 true"),
        ("cells.2.outputs.2.metadata.text/html.isolated", False,
         "第 3 个单元第 3 个输出的元数据 · text/html · isolated：本次是 false，对照是 true"),
        ("cells.2.outputs.3.output_type", "display_data",
         "第 3 个单元第 4 个输出的输出类型：本次是 “display_data”，对照是 “execute_result”"),
        ("cells.3.outputs.0.ename", "KeyError", "第 4 个单元第 1 个输出的错误名称：本次是 “KeyError”，对照是 “ValueError”"),
        ("cells.3.outputs.0.traceback.1", "Cell In[3], line 1",
         "第 4 个单元第 1 个输出的错误经过 · 2：本次是 “Cell In[3], line 1”，对照是 “Cell In[2], line 1”"),
        ("metadata.papermill.parameters.a", 2, "笔记本的元数据 · papermill · parameters · a：本次是 2，对照是 1"),
        ("metadata.papermill.end_time", None,
         "笔记本的元数据 · papermill · end_time：本次是 null，对照是 “2026-01-02T03:04:05.000001+00:00”"),
        ("nbformat_minor", 4, "笔记本的nbformat_minor：本次是 4，对照是 5"),
    ],
)  # fmt: skip
def test_a_difference_is_said_exactly(path, value, said):
    assert said in changed(path, value)


def test_cells_that_are_missing_or_too_many_do_not_shift_the_others():
    ours = executed()
    del ours.cells[0]
    assert differences(ours, executed()) == ["第 1 个单元之前少了一个单元：对照第 1 个单元是 “# title”"]
    assert differences(executed(), ours) == ["第 1 个单元是多出来的：“# title”"]


def test_the_order_of_cells_counts():
    ours = executed()
    ours.cells[2], ours.cells[3] = ours.cells[3], ours.cells[2]
    assert len(differences(ours, executed())) == 2


def test_outputs_that_are_missing_or_too_many_do_not_shift_the_others():
    ours = executed()
    del ours.cells[2].outputs[2]
    assert differences(ours, executed()) == [
        "第 3 个单元第 3 个输出之前少了一个输出：对照有 display_data（text/plain、text/html、application/json）“<Thing>”"
    ]
    assert differences(executed(), ours) == [
        "第 3 个单元第 3 个输出是多出来的：display_data（text/plain、text/html、application/json）“<Thing>”"
    ]
    ours.cells[3].outputs = []
    assert "第 4 个单元第 1 个输出之前少了一个输出：对照有 ValueError “wrong”" in differences(ours, executed())


def test_a_cell_without_outputs_is_not_one_with_none():
    ours = executed()
    del ours.cells[2]["outputs"]
    assert any("第 3 个单元的输出：本次是 （没有）" in line for line in differences(ours, executed()))


def test_long_values_are_shown_where_they_differ():
    (line,) = differences(outputs_of(stream("x" * 5000 + "A")), outputs_of(stream("x" * 5000 + "B" + "x" * 3000)))
    assert "A”（共 5001 字）" in line
    assert "Bxxx" in line
    assert len(line) < 300


def test_half_characters_can_be_said():
    (line,) = differences(outputs_of(shown("\ud800")), outputs_of(shown("x")))
    assert "\\ud800" in line
    line.encode("utf-8")


def test_what_is_ignored_is_named_by_the_end_of_its_place():
    ours = executed()
    ours.cells[2].id = "other"
    ours.metadata.papermill.input_path = "other.ipynb"
    assert len(differences(ours, executed())) == 2
    assert len(differences(ours, executed(), ignore=["id"])) == 1
    assert differences(ours, executed(), ignore=["id", "papermill.input_path"]) == []
    assert len(differences(ours, executed(), ignore=["d", "path"])) == 2
    ours.cells[2].outputs = []
    assert differences(ours, executed(), ignore=["id", "papermill.input_path", "outputs"]) == []


def test_only_notebooks_are_compared():
    with pytest.raises(TypeError, match="不是笔记本"):
        differences("in.ipynb", executed())
    with pytest.raises(TypeError, match="一组名字"):
        differences(executed(), executed(), ignore="id")


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0, False), ("1", 1), (None, ""), ([], {}), (0, None)])
def test_types_count(one, other):
    sides = [executed(), executed()]
    for notebook, value in zip(sides, (one, other), strict=True):
        notebook.cells[2].outputs[2].data["application/json"] = {"x": value}
    assert len(differences(*sides)) == 1
    assert differences(sides[0], sides[0]) == []


def test_not_a_number_is_itself():
    sides = [executed(), executed()]
    for notebook in sides:
        notebook.cells[2].outputs[2].data["application/json"] = {"x": math.nan}
    assert differences(*sides) == []


# --- rules: what each excuses, and that it does not excuse more ---

STYLED = '<style>#{0}_row0 {{}}</style><table id="{0}"><td id="{0}_row0"></table><table id="{1}">'
UUIDS = ["920f5b63-38d0-451a-8e60-26940079de7b", "0b6f5b63-38d0-451a-be60-26940079de7c"]
PLOT = '<div id="{0}"></div><script>f("{0}")</script><div id="{1}"></div>'
DEEP = [*["line 2, in deep"] * 3, "RecursionError: too deep"]


def styled(*names: str) -> Any:
    return shown(STYLED.format(*names), "text/html")


def error(name: str, traceback: list[str]) -> Any:
    return v4.new_output("error", ename=name, evalue="", traceback=traceback)


RULES: dict[str, list[tuple[Any, Any, bool]]] = {
    "内存地址": [
        (shown("<A at 0x7f0123456789>"), shown("<A at 0x7fabcdef0123>"), True),
        (shown("<A at 0x7f0123456789>"), shown("<B at 0x7f0123456789>"), False),
        (shown("<A at 0x7f0123456789>"), shown("<A>"), False),
        (shown("0x7f0123456789"), shown("0x7fabcdef0123"), False),
        (shown("at 0x10"), shown(" at 0x11"), False),
    ],
    "临时文件": [
        (stream("/x/ipykernel_12/99.py:1: W"), stream("/x/ipykernel_345/99.py:1: W"), True),
        (stream("/x/ipykernel_12/99.py:1: W"), stream("/x/ipykernel_12/98.py:1: W"), False),
        (stream("/x/ipykernel_12/99.py:1: W"), stream("/x/ipykernel_12/99.py:2: W"), False),
        (stream("ipykernel_12"), stream("ipykernel_13"), False),
    ],
    "进程号": [
        (stream("process (pid=12) ended"), stream("process (pid=3456) ended"), True),
        (stream("PID: 12, pid 7"), stream("PID: 3456, pid 8"), True),
        (stream("pid=12 code=1"), stream("pid=12 code=2"), False),
        (stream("rapid 12"), stream("rapid 13"), False),
    ],
    "样式编号": [
        (styled("T_1a2b3", "T_fffff"), styled("T_00000", "T_12345"), True),
        (styled("T_1a2b3", "T_fffff"), styled("T_00000", "T_00000"), False),
        (shown("T_1a2b3"), shown("T_00000"), False),
        (shown("T_1a2b34", "text/html"), shown("T_000000", "text/html"), False),
    ],
    "图形编号": [
        (shown(PLOT.format(*UUIDS), "text/html"), shown(PLOT.format(*UUIDS[::-1]), "text/html"), True),
        (shown(PLOT.format(*UUIDS), "text/html"), shown(PLOT.format(UUIDS[0], UUIDS[0]), "text/html"), False),
        (shown(UUIDS[0]), shown(UUIDS[1]), False),
    ],
    "输出分段": [
        ([stream("a"), stream("b")], stream("ab"), True),
        ([stream("a"), shown("x"), stream("b")], [stream("ab"), shown("x")], False),
        ([stream("a"), stream("b")], stream("ba"), False),
        ([stream("a"), stream("b", "stderr")], stream("ab"), False),
        ([stream("a"), stream("b", "stderr"), stream("c")], [stream("b", "stderr"), stream("ac")], True),
        ([stream("a"), stream("b", "stderr"), stream("c")], [stream("b", "stderr"), stream("ca")], False),
        ([stream("a"), stream("b", "stderr")], [stream("a"), stream("B", "stderr")], False),
        ([stream("a"), shown("x"), stream("b", "stderr")], [stream("b", "stderr"), shown("x"), stream("a")], False),
        ([stream("a"), stream("b", "stderr"), shown("x")], [stream("a"), shown("x"), stream("b", "stderr")], False),
    ],
    "递归层数": [
        (error("RecursionError", DEEP), error("RecursionError", DEEP[1:]), True),
        (error("RecursionError", DEEP), error("RecursionError", DEEP[-1:]), False),
        (error("ValueError", DEEP), error("ValueError", DEEP[1:]), False),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule, cases in RULES.items() for case in cases])
def test_a_rule_excuses_only_what_it_is_there_for(rule, case):
    ours, reference, excused = case
    assert rule in NORMALISED
    assert alike(ours, reference) is excused
    assert alike(reference, ours) is excused


@pytest.mark.parametrize(
    ("path", "value", "excused"),
    [
        ("metadata.papermill.start_time", "2031-12-31T23:59:59+00:00", True),
        ("metadata.papermill.duration", 77, True),
        ("cells.2.metadata.papermill.duration", 77.5, True),
        ("cells.2.metadata.papermill.end_time", "2031-12-31T23:59:59.5+00:00", True),
        ("cells.2.metadata.execution.shell~execute_reply", "2031-12-31T23:59:59.5Z", True),
        ("cells.2.metadata.execution.shell~execute_reply", "2031-12-31T23:59:59.5+00:00", False),
        ("cells.2.metadata.execution.another", "2031-12-31T23:59:59.5Z", False),
        ("cells.2.metadata.execution", {}, False),
        ("cells.2.metadata.papermill.duration", None, False),
        ("cells.2.metadata.papermill.duration", "77.5", False),
        ("cells.2.metadata.papermill.duration", True, False),
        ("cells.2.metadata.papermill.start_time", None, False),
        ("cells.2.metadata.papermill.start_time", 5, False),
        ("cells.2.metadata.papermill.exception", None, False),
        ("metadata.start_time", "2031", False),
        ("metadata.papermill.parameters.duration", 5, False),
        ("cells.1.id", "anything", True),
        ("cells.1.id", None, False),
        ("cells.2.id", "anything", False),
        ("cells.1.metadata.tags", [], False),
    ],
)
def test_times_and_drawn_ids(path, value, excused):
    assert (changed(path, value) == []) is excused


def test_the_cells_that_mark_an_error_have_drawn_ids():
    sides = [executed(), executed()]
    for number, notebook in enumerate(sides):
        metadata = {"tags": ["papermill-error-cell-tag"]}
        notebook.cells.insert(0, v4.new_markdown_cell("An Exception", id=f"drawn{number}", metadata=metadata))
    assert differences(*sides) == []
    sides[0].cells[0].metadata["tags"] = ["other"]
    assert len(differences(*sides)) == 2


def test_every_rule_says_why_and_is_tried():
    assert set(NORMALISED) == {*RULES, "时刻", "随机单元编号"}
    assert all(len(why) > 15 for why in NORMALISED.values())


# --- any leaf at all ---


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path, *(leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key)))]
    if isinstance(value, list):
        return [path, *(leaf for number, inner in enumerate(value) for leaf in leaves(inner, (*path, number)))]
    return [path]


CLOCK = {"start_time", "end_time", "duration"}
LEAVES = [path for path in leaves(executed()) if path]


def excused(path: tuple[Any, ...], before: Any, after: Any) -> bool:
    """The rules that touch leaves of this notebook: times keep their type and way of writing, a drawn id is text."""
    if path == ("cells", 1, "id"):
        return isinstance(after, str)
    clock = (path[-1] in CLOCK and path[-2] == "papermill") or "execution" in path[:-1]
    number = isinstance(before, float) and isinstance(after, int | float) and not isinstance(after, bool)
    return clock and number


@settings(deadline=None)
@given(
    path=st.sampled_from(LEAVES),
    value=st.one_of(
        st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, 1.0]), st.text("ab县\n 1", max_size=3),
        st.just([]), st.just({}), st.just({"k": 1}),
    ),
)  # fmt: skip
def test_whatever_leaf_is_changed_is_found(path, value):
    ours, reference = executed(), executed()
    place = ours
    for step in path[:-1]:
        place = place[step]
    before = place[path[-1]]
    place[path[-1]] = value
    whole = [("cells",), *(("cells", number) for number in range(5))]
    if path in whole and (path == ("cells",) or not isinstance(value, dict)):
        return  # not a notebook any more
    if json.dumps(before) == json.dumps(value):
        assert differences(ours, reference) == []
    elif not excused(path, before, value):
        assert differences(ours, reference)
        assert differences(reference, ours)
    else:
        assert differences(ours, reference) == []


@settings(deadline=None)
@given(path=st.sampled_from(LEAVES))
def test_whatever_is_taken_out_is_found(path):
    ours = executed()
    place = ours
    for step in path[:-1]:
        place = place[step]
    if path == ("cells",):
        return
    del place[path[-1]]
    assert differences(ours, executed())
    assert differences(executed(), ours)

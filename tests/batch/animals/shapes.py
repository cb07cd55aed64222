"""Animals of the zoo: notebooks of strange shape."""

from __future__ import annotations

from nbformat import v4

from tests.batch.animals import animal, code, failing, markdown

animal(
    "shapes_of_cells",
    "empty, blank and comment-only cells, skipped cells, raw cells, attachments, stale outputs",
    code(""),
    code("   \n\t"),
    code("# only a comment"),
    code("print('skipped')", "skip-execution"),
    v4.new_raw_cell("raw {{ text }}"),
    markdown("![x](attachment:x.png)", attachments={"x.png": {"image/png": "iVBORw0KGgo="}}),
    code("'fresh'", execution_count=41, outputs=[v4.new_output("stream", name="stdout", text="stale")]),
    code("pass", execution_count=42, outputs=[v4.new_output("stream", name="stdout", text="stale")]),
    code("", execution_count=43, outputs=[v4.new_output("stream", name="stdout", text="stale in an empty cell")]),
    code("'hidden'", "hide-input", "标签"),
    code("# papermill_description=described cell\n'described'"),
    v4.new_code_cell("'own metadata'", metadata={"collapsed": True, "own": {"a": [1]}, "papermill": {"old": 1}}),
    v4.new_code_cell("'own timing'", metadata={"execution": {"iopub.status.busy": "of old", "own": "1"}}),
    code("\n\n'blank lines around'\n\n"),
    code("'carriage return'\r\n'line ends'"),
    code("\tif_tab = 1"),
    code("x = 1 \\\n+ 1\nx"),
    failing("\ufeff'byte order mark'"),
    house="shapes",
    metadata={"authors": [{"name": "某人"}], "own": 1, "language_info": {"name": "python", "version": "2"}},
)
animal(
    "parameters_awkward",
    "quotes, line ends, unicode, numbers, nothing, lists as parameters",
    r"""
# %% parameters
text = ''
number = 0
# %%
text, number, flag, nothing, many, some, real, quoted, injected
""",
    parameters={
        "text": "县\n'单' \"双\" \\ {x} \t🧪",
        "number": 330107,
        "flag": True,
        "nothing": None,
        "many": [1, "二", [3.5]],
        "some": {"k": {"甲": [None]}},
        "real": 1e300,
        "quoted": "010101",
        "injected": "'; print('no') #",
    },
)
animal(
    "parameters_no_cell",
    "no cell tagged parameters: they are put in front",
    markdown("# title"),
    "x + 1",
    parameters={"x": 41},
)
animal(
    "parameters_two_cells",
    "two tagged cells and an old injected one, which is replaced",
    code("a = 1", "parameters"),
    code("# Parameters\na = 99\n", "injected-parameters"),
    code("a = 2\nb = 3", "parameters"),
    "a, b",
    parameters={"a": 10},
)
animal(
    "old_format",
    "format 4.4: cells have no ids, papermill draws them",
    r"""
# %% parameters
a = 1
# %%
a
# %%
1 / 0
""",
    parameters={"a": 5},
    stops=True,
    ignore=("id",),
    format=4,
)
animal(
    "run_again",
    "a notebook that failed before: papermill's marks of then are taken out",
    markdown("An Exception was encountered", "papermill-error-cell-tag"),
    code("a = 1", "parameters"),
    markdown("stopped here", "papermill-error-cell-tag"),
    code("a + 1", execution_count=1, outputs=[v4.new_output("error", ename="E", evalue="old", traceback=["old"])]),
    metadata={"papermill": {"exception": True, "parameters": {"a": 0}, "version": "2.0", "duration": 3.5, "own": 1}},
)

"""A notebook as JupyterLab shows it: the cells of nbconvert's `lab` template, without what that template fetches.

nbconvert's page loads require.js, MathJax, Mermaid and widgets from the network and puts HTML of outputs in as it is.
Here only its cells and its style are taken, and everything that a notebook shows is made by `outputs`, as in the light
page; so what a notebook says has one way into a page, and a page one policy.
"""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.preprocessors.csshtmlheader import CSSHTMLHeaderPreprocessor

from evaltool.report.outputs import Writer

_CELLS = """
{%- extends 'lab/base.html.j2' -%}
{%- block header %}{% endblock -%}
{%- block footer %}{% endblock -%}
{%- block input %}
<div class="jp-CodeMirrorEditor jp-Editor jp-InputArea-editor" data-type="inline"><div class="cm-editor cm-s-jupyter">
{{ cell.highlighted }}
</div></div>
{%- endblock -%}
{%- block output -%}
<div class="jp-OutputArea-child{{ ' jp-OutputArea-executeResult' if output.result }}">
{{ self.output_area_prompt() }}
<div class="jp-OutputArea-output {{ output.kind }}">{{ output.html }}</div></div>
{%- endblock -%}
{%- block output_area_prompt -%}
<div class="jp-OutputPrompt jp-OutputArea-prompt">
{%- if output.result %}Out[{{ cell.execution_count }}]:{% endif %}</div>
{%- endblock -%}
{%- block markdowncell -%}
<div class="jp-Cell jp-MarkdownCell jp-Notebook-cell"><div class="jp-Cell-inputWrapper">
<div class="jp-InputArea jp-Cell-inputArea">{{ self.empty_in_prompt() }}
<div class="jp-RenderedHTMLCommon jp-RenderedMarkdown jp-MarkdownOutput" data-mime-type="text/markdown">{{ cell.html }}
</div></div></div></div>
{%- endblock -%}
{%- block rawcell -%}
<div class="jp-Cell jp-RawCell jp-Notebook-cell"><div class="jp-Cell-inputWrapper">
<div class="jp-InputArea jp-Cell-inputArea">{{ self.empty_in_prompt() }}
<div class="jp-RenderedText">{{ cell.html }}</div></div></div></div>
{%- endblock -%}
"""
_LANGUAGES = ("ipython3", "ipython", "python3", "python", "r", "julia", "sql", "bash", "javascript")
_ADDRESS = re.compile(r"url\(\s*['\"]?(?!data:)[^)]*\)|@import[^;]*;")
_FIXES = """
body.lab { padding: 16px; overflow: auto; margin: 0 auto; max-width: 76rem; }
.lab .jp-InputArea, .lab .jp-OutputArea-child { display: flex; }
.lab .jp-InputPrompt, .lab .jp-OutputPrompt { flex: 0 0 5.5em; }
.lab .jp-InputArea-editor, .lab .jp-OutputArea-output, .lab .jp-MarkdownOutput { flex: 1 1 auto; min-width: 0; }
.lab .jp-Collapser { display: none; }
.lab .jp-OutputArea-output pre { white-space: pre-wrap; }
.lab .jp-InputArea-editor pre { margin: 0; padding: 5px; white-space: pre-wrap; }
.lab table { border-collapse: collapse; }
.lab td, .lab th { border-width: 1px; }
@media print { .lab .jp-Cell { break-inside: auto; } .lab .jp-Notebook-cell { box-shadow: none; } }
"""


class _Exporter(HTMLExporter):
    """nbconvert's exporter of HTML, for its environment: where its templates lie, and its filters."""


@cache
def _exporter() -> Any:
    return _Exporter(template_name="lab")  # type: ignore[no-untyped-call]


@cache
def _cells() -> Any:
    environment = _exporter().environment
    for name in ("highlight_code", "filter_data_type"):  # named in blocks that are replaced here, so never called
        environment.filters.setdefault(name, str)
    return environment.from_string(_CELLS)


@cache
def _highlighter(lexer: str) -> Any:
    return Highlight2HTML(pygments_lexer=lexer)  # type: ignore[no-untyped-call]


@cache
def lab_style() -> str:
    """JupyterLab's style and light theme as nbconvert carries them, without what would be fetched."""
    environment = _exporter().environment
    texts = [environment.loader.get_source(environment, f"static/{name}.css")[0] for name in ("index", "theme-light")]
    colours: Any = CSSHTMLHeaderPreprocessor()  # type: ignore[no-untyped-call]
    _, resources = colours.preprocess(SimpleNamespace(), {"config_dir": ""})
    texts += resources["inlining"]["css"]  # of code
    return _ADDRESS.sub("none", "\n".join(texts)).replace("</", "<\\/") + _FIXES


def lab_body(notebook: Any, writer: Writer) -> str:
    """The cells of a notebook with prompts, input and output. Nothing of the notebook is put in unescaped but what
    `writer` has made harmless and the input, which the highlighter escapes."""
    asked = notebook.metadata.get("language_info", {}).get("pygments_lexer") or "ipython3"
    language = asked if asked in _LANGUAGES else "text"
    shown = SimpleNamespace(cells=[_cell(cell, writer, language) for cell in notebook.cells])
    every = SimpleNamespace(get=lambda *_: "")
    resources = {
        "global_content_filter": SimpleNamespace(
            include_code=True, include_input=True, include_output=True, include_markdown=True, include_raw=True,
            include_unknown=False, include_input_prompt=True, include_output_prompt=True,
        ),
        "should_sanitize_html": True, "metadata": every,
    }  # fmt: skip
    return str(_cells().render(nb=shown, resources=resources))


def _cell(cell: Any, writer: Writer, language: str) -> Any:
    """What the template needs of a cell; its tags and its id, which are the notebook's text, stay behind."""
    kind = cell.cell_type
    made = SimpleNamespace(cell_type=kind, metadata={"tags": []}, id="", outputs=[], html="", highlighted="")
    made.execution_count = cell["execution_count"] if isinstance(cell.get("execution_count"), int) else " "
    if kind == "markdown":
        made.html = writer.markdown_cell(cell)
    elif kind == "raw":
        made.html = writer.raw_cell(cell)
    else:
        made.highlighted = str(_highlighter(language)(cell["source"]))
        for out in cell.get("outputs", ()):
            if html := writer.output(out):
                error = out["output_type"] == "error" or out.get("name") == "stderr"
                text = "jp-RenderedText" if html.startswith("<pre") else "jp-RenderedHTMLCommon jp-RenderedHTML"
                mime = "jp-mod-stderr" if error else ""
                made.outputs.append(
                    SimpleNamespace(
                        html=html, kind=f"{text} {mime}".strip(), result=out["output_type"] == "execute_result"
                    )
                )
    return made

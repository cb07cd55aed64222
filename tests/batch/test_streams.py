"""What a cell prints arrives whole, in order and in its own cell, whichever thread sends it."""

from __future__ import annotations

import nbformat
import papermill
import pytest
from nbformat import v4

from evaltool.batch.levels import can_fork

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(can_fork()), reason="runs notebooks in forked processes"),
]

CELLS, LINES = 40, 800
# Sends what waits as often as it can, beside the thread that does so from time to time.
SENDING = """
import sys, threading
sys.setswitchinterval(1e-6)
def send():
    while True: sys.stdout.flush()
for _ in range(2): threading.Thread(target=send, daemon=True).start()
"""


def test_text_that_another_thread_sends_is_whole_in_order_and_in_its_cell(tmp_path):
    codes = [f"for line in range({LINES}): print({cell}, line)" for cell in range(CELLS)]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code) for code in [SENDING, *codes]])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    made = papermill.execute_notebook(tmp_path / "in.ipynb", None, engine_name="evaltool", progress_bar=False)
    for cell, found in enumerate(made.cells[-CELLS:]):
        text = "".join(output.text for output in found.outputs)
        assert text.splitlines() == [f"{cell} {line}" for line in range(LINES)]

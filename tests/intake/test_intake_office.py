"""LibreOffice opens what we write, and what it saves reads the same."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from evaltool.facts import SELF
from evaltool.intake import mark, official_template, template

pytestmark = [
    pytest.mark.office,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.xdist_group("office"),
]


def convert(path: Path, to: str, out: Path) -> Path:
    profile = f"-env:UserInstallation=file://{out}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", to, "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    made = out / f"{path.stem}.{to}"
    assert made.is_file(), f"LibreOffice could not open {path.name}"
    return made


def test_templates_and_marked_copies_open_and_print(scheme, county, answers, roster, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    empty = template(scheme, tmp_path / "空表.xlsx", {"code": "429901", "name": "甲县"})
    official = official_template(scheme, roster, tmp_path / "认定表.xlsx")
    first = next(iter(answers(scheme)["fields"]))
    done = county(scheme, answers(scheme, fields={first: "690万"}))
    assert done.problems
    marked = mark(done.path, done.facts, tmp_path / "标注件.xlsx")
    for path, words in ((empty, "填报说明 基础数据"), (official, "省级认定表"), (marked, "问题清单 690万")):
        pdf = convert(path, "pdf", out)
        text = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
        for word in words.split()[1:] or words.split():
            assert word in text
        assert "#REF" not in text
        assert "Err:" not in text


def test_a_template_saved_by_libreoffice_reads_the_same(scheme, county, answers, reread, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    done = county(scheme, answers(scheme))
    again = reread(convert(done.path, "xlsx", out), scheme)
    asked = [code for code in done.codes if not code.startswith("D13")]  # questions, about years of evidence
    assert asked == []
    assert again.codes == done.codes
    one, other = done.facts.layers[SELF], again.facts.layers[SELF]
    assert one.table.values.to_numpy().tolist() == other.table.values.to_numpy().tolist()
    assert one.table.states.to_numpy().tolist() == other.table.states.to_numpy().tolist()
    for key in scheme.edition.lists:
        assert one.lists[key].table.values.to_numpy().tolist() == other.lists[key].table.values.to_numpy().tolist()
    assert done.facts.claimed.to_numpy().tolist() == again.facts.claimed.to_numpy().tolist()


def test_libreoffice_calculates_a_formula_that_nobody_did(hubei, county, answers, reread, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    done = county(hubei, answers(hubei, fields={"towns": "=4+6"}))
    assert done.codes == ["D106"]
    again = reread(convert(done.path, "xlsx", out), hubei)
    assert again.codes == []
    assert again.facts.cell(SELF, "甲县", "towns")[0] == 10

"""The public names, as typed in a notebook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import evaltool as ev

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


def test_every_public_name_is_there() -> None:
    for name in ev.__all__:
        assert getattr(ev, name) is not None
    assert set(ev.__all__) <= set(dir(ev))
    with pytest.raises(AttributeError, match="nothing"):
        ev.nothing  # noqa: B018


def test_importing_the_package_imports_no_heavy_library() -> None:
    heavy = ("pandas", "openpyxl", "plotly", "papermill")
    code = f"import sys, evaltool, evaltool.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_whole_way_in_python() -> None:
    scheme = ev.load("hubei/ecommerce_rural", on="2020-06-30")
    assert "满分 100" in repr(scheme)
    facts = ev.read(SAMPLE, scheme)
    assert "未采到：岭背县（未报送）" in repr(facts)
    scores = ev.score(facts)
    assert "84.995" in repr(scores)
    assert "参考权重" in scores._repr_html_()
    assert "7.995" in str(scores.explain("澄湾县", "J4"))
    decisions = ev.decide(scores)
    assert "不是决定" in repr(decisions)
    assert [item.action for item in decisions.of("岭背县")] == []


def test_objects_are_frozen() -> None:
    scheme = ev.load("shili/jiceng")
    with pytest.raises(AttributeError):
        scheme.digest = ""  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        scheme.edition.name = ""  # type: ignore[misc]

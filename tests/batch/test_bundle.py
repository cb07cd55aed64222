"""What travels to and from the workers of a cluster: a round's data, outputs, versions."""

from __future__ import annotations

import json
import random

import pytest

from evaltool.batch.bundle import Bundle, complete, folder_of, offered, packed, take, unpack
from evaltool.batch.versions import differing, versions


def test_a_bundle_arrives_as_it_was_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr("evaltool.batch.bundle.CHUNK", 1000)
    (tmp_path / "base" / "results").mkdir(parents=True)
    (tmp_path / "base" / "empty").touch()
    (tmp_path / "base" / "results" / "round.sqlite").write_bytes(random.Random(1).randbytes(4321))
    (tmp_path / "a.ipynb").write_text("{}")
    pack = Bundle(tmp_path / "base", ["empty", "results/round.sqlite"], [str(tmp_path / "a.ipynb")])
    local = str(tmp_path / "worker")
    manifest = json.loads(json.dumps(pack.manifest()))
    assert offered("run1", pack.name, local)
    for piece in list(pack.chunks())[:-2]:
        assert take("run1", *piece, local) == ""
    assert "round.sqlite" in complete("run1", pack.name, manifest, local)
    assert folder_of("run1") is None
    for piece in pack.chunks():
        assert take("run1", *piece, local) == ""
    assert complete("run1", pack.name, manifest, local) == ""
    folder = folder_of("run1")
    assert folder is not None
    for name in ("empty", "results/round.sqlite"):
        assert (folder / name).read_bytes() == (tmp_path / "base" / name).read_bytes()
    assert (folder / ".notebooks" / "0" / "a.ipynb").read_text() == "{}"
    assert not offered("run2", pack.name, local), "the same data is sent once"
    for place in ("../x", "/x"):
        with pytest.raises(ValueError, match="不是包里的位置"):
            take("run3", place, 0, b"", local)
        with pytest.raises(ValueError, match="不是包里的位置"):
            unpack({place: b""}, tmp_path)


def test_outputs_travel_as_they_are(tmp_path):
    (tmp_path / "from" / "deep").mkdir(parents=True)
    (tmp_path / "from" / "deep" / "x").write_bytes(b"\0" * 999)
    unpack(packed(tmp_path / "from", ["deep/x"]), tmp_path / "to")
    assert (tmp_path / "to" / "deep" / "x").read_bytes() == b"\0" * 999


def test_other_versions_are_said_by_name():
    mine = versions()
    assert {"python", "evaltool", "papermill", "ipykernel", "plotly"} < set(mine)
    assert all(mine.values())
    assert differing(mine, dict(mine)) == []
    (said,) = differing(mine, {**mine, "plotly": "1"})
    assert said.startswith("plotly：那边 1，这边 ")
    assert differing({"plotly": "7"}, {}) == ["plotly：那边 没有，这边 7"]

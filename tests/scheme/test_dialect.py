"""The YAML dialect: text stays text, everything has a place, and what guesses or hides is refused."""

from __future__ import annotations

import pytest

from evaltool.scheme.dialect import parse, read


def tree(text: str):
    document, problems = parse(text, "x.yaml")
    assert problems == [], problems
    return document.tree


def said(text: str) -> list[tuple[str, str]]:
    return [(problem.code, str(problem.rule)) for problem in parse(text, "x.yaml")[1]]


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "yes",
        "on",
        "1.10",
        "0123",
        "12:30",
        "1e3",
        "0x1F",
        "1_000",
        ".inf",
        "2024-01-01",
        "true",
        "65%",
        "=",
        "<<",
        "No",
    ],
)
def test_every_scalar_stays_text(text):
    assert tree(f"a: {text}") == {"a": text}


def test_nothing_is_null_and_quoted_nothing_is_text():
    assert tree("a:\nb: null\nc: ~\nd: ''\ne: 'null'") == {"a": None, "b": None, "c": None, "d": "", "e": "null"}


def test_keys_stay_text_too():
    assert tree("{1.10: a, no: b, '0': c}") == {"1.10": "a", "no": "b", "0": "c"}


def test_every_value_and_key_has_a_place():
    document, _ = parse("a:\n  - x\n  - {b: 1, c: [2]}\n", "x.yaml")
    assert str(document.place(("a", 1, "c", 0))) == "x.yaml:3:16"
    assert str(document.place(("a", 1, "c"), key=True)) == "x.yaml:3:12"
    assert str(document.place(("a", 1, "nothing"))) == "x.yaml:3:5"
    assert str(document.place(("nothing",))) == "x.yaml:1:1"


def test_chinese_columns_count_characters():
    assert said("名称: 甲\n名称: 乙") == [("S101", "x.yaml:2:1")]
    assert said("{名称: 甲, 名称: 乙}") == [("S101", "x.yaml:1:9")]


def test_every_repeated_key_is_told():
    assert said("a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n") == [
        ("S101", "x.yaml:2:11"),
        ("S101", "x.yaml:3:1"),
        ("S101", "x.yaml:4:1"),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: &x 1", "1:4"), ("a: &x [1]", "1:4"), ("a: !!int 1", "1:4"), ("a: !t {b: 1}", "1:4"), ("a: ! 1", "1:4"),
        ("a: !!python/object/apply:os.system [x]", "1:4"), ("&k a: 1", "1:1"),
    ],
)  # fmt: skip
def test_anchors_and_tags_are_refused(text, place):
    assert said(text) == [("S102", f"x.yaml:{place}")]


def test_aliases_and_merges_are_refused():
    assert said("a: &x {c: 1}\nb:\n  <<: *x") == [("S102", "x.yaml:1:4"), ("S102", "x.yaml:3:7")]


def test_a_comma_that_cuts_a_value_is_told():
    (problem,) = parse("a: {value: max(b, c), unit: 个}", "x.yaml")[1]
    assert (problem.code, str(problem.rule)) == ("S105", "x.yaml:1:19")
    assert "逗号" in problem.why
    assert "加引号" in problem.do
    assert tree('a: {value: "max(b, c)"}') == {"a": {"value": "max(b, c)"}}


def test_a_key_that_is_no_name_is_refused():
    assert said("? [a, b]\n: 1") == [("S105", "x.yaml:1:3")]


@pytest.mark.parametrize(
    "text", ["a: [1", "a: 'x", "a: b: c", "\tb: 1", "a: 1\n---\nb: 2", "%x\na: 1", "a: @b", "a: \x07"]
)
def test_what_is_no_yaml_is_told_with_its_place(text):
    ((code, place),) = said(text)
    assert code == "S100"
    assert place.startswith("x.yaml:")


@pytest.mark.parametrize("text", ["[" * 3000, "{a: " * 3000, "- " * 3000, "[" * 3000 + "]" * 3000])
def test_endless_nesting_is_told_and_does_no_harm(text):
    ((code, _),) = said(text)
    assert code == "S100"


def test_an_empty_file_is_an_empty_edition():
    assert tree("") == {}
    assert tree("# nothing\n") == {}


def test_files_that_cannot_be_read(tmp_path):
    (tmp_path / "gbk.yaml").write_bytes("name: 示例".encode("gbk"))
    for name in ("gbk.yaml", "missing.yaml"):
        document, (problem,) = read(tmp_path / name)
        assert (problem.code, str(problem.rule), document.tree) == ("S108", name, {})
        assert "UTF-8" in problem.do


def test_a_byte_order_mark_and_windows_lines_do_no_harm(tmp_path):
    (tmp_path / "x.yaml").write_bytes("\ufeffa: 1\r\nb: [x,\r\n  y]\r\n".encode())
    document, problems = read(tmp_path / "x.yaml")
    assert (document.tree, problems) == ({"a": "1", "b": ["x", "y"]}, [])
